"""A space's own looks in words, in the database and in its twin in memory."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from engine.director.catalogue import OwnLooks
from engine.director.catalogue.looks import built_in
from engine.director.catalogue.own import Keeper
from engine.errors import BadRequest, NotFound
from engine.messages import Owner, PersonId, SpaceId
from engine.storage import own_looks as module
from engine.storage.audit import AuditStore
from engine.storage.database import Database
from engine.storage.own_looks import OwnLookStore
from tests.fakes import own_looks as fake_module
from tests.fakes.engine_room import TEMPLATE
from tests.fakes.own_looks import MemoryLooks

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANN = PersonId("fake:ann")
HERE = Owner(space=SpaceId("fake:here"), person=ANN)
THERE = Owner(space=SpaceId("fake:there"), person=ANN)
FOG: dict[str, JsonValue] = {
    "name": "Foggy Noir",
    "prompt": "thick fog, one street lamp",
    "called": ["Fog  Noir"],
}


@pytest.fixture(params=["memory", "database"])
async def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Keeper]:
    if request.param == "memory":
        yield MemoryLooks()
        return
    url = f"sqlite:///{tmp_path / 'atelier.db'}"
    await TEMPLATE.furnish(tmp_path)
    database = await Database.open(url, busy_timeout_s=30, pool_size=1)
    yield OwnLookStore(database)
    await database.close()


@pytest.fixture
def looks(keeper: Keeper) -> OwnLooks:
    return OwnLooks(keeper, lambda: NOW)


async def test_an_own_look_is_there_before_those_of_the_house(looks: OwnLooks) -> None:
    made = await looks.add(HERE, FOG)

    assert made.called == ("foggy noir", "fog noir")
    assert (await looks.looks(HERE.space))[0] == made
    assert await looks.looks(THERE.space) == built_in()


async def test_an_own_look_takes_the_place_of_one_of_the_house(looks: OwnLooks) -> None:
    name = built_in()[3].name
    await looks.add(HERE, {"name": name.upper(), "prompt": "ours"})

    found = [
        each for each in await looks.looks(HERE.space) if each.name.casefold() == name.casefold()
    ]
    assert [each.prompt for each in found] == ["ours"]


async def test_a_change_is_undone_and_done_again(looks: OwnLooks) -> None:
    await looks.add(HERE, FOG)
    await looks.edit(HERE, "foggy noir", {"prompt": "thin fog", "steps": 20})

    back = await looks.undo(HERE, "Foggy Noir")
    assert back is not None
    assert (back.prompt, back.steps) == (FOG["prompt"], None)
    again = await looks.undo(HERE, "Foggy Noir")
    assert again is not None
    assert (again.prompt, again.steps) == ("thin fog", 20)


async def test_one_that_was_taken_away_comes_back_by_undo(looks: OwnLooks) -> None:
    await looks.add(HERE, FOG)
    await looks.remove(HERE, "Foggy Noir")
    assert await looks.own(HERE.space) == ()

    assert await looks.undo(HERE, "Foggy Noir") is not None
    assert len(await looks.own(HERE.space)) == 1


async def test_adding_is_undone(looks: OwnLooks) -> None:
    await looks.add(HERE, FOG)

    assert await looks.undo(HERE, "Foggy Noir") is None
    assert await looks.own(HERE.space) == ()


async def test_another_space_can_neither_change_nor_undo_it(looks: OwnLooks) -> None:
    await looks.add(HERE, FOG)

    for change in (looks.edit(THERE, "Foggy Noir", {}), looks.remove(THERE, "Foggy Noir"),
                   looks.undo(THERE, "Foggy Noir")):  # fmt: skip
        with pytest.raises(NotFound):
            await change


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("prompt", ""),
        ("prompt", "fog <lora:Neon:1>"),
        ("prompt", "x" * 401),
        ("negative", "x" * 201),
        ("aspect", "16 to 9!"),
        ("steps", 1000),
        ("guidance", -1),
        ("called", ["x" * 90]),
        ("called", ["x"] * 3 + [f"y{n}" for n in range(30)]),
    ],
)
async def test_a_wrong_part_is_named(looks: OwnLooks, part: str, value: JsonValue) -> None:
    with pytest.raises(BadRequest) as refused:
        await looks.add(HERE, {**FOG, part: value})

    assert refused.value.facts["name"] == part


async def test_a_name_is_taken_once_and_there_are_only_so_many(
    looks: OwnLooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_OWN", 2)
    monkeypatch.setattr(fake_module, "MOST_OWN", 2)
    await looks.add(HERE, FOG)
    with pytest.raises(BadRequest):
        await looks.add(HERE, {**FOG, "name": "foggy  NOIR"})
    await looks.add(HERE, {**FOG, "name": "Two"})
    with pytest.raises(BadRequest):
        await looks.add(HERE, {**FOG, "name": "Three"})


async def test_every_change_is_in_the_audit_log(keeper: Keeper, looks: OwnLooks) -> None:
    if not isinstance(keeper, OwnLookStore):
        pytest.skip("the twin in memory keeps no log")
    await looks.add(HERE, FOG)
    await looks.edit(HERE, "Foggy Noir", {"prompt": "fog"})
    await looks.remove(HERE, "Foggy Noir")
    await looks.undo(HERE, "Foggy Noir")

    lines = await AuditStore(keeper.database).read(HERE.space, 10)
    assert [line.what for line in reversed(lines)] == [
        "look.added", "look.edited", "look.removed", "look.undone",
    ]  # fmt: skip
