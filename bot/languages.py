"""Which language somebody is spoken to in: their choice, their app's, then the place's."""

import structlog

from bot.texts import chosen
from engine.api import Engine, Spoken
from engine.errors import AtelierError
from engine.messages import PersonId, SpaceId

log = structlog.get_logger(__name__)


async def language(
    engine: Engine,
    person: PersonId,
    space: SpaceId | None = None,
    app: str = "",
    place: str = "",
) -> str:
    """A language of ours. `app` is what the platform says now; without it, what it said last.

    `place` is what it says of the place, for where nobody else says anything.
    """
    try:
        spoken = await engine.spoken(person, space)
    except AtelierError as error:  # a broken database must not keep anybody from an answer
        log.info("language.not_read", code=error.code)
        spoken = Spoken()
    return chosen(spoken.chosen, app or spoken.app, spoken.space, place)
