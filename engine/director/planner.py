"""From a wish to a Plan: base, stack, triggers, weights, size and settings, each with its reason.

Pure: the same wish, cards, bases and seed give the same plan. Nothing here guesses what may be
used: only cards that were handed in, on bases that they fit.
"""

from collections.abc import Mapping, Sequence

from engine.director.base_choice import choose_base, family_of, wished_looks
from engine.director.settings_choice import (
    MOST_SEED,
    choose_count,
    choose_sampling,
    choose_seed,
    choose_size,
)
from engine.director.stock import PlanLimits, Stock
from engine.director.wording import word_in
from engine.errors import BadRequest, LookDoesNotFit, LookNotApproved, NotFound
from engine.families.facts import Family
from engine.messages import (
    Base,
    Card,
    Generate,
    LookWish,
    Plan,
    PlannedLora,
    Reason,
    Variation,
)
from engine.registry.compat import FitsWithWarning, Refused, families_for, fits
from engine.tuning.stack import Member, balance

__all__ = ["PlanLimits", "plan", "recheck", "reroll", "vary"]
VARY_STRENGTH = 0.25
"""How far a variation turns the noise, 0 to 1."""


def plan(
    wish: Generate,
    *,
    cards: Sequence[Card],
    bases: Sequence[Base],
    families: Mapping[str, Family],
    seed: int,
    limits: PlanLimits | None = None,
) -> Plan:
    """The plan of a wish; `seed` is used unless the wish names one. The first base is the default.

    Raises `BadRequest`, `NotFound` or `LookDoesNotFit`, each saying what would work.
    """
    stock = Stock(tuple(cards), tuple(bases), families, limits or PlanLimits())
    reasons: list[Reason] = []
    looks = wished_looks(wish.looks, stock)
    base = choose_base(wish.settings, [card for _, card in looks], stock, reasons)
    family = family_of(base, stock)
    size = choose_size(wish.settings, family, reasons)
    prompt, triggers = _prompt(wish, looks, family, reasons)
    loras = _stack(looks, triggers, family, stock.limits, reasons)
    steps, guidance, scheduler = choose_sampling(wish.settings, family, reasons)
    return Plan(
        base=base.name,
        family=base.family,
        prompt=prompt,
        negative_prompt=_negative(wish, family, reasons),
        loras=loras,
        width=size.width,
        height=size.height,
        steps=steps,
        guidance=guidance,
        scheduler=scheduler,
        seed=choose_seed(wish.settings, seed, reasons),
        count=choose_count(wish.settings, stock.limits, reasons),
        reasons=tuple(reasons),
        words=wish.words,
        wish=wish,
    )


def reroll(earlier: Plan, seed: int) -> Plan:
    """The same plan with a new seed."""
    why = Reason(choice="seed", value=str(seed), why="a new seed: everything else as before")
    return earlier.model_copy(
        update={"seed": seed, "variation": None, "reasons": (*_but(earlier, "seed"), why)}
    )


def vary(earlier: Plan, image: int, seed: int) -> Plan:
    """The same plan, the noise of one of its pictures (0 is the first) turned a little.

    Raises `BadRequest` when the plan has no such picture.
    """
    if not 0 <= image < earlier.count:
        raise BadRequest(name="image", value=str(image + 1), valid=f"1 to {earlier.count}")
    why = Reason(
        choice="variation",
        value=f"{VARY_STRENGTH:g}",
        why="the same picture, its noise turned a little",
    )
    return earlier.model_copy(
        update={
            "seed": (earlier.seed + image) % (MOST_SEED + 1),
            "variation": Variation(seed=seed, strength=VARY_STRENGTH),
            "reasons": (*_but(earlier, "variation"), why),
        }
    )


def recheck(ready: Plan, cards: Sequence[Card], bases: Sequence[Base]) -> None:
    """Whether everything in a ready plan may still be used: for re-rolls, variations, replays.

    Raises `NotFound` for a base that is gone, `LookNotApproved` for a look that was retired or
    whose file was replaced, `LookDoesNotFit` for one that the base can't carry.
    """
    if ready.base not in {base.name for base in bases}:
        raise NotFound(what="base", name=ready.base, near=tuple(base.name for base in bases))
    here = {card.name: card for card in cards}
    for lora in ready.loras:
        card = here.get(lora.name)
        if card is None:
            raise LookNotApproved(name=lora.name, state="retired")
        if card.sha256 != lora.sha256:
            raise LookNotApproved(name=lora.name, state="replaced")
        if isinstance(fits(card.family, ready.family), Refused):
            able = families_for(card.family)
            raise LookDoesNotFit(name=card.name, family=card.family, base=ready.base, fits=able)


def _but(earlier: Plan, choice: str) -> tuple[Reason, ...]:
    return tuple(reason for reason in earlier.reasons if reason.choice != choice)


def _prompt(
    wish: Generate, looks: list[tuple[LookWish, Card]], family: Family, reasons: list[Reason]
) -> tuple[str, dict[str, str]]:
    """The prompt with every trigger in it, and the trigger of each look by name."""
    prompt = wish.prompt
    triggers: dict[str, str] = {}
    for look, card in looks:
        worded = word_in(prompt, look, card, family.name)
        prompt = worded.prompt
        triggers[card.name] = worded.trigger
        if worded.done:
            reasons.append(Reason(choice="prompt", value=card.name, why=worded.done))
    return prompt, triggers


def _negative(wish: Generate, family: Family, reasons: list[Reason]) -> str:
    asked = wish.negative_prompt
    if not family.has_negative_prompt:
        if asked:
            why = f"left out: {family.title} knows no negative prompt"
            reasons.append(Reason(choice="negative prompt", value=asked, why=why))
        return ""
    if asked:
        reasons.append(Reason(choice="negative prompt", value=asked, why="you don't want it"))
    return ", ".join(part for part in (family.negative_prompt, asked) if part)


def _stack(
    looks: list[tuple[LookWish, Card]],
    triggers: dict[str, str],
    family: Family,
    limits: PlanLimits,
    reasons: list[Reason],
) -> tuple[PlannedLora, ...]:
    members = [
        Member(card.name, card.kind, card.weight, _asked_weight(wish, card, limits))
        for wish, card in looks
    ]
    shares = balance(members)
    planned = []
    for wish, card in looks:
        share = shares[card.name]
        why = [f"you said \u201c{wish.said}\u201d" if wish.said else "it was in the last picture"]
        if share.why:
            why.append(f"weight {share.why}" if wish.strength is not None else share.why)
        verdict = fits(card.family, family.name)
        if isinstance(verdict, FitsWithWarning):
            why.append(verdict.warning)
        planned.append(
            PlannedLora(
                name=card.name,
                weight=share.weight,
                trigger=triggers[card.name],
                reason="; ".join(why),
                kind=card.kind,
                sha256=card.sha256,
                entry=card.entry,
            )
        )
        reasons.append(Reason(choice="look", value=card.name, why="; ".join(why)))
    return tuple(planned)


def _asked_weight(wish: LookWish, card: Card, limits: PlanLimits) -> float | None:
    if wish.strength is None:
        return None
    least = -limits.most_weight if card.kind == "slider" else 0.0
    if not least <= wish.strength <= limits.most_weight:
        raise BadRequest(
            name=f"strength of {card.name}",
            value=f"{wish.strength:g}",
            valid=f"{least:g} to {limits.most_weight:g}",
        )
    return wish.strength
