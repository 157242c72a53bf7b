"""The contact sheet of a preview: labelled rows and columns, and how far the pictures differ."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK, QUIET, RULE = "#f6f3ee", "#22201d", "#7c756b", "#d9d2c7"
SIDE, GAP, MARGIN, HEAD, LABEL = 192, 6, 40, 96, 34
COMPARED = 64
"""Side that pictures are brought to before they are compared."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell with its pictures (none: it could not be drawn)."""

    row: str
    column: str
    pngs: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page, and by row and column how far a cell is from its row's first one, 0 to 1."""

    png: bytes
    differences: Mapping[tuple[str, str], float]


def draw_sheet(title: str, below: str, cells: Sequence[Shown]) -> Sheet:
    """Draw the page; blocking, so it runs in a thread."""
    rows = list(dict.fromkeys(cell.row for cell in cells))
    columns = list(dict.fromkeys(cell.column for cell in cells))
    across = max([1, *(len(cell.pngs) for cell in cells)])
    wide = _wide(across)
    width = 2 * MARGIN + len(columns) * wide
    height = MARGIN + HEAD + len(rows) * (LABEL + SIDE + 3 * GAP) + LABEL + MARGIN
    page = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(page)
    _write(pen, title, (MARGIN, MARGIN - 10), 30, width - 2 * MARGIN)
    _write(pen, below, (MARGIN, MARGIN + 32), 17, width - 2 * MARGIN, QUIET)
    pen.line((MARGIN, MARGIN + 62, width - MARGIN, MARGIN + 62), RULE, 2)
    for number, column in enumerate(columns):
        _write(pen, column, (MARGIN + number * wide, MARGIN + HEAD - 24), 18, wide)
    for number, row in enumerate(rows):
        top = _top(number)
        _write(pen, row, (MARGIN, top + 8), 17, wide, QUIET)
        for cell in (each for each in cells if each.row == row):
            _paste(page, cell, MARGIN + columns.index(cell.column) * wide, top + LABEL)
    buffer = io.BytesIO()
    page.save(buffer, "PNG", optimize=True)
    return Sheet(buffer.getvalue(), differences(cells))


def cut(png: bytes, row: int, column: int, index: int, across: int, size: tuple[int, int]) -> bytes:
    """One picture of a page again, by its place there; `size` is that of the original.

    Blocking, so it runs in a thread.
    """
    x = MARGIN + column * _wide(across) + index * (SIDE + GAP)
    y = _top(row) + LABEL
    width, height = shown_size(size)
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as page:
        page.crop((x, y, x + width, y + height)).save(buffer, "PNG")
    return buffer.getvalue()


def shown_size(size: tuple[int, int]) -> tuple[int, int]:
    """How large a picture of this size is on the page."""
    scale = SIDE / max(size)
    return round(size[0] * scale), round(size[1] * scale)


def _wide(across: int) -> int:
    return across * (SIDE + GAP) + 2 * GAP


def _top(row: int) -> int:
    return MARGIN + HEAD + row * (LABEL + SIDE + 3 * GAP)


def differences(cells: Sequence[Shown]) -> dict[tuple[str, str], float]:
    """How far each cell is from the first one of its row: mean over pixels and seeds, 0 to 1."""
    first: dict[str, Shown] = {}
    found: dict[tuple[str, str], float] = {}
    for cell in cells:
        base = first.setdefault(cell.row, cell)
        if base is cell or not base.pngs or not cell.pngs:
            continue
        pairs = zip(base.pngs, cell.pngs, strict=False)
        apart = [float(np.abs(_pixels(one) - _pixels(other)).mean()) for one, other in pairs]
        found[cell.row, cell.column] = float(np.mean(apart))
    return found


def _pixels(png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with Image.open(io.BytesIO(png)) as opened:
        small = opened.convert("RGB").resize((COMPARED, COMPARED), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def _paste(page: Image.Image, cell: Shown, x: int, y: int) -> None:
    for number, png in enumerate(cell.pngs):
        with Image.open(io.BytesIO(png)) as opened:
            picture = opened.convert("RGB")
        is_small = max(picture.size) * 2 <= SIDE
        how = Image.Resampling.NEAREST if is_small else Image.Resampling.LANCZOS
        page.paste(picture.resize(shown_size(picture.size), how), (x + number * (SIDE + GAP), y))
    if not cell.pngs:
        pen = ImageDraw.Draw(page)
        pen.rectangle((x, y, x + SIDE, y + SIDE), outline=RULE, width=2)
        _write(pen, "could not be drawn", (x + 12, y + SIDE // 2 - 10), 16, SIDE - 20, QUIET)


def _write(
    pen: ImageDraw.ImageDraw,
    words: str,
    at: tuple[float, float],
    size: int,
    most: float,
    ink: str = INK,
) -> None:
    """One line, cut where it would run out of its room."""
    font = ImageFont.load_default(size)
    line = words[:300]
    while line and pen.textlength(line, font) > most:
        line = f"{line.rstrip('…')[:-1].rstrip()}…" if len(line) > 2 else ""
    pen.text(at, line, ink, font)
