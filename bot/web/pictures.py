"""Pictures that people send: what they are is read from the bytes, what they tell is taken out.

A photograph may say where it was taken. Only a picture of ours keeps its details: its recipe.
"""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from engine.api import read_recipe
from engine.errors import BadRequest

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
VALID = "a PNG, JPEG, WebP or GIF picture"
QUALITY = 92


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A picture that is fit to be kept."""

    data: bytes
    media_type: str
    width: int
    height: int


def clean(data: bytes, name: str, most_pixels: int) -> Cleaned:
    """The picture, decoded once and written anew without anything beside its pixels.

    Raises `BadRequest` for what is no picture, or has more pixels than `most_pixels`: that is
    read from its header, before any of them is decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _clean(data, name, most_pixels)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many(name, most_pixels) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadRequest(name="picture", value=name[:80], valid=VALID) from error


def _clean(data: bytes, name: str, most_pixels: int) -> Cleaned:
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > most_pixels:
            raise _too_many(name, most_pixels)
        opened.load()
        if opened.format == "PNG" and read_recipe(data) is not None:
            return Cleaned(data, "image/png", opened.width, opened.height)
        upright = ImageOps.exif_transpose(opened)
        as_jpeg = opened.format == "JPEG"
    kept = upright.convert("RGB" if as_jpeg else "RGBA")
    written = io.BytesIO()
    if as_jpeg:
        kept.save(written, "JPEG", quality=QUALITY)
    else:
        kept.save(written, "PNG")
    media_type = "image/jpeg" if as_jpeg else "image/png"
    return Cleaned(written.getvalue(), media_type, kept.width, kept.height)


def _too_many(name: str, most_pixels: int) -> BadRequest:
    valid = f"one of at most {most_pixels / 1e6:g} million pixels"
    return BadRequest(name="picture", value=name[:80], valid=valid)
