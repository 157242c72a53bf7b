"""From a wish to a Plan: base, stack, triggers, weights, size and settings, each with its reason.

Pure: the same wish, cards, bases and seed give the same plan. Nothing here guesses what may be
used: only cards that were handed in, on bases that they fit.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.director.base_choice import choose_base, family_of, misfit, wished_looks
from engine.director.catalogue import WordLook, built_in
from engine.director.settings_choice import (
    choose_clip_skip,
    choose_count,
    choose_sampling,
    choose_seed,
    choose_size,
)
from engine.director.stock import PlanLimits, Stock
from engine.director.word_look_choice import add_word_looks, chosen_word_looks, suited
from engine.director.wording import word_in
from engine.errors import BadRequest, LookNotApproved, NotFound
from engine.families.distilled import kind_of
from engine.families.facts import Family
from engine.families.speed import Pace, pace_of
from engine.messages import (
    EVERY_RATING,
    Base,
    Card,
    Generate,
    LookWish,
    Plan,
    PlannedLora,
    Rating,
    Reason,
    Turn,
    Variation,
)
from engine.recipe import plan_of_image
from engine.registry.compat import FitsWithWarning, Refused, all_suit, suits
from engine.tuning.stack import BESIDE_THE_STACK, Member, balance
from engine.tuning.taste import Nudge

__all__ = ["PlanLimits", "plan", "recheck", "reroll", "vary"]
LEARNED = "strength learned"
"""The choice of a reason that tells of a nudge."""
VARY_STRENGTH = 0.25
"""How far a variation turns the noise, 0 to 1."""
MOST_TURNS = 32
"""Of a variation of variations; of still earlier turns nothing could be seen."""


UNSAID: Final[Mapping[str, str]] = {
    "": "it was in the last picture",
    "person": "you chose it as your own default",
    "space": "it is the default look of this place",
}
"""Why a look is there that the words do not name, by `LookWish.whose`."""


def plan(
    wish: Generate,
    *,
    cards: Sequence[Card],
    bases: Sequence[Base],
    families: Mapping[str, Family],
    seed: int,
    limits: PlanLimits | None = None,
    catalogue: tuple[WordLook, ...] | None = None,
    nudges: Mapping[str, Nudge] | None = None,
    ratings: frozenset[Rating] = EVERY_RATING,
) -> Plan:
    """The plan of a wish; `seed` is used unless the wish names one. The first base is the default.

    `nudges` move the weights of LoRAs a little; looks of other `ratings` are left out and said so.

    Raises `BadRequest`, `NotFound` or `LookDoesNotFit`, each saying what would work.
    """
    shelf = built_in() if catalogue is None else catalogue
    bounds = limits or PlanLimits()
    stock = Stock(tuple(cards), tuple(bases), families, bounds, shelf, nudges or {}, ratings)
    reasons: list[Reason] = []
    if wish.read_by:
        reasons.append(Reason(choice="reader", value="rules", why=wish.read_by))
    looks = wished_looks(wish.looks, stock, reasons)
    cards_wished = [card for _, card in looks]
    base = choose_base(wish.settings, cards_wished, stock, reasons, before=wish.base_before)
    family = family_of(base, stock)
    in_words = chosen_word_looks(wish, stock)
    settings = suited(wish.settings, in_words, family)
    size = choose_size(settings, family, reasons)
    prompt, triggers = _prompt(wish, looks, family, reasons)
    prompt = add_word_looks(prompt, in_words, family, reasons)
    loras = _stack(looks, triggers, base, stock, reasons)
    steps, guidance, scheduler = choose_sampling(
        settings, family, reasons, _pace(cards_wished, family), kind_of(base.family, base.distilled)
    )
    return Plan(
        base=base.name,
        family=base.family,
        prompt=prompt,
        negative_prompt=_negative(wish, in_words, family, reasons),
        loras=loras,
        width=size.width,
        height=size.height,
        steps=steps,
        guidance=guidance,
        scheduler=scheduler,
        clip_skip=choose_clip_skip(wish.settings, family, reasons),
        seed=choose_seed(wish.settings, seed, reasons),
        variation=_variation(wish, reasons),
        count=choose_count(wish.settings, stock.limits, reasons),
        reasons=tuple(reasons),
        words=wish.words,
        wish=wish,
    )


def _variation(wish: Generate, reasons: list[Reason]) -> Variation | None:
    turned = wish.variation_before
    if turned is not None:
        why = "as in the last picture"
        reasons.append(Reason(choice="variation", value=f"{turned.strength:g}", why=why))
    return turned


def _pace(cards: Sequence[Card], family: Family) -> Pace | None:
    """What the first speed LoRA among these was made for."""
    paces = (
        pace_of((card.name, *card.aliases, card.description), family)
        for card in cards
        if card.kind == "speed"
    )
    return next((pace for pace in paces if pace is not None), None)


def reroll(
    earlier: Plan,
    seed: int,
    *,
    count: int | None = None,
    ease: float | None = None,
    limits: PlanLimits | None = None,
) -> Plan:
    """The same plan with a new seed; `ease` weakens every LoRA of a picture called burnt."""
    reasons = [
        *_but(earlier, "seed"),
        Reason(choice="seed", value=str(seed), why="a new seed: everything else as before"),
    ]
    loras = earlier.loras
    if ease is not None and loras:
        loras = tuple(
            lora.model_copy(update={"weight": round(lora.weight * ease, 2)}) for lora in loras
        )
        why = "you said that the last picture looked overdone"
        reasons.append(Reason(choice="weights", value=f"x {ease:g}", why=why))
    number, reasons = _how_many(earlier, count, limits or PlanLimits(), reasons)
    update: dict[str, object] = {"seed": seed, "variation": None, "loras": loras, "count": number}
    return earlier.model_copy(update={**update, "reasons": tuple(reasons)})


def vary(
    earlier: Plan,
    image: int,
    seed: int,
    *,
    count: int | None = None,
    limits: PlanLimits | None = None,
) -> Plan:
    """The same plan, the noise of one of its pictures (0 is the first) turned a little.

    Of several pictures each is turned another way, all from that picture: one that was a
    variation itself is turned further. Raises `BadRequest` when the plan has no such picture.
    """
    if not 0 <= image < earlier.count:
        raise BadRequest(name="image", value=str(image + 1), valid=f"1 to {earlier.count}")
    why = Reason(
        choice="variation",
        value=f"{VARY_STRENGTH:g}",
        why="the same picture, its noise turned a little",
    )
    number, reasons = _how_many(
        earlier, count, limits or PlanLimits(), [*_but(earlier, "variation"), why]
    )
    chosen = plan_of_image(earlier, image)
    turned = Variation(
        seed=seed, strength=VARY_STRENGTH, keeps_seed=True, before=_turns(chosen.variation)
    )
    return earlier.model_copy(
        update={
            "seed": chosen.seed,
            "variation": turned,
            "count": number,
            "reasons": tuple(reasons),
        }
    )


def _turns(variation: Variation | None) -> tuple[Turn, ...]:
    if variation is None:
        return ()
    last = Turn(seed=variation.seed, strength=variation.strength)
    return (*variation.before, last)[-MOST_TURNS:]


def _how_many(
    earlier: Plan, count: int | None, limits: PlanLimits, reasons: list[Reason]
) -> tuple[int, list[Reason]]:
    """As many as asked for, at most as many as there may be; said when it is not as before."""
    if count is None or count == earlier.count:
        return earlier.count, reasons
    number = min(max(count, 1), limits.most_pictures)
    why = "you asked for that many"
    if number < count:
        why = f"you asked for {count}: {number} at a time is the most here"
    kept = [reason for reason in reasons if reason.choice != "count"]
    return number, [*kept, Reason(choice="count", value=str(number), why=why)]


def recheck(
    ready: Plan,
    cards: Sequence[Card],
    bases: Sequence[Base],
    ratings: frozenset[Rating] = EVERY_RATING,
) -> None:
    """Whether everything in a ready plan may still be used: for re-rolls, variations, replays.

    Raises `NotFound` for a base that is gone, `LookNotApproved` for a look that was retired,
    whose file was replaced or whose rating is not for this place, `LookDoesNotFit` for one that
    the base can't carry.
    """
    base = next((each for each in bases if each.name == ready.base), None)
    if base is None:
        raise NotFound(what="base", name=ready.base, near=tuple(base.name for base in bases))
    here = {card.name: card for card in cards}
    for lora in ready.loras:
        card = here.get(lora.name)
        if card is None:
            raise LookNotApproved(name=lora.name, state="retired")
        if card.sha256 != lora.sha256:
            raise LookNotApproved(name=lora.name, state="replaced")
        if card.rating not in ratings:
            raise LookNotApproved(name=lora.name, state="rated")
        verdict = suits(card, base)
        if isinstance(verdict, Refused):
            able = tuple(each.name for each in bases if all_suit([card], each))
            raise misfit(card, base, verdict, able)


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


def _negative(
    wish: Generate, in_words: tuple[WordLook, ...], family: Family, reasons: list[Reason]
) -> str:
    asked = wish.negative_prompt
    if not family.has_negative_prompt:
        if asked:
            why = f"left out: {family.title} knows no negative prompt"
            reasons.append(Reason(choice="negative prompt", value=asked, why=why))
        return ""
    if asked:
        reasons.append(Reason(choice="negative prompt", value=asked, why="you don't want it"))
    parts = (family.negative_prompt, *(look.negative for look in in_words), asked)
    return ", ".join(part for part in parts if part)


def _stack(
    looks: list[tuple[LookWish, Card]],
    triggers: dict[str, str],
    base: Base,
    stock: Stock,
    reasons: list[Reason],
) -> tuple[PlannedLora, ...]:
    members = [
        Member(
            card.name,
            card.kind,
            _own_weight(wish, card, stock, reasons),
            _asked_weight(wish, card, stock.limits),
        )
        for wish, card in looks
    ]
    shares = balance(members)
    planned = []
    for wish, card in looks:
        share = shares[card.name]
        why = [f"you said \u201c{wish.said}\u201d" if wish.said else UNSAID[wish.whose]]
        if share.why:
            why.append(f"weight {share.why}" if wish.strength is not None else share.why)
        verdict = suits(card, base)
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


def _own_weight(wish: LookWish, card: Card, stock: Stock, reasons: list[Reason]) -> float:
    """A LoRA's weight, moved a little by what people said of it; not where one was asked for."""
    nudge = stock.nudges.get(card.name)
    if nudge is None or wish.strength is not None or card.kind in BESIDE_THE_STACK:
        return card.weight
    weight = round(card.weight * nudge.factor, 3)
    why = f"{nudge.why}: {weight:g} instead of {card.weight:g}"
    reasons.append(Reason(choice=LEARNED, value=card.name, why=why))
    return weight


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
