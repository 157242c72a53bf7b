"""`/lora info`."""

import pytest

from tests.unit.bot.conftest import Ada


async def test_the_card_tells_kind_trigger_weight_and_tags(ada: Ada) -> None:
    answer = await ada.types("/lora info Zib")
    told = {line.name: line.value for line in answer.lines}
    assert answer.text == "A round creature with a green hat"
    assert told["kind"] == "character"
    assert told["trigger"] == "“zib creature”; I add it for you"
    assert told["weight"].startswith("0.9")
    assert told["tags"] == "mascot, orange"


async def test_an_alias_finds_it_too(ada: Ada) -> None:
    assert (await ada.types("/lora info the mascot")).title == "Zib"


async def test_a_look_without_trigger_says_that_it_needs_none(ada: Ada) -> None:
    answer = await ada.types("/lora info neon")
    assert "none" in {line.name: line.value for line in answer.lines}["trigger"]


async def test_an_unknown_name_suggests_what_is_near(ada: Ada) -> None:
    assert "Did you mean Neon" in (await ada.types("/lora info ne")).text
    assert "/looks" in (await ada.types("/lora info dragon")).text


async def test_an_unknown_act_is_answered_with_what_works(ada: Ada) -> None:
    answer = await ada.uses("lora", action="explode", name="x")
    assert "What works: info, list, add, review" in answer.text


@pytest.mark.parametrize("action", ["review", "edit", "approve", "reject", "retire", "undo"])
async def test_members_are_told_who_decides(ada: Ada, action: str) -> None:
    answer = await ada.uses("lora", action=action, name="Zib")
    assert "You would need to be a moderator" in answer.text
