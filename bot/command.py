"""What a command is, and what it is given when somebody uses it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.messages import Attachment, Inbound, Level, Outbound
from bot.options import Options
from bot.policy import ratings
from bot.port import Capabilities
from engine.api import Destination, Engine, HouseRules, Visit
from engine.messages import Owner

Stream = Callable[[Attachment, int], AsyncIterator[bytes]]
NAME_CHARS = 32
"""Longest name of a command or an option that every platform takes."""
SUMMARY_CHARS = 100
"""Longest summary or option description that every platform takes."""
MOST_OPTIONS = 25


@dataclass(frozen=True, slots=True)
class Context:
    """One act of a person on its way through: who, where, and what may be asked of the engine."""

    inbound: Inbound
    engine: Engine
    capabilities: Capabilities
    commands: Mapping[str, "Command"]
    stream: Stream
    """The bytes of an attachment in pieces, up to a cap; raises `CannotPost` as it is read."""
    page_url: str | None = None
    """Where the web page is, when there is one."""
    rules: HouseRules = field(default_factory=HouseRules)
    """What the admins of this space chose, as it holds in the place that was spoken in."""

    async def fetch(self, attachment: Attachment, most_bytes: int) -> bytes:
        """A small attachment, whole; raises `CannotPost`."""
        return b"".join([piece async for piece in self.stream(attachment, most_bytes)])

    @property
    def owner(self) -> Owner:
        """Whose request it is."""
        return Owner(space=self.inbound.space.id, person=self.inbound.author.id)

    @property
    def visit(self) -> Visit:
        """The same, with the names that the engine keeps."""
        space, author = self.inbound.space, self.inbound.author
        return Visit(
            owner=self.owner,
            # A space that is visited from another platform stays what it is.
            platform=space.id.partition(":")[0],
            space_title=space.title,
            space_kind=space.kind,
            person_name=author.name,
            conversation=self.inbound.conversation,
            allowed_ratings=ratings(self.inbound.place, self.rules),
            locale=author.locale,
            roles=author.roles,
        )

    @property
    def destination(self) -> Destination:
        """Where outcomes of this act go."""
        return Destination(platform=self.inbound.platform, address=self.inbound.address)


@dataclass(frozen=True, slots=True)
class Command:
    """A row of `bot.commands.COMMANDS`; made by `command`."""

    name: str
    summary: str
    options: type[Options]
    run: Callable[[Context, Mapping[str, str]], Awaitable[Outbound]]
    level: Level
    positional: tuple[str, ...]
    """Options that may be typed without their name, in order; the last takes all that is left."""
    examples: tuple[str, ...]
    about: str
    takes: str
    """What a file that is sent along is for; empty when none is of use."""

    def parse(self, typed: str) -> dict[str, str]:
        """Split a typed line into options: `name=value` (quotes keep spaces), the rest in order.

        Only names of this command's options count, so `x=5` stays a part of the words.
        """
        given: dict[str, str] = {}

        def take(found: re.Match[str]) -> str:
            given[found["name"].lower()] = found["quoted"] or found["value"] or ""
            return " "

        names = "|".join(re.escape(name) for name in self.options.model_fields)
        if names:
            option = rf'(?<!\S)(?P<name>{names})=(?:"(?P<quoted>[^"]*)"|(?P<value>\S+))(?!\S)'
            typed = re.sub(option, take, typed, flags=re.IGNORECASE)
        left = " ".join(typed.split())
        free = [name for name in self.positional if name not in given]
        for place, name in enumerate(free):
            if not left:
                break
            first, _, rest = left.partition(" ")
            is_last = place == len(free) - 1
            given[name], left = (left, "") if is_last else (first, rest)
        return given


Own = TypeVar("Own", bound=Options)


def command(
    *,
    name: str,
    summary: str,
    options: type[Own],
    handle: Callable[[Context, Own], Awaitable[Outbound]],
    examples: tuple[str, ...],
    positional: tuple[str, ...] = (),
    about: str = "",
    takes: str = "",
    level: Level = Level.MEMBER,
) -> Command:
    """Tie a handler to its options type, so that nobody can call it with anything else."""

    async def run(context: Context, given: Mapping[str, str]) -> Outbound:
        return await handle(context, options.from_text(given))

    return Command(name, summary, options, run, level, positional, examples, about, takes)
