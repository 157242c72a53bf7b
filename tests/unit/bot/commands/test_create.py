"""`/create`."""

from engine.messages import Chat, Generate, LookWish, Reading, Settings
from tests.fakes.engine import FakeEngine
from tests.unit.bot.conftest import Ada


async def test_words_alone_are_enough(ada: Ada, engine: FakeEngine) -> None:
    answer = await ada.types("/create Zib in neon")
    assert answer.job is not None
    plan = engine.disk.jobs[answer.job].plan
    assert [lora.name for lora in plan.loras] == ["Zib", "Neon"]


async def test_every_option_reaches_the_plan(ada: Ada, engine: FakeEngine) -> None:
    answer = await ada.types(
        "/create a cat size=128x64 seed=7 count=2 steps=9 guidance=2.5 "
        'base=miniature negative="a b"'
    )
    assert answer.job is not None
    plan = engine.disk.jobs[answer.job].plan
    assert (plan.width, plan.height, plan.seed, plan.count) == (128, 64, 7, 2)
    assert (plan.steps, plan.guidance, plan.negative_prompt) == (9, 2.5, "a b")
    assert plan.words == "a cat"


async def test_options_overrule_what_the_words_said(ada: Ada, engine: FakeEngine) -> None:
    said = Generate(
        words="two cats", prompt="cats", settings=Settings(count=2, seed=5), looks=(),
        negative_prompt="dogs",
    )  # fmt: skip
    engine.reading = Reading(intent=said)
    answer = await ada.types("/create two cats count=3 negative=rain")
    assert answer.job is not None
    plan = engine.disk.jobs[answer.job].plan
    assert (plan.count, plan.seed, plan.negative_prompt) == (3, 5, "dogs, rain")


async def test_it_draws_even_what_reads_like_small_talk(ada: Ada, engine: FakeEngine) -> None:
    engine.reading = Reading(intent=Chat(words="hello"), reply="Hello!")
    assert (await ada.types("/create hello")).job is not None


async def test_it_asks_when_a_choice_matters(ada: Ada, engine: FakeEngine) -> None:
    asked = Generate(words="neon", prompt="neon", looks=(LookWish(name="Neon", said="neon"),))
    engine.reading = Reading(intent=asked, reply="Which neon?")
    assert (await ada.types("/create neon")).text == "Which neon?"


async def test_without_words_it_says_what_it_needs(ada: Ada) -> None:
    assert "your words" in (await ada.uses("create")).text
