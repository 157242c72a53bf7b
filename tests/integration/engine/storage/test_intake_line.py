"""A file's whole way with the words to its sender, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.notices import Notices
from engine.messages import Generate, LookWish, PersonId, SpaceId
from engine.registry.facts import CardFacts
from engine.settings import DatabaseSettings
from engine.storage.intakes import Intake, Sender
from tests.fakes.engine_room import HERE, Room, open_room, visit
from tests.fakes.platform import FakePlatform

ZIB = Path(__file__).parents[4] / "engine" / "miniature" / "loras" / "zib.safetensors"
SPACE, MOD = SpaceId("fake:garden"), PersonId("fake:mod")
ADA = Sender(SPACE, PersonId("fake:ada"), "Ada", "fake", "garden")
PATIENCE_S = 60.0


@pytest.fixture
async def room(url: str, tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path, database=DatabaseSettings(url=SecretStr(url))) as room:
        yield room


async def waits(room: Room) -> Intake:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            page = await room.engine.registry.waiting(SPACE)
            if page.intakes:
                return page.intakes[0]
            await asyncio.sleep(0.02)


async def test_from_its_bytes_to_a_picture_and_every_word_about_it(room: Room) -> None:
    platform = FakePlatform()
    notices = Notices(room.engine, {"fake": platform})
    vetting = room.engine.registry.vetting
    brought = await room.engine.registry.intake.receive(
        ADA, "chat", ZIB.name, ZIB.read_bytes(), request="act-1",
        facts=CardFacts(name="Zib", kind="character"),
        beside={"zib.json": '{"activation text": "zib", "notes": "a mascot"}'},
    )  # fmt: skip
    again = await room.engine.registry.intake.receive(
        ADA, "chat", ZIB.name, ZIB.read_bytes(), request="act-1"
    )
    assert again.id == brought.id
    waiting = await waits(room)
    assert waiting.entry is not None
    assert any("zib.json says" in each for each in waiting.findings)
    assert any("0.65 is proposed" in each for each in waiting.findings)
    await vetting.ask(SPACE, waiting.entry, MOD, "is it a person?")
    await vetting.answer(
        SPACE, waiting.entry, ADA.person, "", CardFacts(name="-", real_person="no")
    )
    await vetting.approve(SPACE, waiting.entry, MOD, "")
    await notices.post_due()
    await notices.post_due()
    told = [message.text for message in platform.messages.values()]
    assert len(told) == 3
    for words, text in zip(
        ("waits for a moderator", "is it a person?", "is approved"), told, strict=False
    ):
        assert words in text
    wish = Generate(words="Zib", prompt="Zib", looks=(LookWish(name="Zib", said="Zib"),))
    ticket = await room.engine.draw(visit(), wish, HERE)
    assert (await room.over(ticket.job)).state == "done"
    assert (await vetting.retire(SPACE, waiting.entry, MOD, "old")).state == "retired"
