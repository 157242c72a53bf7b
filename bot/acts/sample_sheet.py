"""Small pictures of the looks on a page, in one image, in the order of the page."""

import asyncio
import io
from collections.abc import Sequence

import structlog
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont, UnidentifiedImageError

from bot.command import Context
from bot.escape import plain
from bot.figures import listed
from bot.messages import Image, Level
from bot.texts import say
from engine.api import WordLook
from engine.errors import AtelierError
from engine.messages import Card

log = structlog.get_logger(__name__)
CELL, CAPTION, GAP, COLUMNS = 160, 22, 8, 4
MOST_WAITED_S = 3.0
"""A list is never kept longer than this by its pictures."""
PAPER, INK = "#f6f3ee", "#22201d"
NAME_CHARS = 20
SMALL = 128
"""Up to this size pictures are enlarged pixel by pixel."""


async def sample_sheet(context: Context, looks: Sequence[Card | WordLook]) -> tuple[Image, ...]:
    """One image with the looks that have a sample; nothing when none has, or anything goes wrong.

    When a moderator looks, missing samples are asked for: they are there the next time.
    """
    if not context.capabilities.images or not looks:
        return ()
    try:
        async with asyncio.timeout(MOST_WAITED_S):
            if context.inbound.author.level >= Level.MODERATOR:
                await context.engine.ask_samples(context.owner.space, looks)
            cells = await _cells(context, looks)
            png = await asyncio.to_thread(_drawn, cells) if cells else None
    except (AtelierError, TimeoutError, OSError) as error:
        log.warning("samples.left_out", why=type(error).__name__)
        return ()
    if png is None:
        return ()
    names = listed([name for name, _ in cells])
    return (
        Image(name="looks.png", png=png, alt=say("looks.samples", "Samples: {names}", names=names)),
    )


async def _cells(context: Context, looks: Sequence[Card | WordLook]) -> list[tuple[str, bytes]]:
    space = context.owner.space
    found = [(plain(look.name, 40), await context.engine.sample(space, look)) for look in looks]
    return [(name, png) for name, png in found if png is not None]


def _drawn(cells: list[tuple[str, bytes]]) -> bytes | None:
    """The grid as PNG; a picture that can't be read is left out."""
    read = [(name, thumb) for name, png in cells if (thumb := _thumb(png)) is not None]
    if not read:
        return None
    columns = min(COLUMNS, len(read))
    rows = -(-len(read) // columns)
    size = (columns * (CELL + GAP) + GAP, rows * (CELL + CAPTION + GAP) + GAP)
    page = Pictures.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(13)
    for number, (name, thumb) in enumerate(read):
        x = GAP + number % columns * (CELL + GAP)
        y = GAP + number // columns * (CELL + CAPTION + GAP)
        page.paste(thumb, (x, y))
        draw.text((x, y + CELL + 4), name[:NAME_CHARS], INK, font)
    buffer = io.BytesIO()
    page.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _thumb(png: bytes) -> Pictures.Image | None:
    try:
        with Pictures.open(io.BytesIO(png)) as opened:
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    how = Pictures.Resampling.NEAREST if max(picture.size) <= SMALL else Pictures.Resampling.LANCZOS
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side)).resize((CELL, CELL), how)
