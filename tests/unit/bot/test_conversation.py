"""Turns in plain words."""

from bot.messages import Attachment, Button, Words
from bot.wiring import Bot
from engine.errors import LookDoesNotFit
from engine.messages import Chat, Generate, Reading
from tests.fakes.engine import FakeEngine
from tests.fakes.platform import FakePlatform, inbound
from tests.unit.bot.conftest import Ada, Do

TALK = "fake:garden:ada"


async def test_a_drawn_turn_is_remembered_with_its_job(ada: Ada, engine: FakeEngine) -> None:
    answer = await ada.says("Zib in neon")
    (turn,) = engine.talked(TALK)
    assert (turn.words, turn.job) == ("Zib in neon", answer.job)


async def test_a_search_lists_looks(ada: Ada) -> None:
    answer = await ada.says("find mascot")
    assert [line.name for line in answer.lines] == ["Zib"]


async def test_status_and_cancel_are_understood(ada: Ada, engine: FakeEngine) -> None:
    drawn = await ada.says("a cat")
    assert [line.name for line in (await ada.says("queue")).lines] == [drawn.job]
    assert f"Cancelled {drawn.job}" in (await ada.says("stop")).text


async def test_chat_answers_without_drawing(ada: Ada, engine: FakeEngine) -> None:
    assert (await ada.says("hello there")).text == "Hello! What shall I draw?"
    assert engine.disk.jobs == {}


async def test_chat_without_a_reply_says_what_to_do(ada: Ada, engine: FakeEngine) -> None:
    engine.reading = Reading(intent=Chat(words="hm"))
    assert "/help" in (await ada.says("hm")).text


async def test_a_question_is_asked_before_anything_is_drawn(ada: Ada, engine: FakeEngine) -> None:
    asked = Generate(words="the neon one", prompt="the neon one")
    engine.reading = Reading(intent=asked, reply="Neon Noir or Neon Signs?")
    answer = await ada.says("the neon one")
    assert answer.text == "Neon Noir or Neon Signs?"
    assert engine.disk.jobs == {}
    assert [button.label for button in answer.buttons] == ["draw it without choosing"]


async def test_a_question_can_be_passed_over_by_a_button(ada: Ada, engine: FakeEngine) -> None:
    asked = Generate(words="the neon one", prompt="the neon one")
    engine.reading = Reading(intent=asked, reply="Neon Noir or Neon Signs?")
    await ada.says("the neon one")
    answer = await ada.presses("draw it without choosing")
    assert answer.job is not None
    assert engine.disk.jobs[answer.job].plan.words == "the neon one"


async def test_a_remark_stands_above_the_place(ada: Ada, engine: FakeEngine) -> None:
    engine.reading = Reading(
        intent=Generate(words="a cat", prompt="a cat"), reply="I left out Neon, as you said."
    )
    answer = await ada.says("a cat without neon")
    assert answer.text.startswith("I left out Neon, as you said.\nUp next")


async def test_a_refused_turn_is_remembered_too(ada: Ada, engine: FakeEngine) -> None:
    engine.refusal = LookDoesNotFit(name="Zib", family="sdxl", base="miniature", fits=("sdxl",))
    answer = await ada.says("Zib")
    assert "made for sdxl" in answer.text
    assert [turn.words for turn in engine.talked(TALK)] == ["Zib"]


async def test_a_press_is_a_turn_so_that_the_newest_picture_is_meant(
    ada: Ada, engine: FakeEngine
) -> None:
    await ada.has_drawn("a cat")
    answer = await ada.presses("vary")
    assert engine.talked(TALK)[-1].words == "vary"
    assert engine.talked(TALK)[-1].job == answer.job


async def test_empty_words_are_answered(ada: Ada) -> None:
    assert "/help" in (await ada.says("\u200b \n")).text


async def test_buttons_of_an_answer_fit_every_platform(ada: Ada) -> None:
    answer = await ada.says("a cat")
    assert all(
        isinstance(button, Button) and len(button.id.encode()) <= 64 for button in answer.buttons
    )


async def test_pictures_shown_with_words_go_to_a_reader_that_sees(
    bot: Bot, do: Do, engine: FakeEngine, platform: FakePlatform
) -> None:
    engine.sees_pictures = True
    engine.reading = Reading(intent=Chat(words="x"), reply="What colours!", has_seen=True)
    shown = Attachment(name="a.png", size_bytes=4, media_type="image/png", handle="a")
    platform.files["a"] = b"pixels"
    said = inbound(Words(text="what is in this?")).model_copy(update={"attachments": (shown,)})

    answer = await do(said)

    assert engine.shown == (b"pixels",)
    assert answer.text == "What colours!"


async def test_a_reader_that_sees_nothing_says_so(
    bot: Bot, do: Do, engine: FakeEngine, platform: FakePlatform
) -> None:
    engine.reading = Reading(intent=Chat(words="x"), reply="Hello.")
    shown = Attachment(name="a.png", size_bytes=4, media_type="image/png", handle="a")
    platform.files["a"] = b"pixels"
    said = inbound(Words(text="what is in this?")).model_copy(update={"attachments": (shown,)})

    answer = await do(said)

    assert engine.shown == ()
    assert "can't look at pictures" in answer.text
