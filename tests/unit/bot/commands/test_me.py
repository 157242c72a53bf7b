"""`/me`."""

import io
import json
import zipfile
from dataclasses import replace

import pytest

from engine.choices import Wishes
from engine.messages import PersonId
from tests.fakes.engine import FakeEngine
from tests.fakes.platform import FakePlatform
from tests.unit.bot.conftest import Ada


async def test_what_is_kept_is_counted_for_me_alone(ada: Ada) -> None:
    await ada.has_drawn()
    await ada.says("hello", person="bob")
    answer = await ada.types("/me")
    told = {line.name: line.value for line in answer.lines}
    assert answer.private
    assert told["requests"] == "1, 1 second of drawing"
    assert told["conversation"] == "1 turn"


async def test_the_export_has_everything_of_mine(ada: Ada) -> None:
    await ada.has_drawn("Zib in neon")
    answer = await ada.types("/me export")
    (file,) = answer.files
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        told = json.loads(archive.read("data.json"))
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


async def test_the_export_holds_the_pictures(ada: Ada) -> None:
    await ada.has_drawn("Zib in neon")
    (file,) = (await ada.types("/me export")).files
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        names = archive.namelist()
        assert names == ["data.json", "pictures/job1-0.png"]
        assert archive.read(names[1]).startswith(b"\x89PNG")


async def test_my_defaults_are_kept_and_shown(ada: Ada, engine: FakeEngine) -> None:
    card = await ada.types("/me size=portrait look=zib private=yes")
    told = {line.name: line.value for line in card.lines}
    assert (told["format"], told["look"], told["private"]) == ("portrait", "Zib", "yes")
    assert card.private
    await ada.types("/me size=none")
    wishes = await engine.house.wishes(PersonId("fake:ada"))
    assert (wishes.size, wishes.look, wishes.is_private) == ("", "Zib", True)


async def test_a_chosen_language_is_spoken_at_once(ada: Ada) -> None:
    card = await ada.types("/me language=Deutsch")
    assert {line.name: line.value for line in card.lines}["Sprache"] == "Deutsch"


@pytest.mark.parametrize("size", ["huge", "0:0", "99999x1", "16:9:4"])
async def test_a_format_that_cannot_be_names_what_works(
    ada: Ada, engine: FakeEngine, size: str
) -> None:
    assert "portrait" in (await ada.uses("me", size=size)).text
    assert await engine.house.wishes(PersonId("fake:ada")) == Wishes()


async def test_the_history_is_newest_first_and_paged(ada: Ada) -> None:
    for number in range(12):
        await ada.has_drawn(f"picture {number}")
    card = await ada.uses("me", what="history")
    assert "picture 11" in card.lines[0].value
    assert len(card.lines) == 10
    card = await ada.uses("me", what="history", page="2")
    assert [line.value for line in card.lines] == ["\u201cpicture 1\u201d", "\u201cpicture 0\u201d"]


async def test_a_kept_picture_is_marked_in_the_history(ada: Ada, platform: FakePlatform) -> None:
    platform.capabilities = replace(platform.capabilities, buttons=12)
    await ada.has_drawn()
    assert "stays" in (await ada.presses("keep")).text
    card = await ada.uses("me", what="history")
    assert card.lines[0].name.startswith("\u2605 job1")
