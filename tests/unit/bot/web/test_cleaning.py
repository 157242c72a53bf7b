"""Pictures that people send: read from their bytes, written anew."""

import io

import pytest
from PIL import Image

from bot.web.pictures import clean
from engine.errors import BadRequest


def picture(kind: str, size: tuple[int, int] = (6, 4), **more: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, kind, **more)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/png"), ("GIF", "image/png")],
)
def test_every_kind_that_browsers_send_is_taken(kind: str, media_type: str) -> None:
    cleaned = clean(picture(kind), "a", 1000)
    assert (cleaned.media_type, cleaned.width, cleaned.height) == (media_type, 6, 4)


def test_a_photograph_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    cleaned = clean(picture("JPEG", exif=exif), "a", 1000)
    assert (cleaned.width, cleaned.height) == (4, 6)


def test_notes_in_a_png_of_others_do_not_stay() -> None:
    file = io.BytesIO()
    picture_ = Image.new("RGB", (4, 4))
    picture_.info["note"] = "hush"
    picture_.save(file, "PNG")
    assert b"hush" not in clean(file.getvalue(), "a", 1000).data


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO"])
def test_other_kinds_are_refused(kind: str) -> None:
    with pytest.raises(BadRequest):
        clean(picture(kind), "a", 1000)


def test_more_pixels_than_allowed_are_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        clean(picture("PNG", (100, 100)), "big.png", 9999)
    assert refused.value.facts["value"] == "big.png"
