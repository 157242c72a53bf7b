"""The contact sheet: a picture that was pasted is cut out again, whatever its shape."""

import io

import numpy as np
import pytest
from PIL import Image

from engine.registry.sheet import Shown, cut, draw_sheet, shown_size

COLOURS = ("red", "green", "blue", "yellow", "purple", "orange", "teal", "white")


def png(colour: str, size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("size", [(64, 64), (1024, 768), (832, 1216)])
def test_a_picture_is_cut_out_where_it_was_pasted(size: tuple[int, int]) -> None:
    colours = iter(COLOURS)
    cells = [
        Shown(row, column, (png(next(colours), size), png(next(colours), size)))
        for row in ("without", "with")
        for column in ("base", "weight 1")
    ]
    sheet = draw_sheet("Preview", "below", cells)
    for number, colour in enumerate(COLOURS):
        row, rest = divmod(number, 4)
        column, index = divmod(rest, 2)
        with Image.open(io.BytesIO(cut(sheet.png, row, column, index, 2, size))) as found:
            assert found.size == shown_size(size)
            wanted = np.asarray(Image.new("RGB", found.size, colour))
            assert np.array_equal(np.asarray(found), wanted)
