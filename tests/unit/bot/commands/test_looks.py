"""`/looks`."""

from engine.messages import Card
from tests.fakes.engine import FakeEngine
from tests.unit.bot.conftest import Ada


def many(count: int) -> tuple[Card, ...]:
    return tuple(Card(name=f"Look {n}", family="miniature") for n in range(1, count + 1))


async def test_all_looks_are_listed_with_what_they_are(ada: Ada) -> None:
    answer = await ada.types("/looks")
    assert answer.title == "2 looks"
    assert answer.lines[0].value == "character · A round creature with a green hat"


async def test_pages_are_turned_by_buttons(ada: Ada, engine: FakeEngine) -> None:
    engine.cards = many(20)
    first = await ada.types("/looks")
    assert first.title.endswith("page 1 of 3")
    second = await ada.presses("next")
    assert second.lines[0].name == "Look 9"
    third = await ada.presses("next")
    assert [line.name for line in third.lines] == ["Look 17", "Look 18", "Look 19", "Look 20"]
    back = await ada.presses("previous")
    assert back.lines == second.lines


async def test_a_page_too_far_is_the_last(ada: Ada, engine: FakeEngine) -> None:
    engine.cards = many(9)
    assert (await ada.types("/looks page=99")).title.endswith("page 2 of 2")


async def test_buttons_never_exceed_what_the_platform_takes(ada: Ada, engine: FakeEngine) -> None:
    engine.cards = many(20)
    assert len((await ada.types("/looks page=2")).buttons) == 5


async def test_a_look_opens_by_its_button(ada: Ada) -> None:
    await ada.types("/looks")
    assert (await ada.presses("Zib")).title == "Zib"


async def test_nothing_found_says_what_else_to_do(ada: Ada) -> None:
    answer = await ada.types("/looks dragon")
    assert "“dragon”" in answer.text
    assert "without one" in answer.text


async def test_a_space_without_looks_can_still_draw(ada: Ada, engine: FakeEngine) -> None:
    engine.cards = ()
    assert "describe the picture" in (await ada.types("/looks")).text
