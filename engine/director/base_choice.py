"""Which looks a plan takes, and the base that all of them act on."""

from engine.director.stock import Stock
from engine.errors import BadRequest, LookDoesNotFit, NotFound
from engine.families.distilled import as_distilled
from engine.families.facts import Family
from engine.messages import Base, Card, LookWish, Reason, Settings
from engine.registry.compat import Refused, acts_as, all_suit, suits
from engine.registry.search import near_names


def wished_looks(
    wishes: tuple[LookWish, ...], stock: Stock, reasons: list[Reason]
) -> list[tuple[LookWish, Card]]:
    """The wished cards, each once; a strength of 0 leaves a look out, and so does its rating."""
    cards = {card.name: card for card in stock.cards}
    found: dict[str, tuple[LookWish, Card]] = {}
    for wish in wishes:
        card = cards.get(wish.name)
        if card is None:
            near = near_names(wish.name, stock.cards)
            raise NotFound(what="look", name=wish.name, near=near)
        if card.rating not in stock.ratings:
            reasons.append(Reason(choice="look", value=f"no {card.name}", why=why_not(card)))
        elif wish.strength != 0:
            found.setdefault(card.name, (wish, card))
    most = stock.limits.most_looks
    if len(found) > most:
        raise BadRequest(name="looks", value=str(len(found)), valid=f"at most {most} at once")
    return list(found.values())


def why_not(card: Card) -> str:
    """Why a look is left out in a place that does not allow its rating."""
    return f"left out: it is rated {card.rating}, which this place does not allow"


def choose_base(
    settings: Settings,
    cards: list[Card],
    stock: Stock,
    reasons: list[Reason],
    *,
    before: str | None = None,
) -> Base:
    """The named base, else the first on which every look acts, those made for it before others.

    `before` is the base of the picture that is edited: it stays while every look acts on it.
    """
    if not stock.bases:
        raise NotFound(what="base", name=settings.base or "any")
    if settings.base is not None:
        base = _named_base(settings.base, cards, stock)
        _refuse_misfits(cards, base, stock)
        if base is not stock.bases[0]:
            reasons.append(Reason(choice="base", value=base.name, why="you named it"))
        return base
    held = next((base for base in stock.bases if base.name == before), None)
    if held is not None and all_suit(cards, held):
        if held is not stock.bases[0]:
            reasons.append(Reason(choice="base", value=held.name, why="as in the last picture"))
        return held
    able = [base for base in stock.bases if all_suit(cards, base)]
    exact = [base for base in able if all(acts_as(base) == card.family for card in cards)]
    if not able:
        _refuse_misfits(cards, _best_base(cards, stock), stock)
    base = (exact or able)[0]
    if base is not stock.bases[0]:
        names = _listed([card.name for card in cards])
        why = f"{names} {'is' if len(cards) == 1 else 'are'} made for it"
        reasons.append(Reason(choice="base", value=base.name, why=why))
    return base


def _named_base(name: str, cards: list[Card], stock: Stock) -> Base:
    wanted = name.casefold()
    named = [base for base in stock.bases if base.name.casefold() == wanted]
    named += [base for base in stock.bases if base.family.casefold() == wanted]
    if not named:
        raise NotFound(what="base", name=name, near=_base_names(stock))
    able = [base for base in named if all_suit(cards, base)]
    return (able or named)[0]


def _best_base(cards: list[Card], stock: Stock) -> Base:
    """The base on which most of the looks act, the default among equals."""
    counts = [sum(all_suit([card], base) for card in cards) for base in stock.bases]
    return stock.bases[counts.index(max(counts))]


def _refuse_misfits(cards: list[Card], base: Base, stock: Stock) -> None:
    for card in cards:
        verdict = suits(card, base)
        if isinstance(verdict, Refused):
            able = tuple(each.name for each in stock.bases if all_suit([card], each))
            raise misfit(card, base, verdict, able)


def misfit(card: Card, base: Base, verdict: Refused, able: tuple[str, ...]) -> LookDoesNotFit:
    """That a look can't act on a base, and where it would: `able`, else the families."""
    return LookDoesNotFit(
        name=card.name,
        family=card.family,
        base=base.name,
        fits=able or verdict.fits,
        why=verdict.why,
    )


def family_of(base: Base, stock: Stock) -> Family:
    """The facts of a base: its family's, as its kind of few steps changes them.

    Raises `NotFound` when the installation lacks them.
    """
    family = stock.families.get(base.family)
    if family is None:
        raise NotFound(what="family", name=base.family, near=tuple(stock.families))
    return as_distilled(family, base.distilled)


def _base_names(stock: Stock) -> tuple[str, ...]:
    return tuple(base.name for base in stock.bases)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
