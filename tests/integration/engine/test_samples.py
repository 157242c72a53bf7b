"""Sample pictures: drawn once behind everybody, found by name, never in the way of a list."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from engine import wiring
from engine.messages import VETTING, Card
from engine.storage.jobs import JobStore
from tests.fakes.engine_room import Room, open_room, visit

SPACE = visit().owner.space
FOG: dict[str, JsonValue] = {
    "name": "Foggy Noir",
    "prompt": "a dark background",
    "called": ["fog noir"],
}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as opened:
        await wiring.furnish_demo(opened.engine, SPACE, some={SPACE: frozenset({"Zib", "Neon"})})
        yield opened


async def all_over(room: Room) -> None:
    jobs: JobStore = room.engine.stores.jobs
    for job in await jobs.recent(SPACE, 50):
        await room.over(job.id)


async def test_samples_are_drawn_once_and_found_by_name(room: Room) -> None:
    cards = await room.engine.looks(SPACE)
    assert await room.engine.samples(SPACE, cards) == {}

    assert await room.engine.ask_samples(SPACE, cards) == 2
    assert await room.engine.ask_samples(SPACE, cards) == 0
    await all_over(room)

    assert set(await room.engine.samples(SPACE, cards)) == {"Zib", "Neon"}
    png = await room.engine.sample(SPACE, cards[0])
    assert png is not None
    assert png.startswith(b"\x89PNG")
    assert await room.engine.ask_samples(SPACE, cards) == 0


async def test_samples_belong_to_nobody(room: Room) -> None:
    await room.engine.ask_samples(SPACE, await room.engine.looks(SPACE))
    await all_over(room)

    assert (await room.engine.kept(visit().owner.person)).jobs == ()
    jobs = await room.engine.stores.jobs.recent(SPACE, 9)
    assert {job.owner.person for job in jobs} <= {VETTING}


async def test_an_own_look_has_a_sample_those_the_base_does_not_know_have_none(room: Room) -> None:
    own = await room.engine.own_looks.add(visit().owner, FOG)
    looks = await room.engine.word_looks(SPACE)

    assert await room.engine.ask_samples(SPACE, looks) == 1
    await all_over(room)

    assert set(await room.engine.samples(SPACE, looks)) == {own.name}


async def test_a_sample_whose_picture_is_gone_is_no_sample(room: Room) -> None:
    cards = await room.engine.looks(SPACE)
    await room.engine.ask_samples(SPACE, cards)
    await all_over(room)
    for sha256 in set((await room.engine.samples(SPACE, cards)).values()):
        room.engine.stores.blobs.path(sha256).unlink(missing_ok=True)

    assert [await room.engine.sample(SPACE, card) for card in cards] == [None, None]


async def test_a_look_for_no_base_here_is_left_alone(room: Room) -> None:
    stranger = Card(name="Stranger", family="flux1")

    assert await room.engine.ask_samples(SPACE, (stranger,)) == 0
    assert await room.engine.sample(SPACE, stranger) is None
