"""`kill -9` of a bot on Telegram that has sent (or draws) a picture: it is shown once."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.emulators.telegram.people import ADA, private
from tests.emulators.telegram.server import Call, TelegramServer

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).parent / "telegram_process.py"
PATIENCE_S = 120
POINTS = ("stepped", "sent") if os.environ.get("ATELIER_LONG_RUN") else ("sent",)
"""The second is the hardest; the first costs another life, which takes its time."""


async def life(server: TelegramServer, folder: Path, point: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), str(folder), server.url, point, cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def test_a_picture_survives_kill_9_and_is_shown_once(tmp_path: Path) -> None:
    server = TelegramServer()
    await server.start()
    update = await private(server).say(ADA, "/create a red circle")
    for point in POINTS:
        dying = await life(server, tmp_path, point)
        assert await asyncio.wait_for(dying.wait(), PATIENCE_S) == -signal.SIGKILL
    await server.push_again(update)  # Telegram tells again what nobody confirmed
    await private(server).say(ADA, "/help")
    last = await life(server, tmp_path, "never")
    try:
        await server.until(lambda: "/looks" in server.text(ADA.number), PATIENCE_S)
        await server.until(lambda: bool(resent(server)), PATIENCE_S)
    finally:
        last.kill()
        await last.wait()
    shown = [each for each in server.seen(ADA.number) if "/looks" not in each.get("text", "")]
    assert ["photo" in each for each in shown] == [True]
    assert "a red circle" in shown[0]["caption"]
    await server.stop()
    assert server.findings == []


def resent(server: TelegramServer) -> list[Call]:
    """The last life can't know whether the picture arrived: it makes sure, by the same edit."""
    return server.called("editMessageMedia")[1:]
