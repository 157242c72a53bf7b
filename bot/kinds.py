"""Words of fixed sets, as people read them: kinds of looks, ratings, states of an entry."""

from bot.texts import Wording, wording

KINDS: dict[str, Wording] = {
    "character": wording("kind.character", "character"),
    "style": wording("kind.style", "style"),
    "lighting": wording("kind.lighting", "lighting"),
    "effect": wording("kind.effect", "effect"),
    "object": wording("kind.object", "object"),
    "concept": wording("kind.concept", "concept"),
    "speed": wording("kind.speed", "speed"),
    "slider": wording("kind.slider", "slider"),
}
RATINGS: dict[str, Wording] = {
    "general": wording("rating.general", "general"),
    "suggestive": wording("rating.suggestive", "suggestive"),
    "mature": wording("rating.mature", "mature"),
}
STATES: dict[str, Wording] = {
    "pending": wording("state.pending", "pending"),
    "approved": wording("state.approved", "approved"),
    "rejected": wording("state.rejected", "rejected"),
    "retired": wording("state.retired", "retired"),
}


def kind(value: str) -> str:
    """What a look is: a style, a character ..."""
    return _said(KINDS, value)


def rating(value: str) -> str:
    """For whom it is."""
    return _said(RATINGS, value)


def state(value: str) -> str:
    """How far a file has come here."""
    return _said(STATES, value)


def _said(words: dict[str, Wording], value: str) -> str:
    return words[value].say() if value in words else value
