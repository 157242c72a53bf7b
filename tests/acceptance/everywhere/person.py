"""What a person can do and see on any platform: the port that scenarios are written against."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from bot.messages import Level

Found = TypeVar("Found")
PATIENCE_S = 60.0
"""For a busy machine: nothing here waits for time, only for what is seen."""
JOB = re.compile(r"^.*\bseed \d+ \u00b7 [\d.,]+ s \u00b7 (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the bot as it stands before somebody's eyes."""

    id: str
    text: str
    """Title, words and named lines, as they are read."""
    pictures: tuple[str, ...] = ()
    """What the driver knows them by, as with files."""
    buttons: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def job(self) -> str:
        """The id that stands under a picture."""
        found = JOB.search(self.text)
        assert found, f"no id under {self.text!r}"
        return found[1]


class News:
    """Something changed: whoever waits looks again."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Wake everybody who waits."""
        self._changed.set()

    async def until(self, is_so: Callable[[], Found | None]) -> Found:
        """Wait until something is so, and return it."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := is_so()):
                self._changed.clear()
                await self._changed.wait()
        return found


Place = Any
"""Where people meet; only its own stage knows what it is."""


@dataclass
class Person(ABC):
    """Somebody in a place. What they saw before their newest act is old news to them."""

    name: str
    before: dict[str, Seen] = field(default_factory=dict)

    # --- hands --------------------------------------------------------------------------------

    @abstractmethod
    async def says(self, words: str) -> None:
        """Plain words to the bot."""

    @abstractmethod
    async def uses(self, command: str, /, **options: Any) -> None:
        """A command with its options, the way this platform has it."""

    @abstractmethod
    async def presses(self, label: str, on: Seen | None = None) -> None:
        """The button with this label; the newest that there is unless the message is named."""

    @abstractmethod
    async def fills(self, label: str, /, **fields: str) -> None:
        """Press a button that asks for more, and tell it."""

    @abstractmethod
    async def sends(self, name: str, data: bytes, words: str = "") -> None:
        """A picture, with words or without."""

    @abstractmethod
    async def brings(self, name: str, data: bytes) -> None:
        """A LoRA, in the way that this platform takes files of that kind."""

    async def cancels(self) -> None:
        """Stop what is being drawn."""
        await self.presses("cancel")

    # --- eyes ---------------------------------------------------------------------------------

    @abstractmethod
    def now(self) -> list[Seen]:
        """Every message of the bot that this person sees here or in private, oldest first."""

    @abstractmethod
    async def until(self, is_so: Callable[[], Found | None]) -> Found:
        """Wait until something is so; looked at whenever anything changes."""

    @abstractmethod
    async def looks_at(self, seen: Seen) -> list[bytes]:
        """The pictures of a message."""

    @abstractmethod
    def called(self) -> list[str]:
        """What the bot ever wrote here that calls somebody, or formats what somebody wrote."""

    @property
    def news(self) -> list[Seen]:
        """What is new or different since this person's newest act, newest first."""
        return [each for each in reversed(self.now()) if self.before.get(each.id) != each]

    def finds(self, *words: str, pictures: int = 0, buttons: tuple[str, ...] = ()) -> Seen | None:
        """News with all of these words, pictures and buttons, if it is there."""
        for seen in self.news:
            has_words = all(each.casefold() in seen.text.casefold() for each in words)
            has_more = len(seen.pictures) >= pictures and set(buttons) <= set(seen.buttons)
            if has_words and has_more:
                return seen
        return None

    async def sees(self, *words: str, pictures: int = 0, buttons: tuple[str, ...] = ()) -> Seen:
        """Wait for news with all of these words, pictures and buttons."""
        try:
            return await self.until(lambda: self.finds(*words, pictures=pictures, buttons=buttons))
        except TimeoutError:
            shown = "\n---\n".join(f"{each.text}\n{each.buttons}" for each in self.news)
            raise AssertionError(
                f"{self.name} waits for {words} {pictures} {buttons} and sees:\n{shown}"
            ) from None

    async def sees_it_begin(self) -> Seen:
        """Wait for the sign that a picture is on its way."""
        return await self.sees(buttons=("cancel",))

    def acts(self) -> None:
        """Drivers begin every act with this."""
        self.before = {each.id: each for each in self.now()}

    def last(self, label: str, on: Seen | None) -> Seen:
        """The message whose button is meant."""
        for seen in [on] if on else reversed(self.now()):
            if label in seen.buttons:
                return seen
        every = {button for seen in self.now() for button in seen.buttons}
        raise AssertionError(f"{self.name} sees no button {label}: only {sorted(every)}")


class Stage(Protocol):
    """One platform with its places and people."""

    def place(self) -> Place:
        """Somewhere that nobody has spoken in yet, where the platform has more than one place."""
        ...

    async def person(self, name: str, place: Place, level: Level = Level.MEMBER) -> Person:
        """Somebody there, who was never here before."""
        ...

    async def elsewhere(self, person: Person, place: Place) -> Person:
        """The same somebody in another place."""
        ...


def typed(value: object) -> str:
    """An option's value as people type it."""
    text = str(value)
    return f'"{text}"' if " " in text else text


def line_of(command: str, options: dict[str, Any]) -> str:
    """A command as it is typed."""
    given = (f"{name}={typed(value)}" for name, value in options.items())
    return " ".join((command, *given))
