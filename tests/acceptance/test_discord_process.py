"""`atelier run` as a process on an emulated Discord: killed in the middle, started again."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.emulators.discord.emulator import Emulator, emulated
from tests.emulators.discord.world import TOKEN, Message, World

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
"""A worker loads torch; a busy machine takes its time."""


@dataclass
class Running:
    """A bot as a host starts it, and what it logged."""

    process: asyncio.subprocess.Process
    log: list[str] = field(default_factory=list)

    async def listen(self, world: World) -> None:
        """Whoever waits for something in the log is told."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.log.append(line.decode())
            world.changed()

    def told(self, event: str) -> int:
        """How often something happened."""
        return sum(f'"{event}"' in line for line in self.log)


@asynccontextmanager
async def running(discord: Emulator, folder: Path) -> AsyncIterator[Running]:
    """The bot with its own worker and the miniature."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "ATELIER_ENGINE__DATA_DIR": str(folder / "data"),
        "ATELIER_HTTP__PORT": "0",
        "ATELIER_DISCORD_TOKEN": TOKEN,
        "ATELIER_DISCORD_API_BASE": f"{discord.world.base_url}/api/v10",
        "ATELIER_DISCORD_GATEWAY": f"ws://127.0.0.1:{discord.port}/gateway",
    }
    before = discord.gateway.identified
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=env,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    bot = Running(process)
    listening = asyncio.create_task(bot.listen(discord.world))
    try:
        await discord.world.until(lambda: discord.gateway.identified > before, PATIENCE_S)
        yield bot
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), PATIENCE_S)
        await asyncio.wait_for(listening, PATIENCE_S)


async def test_a_picture_survives_kill_9_and_is_posted_once(tmp_path: Path) -> None:
    async with emulated() as discord:
        world = discord.world
        channel = int(world.guild().channels[0]["id"])
        ada = discord.person()

        def finished() -> list[Message]:
            return [each for each in world.by_bot(channel) if "why this?" in each.labels]

        async with running(discord, tmp_path) as bot:
            await ada.uses("create", channel, words="a blue star", steps=4)
            first = (await world.until(finished, PATIENCE_S))[0]
            assert world.data_of(first.pictures[0]).startswith(b"\x89PNG")

            await ada.uses("create", channel, words="a red circle", steps=80)
            shown = await ada.sees(channel, labels=("cancel",))
            # Eighty steps: long enough that it is still drawn when the kill comes.
            await world.until(lambda: bot.told("job.leased") == 2, PATIENCE_S)
            bot.process.kill()
            await bot.process.wait()
        assert finished() == [first]
        sent = commands_sent(world)

        async with running(discord, tmp_path) as bot:
            second = (await world.until(lambda: finished()[1:], PATIENCE_S))[0]
            await world.until(lambda: bot.told("delivery.posted"), PATIENCE_S)
        assert second.id == shown.id, "the progress message became the picture"
        assert world.data_of(second.pictures[0]).startswith(b"\x89PNG")
        assert len(world.by_bot(channel)) == 2
        assert bot.told("delivery.posted") == 1
        assert commands_sent(world) == sent, "they did not change"


def commands_sent(world: World) -> int:
    return sum(method == "PUT" for method, _, _ in world.asked)
