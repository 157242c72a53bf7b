"""How soon Discord hears of 200 interactions that come within a second, over real HTTP.

The emulator runs in the same process and takes its share of the time: a real Discord is quicker to
answer, but farther away. It allows three seconds.
"""

import asyncio
import tempfile
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from bot.discord.alone import platform_alone
from engine.settings import QueueSettings
from tests.bench.rows import Row
from tests.emulators.discord.emulator import emulated
from tests.emulators.discord.world import TOKEN, Told
from tests.fakes.engine_room import open_room

BENCH = "discord_acknowledgement"
PEOPLE, REQUESTS, WITHIN_S = 40, 200, 1.0
ROOMY = QueueSettings(max_waiting_per_person=99, max_waiting_per_space=999, max_waiting=999)


def run() -> list[Row]:
    """Milliseconds from an interaction to its acknowledgement."""
    waited = sorted(asyncio.run(_storm()))
    cut = quantiles(waited, n=100)
    return [
        Row(BENCH, f"{REQUESTS} interactions, {name}", 1000 * seconds, "ms", aim=aim)
        for name, seconds, aim in (
            ("p50", cut[49], ""),
            ("p99", cut[98], "3000 ms"),
            ("slowest", waited[-1], "3000 ms"),
        )
    ]


async def _storm() -> list[float]:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    async with emulated() as discord, open_room(folder, queue=ROOMY) as room:
        channel = int(discord.world.guild().channels[0]["id"])
        platform = platform_alone(discord.settings(), room.engine)
        running = asyncio.create_task(platform.client.start(TOKEN))
        await platform.listening()
        await discord.is_connected()
        people = [discord.person(f"person {number}") for number in range(PEOPLE)]
        told: list[Told] = []
        due_s = perf_counter()
        for number in range(REQUESTS):
            due_s += WITHIN_S / REQUESTS
            await asyncio.sleep(max(0.0, due_s - perf_counter()))
            told.append(
                await people[number % PEOPLE].uses("create", channel, words="wait for a red circle")
            )
        await discord.world.until(lambda: all(each.answer is not None for each in told), 120)
        await platform.hearing.settled()
        await platform.client.close()
        await asyncio.gather(running, return_exceptions=True)
        return [each.answered_after for each in told]
