"""The card of "why this?"."""

from engine.messages import Reason
from tests.fakes.engine import FakeEngine
from tests.unit.bot.conftest import Ada


async def test_why_this_tells_everything_that_was_decided(ada: Ada) -> None:
    await ada.has_drawn("Zib in neon")
    card = await ada.presses("why this?")
    told = {line.name: line.value for line in card.lines}
    assert told["you said"] == "“Zib in neon”"
    assert told["prompt as drawn"] == "zib creature, Zib in neon"
    assert told["base"] == "miniature (miniature)"
    assert told["Zib"] == "character, weight 0.9, trigger “zib creature”: you said “Zib”"
    assert told["settings"] == "64x64, 20 steps, guidance 4, ddim, seed 0"


async def test_every_choice_that_is_not_the_default_has_its_reason(
    ada: Ada, engine: FakeEngine
) -> None:
    answer = await ada.types("/create a cat seed=7 size=128")
    assert answer.job is not None
    engine.finish(answer.job)
    reasons = engine.disk.jobs[answer.job].plan.reasons
    card = await ada.says(f"about {answer.job}")
    told = {line.name: line.value for line in card.lines}
    assert len(reasons) == 3
    assert all(told[f"{each.choice} = {each.value}"] == each.why for each in reasons)
    assert isinstance(reasons[0], Reason)


async def test_a_picture_without_looks_says_so(ada: Ada) -> None:
    await ada.has_drawn("a cat")
    card = await ada.presses("why this?")
    assert "none" in {line.name: line.value for line in card.lines}["looks"]


async def test_what_is_neither_picture_nor_look_is_not_found(ada: Ada) -> None:
    assert "I know no look called “dragon”" in (await ada.says("about dragon")).text
