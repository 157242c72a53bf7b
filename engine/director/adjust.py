"""One look of a plan less, more, gone or exchanged: what the buttons of a picture ask for.

Pure. The seed, the base and everything that isn't about the look stay as they were.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from engine.director.rules import prompt_edits
from engine.director.rules.apply_edits import from_plan, kept_settings
from engine.errors import NotFound
from engine.messages import Base, Card, Generate, LookWish, Plan, Settings
from engine.registry.compat import all_suit

Adjustment = Literal["without", "weaker", "stronger"]
MOST_ALTERNATIVES = 5


def adjusted(plan: Plan, look: str, how: Adjustment, cards: Sequence[Card]) -> Generate:
    """The wish of a plan with one look weaker, stronger or left out.

    Raises `NotFound` when the plan has no such look.
    """
    wish = _wish(plan, look)
    if how == "without":
        after = prompt_edits.without(wish, (look,), tuple(cards))
    else:
        after = prompt_edits.scaled(wish, plan, (look,), prompt_edits.factor_of(how))
    return _edit(after, plan, f"{how} {look}")


def swapped(plan: Plan, look: str, other: str, cards: Sequence[Card]) -> Generate:
    """The wish of a plan with another look in the place of one."""
    wish = _wish(plan, look)
    bare = prompt_edits.without(wish, (look,), tuple(cards))
    after = bare.model_copy(update={"looks": (*bare.looks, LookWish(name=other, said=""))})
    return _edit(after, plan, f"{other} instead of {look}")


def alternatives(
    plan: Plan, look: str, cards: Sequence[Card], bases: Iterable[Base]
) -> tuple[Card, ...]:
    """Looks of the same kind that act on the plan's base, those with most tags in common first.

    Asked as the choosing asks: by the base's branch and pace; a base that is gone carries none.
    """
    used = {lora.name for lora in plan.loras}
    here = next((card for card in cards if card.name == look), None)
    base = next((each for each in bases if each.name == plan.base), None)
    if here is None or base is None:
        return ()
    tags = {tag.casefold() for tag in here.tags}
    able = [
        card
        for card in cards
        if card.kind == here.kind and card.name not in used and all_suit([card], base)
    ]
    able.sort(key=lambda card: -len(tags & {tag.casefold() for tag in card.tags}))
    return tuple(able[:MOST_ALTERNATIVES])


def _wish(plan: Plan, look: str) -> Generate:
    names = tuple(lora.name for lora in plan.loras)
    if look not in names:
        raise NotFound(what="look", name=look, near=names)
    return prompt_edits.wish_of(plan)


def _edit(wish: Generate, plan: Plan, words: str) -> Generate:
    settings = kept_settings(plan, wish.settings, Settings())
    return wish.model_copy(update={**from_plan(plan, settings), "words": words})
