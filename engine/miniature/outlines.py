"""Signed distances to simple outlines: negative inside, in pixels, one number per pixel."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from engine.miniature.palette import Field

SIDE = 64
"""Pixels along each side of every picture."""

_YS, _XS = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) + np.float32(0.5)


def local_grid(x: float, y: float, turn_rad: float = 0.0) -> tuple[Field, Field]:
    """Pixel coordinates seen from the point (x, y), turned by `turn_rad`."""
    dx, dy = _XS - np.float32(x), _YS - np.float32(y)
    if turn_rad == 0.0:
        return dx, dy
    cos, sin = np.float32(math.cos(turn_rad)), np.float32(math.sin(turn_rad))
    return dx * cos + dy * sin, dy * cos - dx * sin


def disc(gx: Field, gy: Field, radius: float) -> Field:
    """Distance to a disc around the grid's origin."""
    return np.hypot(gx, gy) - np.float32(radius)


def oval(gx: Field, gy: Field, half_width: float, half_height: float) -> Field:
    """Distance (near the edge: a good estimate) to an upright ellipse."""
    ux, uy = gx / np.float32(half_width), gy / np.float32(half_height)
    length = np.hypot(ux, uy)
    slope = np.hypot(ux / np.float32(half_width), uy / np.float32(half_height)) + np.float32(1e-6)
    distance: Field = length * (length - 1) / slope
    return distance


def box(
    gx: Field, gy: Field, half_width: float, half_height: float, round_px: float = 0.0
) -> Field:
    """Distance to a box with rounded corners."""
    qx = np.abs(gx) - np.float32(half_width - round_px)
    qy = np.abs(gy) - np.float32(half_height - round_px)
    outside = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0))
    return outside + np.minimum(np.maximum(qx, qy), 0) - np.float32(round_px)


def polygon(gx: Field, gy: Field, corners: Sequence[tuple[float, float]]) -> Field:
    """Distance to a closed polygon (even-odd rule), after Inigo Quilez' 2-D distance functions."""
    squared = np.full(gx.shape, 1e9, dtype=np.float32)
    inside = np.zeros(gx.shape, dtype=bool)
    before = corners[-1]
    for corner in corners:
        ax, ay = np.float32(corner[0]), np.float32(corner[1])
        ex, ey = np.float32(before[0]) - ax, np.float32(before[1]) - ay
        wx, wy = gx - ax, gy - ay
        along = np.clip((wx * ex + wy * ey) / (ex * ex + ey * ey), 0, 1)
        squared = np.minimum(squared, (wx - ex * along) ** 2 + (wy - ey * along) ** 2)
        if ey != 0:
            crosses = (wy >= 0) != (wy - ey >= 0)
            inside ^= crosses & (wx < ex * wy / ey)
        before = corner
    return np.where(inside, -np.sqrt(squared), np.sqrt(squared))


def _regular(count: int, radius: float, inner: float | None = None) -> list[tuple[float, float]]:
    """Corners of a regular polygon, or of a star when an inner radius is given; first one up."""
    radii = [radius] if inner is None else [radius, inner]
    total = count * len(radii)
    return [
        (
            radii[k % len(radii)] * math.sin(2 * math.pi * k / total),
            -radii[k % len(radii)] * math.cos(2 * math.pi * k / total),
        )
        for k in range(total)
    ]


_HEART = [
    (
        16 * math.sin(t) ** 3 / 16,
        -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 16
        - 0.12,
    )
    for t in (2 * math.pi * k / 26 for k in range(26))
]


def _triangle(gx: Field, gy: Field, r: float) -> Field:
    return polygon(gx, gy, [(0, -1.08 * r), (1.12 * r, 0.84 * r), (-1.12 * r, 0.84 * r)])


def _cross(gx: Field, gy: Field, r: float) -> Field:
    arm = 0.36 * r
    return np.minimum(box(gx, gy, 1.04 * r, arm), box(gx, gy, arm, 1.04 * r))


OUTLINES: dict[str, Callable[[Field, Field, float], Field]] = {
    "circle": disc,
    "square": lambda gx, gy, r: box(gx, gy, 0.88 * r, 0.88 * r),
    "triangle": _triangle,
    "star": lambda gx, gy, r: polygon(gx, gy, _regular(5, 1.24 * r, 0.54 * r)),
    "cross": _cross,
    "ring": lambda gx, gy, r: np.abs(disc(gx, gy, 0.8 * r)) - np.float32(0.26 * r),
    "heart": lambda gx, gy, r: polygon(gx, gy, [(1.08 * r * x, 1.08 * r * y) for x, y in _HEART]),
    "diamond": lambda gx, gy, r: polygon(
        gx, gy, [(0, -1.2 * r), (0.86 * r, 0), (0, 1.2 * r), (-0.86 * r, 0)]
    ),
}
"""Shape name -> distance to that shape of radius `r` around the grid's origin."""
