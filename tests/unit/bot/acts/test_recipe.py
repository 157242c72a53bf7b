"""A picture that somebody shows with or without words."""

from bot.messages import Attachment, Inbound, Words
from engine.api import Recipe
from engine.messages import IntentId, Replay
from tests.fakes.engine import FakeEngine, png
from tests.fakes.jobs import plan
from tests.fakes.platform import FakePlatform, inbound
from tests.unit.bot.conftest import Do

MADE = Attachment(name="made.png", size_bytes=99, media_type="image/png", handle="made")


def shown(text: str, *attachments: Attachment) -> Inbound:
    return inbound(Words(text=text)).model_copy(update={"attachments": attachments})


async def test_a_picture_of_ours_is_answered_with_its_recipe(
    do: Do, engine: FakeEngine, platform: FakePlatform
) -> None:
    platform.files["made"] = png()
    engine.recipes[png()] = Recipe(plan=plan(), job=None)
    card = await do(shown("", MADE))
    assert card.title == "The recipe of this picture"
    assert card.private
    [again] = card.buttons
    intent = engine.disk.intents[IntentId(again.id.partition(":")[2])][1]
    assert isinstance(intent, Replay)
    assert intent.plan.prompt == "a red circle"


async def test_words_with_a_picture_of_ours_are_said_of_it(
    do: Do, engine: FakeEngine, platform: FakePlatform
) -> None:
    platform.files["made"] = png()
    engine.recipes[png()] = Recipe(plan=plan(), job=None)
    await do(shown("the same at night", MADE))
    assert engine.read_about == plan()


async def test_a_strange_picture_is_honestly_told(do: Do, platform: FakePlatform) -> None:
    platform.files["made"] = png("red")
    assert "no recipe" in (await do(shown("", MADE))).text
    drawn = await do(shown("a cat like this", MADE).model_copy(update={"id": "act-2"}))
    assert "can't look at pictures yet" in drawn.text
    assert drawn.job is not None


async def test_a_picture_that_is_gone_is_said_to_be(do: Do) -> None:
    assert "still there" in (await do(shown("", MADE))).text
