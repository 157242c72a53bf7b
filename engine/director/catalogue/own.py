"""A space's own looks in words: kept in the database, changed by its moderators."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import structlog
from pydantic import JsonValue, ValidationError

from engine.director.catalogue.looks import WordLook, built_in, look_named
from engine.errors import BadRequest, NotFound
from engine.messages import Owner, SpaceId
from engine.storage.own_looks import Change, Facts

log = structlog.get_logger(__name__)
VALID: Mapping[str, str] = {
    "name": "1 to 80 characters",
    "called": "at most 19 synonyms of at most 60 characters",
    "prompt": "1 to 400 characters",
    "tags": "at most 400 characters",
    "negative": "at most 200 characters",
    "aspect": "a format such as portrait or 16:9",
    "steps": "1 to 150",
    "guidance": "0 to 30",
    "kind": "style, lighting, effect or concept",
}
"""What each part may be, as a refusal says it."""


class Keeper(Protocol):
    """Where a space's own looks are kept: `engine.storage.own_looks.OwnLookStore` for real."""

    async def of_space(self, space: SpaceId) -> tuple[Facts, ...]:
        """The looks that are there, by name."""
        ...

    async def add(self, change: Change) -> None:
        """A new one; raises `BadRequest` when the name is taken or there are too many."""
        ...

    async def edit(self, change: Change) -> None:
        """Another one in its place; raises `NotFound`."""
        ...

    async def remove(self, change: Change) -> None:
        """Take one away; raises `NotFound`."""
        ...

    async def undo(self, change: Change) -> Facts | None:
        """Back to before its last change; what it is now. Raises `NotFound`."""
        ...


class OwnLooks:
    """Implements `Catalogue`, and changes what a space has of its own."""

    def __init__(self, store: Keeper, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    async def looks(self, space: SpaceId) -> tuple[WordLook, ...]:
        """A space's own looks, then those of the house that have another name."""
        own = await self.own(space)
        taken = {look.name.casefold() for look in own}
        return (*own, *(look for look in built_in() if look.name.casefold() not in taken))

    async def own(self, space: SpaceId) -> tuple[WordLook, ...]:
        """Only what this space has of its own."""
        read = (_read(facts) for facts in await self._store.of_space(space))
        return tuple(look for look in read if look is not None)

    async def add(self, owner: Owner, parts: Mapping[str, JsonValue]) -> WordLook:
        """A new look; raises `BadRequest` naming the part that is wrong."""
        look = _made({**parts, "is_own": True})
        await self._store.add(self._change(owner, look.name, look))
        return look

    async def edit(self, owner: Owner, name: str, parts: Mapping[str, JsonValue]) -> WordLook:
        """Some parts of a look otherwise. Raises `NotFound`, or `BadRequest` naming the part."""
        old = look_named(name, await self.own(owner.space))
        if old is None:
            near = tuple(look.name for look in await self.own(owner.space))[:5]
            raise NotFound(what="look in words", name=name, near=near)
        look = _made({**old.model_dump(mode="json"), **parts, "name": old.name, "is_own": True})
        await self._store.edit(self._change(owner, old.name, look))
        return look

    async def remove(self, owner: Owner, name: str) -> None:
        """Take a look away. Raises `NotFound`."""
        await self._store.remove(self._change(owner, name, None))

    async def undo(self, owner: Owner, name: str) -> WordLook | None:
        """Undo the last change of a look; what it is now, None when it is gone."""
        facts = await self._store.undo(self._change(owner, name, None))
        return None if facts is None else _read(facts)

    def _change(self, owner: Owner, name: str, look: WordLook | None) -> Change:
        facts = None if look is None else look.model_dump(mode="json")
        return Change(owner.space, owner.person, name, facts, self._clock())


def _made(parts: Mapping[str, JsonValue]) -> WordLook:
    """A look of these parts; its own name is one of the things it is called."""
    name = str(parts.get("name", ""))
    said = parts.get("called")
    synonyms = [str(each) for each in said] if isinstance(said, list | tuple) else []
    called = [" ".join(each.casefold().split()) for each in (name, *synonyms)]
    try:
        return WordLook.model_validate(
            {**parts, "called": tuple(dict.fromkeys(each for each in called if each))}
        )
    except ValidationError as error:
        wrong = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else "look"
        value = str(parts.get(wrong, ""))[:60]
        raise BadRequest(name=wrong, value=value, valid=VALID.get(wrong, "words")) from error


def _read(facts: Facts) -> WordLook | None:
    """A stored look; one that newer code wrote and this code doesn't know is left out."""
    try:
        return WordLook.model_validate(facts, strict=False)
    except ValidationError as error:
        log.warning("look.unreadable", count=error.error_count())
        return None
