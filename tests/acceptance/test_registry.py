"""A LoRA from its first byte to a picture: real worker, real base, real file."""

import asyncio
from pathlib import Path

import pytest

from engine import wiring
from engine.messages import ENDED, Base, Generate, JobId, LookWish, PersonId, SpaceId
from engine.registry.demo import MINIATURE
from engine.settings import EngineSettings, WorkerSettings
from engine.storage.intakes import Sender
from tests.fakes.engine_room import HERE, visit

SPACE = SpaceId("fake:garden")
ADA = Sender(SPACE, PersonId("fake:ada"), "Ada", "fake", "garden")
MOD = PersonId("fake:mod")
PATIENCE_S = 240.0


@pytest.mark.slow
async def test_a_file_is_shown_by_real_jobs_approved_and_drawn_with(tmp_path: Path) -> None:
    workers = WorkerSettings(devices=("cpu",), threads=1, stop_grace_s=1)
    engine = await wiring.build(EngineSettings(data_dir=tmp_path, workers=workers))
    await engine.open()
    base = Base(name="miniature", family="miniature", folder=str(MINIATURE / "base"))
    await engine.stores.bases.put(base)
    await engine.start()
    try:
        data = (MINIATURE / "loras" / "zib.safetensors").read_bytes()
        brought = await engine.registry.intake.receive(ADA, "chat", "zib.safetensors", data)
        async with asyncio.timeout(PATIENCE_S):
            while (await engine.registry.find(SPACE, brought.id)).state != "waiting":  # noqa: ASYNC110  # nothing tells
                await asyncio.sleep(0.1)
        found = await engine.registry.find(SPACE, brought.id)
        sheet = await engine.registry.sheet(found)
        assert sheet is not None
        (tmp_path / "sheet.png").write_bytes(sheet)
        assert any("changes the pictures clearly" in each for each in found.findings)
        assert found.entry is not None
        await engine.registry.vetting.approve(SPACE, found.entry, MOD, "lovely")
        wish = Generate(
            words="zib on a blue background",
            prompt="zib on a blue background",
            looks=(LookWish(name="zib", said="zib"),),
        )
        ticket = await engine.draw(visit(), wish, HERE)
        assert await _state(engine, ticket.job) == "done"
    finally:
        await engine.stop()


async def _state(engine: wiring.AtelierEngine, job: JobId) -> str:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await engine.stores.jobs.get(job)
            if found is not None and found.state in ENDED:
                return found.state
            await asyncio.sleep(0.05)
