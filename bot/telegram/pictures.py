"""Pictures and files within Telegram's limits: as a photo, else as a file, else smaller."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image as Pillow

from bot.messages import Image

PHOTO_BYTES = 10_000_000
DOCUMENT_BYTES = 50_000_000
LOCAL_DOCUMENT_BYTES = 2_000_000_000
PHOTO_SIDES = 10_000
"""Width and height together."""
PHOTO_RATIO = 20
QUALITIES = (95, 88, 78, 65)
SHEET_COLUMNS, SHEET_CELL = 2, 512


@dataclass(frozen=True, slots=True)
class Fitted:
    """A picture that Telegram takes."""

    name: str
    data: bytes
    is_photo: bool
    is_covered: bool = False
    """Hidden until it is tapped; Telegram covers photos alone."""


async def fitted(image: Image, document_bytes: int = DOCUMENT_BYTES) -> Fitted:
    """A photo where one is allowed; what is too large for that is compressed step by step."""
    width, height = _size(image)
    may_be_photo = width + height <= PHOTO_SIDES and max(width, height) <= PHOTO_RATIO * min(
        width, height
    )
    most = PHOTO_BYTES if may_be_photo else document_bytes
    if len(image.png) <= most:
        return Fitted(file_name(image.name), image.png, may_be_photo)
    return await asyncio.to_thread(_smaller, image, most, may_be_photo)


def _size(image: Image) -> tuple[int, int]:
    """Width and height, from the header alone."""
    if image.shown is not None:
        return image.shown.width, image.shown.height
    with Pillow.open(io.BytesIO(image.png)) as picture:
        return picture.size


def _smaller(image: Image, most: int, is_photo: bool) -> Fitted:
    """JPEG, since Telegram makes one of every photo anyway; the original stays within reach.

    What no quality makes small enough, which only noise does, loses pixels.
    """
    name = PurePath(file_name(image.name)).stem + ".jpg"
    with Pillow.open(io.BytesIO(image.png)) as picture:
        plain = picture.convert("RGB")
    for quality in QUALITIES:
        if len(data := _jpeg(plain, quality)) <= most:
            return Fitted(name, data, is_photo)
    while len(data := _jpeg(plain, QUALITIES[0])) > most:
        plain = plain.reduce(2)
    return Fitted(name, data, is_photo)


def _jpeg(picture: Pillow.Image, quality: int) -> bytes:
    paper = io.BytesIO()
    picture.save(paper, "JPEG", quality=quality, optimize=True)
    return paper.getvalue()


async def sheet(images: Sequence[Image]) -> Fitted:
    """Several pictures on one, side by side."""
    return await asyncio.to_thread(_sheet, images)


def _sheet(images: Sequence[Image]) -> Fitted:
    columns = min(SHEET_COLUMNS, len(images))
    rows = -(-len(images) // columns)
    page = Pillow.new("RGB", (columns * SHEET_CELL, rows * SHEET_CELL), "white")
    for place, image in enumerate(images):
        with Pillow.open(io.BytesIO(image.png)) as picture:
            small = picture.convert("RGB")
            small.thumbnail((SHEET_CELL, SHEET_CELL))
        page.paste(small, (place % columns * SHEET_CELL, place // columns * SHEET_CELL))
    paper = io.BytesIO()
    page.save(paper, "JPEG", quality=QUALITIES[1])
    return Fitted("pictures.jpg", paper.getvalue(), is_photo=True)


def file_name(name: str) -> str:
    """The last part of a name, never empty."""
    return PurePath(name.replace("\\", "/")).name or "picture.png"


def tile() -> bytes:
    """What stands where a picture was: a message with a picture can't become one without."""
    paper = io.BytesIO()
    Pillow.new("RGB", (64, 64), (128, 128, 128)).save(paper, "PNG")
    return paper.getvalue()
