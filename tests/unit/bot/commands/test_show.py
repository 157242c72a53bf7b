"""`/show`."""

from dataclasses import replace

import pytest

from bot.messages import Level
from tests.fakes.engine import FakeEngine
from tests.fakes.platform import FakePlatform
from tests.unit.bot.conftest import Ada


async def test_a_picture_comes_back_with_fresh_buttons(ada: Ada) -> None:
    await ada.has_drawn()
    answer = await ada.types("/show job1")
    assert [image.name for image in answer.images] == ["job1.png"]
    assert "why this?" in [button.label for button in answer.buttons]


async def test_the_id_may_be_typed_as_it_is_read(ada: Ada) -> None:
    await ada.has_drawn()
    assert (await ada.types("/show #JOB1")).images


async def test_a_waiting_job_says_its_place(ada: Ada) -> None:
    await ada.says("a cat")
    await ada.says("a dog")
    answer = await ada.types("/show job2")
    assert answer.text.startswith("Number 2 in line, about 1 to 2 seconds.")
    assert [button.label for button in answer.buttons] == ["cancel"]


async def test_a_running_job_says_so(ada: Ada, engine: FakeEngine) -> None:
    job = (await ada.says("a cat")).job
    assert job is not None
    engine.step(job, 3)
    assert "being drawn now" in (await ada.types("/show job1")).text


async def test_others_cannot_cancel_what_they_are_shown(ada: Ada) -> None:
    await ada.says("a cat")
    shown = await ada.uses("show", person="bob", level=Level.MEMBER, id="job1")
    assert shown.buttons == ()


async def test_a_deleted_picture_says_so(ada: Ada) -> None:
    await ada.has_drawn()
    await ada.presses("delete")
    await ada.presses("yes, delete")
    assert (await ada.types("/show job1")).text == "The pictures of job1 were deleted."


async def test_an_unknown_id_says_where_ids_are(ada: Ada) -> None:
    assert "under every picture" in (await ada.types("/show nothing")).text


@pytest.mark.parametrize(
    ("has_age_flags", "cure"), [(True, "age-restricted channel"), (False, "/settings rating")]
)
async def test_too_strong_a_picture_says_what_this_platform_has_for_it(
    ada: Ada, engine: FakeEngine, platform: FakePlatform, has_age_flags: bool, cure: str
) -> None:
    platform.capabilities = replace(platform.capabilities, has_age_flags=has_age_flags)
    await ada.has_drawn("Zib in a garden")
    engine.cards = tuple(card.model_copy(update={"rating": "mature"}) for card in engine.cards)
    answer = await ada.types("/show job1")
    assert not answer.images
    assert cure in answer.text
