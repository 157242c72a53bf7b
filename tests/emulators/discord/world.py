"""What Discord knows: people, servers, channels, messages, interactions. No network here."""

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.emulators.discord.checker import Checker

Payload = dict[str, Any]
TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAx.fake.token"
APP = 100000000000000001
MIB = 1024 * 1024
ALL_RIGHTS = "2251799813685247"
MEMBER_RIGHTS = str(1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 31 | 1 << 38)
PATIENCE_S = 60.0
EPHEMERAL, LOADING, LAYOUT = 64, 128, 32768
ACK_S, TOKEN_S = 3.0, 900.0
FORUM = {
    "available_tags": [],
    "default_forum_layout": 0,
    "default_reaction_emoji": None,
    "default_sort_order": None,
}
"""What a forum has beside what every channel has."""


CUT = 0
"""Instead of a status: no answer at all."""


@dataclass
class Refusal:
    """An answer that the next fitting requests get instead of the real one."""

    method: str
    path: str
    """A regular expression."""
    status: int
    body: Payload
    headers: dict[str, str]
    times: int
    after: bool = False
    """Do what was asked, and refuse all the same: the answer was lost."""


@dataclass
class Guild:
    """A server."""

    id: int
    name: str
    channels: list[Payload] = field(default_factory=list)
    threads: list[Payload] = field(default_factory=list)
    roles: list[Payload] = field(default_factory=list)
    is_joined: bool = True
    premium_tier: int = 0
    locale: str = "en-US"


@dataclass
class Told:
    """An interaction on Discord's side."""

    id: int
    token: str
    kind: int
    payload: Payload
    began: float
    channel: int
    person: int
    limit: int
    answer: int | None = None
    """The type of the first answer."""
    answered_after: float = 0.0
    original: int | None = None
    modal: Payload | None = None
    choices: list[Payload] | None = None
    is_private: bool = False


@dataclass
class Message:
    """A message as it is now, and how it was before."""

    payload: Payload
    seen_by: int | None = None
    """One person only; None for everybody."""
    token: str = ""
    versions: list[Payload] = field(default_factory=list)
    is_gone: bool = False

    @property
    def id(self) -> int:
        """Its id."""
        return int(self.payload["id"])

    @property
    def text(self) -> str:
        """All words in it, as they are shown: without the backslashes."""
        parts = [str(self.payload["content"])]
        parts += [each["content"] for each in parts_of(self.payload["components"], 10)]
        return shown("\n".join(part for part in parts if part))

    @property
    def labels(self) -> list[str]:
        """What stands on its buttons."""
        return [str(each.get("label")) for each in parts_of(self.payload["components"], 2)]

    @property
    def pictures(self) -> list[str]:
        """Addresses of the pictures in it."""
        galleries = parts_of(self.payload["components"], 12)
        return [item["media"]["url"] for each in galleries for item in each["items"]]

    def button(self, label: str) -> Payload:
        """The first button with this label."""
        every = parts_of(self.payload["components"], 2)
        return next(each for each in every if each.get("label") == label)


def parts_of(components: list[Payload], kind: int) -> list[Payload]:
    """Every component of a kind, however deep."""
    found: list[Payload] = []
    for each in components:
        if each["type"] == kind:
            found.append(each)
        inner = each.get("components", [])
        found += parts_of(inner, kind)
    return found


def shown(text: str) -> str:
    """Words without what only keeps them from being markup."""
    kept: list[str] = []
    is_escaped = False
    for char in text:
        if char == "\\" and not is_escaped:
            is_escaped = True
            continue
        if is_escaped and (char.isalnum() or char.isspace()):
            kept.append("\\")
        kept.append(char)
        is_escaped = False
    return "".join(kept)


class World:
    """All of it, with the clock."""

    def __init__(self) -> None:
        self.checker = Checker()
        self.findings = self.checker.findings
        self.base_url = ""
        self.guilds: dict[int, Guild] = {}
        self.people: dict[int, Payload] = {}
        self.members: dict[int, Callable[[], Payload]] = {}
        """Who is on the servers, as their payload is when it is asked for."""
        self.direct: dict[int, int] = {}
        """Person to the channel of their private conversation."""
        self.closed: set[int] = set()
        """People who take no direct messages."""
        self.messages: dict[int, Message] = {}
        self.interactions: dict[str, Told] = {}
        self.commands: list[Payload] = []
        self.files: dict[str, bytes] = {}
        self.nonces: dict[tuple[int, str], int] = {}
        self.refusals: list[Refusal] = []
        self.asked: list[tuple[str, str, Any]] = []
        """Method, path and body of every request."""
        self.typing: list[int] = []
        self.dispatch: Callable[[str, Payload], None] = lambda name, body: None
        self.clock = time.monotonic
        self._later_s = 0.0
        self._ids = itertools.count(1)
        self._changed = asyncio.Event()
        self.bot = self.user(APP, "Atelier", is_bot=True)
        self.queue: asyncio.Queue[Coroutine[Any, Any, None]] = asyncio.Queue()
        """Events on their way out, in order."""

    # --- time and ids -------------------------------------------------------------------------

    def now(self) -> float:
        """Seconds."""
        return self.clock() + self._later_s

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._later_s += seconds

    def snowflake(self) -> int:
        """A new id, of this moment."""
        since = int(time.time() * 1000) - 1420070400000
        return (since << 22) + next(self._ids)

    def changed(self) -> None:
        """Tell those who wait."""
        self._changed.set()

    async def until(self, is_so: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
        """Wait until something is so, and return it."""
        async with asyncio.timeout(patience_s):
            while not (found := is_so()):
                self._changed.clear()
                await self._changed.wait()
        return found

    def refuse(
        self,
        method: str,
        path: str,
        status: int,
        code: int = 0,
        times: int = 1,
        *,
        is_late: bool = False,
        **headers: str,
    ) -> None:
        """Have the next requests of this kind refused."""
        body: Payload = {"code": code, "message": "refused by the test"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if status == 429:
            wait = float(named.get("Retry-After", "0"))
            body = {"message": "slow down", "retry_after": wait, "global": False, "code": 0}
            named.setdefault("Via", "1.1 emulator")
        self.refusals.append(Refusal(method, path, status, body, named, times, is_late))

    def cut(self, method: str, path: str, times: int = 1, *, is_late: bool = False) -> None:
        """Have the connection reset at the next requests of this kind."""
        self.refusals.append(Refusal(method, path, CUT, {}, {}, times, is_late))

    # --- who and where ------------------------------------------------------------------------

    def user(self, id_: int, name: str, *, is_bot: bool = False) -> Payload:
        """An account."""
        user: Payload = {
            "id": str(id_),
            "username": name.casefold()[:32] or "x",
            "discriminator": "0",
            "global_name": name,
            "avatar": None,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
            "bot": is_bot,
        }
        self.people[id_] = user
        return user

    def guild(self, name: str = "The garden", *, joined: bool = True) -> Guild:
        """A server with one channel."""
        guild = Guild(self.snowflake(), name, is_joined=joined)
        guild.roles.append(self.role(guild, "@everyone", id_=guild.id))
        self.guilds[guild.id] = guild
        self.channel(guild, "general")
        return guild

    def role(
        self, guild: Guild, name: str, *, id_: int | None = None, may: str = MEMBER_RIGHTS
    ) -> Payload:
        """A role, not yet on the server."""
        return {
            "id": str(id_ or self.snowflake()),
            "name": name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": len(guild.roles),
            "permissions": may,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }

    def channel(self, guild: Guild, name: str, *, nsfw: bool = False, kind: int = 0) -> int:
        """A channel of a server."""
        id_ = self.snowflake()
        guild.channels.append(
            {
                "id": str(id_),
                "type": kind,
                "guild_id": str(guild.id),
                "name": name,
                "position": len(guild.channels),
                "permission_overwrites": [],
                "nsfw": nsfw,
                "parent_id": None,
                "flags": 0,
                **(FORUM if kind == 15 else {}),
            }
        )
        return id_

    def thread(self, guild: Guild, parent: int, name: str) -> int:
        """A thread, or a forum's post."""
        id_ = self.snowflake()
        guild.threads.append(
            {
                "id": str(id_),
                "type": 11,
                "guild_id": str(guild.id),
                "name": name,
                "parent_id": str(parent),
                "owner_id": str(APP),
                "message_count": 0,
                "member_count": 1,
                "rate_limit_per_user": 0,
                "flags": 0,
                "thread_metadata": {
                    "archived": False,
                    "auto_archive_duration": 1440,
                    "archive_timestamp": stamp(),
                    "locked": False,
                },
            }
        )
        return id_

    def where(self, channel: int) -> tuple[Guild | None, Payload]:
        """The server and the payload of a channel."""
        for guild in self.guilds.values():
            for each in (*guild.channels, *guild.threads):
                if each["id"] == str(channel):
                    return guild, each
        return None, {"id": str(channel), "type": 1, "recipients": [], "flags": 0}

    def exists(self, channel: int) -> bool:
        """Whether there is such a channel."""
        guild, _ = self.where(channel)
        return guild is not None or channel in self.direct.values()

    def direct_of(self, person: int) -> int:
        """The private conversation with somebody."""
        return self.direct.setdefault(person, self.snowflake())

    # --- files and messages -------------------------------------------------------------------

    def upload(self, channel: int, name: str, data: bytes, **more: object) -> Payload:
        """A file on the servers."""
        id_ = self.snowflake()
        path = f"/attachments/{channel}/{id_}/{name}"
        self.files[path] = data
        kinds = {"png": "image/png", "webp": "image/webp", "json": "application/json"}
        return {
            "id": str(id_),
            "filename": name,
            "size": len(data),
            "url": f"{self.base_url}{path}",
            "proxy_url": f"{self.base_url}{path}",
            "content_type": kinds.get(name.rpartition(".")[2], "application/octet-stream"),
            **more,
        }

    def data_of(self, url: str) -> bytes:
        """The bytes behind an address."""
        return self.files[url.removeprefix(self.base_url)]

    def message(self, channel: int, author: Payload, content: str = "", **more: Any) -> Message:
        """A new message."""
        payload: Payload = {
            "id": str(self.snowflake()),
            "type": 0,
            "channel_id": str(channel),
            "author": author,
            "content": content,
            "timestamp": stamp(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": 0,
            **more,
        }
        made = Message(payload)
        self.messages[made.id] = made
        return made

    def seen_in(self, channel: int, person: int | None = None) -> list[Message]:
        """What people see there; private answers for their person alone."""
        return [
            each
            for each in self.messages.values()
            if each.payload["channel_id"] == str(channel)
            and not each.is_gone
            and each.seen_by in (None, person)
        ]

    def by_bot(self, channel: int, person: int | None = None) -> list[Message]:
        """The same, of the bot."""
        every = self.seen_in(channel, person)
        return [each for each in every if each.payload["author"]["id"] == str(APP)]


def stamp() -> str:
    """This moment."""
    return datetime.now(UTC).isoformat()
