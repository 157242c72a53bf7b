"""From words to a picture and on from there, the same on every platform."""

import io

import pytest
from PIL import Image

from tests.acceptance.everywhere.conftest import Scene
from tests.fakes.engine import png

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_words_are_answered_at_once_and_become_a_picture(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("a red circle, wait for it")
    await ada.sees_it_begin()
    job = await scene.town.begun("a red circle, wait")
    scene.town.room.pool.release(job)
    shown = await ada.sees("a red circle, wait for it", "seed", pictures=1)
    assert shown.job == job
    assert "cancel" not in shown.buttons
    assert {"again", "vary", "why this?", "delete"} <= set(shown.buttons)
    (picture,) = await ada.looks_at(shown)
    assert Image.open(io.BytesIO(picture)).size == (64, 64)


async def test_a_command_takes_options(scene: Scene) -> None:
    ada = await scene.person()
    await ada.uses("create", words="two green stars", count=2, seed=7, size="96x64", steps=5)
    shown = await ada.sees(pictures=2)
    told = await ada.sees("two green stars", "seed 7", buttons=("vary 1", "vary 2"))
    assert {Image.open(io.BytesIO(each)).size for each in await ada.looks_at(shown)} == {(96, 64)}
    assert (await scene.town.job(told.job)).plan.steps == 5


async def test_an_option_that_does_not_work_names_what_would(scene: Scene) -> None:
    ada = await scene.person()
    await ada.uses("create", words="a star", size="banana")
    await ada.sees("banana", "like 64x64")
    await ada.uses("create", words="a star", base="nonsense")
    await ada.sees("nonsense", "miniature")


async def test_again_and_vary_go_on_from_a_picture(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("a red circle")
    first = await ada.sees("a red circle", pictures=1)
    await ada.presses("again")
    second = await ada.sees("a red circle", pictures=1)
    await ada.presses("vary")
    third = await ada.sees("a red circle", pictures=1)
    one, two, three = [await scene.town.job(each.job) for each in (first, second, third)]
    assert one.plan.seed != two.plan.seed
    assert three.plan.variation is not None
    assert {one.plan.prompt, two.plan.prompt, three.plan.prompt} == {one.plan.prompt}


async def test_why_this_names_every_choice(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("Zib in neon")
    shown = await ada.sees("Zib", "Neon", pictures=1)
    await ada.presses("why this?")
    why = await ada.sees(f"Why {shown.job}")
    for told in ("Zib in neon", "trigger", "zib", "weight", "seed", "base", "miniature"):
        assert told in why.text
    await ada.presses("without Neon")
    less = await ada.sees("Zib", pictures=1)
    assert [lora.name for lora in (await scene.town.job(less.job)).plan.loras] == ["Zib"]


async def test_words_change_the_picture_before(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("a red circle on a white background")
    first = await ada.sees(pictures=1)
    await ada.says("the same but at night")
    second = await ada.sees("the same but at night", pictures=1)
    before, after = [await scene.town.job(each.job) for each in (first, second)]
    assert "a red circle" in after.plan.prompt
    assert "night" in after.plan.prompt
    assert after.plan.seed == before.plan.seed


async def test_a_plan_is_changed_by_hand(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("a red circle")
    shown = await ada.sees(pictures=1)
    if not scene.can.has_forms:
        assert "edit" not in shown.buttons
        return
    await ada.fills("edit", prompt="a green star", seed="77", steps="5")
    changed = await ada.sees("seed 77", pictures=1)
    plan = (await scene.town.job(changed.job)).plan
    assert (plan.prompt, plan.seed, plan.steps) == ("a green star", 77, 5)


async def test_what_is_cancelled_is_not_drawn(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("a blue star, wait for it")
    await ada.sees_it_begin()
    job = await scene.town.begun("a blue star, wait")
    await ada.cancels()
    over = await ada.sees("Cancelled", buttons=("try again",))
    assert "a blue star" in over.text
    assert (await scene.town.job(job)).state == "cancelled"
    await ada.uses("queue")
    await ada.sees("nothing in the queue")


async def test_the_queue_shows_what_waits(scene: Scene) -> None:
    if not scene.can.is_shared:
        pytest.skip("nobody asks for anything before what was asked for last is drawn")
    ada = await scene.person()
    await ada.says("a first star, wait for it")
    await ada.sees_it_begin()
    first = await scene.town.begun("a first star")
    await ada.uses("create", words="a second star, wait for it")
    await ada.sees_it_begin()
    await ada.uses("queue")
    queue = await ada.sees("Your queue", first, "a second star", buttons=("cancel all",))
    assert f"cancel {first}" in queue.buttons
    await ada.presses("cancel all")
    await ada.sees("Cancelled", first)
    await ada.uses("cancel")
    await ada.sees("nothing in the queue to cancel")


async def test_a_picture_is_brought_back_by_its_id(scene: Scene) -> None:
    ada = await scene.person()
    await ada.says("a red circle")
    shown = await ada.sees(pictures=1)
    await ada.says("a green star")
    await ada.sees("a green star", pictures=1)
    await ada.uses("show", id=shown.job)
    back = await ada.sees("a red circle", pictures=1, buttons=("again", "delete"))
    assert back.id != shown.id
    await ada.presses("again", back)
    assert (await ada.sees("a red circle", pictures=1)).job != shown.job


async def test_a_picture_that_is_not_ours_is_asked_for_its_recipe(scene: Scene) -> None:
    if scene.can.attachments == "none":
        pytest.skip("takes no files")
    ada = await scene.person()
    await ada.sends("cat.png", png())
    await ada.sees("no recipe in", "cat.png")
    await ada.sends("cat.png", png(), "a red circle")
    await ada.sees("a red circle", pictures=1)
