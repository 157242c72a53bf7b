"""Places that become one space, and stand alone again: codes, previews, and who is joined."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from engine.errors import BadRequest, NotFound
from engine.messages import PersonId, SpaceId
from engine.storage.audit import AuditLine
from engine.storage.links import Joined, Joining, Linked
from engine.storage.stores import Stores

CODE_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_CHARS: Final = 12
LINK_LASTS: Final = timedelta(minutes=15)
MOST_TRIES: Final = 10
TRIES_SPAN: Final = timedelta(minutes=10)


class Linking:
    """Each act has its line in the audit of both places."""

    def __init__(self, stores: Stores, clock: Callable[[], datetime]) -> None:
        self._stores = stores
        self._clock = clock
        self._tries: dict[PersonId, list[datetime]] = {}

    async def offer(self, main: Linked, actor: PersonId) -> str:
        """A code that joins another place to this space: once, for `LINK_LASTS`."""
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_CHARS))
        now = self._clock()
        await self._stores.links.offer(code, main, now + LINK_LASTS)
        line = AuditLine(main.space, actor, "space.link_offered", main.space, "", now)
        await self._stores.audit.write(line)
        return code

    async def preview(self, code: str, place: Linked, actor: PersonId) -> Joining:
        """What a code would do for this place; raises `BadRequest` or `CannotLink`."""
        self._count_try(actor)
        return await self._stores.links.offered(code, place, self._clock())

    async def join(
        self, code: str, place: Linked, actor: PersonId, *, brings: bool = False
    ) -> Joining:
        """Make a place one with the space that offered the code.

        With `brings` its vetted LoRAs come along, each an entry of its own there with all that was
        decided and found out of it; leaving takes them out again. Raises `BadRequest` and
        `CannotLink`.
        """
        self._count_try(actor)
        return await self._stores.links.join(code, place, actor, self._clock(), brings=brings)

    async def leave(self, space: SpaceId, actor: PersonId) -> int:
        """Stand alone again, with everything as it was; how many looks leave with the place.

        Raises `NotFound`.
        """
        looks = await self._stores.links.leave(space, actor, self._clock())
        if looks is None:
            raise NotFound(what="link", name=space)
        return looks

    async def put_out(self, main: SpaceId, place: str, actor: PersonId) -> tuple[Joined, int]:
        """End the link of a place that joined this space, by its title, id or number.

        How many looks leave with it; raises `NotFound` naming those that there are.
        """
        joined = await self.joined(main)
        said = place.strip().casefold()
        found = next((each for each in joined if said in (each.space, each.title.casefold())), None)
        if found is None and said.isdigit() and 0 < int(said) <= len(joined):
            found = joined[int(said) - 1]
        near = tuple(each.title for each in joined)
        if found is None:
            raise NotFound(what="joined place", name=place[:80], near=near)
        looks = await self._stores.links.leave(found.space, actor, self._clock(), main)
        if looks is None:
            raise NotFound(what="joined place", name=place[:80], near=near)
        return found, looks

    async def joined(self, main: SpaceId) -> tuple[Joined, ...]:
        """The places that joined a space, the first one first."""
        return await self._stores.links.joined(main)

    def _count_try(self, actor: PersonId) -> None:
        now = self._clock()
        tries = [at for at in self._tries.get(actor, ()) if at > now - TRIES_SPAN]
        if len(tries) >= MOST_TRIES:
            valid = f"at most {MOST_TRIES} at once"
            raise BadRequest(name="code", value=len(tries) + 1, valid=valid)
        self._tries[actor] = [*tries, now]
