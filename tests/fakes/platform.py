"""A platform in memory: people speak by `say`, `use` and `press`; everything posted is kept."""

import asyncio
import itertools
from collections.abc import AsyncIterator

from bot.messages import (
    Attachment,
    Author,
    Button,
    Inbound,
    Invoke,
    Level,
    Outbound,
    Place,
    Press,
    Space,
    Words,
)
from bot.port import CannotPost, Capabilities, Receive
from engine.messages import PersonId, SpaceId

SPACE = Space(id=SpaceId("fake:garden"), title="The garden", kind="guild")
LIMITS = Capabilities(
    text_chars=2000,
    images=4,
    image_bytes=1_000_000,
    buttons=5,
    can_edit=True,
    can_be_private=True,
    progress_every_s=1.0,
    has_nonce=True,
)


def inbound(
    act: Words | Invoke | Press,
    *,
    id: str = "act-1",
    person: str = "ada",
    level: Level = Level.MEMBER,
    space: Space = SPACE,
    locale: str = "",
    roles: tuple[str, ...] = (),
    place: Place | None = None,
) -> Inbound:
    """An act with everything around it."""
    return Inbound(
        id=id,
        platform="fake",
        author=Author(
            id=PersonId(f"fake:{person}"),
            name=person.capitalize(),
            level=level,
            locale=locale,
            roles=roles,
        ),
        space=space,
        conversation=f"{space.id}:{person}",
        address=f"{space.id}/channel",
        act=act,
        place=place or Place(),
    )


class FakePlatform:
    """Implements `bot.port.Platform`."""

    name = "fake"

    def __init__(self, capabilities: Capabilities = LIMITS) -> None:
        self.capabilities = capabilities
        self.messages: dict[str, Outbound] = {}
        """Every message as it looks now."""
        self.posted_to: dict[str, list[Outbound]] = {}
        """By address, as they were posted."""
        self.edits: list[tuple[str, Outbound]] = []
        self.refusals: list[CannotPost | None] = []
        self.directs: dict[PersonId, str] = {}
        """For the next posts and edits: raised, or None to let one through."""
        self.files: dict[str, bytes] = {}
        self._ids = itertools.count(1)
        self._nonces: dict[str, str] = {}
        self._heard: asyncio.Queue[Inbound | None] = asyncio.Queue()
        self._acts = itertools.count(1)

    # --- people ---------------------------------------------------------------------------------

    def hear(self, said: Inbound) -> None:
        """Somebody did something."""
        self._heard.put_nowait(said)

    def say(self, text: str, person: str = "ada") -> None:
        """Somebody wrote words."""
        self.hear(inbound(Words(text=text), id=f"say-{next(self._acts)}", person=person))

    def leave(self) -> None:
        """Everybody leaves."""
        self._heard.put_nowait(None)

    @property
    def newest(self) -> Outbound:
        """The last message posted, as it looks now."""
        return list(self.messages.values())[-1]

    def button(self, label: str) -> Button:
        """The newest button with this label."""
        every = [button for message in self.messages.values() for button in message.buttons]
        return next(button for button in reversed(every) if button.label == label)

    # --- the port -------------------------------------------------------------------------------

    async def run(self, receive: Receive) -> None:
        """Pass on what people do, until they leave."""
        while (said := await self._heard.get()) is not None:
            await receive(said)

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        """Keep it; the same nonce again changes nothing."""
        self._maybe_refuse()
        if self.capabilities.has_nonce and nonce in self._nonces:
            return self._nonces[nonce]
        message_id = f"m{next(self._ids)}"
        self._nonces[nonce] = message_id
        self.messages[message_id] = outbound
        self.posted_to.setdefault(address, []).append(outbound)
        return message_id

    async def edit(self, address: str, message_id: str, outbound: Outbound) -> None:
        """Replace it."""
        self._maybe_refuse()
        if message_id not in self.messages:
            raise CannotPost("that message is gone", final=True)
        self.messages[message_id] = outbound
        self.edits.append((message_id, outbound))

    async def fetch(self, attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        """Bytes that a test put there."""
        found = self.files.get(attachment.handle)
        if found is None or len(found) > most_bytes:
            raise CannotPost("gone or too large", final=True)
        yield found

    async def direct(self, person: PersonId) -> str | None:
        """A private conversation, when a test gave this person one."""
        return self.directs.get(person)

    def _maybe_refuse(self) -> None:
        refusal = self.refusals.pop(0) if self.refusals else None
        if refusal is not None:
            raise refusal


class Pauses:
    """Stands for `asyncio.sleep`: nobody goes on until `release`."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._waiting: list[asyncio.Future[None]] = []

    async def __call__(self, seconds: float) -> None:
        """Wait for `release`."""
        self.asked.append(seconds)
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    async def release(self) -> None:
        """Let everyone who waits go on, and see what they do."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)
        await quiet()


async def quiet() -> None:
    """Let every task run until it waits for something outside: nothing here takes real time."""
    for _ in range(200):
        await asyncio.sleep(0)
