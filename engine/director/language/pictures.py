"""Pictures that a person shows, made ready for a language model: small, re-encoded, few."""

import io
from collections.abc import Iterable
from typing import Final

from PIL import Image, UnidentifiedImageError

MOST: Final = 4
MOST_BYTES: Final = 16 << 20
"""A larger file is not looked at."""
MOST_PIXELS: Final = 40_000_000
LONGEST: Final = 1024
"""Side in pixels that a picture is brought down to."""
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
MEDIA_TYPE: Final = "image/jpeg"
TOKENS: Final = 1_600
"""About what one of them costs."""


def prepared(shown: Iterable[bytes]) -> tuple[bytes, ...]:
    """The first few that can be read, as JPEG without anything but their pixels."""
    found: list[bytes] = []
    for data in shown:
        picture = _small(data) if len(data) <= MOST_BYTES else None
        if picture is not None:
            found.append(picture)
        if len(found) == MOST:
            break
    return tuple(found)


def _small(data: bytes) -> bytes | None:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return None
            opened.draft("RGB", (LONGEST, LONGEST))
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    picture.thumbnail((LONGEST, LONGEST))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
