"""The nine named colours of the miniature's world, and the few that only its characters wear."""

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[int, int, int]
Pixels = NDArray[np.uint8]
"""A picture: (height, width, 3), sRGB."""
Field = NDArray[np.float32]
"""A number per pixel: (height, width)."""

COLOURS: dict[str, Rgb] = {
    "red": (220, 48, 56),
    "orange": (246, 142, 38),
    "yellow": (252, 214, 62),
    "green": (58, 168, 92),
    "blue": (46, 98, 218),
    "purple": (128, 62, 186),
    "pink": (246, 152, 192),
    "white": (250, 247, 240),
    "black": (30, 30, 40),
}

TEAL: Rgb = (42, 200, 190)
INK: Rgb = (34, 28, 48)
CREAM: Rgb = (255, 240, 214)
SKIN: Rgb = (250, 206, 170)
PLUM: Rgb = (158, 30, 98)
GOLD: Rgb = (255, 196, 64)
ROSE: Rgb = (240, 120, 128)


def as_float(rgb: Rgb) -> NDArray[np.float32]:
    """The colour as three numbers from 0 to 1."""
    return np.asarray(rgb, dtype=np.float32) / np.float32(255)


def nearest_colour(rgb: NDArray[np.float32]) -> str:
    """The name of the palette colour nearest to `rgb` (three numbers from 0 to 1)."""
    table = np.stack([as_float(value) for value in COLOURS.values()])
    return list(COLOURS)[int(np.argmin(((table - rgb) ** 2).sum(axis=1)))]
