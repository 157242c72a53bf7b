"""What was read, held against the ratings that a place allows; what is left out is said."""

from engine.messages import Card, Generate, Rating, Reading, Search


def allowed(reading: Reading, cards: tuple[Card, ...], ratings: frozenset[Rating]) -> Reading:
    """The reading without looks that this place does not allow, and a word about them."""
    barred = {card.name: card.rating for card in cards if card.rating not in ratings}
    if not barred:
        return reading
    intent = reading.intent
    if isinstance(intent, Search):
        kept = tuple(name for name in reading.results if name not in barred)
        return reading.model_copy(update={"results": kept})
    if not isinstance(intent, Generate):
        return reading
    gone = [look.name for look in intent.looks if look.name in barred]
    if not gone:
        return reading
    left = tuple(look for look in intent.looks if look.name not in barred)
    said = " ".join(_left_out(name, barred[name]) for name in gone)
    return reading.model_copy(
        update={
            "intent": intent.model_copy(update={"looks": left}),
            "reply": f"{said} {reading.reply}".strip(),
        }
    )


def names_barred(
    reading: Reading, cards: tuple[Card, ...], ratings: frozenset[Rating]
) -> tuple[Card, ...] | None:
    """The cards to read again with, where an answer would tell of a look not allowed here.

    A wish keeps such a look until `allowed` leaves it out and says so.
    """
    barred = {card.name for card in cards if card.rating not in ratings}
    told = reading.reply.casefold()
    is_about = reading.about in barred or any(name.casefold() in told for name in barred)
    return tuple(card for card in cards if card.name not in barred) if is_about else None


def _left_out(name: str, rating: Rating) -> str:
    return f"I left out {name}: it is rated {rating}, which this place does not allow."
