"""Why a picture looks as it does: everything that was decided for it, with its reason."""

from bot.escape import plain, quoted
from bot.figures import listed
from bot.kinds import kind
from bot.messages import Line, Outbound
from bot.phrases import clauses, phrase
from bot.texts import say, say_count
from engine.messages import Job, Plan, PlannedLora

PROMPT_CHARS = 600
REASON_CHARS = 200


def why_card(job: Job) -> Outbound:
    """Base, prompt as drawn, LoRAs with weights, triggers and reasons, seed, settings."""
    return Outbound(
        title=say("why.title", "Why {job} looks the way it does", job=job.id),
        lines=plan_lines(job.plan),
    )


def plan_lines(plan: Plan) -> tuple[Line, ...]:
    """A plan as named lines."""
    lines = [
        Line(
            name=say("why.said", "you said"),
            value=quoted(plan.words, PROMPT_CHARS)
            if plan.words
            else say("why.said_nothing", "nothing"),
        ),
        Line(name=say("why.prompt", "prompt as drawn"), value=plain(plan.prompt, PROMPT_CHARS)),
    ]
    if plan.negative_prompt:
        lines.append(
            Line(
                name=say("why.kept_out", "kept out"),
                value=plain(plan.negative_prompt, PROMPT_CHARS),
            )
        )
    lines.append(
        Line(
            name=say("why.base", "base"), value=f"{plain(plan.base, 80)} ({plain(plan.family, 40)})"
        )
    )
    lines += [Line(name=plain(lora.name, 80), value=_lora(lora)) for lora in plan.loras]
    if not plan.loras:
        lines.append(
            Line(
                name=say("why.looks", "looks"),
                value=say("why.no_looks", "none: your words named none and asked for none"),
            )
        )
    lines.append(Line(name=say("why.settings", "settings"), value=_settings(plan)))
    lines += [
        Line(
            name=f"{phrase(plain(reason.choice, 40))} = {phrase(plain(reason.value, 60))}",
            value=clauses(plain(reason.why, REASON_CHARS)),
        )
        for reason in plan.reasons
    ]
    return tuple(lines)


def _lora(lora: PlannedLora) -> str:
    facts = {
        "kind": kind(lora.kind),
        "weight": f"{lora.weight:g}",
        "reason": clauses(plain(lora.reason, REASON_CHARS)),
    }
    if not lora.trigger:
        return say("why.lora", "{kind}, weight {weight}: {reason}", **facts)
    return say(
        "why.lora_woken",
        "{kind}, weight {weight}, trigger {trigger}: {reason}",
        trigger=quoted(lora.trigger, 60),
        **facts,
    )


def _settings(plan: Plan) -> str:
    told = [
        f"{plan.width}x{plan.height}",
        say_count("why.steps", plan.steps, one="{n} step", other="{n} steps"),
        say("why.guidance", "guidance {guidance}", guidance=f"{plan.guidance:g}"),
        plan.scheduler,
        say("result.seed", "seed {seed}", seed=plan.seed),
    ]
    if plan.count > 1:
        told.append(say_count("why.pictures", plan.count, one="{n} picture", other="{n} pictures"))
    if plan.variation is not None:
        told.append(
            say(
                "why.variation",
                "{percent}% of the noise from seed {seed}",
                percent=round(plan.variation.strength * 100),
                seed=plan.variation.seed,
            )
        )
    return listed(told)
