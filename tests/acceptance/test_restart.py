"""What people see of their jobs when the bot is stopped and started again."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot import wiring as bot_wiring
from bot.messages import Words
from tests.fakes.engine_room import Room, open_room, until
from tests.fakes.platform import FakePlatform, inbound


async def shortly(seconds: float) -> None:
    """Stands for `asyncio.sleep`: pauses of a platform pass at once."""
    await asyncio.sleep(min(seconds, 0.01))


def begun(room: Room, place: int) -> Callable[[], bool]:
    return lambda: len(room.pool.orders) > place


def told(platform: FakePlatform, message: str, text: str) -> Callable[[], bool]:
    return lambda: any(
        edited == message and text in outbound.text for edited, outbound in platform.edits
    )


async def test_progress_messages_are_taken_up_again(tmp_path: Path) -> None:
    platform = FakePlatform()
    async with asyncio.timeout(120), open_room(tmp_path) as room:
        bot = bot_wiring.build(room.engine, {"fake": platform}, shortly)
        await bot.delivery.start()
        for number, words in enumerate(("wait for a star", "wait for a moon")):
            await bot.router.receive(inbound(Words(text=words), id=f"act-{number}"))
        await until(begun(room, 0))
        await bot.delivery.stop()
    platform.edits.clear()

    async with asyncio.timeout(120), open_room(tmp_path) as room:
        bot = bot_wiring.build(room.engine, {"fake": platform}, shortly)
        await bot.delivery.start()
        for place, message in enumerate(("m1", "m2")):
            await until(begun(room, place))
            await until(told(platform, message, "Drawing"))
            room.pool.release(room.pool.orders[place].job)
        await until(lambda: all(message.images for message in platform.messages.values()))
        await bot.delivery.stop()
    assert len(platform.messages) == 2
