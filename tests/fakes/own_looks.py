"""A space's own looks in words, kept in memory: the twin of `OwnLookStore`."""

from dataclasses import dataclass, field

from engine.errors import BadRequest, NotFound
from engine.messages import SpaceId
from engine.storage.own_looks import MOST_OWN, Change, Facts


@dataclass
class MemoryLooks:
    """Implements `engine.director.catalogue.own.Keeper`."""

    rows: dict[tuple[SpaceId, str], tuple[Facts | None, Facts | None]] = field(default_factory=dict)
    """What a look is now, and what it was before."""

    async def of_space(self, space: SpaceId) -> tuple[Facts, ...]:
        rows = sorted((key, now) for (where, key), (now, _) in self.rows.items() if where == space)
        return tuple(now for _, now in rows if now is not None)

    async def add(self, change: Change) -> None:
        if self._now(change) is not None:
            raise BadRequest(name="name", value=change.name, valid="a name that no look here has")
        if len(await self.of_space(change.space)) >= MOST_OWN:
            raise BadRequest(name="looks", value=MOST_OWN + 1, valid=f"at most {MOST_OWN} in words")
        self.rows[change.space, change.key] = (change.facts, None)

    async def edit(self, change: Change) -> None:
        self._set(change)

    async def remove(self, change: Change) -> None:
        self._set(change)

    async def undo(self, change: Change) -> Facts | None:
        if (change.space, change.key) not in self.rows:
            raise NotFound(what="look", name=change.name, near=())
        now, before = self.rows[change.space, change.key]
        self.rows[change.space, change.key] = (before, now)
        return before

    def _now(self, change: Change) -> Facts | None:
        return self.rows.get((change.space, change.key), (None, None))[0]

    def _set(self, change: Change) -> None:
        now = self._now(change)
        if now is None:
            raise NotFound(what="look in words", name=change.name, near=())
        self.rows[change.space, change.key] = (change.facts, now)
