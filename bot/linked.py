"""The space that a platform's space is one with, for what asks the engine beside the router."""

from bot import buttons
from bot.messages import Place, Space
from bot.policy import ratings
from engine.api import Engine
from engine.messages import Owner, PersonId, Rating, SpaceId


async def owner_of(engine: Engine, space: SpaceId, person: PersonId) -> Owner:
    """A person in the space that this one is linked to, or in this one."""
    main = await engine.house.main(space)
    return Owner(space=main.space if main else space, person=person)


async def owner_of_button(
    engine: Engine, space: SpaceId, person: PersonId, button: str, *, is_direct: bool
) -> Owner:
    """The same for a press: in private one's own button belongs to where it was asked for.

    Raises `NotFound` for what no button of ours carries.
    """
    if is_direct:
        asked = await engine.asked_in(person, buttons.read(button).intent)
        if asked is not None:
            return Owner(space=asked.space, person=person)
    return await owner_of(engine, space, person)


async def ratings_shown(
    engine: Engine, owner: Owner, space: SpaceId, place: Place
) -> frozenset[Rating]:
    """Ratings that may be seen in a place of a space, linked to the owner's or the same."""
    rules = await engine.house.rules(owner.space)
    return ratings(place, rules.at(space if space != owner.space else None))


async def linked(engine: Engine, space: Space) -> Space:
    """The space that a place uses: itself where it stands alone."""
    main = await engine.house.main(space.id)
    if main is None:
        return space
    return space.model_copy(update={"id": main.space, "title": main.title, "kind": main.kind})
