"""One conversation on each platform with `atelier run` as a process, written into the docs.

    python -m tests.transcripts

The bot is started as a host starts it, with a worker of its own and the miniature; Discord and
Telegram are the tests' emulators. What people did and what stood before their eyes goes into
`docs/transcripts.md`, the pictures into `docs/pictures/transcripts`. Takes a minute or two.
"""

import asyncio
import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from bot.messages import Level
from bot.settings import Settings
from bot.wiring import opened
from engine import wiring
from engine.api import Visitor
from engine.messages import SpaceId
from engine.settings import EngineSettings
from tests.acceptance.everywhere.on_discord import DiscordStage
from tests.acceptance.everywhere.on_telegram import TelegramStage
from tests.acceptance.everywhere.on_the_page import PageStage
from tests.acceptance.everywhere.person import Person, Place, Seen, Stage, line_of
from tests.emulators.discord.emulator import Emulator, emulated
from tests.emulators.discord.world import TOKEN as DISCORD_TOKEN
from tests.emulators.telegram.server import TOKEN as TELEGRAM_TOKEN
from tests.emulators.telegram.server import TelegramServer

ROOT = Path(__file__).parents[1]
LORAS = ROOT / "engine" / "miniature" / "loras"
PAGE = ROOT / "docs" / "transcripts.md"
PICTURES = ROOT / "docs" / "pictures" / "transcripts"
UPLOAD = re.compile(r"/upload#\S+")
"""A link is its holder's own, even here."""
SHEET_PIXELS = 480
"""A preview is shown no wider than this."""
SHOWN_PIXELS = 192
PATIENCE_S = 600
BEFORE = frozenset({"Zib"})
"""The looks that a place has before the conversation begins."""
HEAD = """\
# What a conversation looks like

Whole conversations, from the first command to a vetted LoRA and the picture made with it; what
people do and see is the same on every platform. `atelier run` was one process with one worker and
the miniature base; the pictures are real, 64 pixels wide, shown larger. Discord and Telegram were
the emulators of our tests, spoken to by the real discord.py and python-telegram-bot.
`python -m tests.transcripts` writes this page anew.

Ada is a member, Grace a moderator. Each place has one look at the beginning, Zib; Grace brings
another. `[words]` are buttons; `…` stands before what a message said until it changed.

How to set it up: [Discord](discord.md), [Telegram](telegram.md), [the page](hosts.md). What else
can be said: [for members](members.md), [for admins](admins.md).
"""


@dataclass
class Transcript:
    """What is written down of one conversation."""

    name: str
    parts: list[str] = field(default_factory=list)
    pictures: int = 0

    def title(self, text: str) -> None:
        """A heading."""
        self.parts.append(f"## {text}\n")

    async def step(
        self,
        person: Person,
        told: str,
        act: Coroutine[Any, Any, None],
        *words: str,
        pictures: int = 0,
        buttons: tuple[str, ...] = (),
    ) -> Seen:
        """Somebody acts; every state of the answer is kept until it is what was wanted."""
        states: list[Seen] = []

        def look() -> Seen | None:
            states.extend(each for each in reversed(person.news) if each not in states)
            return person.finds(*words, pictures=pictures, buttons=buttons)

        await act
        found = await _patiently(person, look)
        print(f"{self.name}: {told}", file=sys.stderr)  # noqa: T201  # a script says how far it is
        self.parts.append(f"**{person.name}** {told}\n")
        self.parts.append(f"```text\n{_told(_thinned(states, found))}\n```\n")
        for picture in await person.looks_at(found):
            self.parts.append(self._hang(picture, found))
        return found

    def _hang(self, data: bytes, seen: Seen) -> str:
        self.pictures += 1
        path = PICTURES / f"{self.name}-{self.pictures}.png"
        with Image.open(io.BytesIO(data)) as opened_:
            picture = opened_.convert("RGB")
        picture.thumbnail((SHEET_PIXELS, SHEET_PIXELS * 2))
        picture.save(path, optimize=True)
        width = max(picture.width, SHOWN_PIXELS)
        alt = seen.text.splitlines()[0].replace('"', "'")
        where = path.relative_to(PAGE.parent).as_posix()
        return f'<img src="{where}" width="{width}" alt="{alt}">\n'


async def _patiently(person: Person, look: Callable[[], Seen | None]) -> Seen:
    """A picture takes real time here, and a preview is many of them."""
    for _ in range(PATIENCE_S // 60):
        try:
            return await person.until(look)
        except TimeoutError:
            continue
    raise AssertionError(f"{person.name} sees only {person.news}")


def _thinned(states: list[Seen], found: Seen) -> list[Seen]:
    """The first word and the last step of what moved, and what it became."""
    moving = [each for each in states if each.id == found.id and each != found]
    kept = moving[:1] + moving[1:][-1:]
    others = [each for each in states if each.id != found.id and not each.pictures]
    return [*kept, *others, found]


def _told(states: list[Seen]) -> str:
    """As it is read: a message that goes on to change with dots, other messages apart."""
    last, told = states[-1], [""]
    for place, state in enumerate(states):
        rows = [UPLOAD.sub("/upload#...", row.rstrip()) for row in state.text.splitlines()]
        rows += [f"(picture {number})" for number in range(1, len(state.pictures) + 1)]
        if state.buttons:
            rows.append(" ".join(f"[{label}]" for label in state.buttons))
        is_moving = state.id == last.id and state is not last
        if place and states[place - 1].id != state.id:
            told.append("")
        told += [f"\u2026 {row}" if is_moving else row for row in rows if row]
    return "\n".join(told).strip("\n")


async def converse(transcript: Transcript, stage: Stage, place: Place, look: str) -> None:
    """The conversation, the same on every platform."""
    ada, grace = await stage.person("Ada", place), await _moderator(stage, place)
    words = "a large red circle on a blue background"
    line = line_of("/create", {"words": words, "seed": 7})
    create = ada.uses("create", words=words, seed=7)
    await transcript.step(ada, f"uses `{line}`", create, words, pictures=1)
    said = "the same, but green"
    await transcript.step(ada, f"writes *{said}*", ada.says(said), said, pictures=1)
    await transcript.step(ada, "presses **why this?**", ada.presses("why this?"), "Why ")
    file = f"{look}.safetensors"
    data = (LORAS / file.casefold()).read_bytes()
    size = f"{len(data) / 2**20:.1f} MiB"
    await transcript.step(
        grace, f"uses `/lora add` with `{file}` ({size})", grace.brings(file, data),
        "waits for a moderator",
    )  # fmt: skip
    await transcript.step(
        grace, "uses `/lora review`", grace.uses("lora", action="review"),
        f"{look} waits for you", pictures=1,
    )  # fmt: skip
    await transcript.step(
        grace, "presses **approve**", grace.presses("approve"), f"{look} is approved",
        buttons=("take it back",),
    )  # fmt: skip
    said = f"a large green heart on a blue background in {look.casefold()} style"
    await transcript.step(ada, f"writes *{said}*", ada.says(said), look, "seed", pictures=1)
    await transcript.step(
        ada, f"presses **less {look}**", ada.presses(f"less {look}"), look, "seed", pictures=1
    )
    await transcript.step(ada, "presses **why this?**", ada.presses("why this?"), "Why ", look)


async def _moderator(stage: Stage, place: Place) -> Person:
    return await stage.person("Grace", place, Level.MODERATOR)


# --- the bot ------------------------------------------------------------------------------------


@dataclass
class Town:
    """Both services, the place on each where people meet, and the data of the bot."""

    folder: Path
    discord: Emulator
    telegram: TelegramServer
    tokens: dict[str, str] = field(default_factory=dict)
    """For the page: name to a link's token, made before the bot starts."""

    @property
    def settings(self) -> Settings:
        """For what a host does before the bot runs."""
        return Settings(engine=EngineSettings(data_dir=self.folder))

    @property
    def environment(self) -> dict[str, str]:
        """As a host would set it."""
        world, telegram = self.discord.world, self.telegram
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder),
            "ATELIER_ENGINE__DATA_DIR": str(self.folder),
            "ATELIER_HTTP__PORT": "0",
            "ATELIER_DISCORD_TOKEN": DISCORD_TOKEN,
            "ATELIER_DISCORD_API_BASE": f"{world.base_url}/api/v10",
            "ATELIER_DISCORD_GATEWAY": f"ws://127.0.0.1:{self.discord.port}/gateway",
            "ATELIER_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
            "ATELIER_TELEGRAM_BASE_URL": f"{telegram.url}/bot",
            "ATELIER_TELEGRAM_BASE_FILE_URL": f"{telegram.url}/file/bot",
        }

    async def furnish(self, *spaces: str) -> None:
        """Give every place its first look, and let the moderator onto the page."""
        some = {SpaceId(space): BEFORE for space in spaces}
        async with opened(self.settings) as engine:
            await wiring.furnish_demo(engine, some=some)

    async def invite(self, visitor: Visitor, lasts_s: float) -> str:
        """As `atelier web link` does it, beside the running bot."""
        async with opened(self.settings) as engine:
            return await engine.invite(visitor, lasts_s)


@asynccontextmanager
async def running(town: Town) -> AsyncIterator[str]:
    """`atelier run`; gives the address of its page."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=town.environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    log: list[str] = []
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def listen(lines: asyncio.StreamReader) -> None:
        async for line in lines:
            log.append(line.decode())
            told = json.loads(line) if line.startswith(b"{") else {}
            if told.get("event") == "http.listening" and not url.done():
                url.set_result(told["url"])

    listening = asyncio.create_task(listen(process.stderr))
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield_url = await url
            await town.discord.is_connected()
        await town.discord.world.until(lambda: town.discord.world.commands, PATIENCE_S)
        await town.telegram.until(lambda: bool(town.telegram.called("getUpdates")), PATIENCE_S)
        yield yield_url
    except BaseException:
        sys.stderr.writelines(log[-20:])
        raise
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await listening


async def main() -> None:
    """Write the page."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    parts = [HEAD]
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        discord, telegram = await stack.enter_async_context(emulated()), TelegramServer()
        await telegram.start()
        stack.push_async_callback(telegram.stop)
        town = Town(folder, discord, telegram)
        on_discord, on_telegram = DiscordStage(discord), TelegramStage(telegram)
        channel, group = on_discord.place(), on_telegram.place()
        guild, _ = discord.world.where(channel)
        assert guild is not None
        await town.furnish(f"discord:{guild.id}", f"telegram:{group.number}", "web:lobby")
        url = await stack.enter_async_context(running(town))
        page = PageStage(town.invite, url, ["web:lobby"], AsyncExitStack())
        stack.push_async_callback(page.close)
        conversations: tuple[tuple[str, Stage, Place, str], ...] = (
            ("Discord", on_discord, channel, "Mosaic"),
            ("Telegram", on_telegram, group, "Linocut"),
            ("the page", page, page.place(), "Neon"),
        )
        for title, stage, place, look in conversations:
            transcript = Transcript(title.split()[-1].casefold())
            transcript.title(f"On {title}")
            await converse(transcript, stage, place, look)
            parts += transcript.parts
            PAGE.write_text("\n".join(parts), encoding="utf-8")
        assert not discord.world.findings, discord.world.findings
        assert not telegram.findings, telegram.findings


if __name__ == "__main__":
    asyncio.run(main())
