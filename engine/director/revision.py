"""A plan changed by hand: what people set in a form, checked like everything else."""

import re
from collections.abc import Mapping, Sequence

from engine.director.settings_choice import (
    choose_clip_skip,
    choose_count,
    choose_sampling,
    choose_seed,
    choose_size,
)
from engine.director.stock import PlanLimits
from engine.errors import BadRequest, NotFound
from engine.families.distilled import Distilled, as_distilled, kind_of
from engine.families.emphasis import as_letters
from engine.families.facts import Family
from engine.messages import Base, Plan, PlannedLora, Reason, Revise, Settings

SET_BY_HAND = "you set it by hand"
CHOICES = ("size", "steps", "guidance", "scheduler", "clip skip", "seed", "count")


def revise(
    earlier: Plan,
    changes: Revise,
    bases: Sequence[Base],
    families: Mapping[str, Family],
    limits: PlanLimits,
) -> Plan:
    """The earlier plan with these changes; everything that is not named stays as it was.

    A LoRA that is left out takes its trigger with it. Raises `BadRequest` and `NotFound`, each
    saying what would work.
    """
    family, kind = _facts(earlier, bases, families)
    reasons: list[Reason] = []
    loras, left_out = _loras(earlier, changes.weights, limits, reasons)
    prompt = _prompt(earlier, changes, left_out)
    if not prompt:
        raise BadRequest(name="prompt", value="", valid="a few words about the picture")
    asked = _asked(earlier, changes.settings)
    size = choose_size(asked, family, reasons)
    steps, guidance, scheduler = choose_sampling(asked, family, reasons, kind=kind)
    seed = choose_seed(asked, earlier.seed, reasons)
    return earlier.model_copy(
        update={
            "prompt": prompt,
            "negative_prompt": _negative(earlier, changes, family),
            "loras": loras,
            "width": size.width,
            "height": size.height,
            "steps": steps,
            "guidance": guidance,
            "scheduler": scheduler,
            "clip_skip": choose_clip_skip(asked, family, reasons),
            "seed": seed,
            "count": choose_count(asked, limits, reasons),
            "variation": earlier.variation if seed == earlier.seed else None,
            "reasons": _reasons(earlier, changes, reasons),
        }
    )


def check_replay(
    ready: Plan, bases: Sequence[Base], families: Mapping[str, Family], limits: PlanLimits
) -> None:
    """Whether a ready plan is one that this code would make: it may come out of a stranger's file.

    Raises `BadRequest` naming what is out of range, `NotFound` for a base that is not here.
    """
    family, _kind = _facts(ready, bases, families)
    settings = _asked(ready, Settings())
    choose_size(settings, family, [])
    choose_sampling(settings, family, [])
    choose_clip_skip(settings, family, [])
    choose_count(settings, limits, [])
    for lora in ready.loras:
        _check_weight(lora, lora.weight, limits)


def _facts(
    plan: Plan, bases: Sequence[Base], families: Mapping[str, Family]
) -> tuple[Family, Distilled | None]:
    """What a plan's base is, as it stands here now; raises `NotFound` for one that is gone."""
    base = next((each for each in bases if each.name == plan.base), None)
    family = None if base is None else families.get(base.family)
    if base is None or family is None or base.family != plan.family:
        near = tuple(each.name for each in bases if each.family == plan.family)
        raise NotFound(what="base", name=plan.base, near=near)
    return as_distilled(family, base.distilled), kind_of(base.family, base.distilled)


def _asked(earlier: Plan, changed: Settings) -> Settings:
    """Every setting of the earlier plan, overruled by what was set now."""
    kept = Settings(
        width=earlier.width,
        height=earlier.height,
        steps=earlier.steps,
        guidance=earlier.guidance,
        count=earlier.count,
        seed=earlier.seed,
        scheduler=earlier.scheduler,
        clip_skip=earlier.clip_skip,
    )
    return kept.model_copy(update=changed.model_dump(exclude_none=True))


def _loras(
    earlier: Plan,
    weights: Mapping[str, float | None],
    limits: PlanLimits,
    reasons: list[Reason],
) -> tuple[tuple[PlannedLora, ...], list[PlannedLora]]:
    names = tuple(lora.name for lora in earlier.loras)
    for name in weights:
        if name not in names:
            raise NotFound(what="look", name=name, near=names)
    kept, left_out = [], []
    for lora in earlier.loras:
        weight = weights.get(lora.name, lora.weight)
        if weight is None:
            left_out.append(lora)
            reasons.append(Reason(choice="look", value=f"no {lora.name}", why="you took it out"))
        elif weight == lora.weight:
            kept.append(lora)
        else:
            _check_weight(lora, weight, limits)
            kept.append(lora.model_copy(update={"weight": weight, "reason": SET_BY_HAND}))
            said = f"{lora.name} {weight:g}"
            reasons.append(Reason(choice="look", value=said, why=SET_BY_HAND))
    return tuple(kept), left_out


def _check_weight(lora: PlannedLora, weight: float, limits: PlanLimits) -> None:
    least = -limits.most_weight if lora.kind == "slider" else 0.0
    if not least <= weight <= limits.most_weight:
        valid = f"{least:g} to {limits.most_weight:g}, or nothing to leave it out"
        raise BadRequest(name=f"weight of {lora.name}", value=f"{weight:g}", valid=valid)


def _prompt(earlier: Plan, changes: Revise, left_out: list[PlannedLora]) -> str:
    prompt = earlier.prompt if changes.prompt is None else changes.prompt.strip()
    if prompt != earlier.prompt:
        return prompt
    for lora in left_out:
        prompt = _without(prompt, lora.trigger)
    return prompt


def _without(prompt: str, trigger: str) -> str:
    """The prompt without a trigger and the comma that it leaves; a subject stays."""
    if not trigger:
        return prompt
    word = rf"(?<!\w){re.escape(as_letters(trigger))}(?!\w)"
    bare = re.sub(rf",\s*{word}(?=\s*(?:,|$))|^{word}\s*,\s*", "", prompt, flags=re.IGNORECASE)
    return bare.strip(" ,") or prompt


def _negative(earlier: Plan, changes: Revise, family: Family) -> str:
    if changes.negative_prompt is None or not family.has_negative_prompt:
        return earlier.negative_prompt
    return changes.negative_prompt.strip()


def _reasons(earlier: Plan, changes: Revise, now: list[Reason]) -> tuple[Reason, ...]:
    """The earlier reasons that still hold, and those of what was changed."""
    new = [reason for reason in now if reason.choice == "look" or _is_changed(reason, earlier)]
    if changes.prompt is not None and changes.prompt.strip() != earlier.prompt:
        new.append(Reason(choice="prompt", value="your words", why=SET_BY_HAND))
    gone = {reason.choice for reason in new if reason.choice != "look"}
    touched = set(changes.weights)
    kept = [
        reason
        for reason in earlier.reasons
        if reason.choice not in gone and not (reason.choice == "look" and reason.value in touched)
    ]
    by_hand = [
        reason.model_copy(update={"why": SET_BY_HAND})
        if reason.choice in CHOICES and not reason.warns
        else reason
        for reason in new
    ]
    return (*kept, *by_hand)


def _is_changed(reason: Reason, earlier: Plan) -> bool:
    before = {
        "size": f"{earlier.width}x{earlier.height}",
        "steps": str(earlier.steps),
        "guidance": f"{earlier.guidance:g}",
        "scheduler": earlier.scheduler,
        "clip skip": str(earlier.clip_skip),
        "seed": str(earlier.seed),
        "count": str(earlier.count),
    }
    return before.get(reason.choice) != reason.value
