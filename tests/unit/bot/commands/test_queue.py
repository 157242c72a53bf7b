"""`/queue`."""

from tests.fakes.engine import FakeEngine
from tests.unit.bot.conftest import Ada


async def test_mine_are_listed_with_places_and_times(ada: Ada, engine: FakeEngine) -> None:
    await ada.says("a dog", person="bob")
    await ada.says("a cat")
    answer = await ada.types("/queue")
    assert answer.private
    assert [line.name for line in answer.lines] == ["job2"]
    assert answer.lines[0].value == "Number 2 in line, about 1 to 2 seconds. “a cat”"
    assert answer.text == "2 waiting and 0 being drawn in all."


async def test_each_has_a_button_to_cancel_it_and_all_have_one(ada: Ada) -> None:
    await ada.says("a cat")
    await ada.says("a dog")
    answer = await ada.types("/queue")
    labels = [button.label for button in answer.buttons]
    assert labels == ["cancel job1", "cancel job2", "cancel all"]


async def test_an_empty_queue_says_so(ada: Ada) -> None:
    assert "nothing in the queue" in (await ada.types("/queue")).text
