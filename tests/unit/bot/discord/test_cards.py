"""Every answer fits Discord's limits, whatever it holds."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from bot.discord.cards import Card, card_of
from bot.discord.pictures import fitted
from bot.messages import Button, File, Image, Line, Outbound
from bot.texts import speaking
from engine.messages import JobId
from tests.emulators.discord.checker import Checker
from tests.emulators.discord.refused import check_message
from tests.fakes.engine import png

LIMIT = 10 * 1024 * 1024
JOB = JobId("k7hd2m9q")


def noise(side: int) -> bytes:
    """A picture that no format makes much smaller."""
    picture = Pillow.effect_noise((side, side), 90)
    buffer = io.BytesIO()
    Pillow.merge("RGB", [picture, picture.rotate(90), picture.rotate(180)]).save(buffer, "PNG")
    return buffer.getvalue()


def check(card: Card) -> None:
    """As the emulator and the document see it."""
    if card.content:
        body: dict[str, object] = {"content": card.content}
    else:
        shown = card.view().to_components()  # type: ignore[no-untyped-call]  # theirs
        body = {"components": shown, "flags": 32768}
    files = {number: (each.name, each.data) for number, each in enumerate(card.pieces)}
    check_message(body, files, LIMIT)
    checker = Checker()
    checker.request("POST", "/channels/1/messages", body)
    assert checker.findings == []


words = st.text(max_size=5000)


@settings(max_examples=30)
@given(words, words, st.lists(st.tuples(words, words), max_size=30))
async def test_words_of_any_length(title: str, text: str, lines: list[tuple[str, str]]) -> None:
    named = tuple(Line(name=name, value=value) for name, value in lines)
    check(await card_of(Outbound(title=title, text=text, lines=named), LIMIT))


async def test_more_buttons_and_pictures_than_there_is_room_for() -> None:
    many = tuple(Button(id=f"draw:i{number % 30}", label="x" * 200) for number in range(60))
    images = tuple(Image(name="../a b.png", png=png(), alt="y" * 3000) for _ in range(16))
    files = tuple(File(name="", media_type="", data=b"z") for _ in range(3))
    outbound = Outbound(text="z" * 9000, images=images, files=files, buttons=many, job=JOB)
    card = await card_of(outbound, LIMIT, post="post:k7hd2m9q")
    check(card)
    assert len({piece.name for piece in card.pieces}) == len(card.pieces)


async def test_nothing_at_all_is_still_a_message() -> None:
    check(await card_of(Outbound(), LIMIT))
    check(await card_of(Outbound(text=" \n", buttons=()), LIMIT, is_layout=True))


async def test_progress_shows_a_bar_and_its_preview() -> None:
    outbound = Outbound(text="Drawing.", job=JOB, progress=0.5, preview=png())
    card = await card_of(outbound, LIMIT)
    check(card)
    assert "\u25b0" in card.texts[0]
    assert [piece.name for piece in card.pieces] == ["preview.png"]


def test_a_picture_steps_down_until_it_fits() -> None:
    picture = noise(256)
    assert fitted(picture, len(picture)) == (picture, "png")
    smaller = fitted(picture, len(picture) // 2)
    assert smaller is not None
    assert smaller[1] == "webp"
    assert len(smaller[0]) <= len(picture) // 2
    assert fitted(picture, 100) is None
    assert fitted(picture, 0) is None


async def test_covered_pictures_and_previews_are_spoilers() -> None:
    image = Image(name="k7hd2m9q.png", png=png(), alt="")
    for is_covered in (True, False):
        for outbound in (
            Outbound(images=(image,), is_covered=is_covered, job=JOB),
            Outbound(preview=png(), progress=0.5, is_covered=is_covered, job=JOB),
        ):
            view = (await card_of(outbound, LIMIT)).view()
            (box,) = view.to_components()  # type: ignore[no-untyped-call]  # theirs
            (gallery,) = [each for each in box["components"] if each["type"] == 12]
            assert [each["spoiler"] for each in gallery["items"]] == [is_covered]


async def test_what_does_not_fit_is_told_in_the_language_at_hand() -> None:
    image = Image(name="k7hd2m9q.png", png=noise(128), alt="noise")
    file = File(name="all.zip", media_type="application/zip", data=b"x" * 200)
    with speaking("de"):
        card = await card_of(Outbound(images=(image,), files=(file,), job=JOB), 100)
    assert "ist größer als" in card.texts[0]
    assert "zu groß" in card.texts[0]


async def test_a_picture_that_fits_in_no_way_is_named_with_a_way_to_it() -> None:
    image = Image(name="k7hd2m9q.png", png=noise(128), alt="noise")
    card = await card_of(Outbound(text="done", images=(image,), job=JOB), 100)
    check(card)
    assert card.pieces == ()
    assert "/web" in card.texts[0]


def test_how_it_was_made_stays_in_the_smaller_picture() -> None:
    source = noise(128)
    buffer = io.BytesIO()
    info = PngInfo()
    info.add_text("parameters", "a red circle\nSteps: 20")
    Pillow.open(io.BytesIO(source)).save(buffer, "PNG", pnginfo=info)
    smaller = fitted(buffer.getvalue(), len(source) // 2)
    assert smaller is not None
    told = Pillow.open(io.BytesIO(smaller[0])).getexif().get_ifd(0x8769)[0x9286]
    assert "a red circle".encode("utf-16-be") in told


@pytest.mark.parametrize("text", ["plain words", "a link: https://example.org/x#y_z"])
async def test_words_alone_need_no_card_unless_they_hold_a_link(text: str) -> None:
    card = await card_of(Outbound(text=text), LIMIT)
    assert bool(card.content) == ("://" not in text)
