"""Cards from a JSON file: what stands in for a space's approved entries on the command line."""

import json
from collections.abc import Mapping

from pydantic import ValidationError

from engine.errors import BadRequest
from engine.messages import Card

MOST_CARDS = 20_000
_OWN_FIELDS = (
    "name",
    "aliases",
    "kind",
    "family",
    "triggers",
    "tags",
    "description",
    "weight",
    "rating",
)


def cards_from_json(text: str) -> tuple[Card, ...]:
    """The cards of a JSON list of objects; triggers may be plain words or `{"word", "role"}`.

    Unknown fields are ignored, a null counts as missing. Raises `BadRequest` naming the card and
    the field that is wrong, or a name that comes twice.
    """
    try:
        rows: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(name="cards", value=str(error)[:200], valid="a JSON list") from error
    if isinstance(rows, dict) and isinstance(rows.get("cards"), list):
        rows = rows["cards"]
    if not isinstance(rows, list) or len(rows) > MOST_CARDS:
        raise BadRequest(
            name="cards", value=type(rows).__name__, valid=f"a list of at most {MOST_CARDS} cards"
        )
    cards = tuple(_card(row, place) for place, row in enumerate(rows))
    _refuse_twins(cards)
    return cards


def _card(row: object, place: int) -> Card:
    if not isinstance(row, Mapping):
        raise BadRequest(name=f"card {place + 1}", value=str(row)[:80], valid="an object")
    fields = {name: row[name] for name in _OWN_FIELDS if row.get(name) is not None}
    triggers = fields.get("triggers")
    if isinstance(triggers, str):
        triggers = [triggers]
    if isinstance(triggers, list):
        said = [{"word": word} if isinstance(word, str) else word for word in triggers]
        fields["triggers"] = [word for word in said if word != {"word": ""}]
    try:
        return Card.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "card"
        raise BadRequest(
            name=f"{where} of card {place + 1}",
            value=str(first.get("input"))[:80],
            valid=first["msg"],
        ) from error


def _refuse_twins(cards: tuple[Card, ...]) -> None:
    seen: set[str] = set()
    for card in cards:
        if card.name.casefold() in seen:
            raise BadRequest(name="name", value=card.name, valid="each name once")
        seen.add(card.name.casefold())
