"""`/me`."""

import json

from tests.fakes.engine import FakeEngine
from tests.unit.bot.conftest import Ada


async def test_what_is_kept_is_counted_for_me_alone(ada: Ada) -> None:
    await ada.has_drawn()
    await ada.says("hello", person="bob")
    answer = await ada.types("/me")
    told = {line.name: line.value for line in answer.lines}
    assert answer.private
    assert told["requests"] == "1, 1 second of drawing"
    assert told["conversation"] == "1 turns"


async def test_the_export_is_json_with_everything_of_mine(ada: Ada) -> None:
    await ada.has_drawn("Zib in neon")
    answer = await ada.types("/me export")
    (file,) = answer.files
    told = json.loads(file.data)
    assert told["person"] == "fake:ada"
    assert told["requests"][0]["plan"]["words"] == "Zib in neon"
    assert told["conversation"][0]["words"] == "Zib in neon"
    assert answer.private


async def test_deleting_asks_first(ada: Ada, engine: FakeEngine) -> None:
    await ada.has_drawn()
    assert "confirm=yes" in (await ada.types("/me delete")).text
    assert engine.disk.jobs


async def test_deleting_for_sure_deletes_mine_and_nobody_elses(
    ada: Ada, engine: FakeEngine
) -> None:
    await ada.has_drawn()
    await ada.says("a cow", person="bob")
    assert "Deleted: 2 records" in (await ada.types("/me delete confirm=yes")).text
    assert [job.owner.person for job in engine.disk.jobs.values()] == ["fake:bob"]


async def test_deleting_nothing_says_so(ada: Ada) -> None:
    assert "nothing to delete" in (await ada.types("/me delete confirm=yes")).text
