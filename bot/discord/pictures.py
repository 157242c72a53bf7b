"""A picture made to fit: as PNG, else as WebP of falling quality, else not at all."""

import io

from PIL import Image as Pillow

QUALITIES = (95, 88, 78, 65, 50)
WEBP_PIXELS = 16383
"""The longest side that the format knows."""


def fitted(png: bytes, most_bytes: int) -> tuple[bytes, str] | None:
    """The bytes with their file ending; None when nothing that is still worth seeing fits."""
    if len(png) <= most_bytes:
        return png, "png"
    if most_bytes <= 0:
        return None
    with Pillow.open(io.BytesIO(png)) as opened:
        told = str(opened.info.get("parameters") or "")
        picture = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
    if max(picture.size) > WEBP_PIXELS:
        return None
    exif = _exif(told)
    for quality in QUALITIES:
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=2, exif=exif)
        if buffer.tell() <= most_bytes:
            return buffer.getvalue(), "webp"
    return None


def _exif(told: str) -> bytes:
    """What the PNG said of how it was made, as other programs look for it in a WebP."""
    exif = Pillow.Exif()
    if told:
        exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + told.encode("utf-16-be")
    return exif.tobytes()
