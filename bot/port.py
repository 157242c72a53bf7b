"""What a platform must do: receive, send, declare what it can."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from aiohttp import web

from bot.doctor import Finding
from bot.messages import Attachment, Author, Inbound, Outbound, Place
from bot.settings import Settings
from engine.api import Board, Engine
from engine.messages import PersonId, SpaceId

Receive = Callable[[Inbound], Awaitable[None]]
"""The router's ear: answers come back through `post` and `edit`."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A platform's limits; delivery and replies fit themselves to them."""

    text_chars: int
    images: int
    """Images in one message."""
    image_bytes: int
    buttons: int
    can_edit: bool
    can_be_private: bool
    progress_every_s: float
    """Least time between two edits of a progress message."""
    has_nonce: bool = False
    """A repeated `nonce` posts nothing twice."""
    has_age_flags: bool = False
    """Its channels say whether they are for adults alone; stronger ratings belong only there."""
    has_forms: bool = False
    """Can ask for the fields of `bot.acts.editing` before it presses an `edit` button."""
    has_originals: bool = False
    """Shows pictures recompressed: a result has a button that brings the files themselves."""
    attachments: Literal["any", "pictures", "none"] = "any"
    """What people can send along with their words."""
    is_shared: bool = True
    """Several people meet there; else one person is alone with the bot, and is its host."""


class CannotPost(Exception):
    """Posting failed. `final` means that trying again is of no use (gone, blocked, forbidden)."""

    def __init__(self, why: str, *, final: bool, retry_in_s: float | None = None) -> None:
        super().__init__(why)
        self.final = final
        self.retry_in_s = retry_in_s


class Platform(Protocol):
    """One chat platform. Promises are in `tests/contract/test_platform.py`."""

    @property
    def name(self) -> str:
        """The row in `bot.platforms`."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """Limits and abilities."""
        ...

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled or until people leave; acknowledges before `receive` works."""
        ...

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        """Post and return the message's id; raises `CannotPost`."""
        ...

    async def edit(self, address: str, message_id: str, outbound: Outbound) -> None:
        """Replace a posted message; raises `CannotPost`."""
        ...

    def fetch(self, attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        """An attachment's bytes in pieces, never all of a large file at once.

        Raises `CannotPost`, while it is read, when it is gone or larger than allowed.
        """
        ...

    async def direct(self, person: PersonId) -> str | None:
        """The address of a private conversation with this person; None when there is none.

        Outcomes go there when the place that they were asked for in is gone.
        """
        ...


@runtime_checkable
class OnTheWeb(Protocol):
    """A platform with addresses of its own on the bot's web server."""

    def add_routes(self, app: web.Application) -> None:
        """Add them; called once, before the server starts."""
        ...


@runtime_checkable
class KnowsPlaces(Protocol):
    """A platform whose places can change while a picture is drawn."""

    async def place(self, address: str) -> Place | None:
        """What an address is now; None when that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody as they are now where an address is: level, roles and place."""

    author: Author
    space: SpaceId
    """As the platform knows it, linked with another or not."""
    place: Place


@runtime_checkable
class KnowsPeople(Protocol):
    """A platform that can be asked what rights somebody has now."""

    async def standing(self, address: str, person: PersonId) -> Standing | None:
        """Who somebody is now where an address is; None when that can't be known now."""
        ...


Furnish = Callable[[SpaceId], Awaitable[None]]
"""Gives a place that nobody has spoken in yet what this installation starts with."""


@dataclass(frozen=True, slots=True)
class House:
    """What a platform may be built on: the engine, and a memory for platforms without one."""

    engine: Engine
    board: Board
    furnish: Furnish


@dataclass(frozen=True, slots=True)
class Maker:
    """A row of `bot.platforms`: makes the platform from the settings, without connecting yet."""

    title: str
    make: Callable[[Settings, House], Platform]
    examine: Callable[[Settings], Awaitable[Finding]] | None = None
    """What `atelier doctor` says of it."""
