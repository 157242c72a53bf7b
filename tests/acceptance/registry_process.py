"""A whole engine over a pool in memory, that dies when a file on its way in passes a named point.

`live(main, FOLDER, POINT)`: every start brings the same file by the same act, as a
chat service redelivers it, and ends once the file waits for its moderator.
"""

import asyncio
from pathlib import Path

from engine import wiring
from engine.messages import PersonId, SpaceId
from engine.registry.demo import MINIATURE
from engine.settings import EngineSettings
from engine.storage.intakes import Sender
from tests.acceptance.crash_process import DieAt
from tests.fakes.engine_room import BASE
from tests.fakes.pool import FakePool

ADA = Sender(SpaceId("fake:garden"), PersonId("fake:ada"), "Ada", "fake", "garden")


async def main(folder: Path, point: str) -> None:
    """One life."""
    settings = EngineSettings(data_dir=folder)
    engine = await wiring.build(settings, pool=FakePool(1), at=DieAt(point, 1))
    await engine.open()
    await engine.stores.bases.put(BASE)
    await engine.start()
    data = (MINIATURE / "loras" / "zib.safetensors").read_bytes()
    intake = await engine.registry.intake.receive(
        ADA, "chat", "zib.safetensors", data, request="act-1"
    )
    while (await engine.registry.find(ADA.space, intake.id)).state != "waiting":  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await engine.stop()
