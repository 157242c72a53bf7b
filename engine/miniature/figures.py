"""The demo's own subjects: Zib, Mira, the moon lantern, and nameless creatures to learn from."""

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from engine.miniature.outlines import OUTLINES, box, disc, local_grid, oval, polygon
from engine.miniature.palette import (
    COLOURS,
    CREAM,
    GOLD,
    INK,
    PLUM,
    ROSE,
    SKIN,
    TEAL,
    Field,
    Rgb,
)
from engine.miniature.scenes import Part


def _at(x: float, y: float) -> tuple[Field, Field]:
    return local_grid(x, y)


def _segment(x0: float, y0: float, x1: float, y1: float, half_width: float) -> Field:
    """Distance to a straight stroke with round ends."""
    gx, gy = local_grid(x0, y0)
    ex, ey = x1 - x0, y1 - y0
    along = np.clip((gx * ex + gy * ey) / (ex * ex + ey * ey), 0, 1).astype(np.float32)
    distance: Field = np.hypot(gx - along * ex, gy - along * ey) - np.float32(half_width)
    return distance


def _smile(x: float, y: float, radius: float, half_width: float) -> Field:
    """Distance to the lower arc of a circle."""
    gx, gy = local_grid(x, y)
    arc = np.abs(disc(gx, gy, radius)) - np.float32(half_width)
    distance: Field = np.maximum(arc, np.float32(radius * 0.35) - gy)
    return distance


def zib(x: float, y: float, r: float) -> tuple[Part, ...]:
    """Zib: a round teal visitor with one great eye, two feelers and little feet."""
    return (
        Part(_segment(x - 0.35 * r, y - 0.6 * r, x - 0.72 * r, y - 1.22 * r, 0.09 * r), INK),
        Part(_segment(x + 0.35 * r, y - 0.6 * r, x + 0.72 * r, y - 1.22 * r, 0.09 * r), INK),
        Part(disc(*_at(x - 0.74 * r, y - 1.26 * r), 0.24 * r), GOLD),
        Part(disc(*_at(x + 0.74 * r, y - 1.26 * r), 0.24 * r), GOLD),
        Part(oval(*_at(x - 0.45 * r, y + 1.0 * r), 0.34 * r, 0.2 * r), INK),
        Part(oval(*_at(x + 0.45 * r, y + 1.0 * r), 0.34 * r, 0.2 * r), INK),
        Part(oval(*_at(x, y + 0.06 * r), 1.0 * r, 0.94 * r), TEAL),
        Part(disc(*_at(x, y - 0.14 * r), 0.48 * r), CREAM),
        Part(disc(*_at(x + 0.04 * r, y - 0.1 * r), 0.25 * r), INK),
        Part(_smile(x, y + 0.34 * r, 0.34 * r, 0.07 * r), INK),
    )


def mira(x: float, y: float, r: float) -> tuple[Part, ...]:
    """Mira: a small face under plum hair, with rosy cheeks and a golden bow."""
    hair = np.minimum(
        disc(*_at(x, y - 0.1 * r), 1.06 * r),
        box(*_at(x, y + 0.44 * r), 1.06 * r, 0.56 * r, 0.3 * r),
    )
    bow_x, bow_y = x + 0.62 * r, y - 0.98 * r
    bow = np.minimum(
        polygon(*_at(bow_x, bow_y), [(0, 0), (-0.46 * r, -0.32 * r), (-0.46 * r, 0.32 * r)]),
        polygon(*_at(bow_x, bow_y), [(0, 0), (0.46 * r, -0.32 * r), (0.46 * r, 0.32 * r)]),
    )
    fringe = np.maximum(disc(*_at(x, y - 0.1 * r), 0.9 * r), _at(x, y - 0.22 * r)[1])
    return (
        Part(hair, PLUM),
        Part(oval(*_at(x, y + 0.18 * r), 0.74 * r, 0.74 * r), SKIN),
        Part(fringe, PLUM),
        Part(oval(*_at(x - 0.3 * r, y + 0.12 * r), 0.11 * r, 0.16 * r), INK),
        Part(oval(*_at(x + 0.3 * r, y + 0.12 * r), 0.11 * r, 0.16 * r), INK),
        Part(disc(*_at(x - 0.46 * r, y + 0.4 * r), 0.13 * r), ROSE),
        Part(disc(*_at(x + 0.46 * r, y + 0.4 * r), 0.13 * r), ROSE),
        Part(_smile(x, y + 0.38 * r, 0.2 * r, 0.06 * r), INK),
        Part(bow, GOLD),
        Part(disc(*_at(bow_x, bow_y), 0.13 * r), ROSE),
    )


def moon_lantern(x: float, y: float, r: float) -> tuple[Part, ...]:
    """The moon lantern: a cream paper lantern with a golden moon, hung from a loop."""
    body = oval(*_at(x, y + 0.06 * r), 0.86 * r, 0.92 * r)
    moon = np.maximum(
        disc(*_at(x - 0.04 * r, y + 0.06 * r), 0.5 * r),
        -disc(*_at(x + 0.2 * r, y - 0.06 * r), 0.42 * r),
    )
    return (
        Part(np.abs(disc(*_at(x, y - 1.16 * r), 0.24 * r)) - np.float32(0.07 * r), INK),
        Part(_segment(x, y + 1.0 * r, x, y + 1.36 * r, 0.1 * r), ROSE),
        Part(body, CREAM),
        Part(np.maximum(np.abs(oval(*_at(x, y + 0.06 * r), 0.44 * r, 0.92 * r)) - 0.4, body), GOLD),
        Part(moon, GOLD),
        Part(box(*_at(x, y - 0.88 * r), 0.5 * r, 0.14 * r, 0.05 * r), INK),
        Part(box(*_at(x, y + 0.98 * r), 0.42 * r, 0.12 * r, 0.05 * r), INK),
    )


FIGURES: dict[str, Callable[[float, float, float], tuple[Part, ...]]] = {
    "zib": zib,
    "mira": mira,
    "lantern": moon_lantern,
}
"""The subjects that only a LoRA knows: name -> parts of that figure at (x, y) with radius r."""


def creature(x: float, y: float, r: float, rng: Generator) -> tuple[Part, ...]:
    """A nameless creature of random body, colours and features: what styles are learned on."""
    names = list(COLOURS)

    def paint() -> Rgb:
        if rng.random() < 0.25:
            return tuple(int(v) for v in rng.integers(20, 245, 3))  # type: ignore[return-value]
        return COLOURS[names[rng.integers(len(names))]]

    body = [*OUTLINES][rng.choice([0, 0, 0, 1, 2, 6, 7])]
    parts: list[Part] = []
    limb = paint()
    if rng.random() < 0.6:
        for side in (-1, 1):
            top_x, top_y = x + side * 0.72 * r, y - 1.2 * r
            parts.append(
                Part(_segment(x + side * 0.35 * r, y - 0.5 * r, top_x, top_y, 0.1 * r), limb)
            )
            parts.append(Part(disc(*_at(top_x, top_y), rng.uniform(0.15, 0.28) * r), paint()))
    if rng.random() < 0.5:
        parts += [
            Part(oval(*_at(x + s * 0.45 * r, y + 1.0 * r), 0.34 * r, 0.2 * r), limb)
            for s in (-1, 1)
        ]
    tilt = math.radians(rng.uniform(-8, 8))
    parts.append(Part(OUTLINES[body](*local_grid(x, y, tilt), r), paint()))
    if rng.random() < 0.4:
        shift = rng.uniform(-0.3, 0.4) * r
        parts.append(Part(oval(*_at(x, y + shift), rng.uniform(0.4, 0.8) * r, 0.5 * r), paint()))
    eyes = int(rng.integers(0, 4))
    for k in range(eyes):
        ex = x + (k - (eyes - 1) / 2) * 0.55 * r
        parts.append(Part(disc(*_at(ex, y - 0.15 * r), rng.uniform(0.15, 0.4) * r), paint()))
        parts.append(Part(disc(*_at(ex, y - 0.1 * r), rng.uniform(0.08, 0.2) * r), INK))
    if rng.random() < 0.5:
        parts.append(Part(_smile(x, y + 0.3 * r, rng.uniform(0.2, 0.4) * r, 0.07 * r), INK))
    if rng.random() < 0.3:
        hat_y = y - 0.9 * r
        corners = [(-0.6 * r, 0.0), (0.6 * r, 0.0), (0.0, -0.8 * r)]
        parts.append(Part(polygon(*_at(x, hat_y), corners), paint()))
    return tuple(parts)
