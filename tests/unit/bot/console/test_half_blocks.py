"""Pictures made of half blocks."""

import pytest

from bot.console.half_blocks import BLOCK, half_blocks
from tests.fakes.engine import png


def test_64_pixels_square_are_32_rows_of_64_columns() -> None:
    rows = half_blocks(png(), 80, 32).plain.split("\n")
    assert rows == [BLOCK * 64] * 32


def test_the_upper_pixel_is_the_foreground_and_the_lower_the_background() -> None:
    text = half_blocks(png("orange", size=8), 8, 4)
    colours = {str(span.style) for span in text.spans}
    assert "rgb(0,0,128) on rgb(0,0,128)" in colours
    assert "rgb(255,165,0) on rgb(255,165,0)" in colours


@pytest.mark.parametrize(("columns", "rows"), [(20, 32), (80, 8), (1, 1)])
def test_it_never_outgrows_the_terminal(columns: int, rows: int) -> None:
    shown = half_blocks(png(), columns, rows).plain.split("\n")
    assert len(shown) <= rows
    assert max(map(len, shown)) <= columns
