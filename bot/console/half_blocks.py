"""A picture in the terminal: the upper half block `▀` shows two pixels, one above the other."""

import io

from PIL import Image
from rich.style import Style
from rich.text import Text

BLOCK = "▀"
Pixel = tuple[int, int, int]


def half_blocks(png: bytes, most_columns: int, most_rows: int) -> Text:
    """The picture as coloured characters, never larger than it is: one pixel a column at most."""
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    scale = min(1.0, most_columns / picture.width, most_rows * 2 / picture.height)
    width = max(1, round(picture.width * scale))
    height = max(2, round(picture.height * scale / 2) * 2)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    pixels = picture.tobytes()

    def pixel(x: int, y: int) -> Pixel:
        at = 3 * (y * width + x)
        return pixels[at], pixels[at + 1], pixels[at + 2]

    text = Text(no_wrap=True, overflow="crop")
    for y in range(0, height, 2):
        if y:
            text.append("\n")
        for x in range(width):
            text.append(BLOCK, _style(pixel(x, y), pixel(x, y + 1)))
    return text


def _style(top: Pixel, bottom: Pixel) -> Style:
    return Style(color="rgb({},{},{})".format(*top), bgcolor="rgb({},{},{})".format(*bottom))
