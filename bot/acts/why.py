"""Why a picture looks as it does: everything that was decided for it, with its reason."""

from bot.escape import plain, quoted
from bot.messages import Line, Outbound
from engine.messages import Job, PlannedLora

PROMPT_CHARS = 600
REASON_CHARS = 200


def why_card(job: Job) -> Outbound:
    """Base, prompt as drawn, LoRAs with weights, triggers and reasons, seed, settings."""
    plan = job.plan
    lines = [
        Line(name="you said", value=quoted(plan.words, PROMPT_CHARS) if plan.words else "nothing"),
        Line(name="prompt as drawn", value=plain(plan.prompt, PROMPT_CHARS)),
    ]
    if plan.negative_prompt:
        lines.append(Line(name="kept out", value=plain(plan.negative_prompt, PROMPT_CHARS)))
    lines.append(Line(name="base", value=f"{plain(plan.base, 80)} ({plain(plan.family, 40)})"))
    lines += [Line(name=plain(lora.name, 80), value=_lora(lora)) for lora in plan.loras]
    if not plan.loras:
        lines.append(Line(name="looks", value="none: your words named none and asked for none"))
    lines.append(Line(name="settings", value=_settings(job)))
    lines += [
        Line(
            name=f"{plain(reason.choice, 40)} = {plain(reason.value, 60)}",
            value=plain(reason.why, REASON_CHARS),
        )
        for reason in plan.reasons
    ]
    return Outbound(title=f"Why {job.id} looks the way it does", lines=tuple(lines))


def _lora(lora: PlannedLora) -> str:
    woken = f", trigger {quoted(lora.trigger, 60)}" if lora.trigger else ""
    return f"{lora.kind}, weight {lora.weight:g}{woken}: {plain(lora.reason, REASON_CHARS)}"


def _settings(job: Job) -> str:
    plan = job.plan
    told = (
        f"{plan.width}x{plan.height}, {plan.steps} steps, guidance {plan.guidance:g}, "
        f"{plan.scheduler}, seed {plan.seed}"
    )
    if plan.count > 1:
        told += f", {plan.count} pictures"
    if plan.variation is not None:
        told += f", {plan.variation.strength:.0%} of the noise from seed {plan.variation.seed}"
    return told
