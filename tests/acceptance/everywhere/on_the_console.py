"""The person at the terminal: one place, one person, numbers for buttons, Ctrl-C to stop."""

import asyncio
import io
import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console as Screen

from bot.messages import Level
from tests.acceptance.everywhere.on_the_page import hand_in
from tests.acceptance.everywhere.person import Found, News, Person, Seen, line_of
from tests.fakes.page import MARK

BUTTON = re.compile(r"\[(\d+)\] (.+?)(?=  \[\d+\] |$)")
FILE = re.compile(r"^\s*/\S*/(\S+)$", re.MULTILINE)
PICTURE = re.compile(r"^\s*\[picture (\S+)\]$", re.MULTILINE)


class Paper(Screen):
    """A screen that keeps what was shown, message by message."""

    def __init__(self, news: News) -> None:
        self._paper = io.StringIO()
        super().__init__(file=self._paper, width=5000, highlight=False)
        self._news = news
        self.shown: list[str] = []

    def print(self, *objects: Any, **style: Any) -> None:
        start = self._paper.tell()
        super().print(*objects, **style)
        self._paper.seek(start)
        self.shown.append("\n".join(line.rstrip() for line in self._paper.read().splitlines()))
        self._news.tell()


class Keyboard:
    """Lines as they are typed."""

    is_typed = True

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    def type(self, line: str) -> None:
        """A line and Enter."""
        self._lines.put_nowait(line)

    async def next(self) -> str | None:
        """The next one, once there is one."""
        return await self._lines.get()


@dataclass(kw_only=True)
class OnTheConsole(Person):
    """Whoever sits there."""

    paper: Paper
    keyboard: Keyboard
    folder: Path
    waiting: News
    url: str

    async def says(self, words: str) -> None:
        self.acts()
        self.keyboard.type(words)

    async def uses(self, command: str, /, **options: Any) -> None:
        self.acts()
        self.keyboard.type(line_of(f"/{command}", options))

    async def presses(self, label: str, on: Seen | None = None) -> None:
        seen = self.last(label, on)
        newest = next(each for each in reversed(self.now()) if each.buttons)
        assert seen == newest, "at the terminal the newest buttons can be pressed alone"
        number = seen.buttons.index(label) + 1
        self.acts()
        self.keyboard.type(str(number))

    async def fills(self, label: str, /, **fields: str) -> None:
        raise AssertionError("the console has no forms")

    async def sends(self, name: str, data: bytes, words: str = "") -> None:
        raise AssertionError("nothing can be attached to a line of text")

    async def brings(self, name: str, data: bytes) -> None:
        await self.uses("lora", action="add")
        link = await self.sees("/upload#")
        async with aiohttp.ClientSession(self.url, headers=MARK) as session:
            await hand_in(session, link.text, name, data)

    async def cancels(self) -> None:
        self.acts()
        os.kill(os.getpid(), signal.SIGINT)

    async def sees_it_begin(self) -> Seen:
        return await self.sees("up next")

    def now(self) -> list[Seen]:
        return [_seen(str(place), each) for place, each in enumerate(self.paper.shown)]

    async def until(self, is_so: Callable[[], Found | None]) -> Found:
        return await self.waiting.until(is_so)

    async def looks_at(self, seen: Seen) -> list[bytes]:
        return [(self.folder / name).read_bytes() for name in seen.pictures]

    def called(self) -> list[str]:
        """A terminal calls nobody; what formats it would be gone from the words."""
        return []


def _seen(id_: str, text: str) -> Seen:
    rows = text.strip().splitlines()
    labels = [label for _, label in BUTTON.findall(rows[-1])] if rows else []
    pictures = PICTURE.findall(text)
    files = [each for each in FILE.findall(text) if each not in pictures]
    return Seen(id_, text, tuple(pictures), tuple(labels), tuple(files))


@dataclass
class ConsoleStage:
    """One terminal."""

    paper: Paper
    keyboard: Keyboard
    folder: Path
    waiting: News
    url: str

    def place(self) -> str:
        return "here"

    async def person(self, name: str, place: str, level: Level = Level.MEMBER) -> OnTheConsole:
        somebody = OnTheConsole(
            name, paper=self.paper, keyboard=self.keyboard, folder=self.folder,
            waiting=self.waiting, url=self.url,
        )  # fmt: skip
        somebody.acts()
        return somebody

    async def elsewhere(self, person: Person, place: str) -> Person:
        return person
