"""A scene: a background and the coloured parts painted on it, before any style is applied."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from engine.miniature.outlines import OUTLINES, SIDE, local_grid
from engine.miniature.palette import COLOURS, Field, Rgb

SIZES: dict[str, float] = {"small": 10.0, "medium": 15.5, "large": 22.5}
"""Radius in pixels of a single shape."""
POSITIONS: dict[str, tuple[int, int]] = {
    "center": (0, 0),
    "left": (-1, 0),
    "right": (1, 0),
    "top": (0, -1),
    "bottom": (0, 1),
}
REACH: dict[str, float] = {"small": 16.0, "medium": 13.0, "large": 8.5}
"""How far from the middle a shape sits when a position is asked for, in pixels."""
COUNTS: dict[int, tuple[float, tuple[tuple[float, float], ...]]] = {
    2: (11.2, ((17.0, 32.0), (47.0, 32.0))),
    3: (10.4, ((32.0, 17.0), (17.0, 46.0), (47.0, 46.0))),
}
"""Count -> radius and places of the shapes when there is more than one."""
COUNT_SCALE: dict[str, float] = {"small": 0.8, "medium": 1.0, "large": 1.12}


@dataclass(frozen=True)
class Part:
    """One painted piece: a distance field (pixels, negative inside) and its colour."""

    distance: Field
    colour: Rgb


@dataclass(frozen=True)
class Scene:
    """A background colour and parts in painting order."""

    background: Rgb
    parts: tuple[Part, ...] = field(default=())

    def subject(self) -> Field:
        """Distance to the union of all parts."""
        far = np.full((SIDE, SIDE), 99.0, dtype=np.float32)
        for part in self.parts:
            far = np.minimum(far, part.distance)
        return far


def jittered(rgb: Rgb, rng: Generator, spread: int = 8) -> Rgb:
    """The colour, up to `spread` steps off in each channel."""
    red, green, blue = (int(np.clip(c + rng.integers(-spread, spread + 1), 0, 255)) for c in rgb)
    return red, green, blue


def placed(size: str, position: str, rng: Generator) -> tuple[float, float, float]:
    """Where a single subject sits, with a little jitter: (x, y, radius) in pixels."""
    side_x, side_y = POSITIONS[position]
    x = SIDE / 2 + side_x * REACH[size] + rng.uniform(-1.5, 1.5)
    y = SIDE / 2 + side_y * REACH[size] + rng.uniform(-1.5, 1.5)
    return x, y, SIZES[size] * rng.uniform(0.95, 1.05)


def shape_scene(
    shape: str, colour: str, background: str, size: str, position: str, count: int, rng: Generator
) -> Scene:
    """A scene of one to three shapes of the grammar."""
    if count == 1:
        places = [placed(size, position, rng)]
    else:
        radius, spots = COUNTS[count]
        radius *= COUNT_SCALE[size]
        places = [
            (x + rng.uniform(-1, 1), y + rng.uniform(-1, 1), radius * rng.uniform(0.96, 1.04))
            for x, y in spots
        ]
    paint = jittered(COLOURS[colour], rng)
    parts = tuple(
        Part(OUTLINES[shape](*local_grid(x, y, math.radians(rng.uniform(-6, 6))), r), paint)
        for x, y, r in places
    )
    return Scene(jittered(COLOURS[background], rng), parts)
