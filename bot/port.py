"""What a platform must do: receive, send, declare what it can."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.messages import Attachment, Inbound, Outbound
from bot.settings import Settings

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

    async def fetch(self, attachment: Attachment, most_bytes: int) -> bytes:
        """An attachment's bytes; raises `CannotPost` when it is gone or larger than allowed."""
        ...


@dataclass(frozen=True, slots=True)
class Maker:
    """A row of `bot.platforms`: makes the platform from the settings, without connecting yet."""

    title: str
    make: Callable[[Settings], Platform]
