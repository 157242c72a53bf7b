"""One page with all pictures of a demo: title, pictures, what was said, which looks were chosen."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PAPER, INK, QUIET, RULE = "#f6f3ee", "#22201d", "#7c756b", "#d9d2c7"
COLUMNS = 3
CELL, GAP, MARGIN = 384, 44, 64
CAPTION = 118
HEAD = 132
WORDS_LINES = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture and what stands below it."""

    png: bytes
    words: str
    looks: str
    facts: str


def contact_sheet(title: str, below: str, cells: tuple[Cell, ...], file: Path) -> None:
    """Draw the page and write it as PNG; small pictures are enlarged pixel by pixel."""
    columns = min(COLUMNS, len(cells))
    rows = -(-len(cells) // columns)
    width = 2 * MARGIN + columns * CELL + (columns - 1) * GAP
    height = MARGIN + HEAD + rows * (CELL + CAPTION) + (rows - 1) * GAP // 2 + MARGIN // 2
    page = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(page)
    draw.text((MARGIN, MARGIN - 8), title, INK, _font(46))
    draw.text((MARGIN, MARGIN + 52), below, QUIET, _font(22))
    draw.line((MARGIN, MARGIN + 98, width - MARGIN, MARGIN + 98), RULE, 2)
    for number, cell in enumerate(cells):
        x = MARGIN + number % columns * (CELL + GAP)
        y = MARGIN + HEAD + number // columns * (CELL + CAPTION + GAP // 2)
        page.paste(_enlarged(cell.png), (x, y))
        _caption(draw, cell, x, y + CELL + 14)
    buffer = io.BytesIO()
    page.save(buffer, "PNG", optimize=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(buffer.getvalue())


def _enlarged(png: bytes) -> Image.Image:
    """A 64 pixel picture keeps its pixels; a large one is scaled smoothly."""
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    is_small = max(picture.size) * 2 <= CELL
    how = Image.Resampling.NEAREST if is_small else Image.Resampling.LANCZOS
    scale = CELL / max(picture.size)
    picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), how)
    cell = Image.new("RGB", (CELL, CELL), PAPER)
    cell.paste(picture, ((CELL - picture.width) // 2, (CELL - picture.height) // 2))
    return cell


def _caption(draw: ImageDraw.ImageDraw, cell: Cell, x: int, y: int) -> None:
    for line in _wrapped(draw, cell.words, _font(23)):
        draw.text((x, y), line, INK, _font(23))
        y += 29
    draw.text((x, y + 4), cell.looks, QUIET, _font(18))
    draw.text((x, y + 27), cell.facts, QUIET, _font(15))


def _wrapped(draw: ImageDraw.ImageDraw, words: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font) <= CELL or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines[:WORDS_LINES]


def _font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font: it is there on every machine."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):  # Pillow was built without FreeType
        raise TypeError("Pillow has no scalable font")
    return font
