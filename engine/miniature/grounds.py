"""Which background a picture has, and under which light."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.miniature.looks import frame, is_sunlit
from engine.miniature.outlines import SIDE
from engine.miniature.palette import COLOURS, Field
from engine.miniature.scenes import Scene
from engine.miniature.styles import NEON_DIM, STYLES, TILE, Canvas, golden


@dataclass(frozen=True)
class Ground:
    """A background: its colour name, the canvas it would be without a subject, and its light."""

    name: str
    empty: Canvas
    is_dim: bool
    is_golden: bool
    error: float


def without_tiles(canvas: Canvas) -> Canvas:
    """A mosaic as flat areas: every tile in its own mean colour, evened out a little."""
    tiles = canvas.reshape(SIDE // TILE, TILE, SIDE // TILE, TILE, 3)
    inner = tiles[:, : TILE - 1, :, : TILE - 1].mean(axis=(1, 3)) / np.float32(0.98)
    return np.repeat(np.repeat(inner, TILE, 0), TILE, 1).astype(np.float32)


@functools.cache
def _candidates() -> tuple[Ground, ...]:
    """Every background that can be met: nine colours, plain, dimmed and at golden hour."""
    found = []
    for name, rgb in COLOURS.items():
        rng = np.random.default_rng(0)
        flat = STYLES["plain"](Scene(rgb), rng)
        found += [
            Ground(name, flat, is_dim=False, is_golden=False, error=0.0),
            Ground(name, flat * np.float32(NEON_DIM), is_dim=True, is_golden=False, error=0.0),
            Ground(name, golden(flat, Scene(rgb), rng), is_dim=False, is_golden=True, error=0.0),
        ]
    return tuple(found)


def ground_of(canvas: Canvas, *, is_neon: bool = False) -> Ground:
    """The background that explains the picture's frame best; only neon dims it."""
    edge = frame(canvas)
    sunlit = not is_neon and is_sunlit(canvas)
    best: Ground | None = None
    for candidate in _candidates():
        if candidate.is_golden != sunlit or (candidate.is_dim and not is_neon):
            continue
        apart = np.abs(edge - frame(candidate.empty)).mean(axis=1)
        error = float(np.median(apart)) + (0.015 if candidate.is_dim else 0.0)
        if best is None or error < best.error:
            best = Ground(candidate.name, candidate.empty, candidate.is_dim, sunlit, error)
    if best is None:
        raise AssertionError("there are candidates under every light")
    if not sunlit:
        seen = np.median(edge, axis=0).astype(np.float32)
        return Ground(
            best.name, np.broadcast_to(seen, (SIDE, SIDE, 3)), best.is_dim, False, best.error
        )
    return best


def apart_from(canvas: Canvas, ground: Ground) -> Field:
    """How far every pixel is from the background, 0 to about 1.7."""
    difference: Field = np.sqrt(((canvas - ground.empty) ** 2).sum(axis=-1))
    return difference


def under_sun(name: str) -> Canvas:
    """A bare background of this colour at golden hour."""
    return next(found.empty for found in _candidates() if found.is_golden and found.name == name)


def in_shadow(canvas: Canvas, ground: Ground) -> NDArray[np.bool_]:
    """Where the picture is its background, only darker: cast shadows."""
    squared = (ground.empty**2).sum(axis=-1)
    strength = (canvas * ground.empty).sum(axis=-1) / np.maximum(squared, 1e-4)
    beside = np.sqrt(((canvas - strength[..., None] * ground.empty) ** 2).sum(axis=-1))
    shaded: NDArray[np.bool_] = (strength > 0.5) & (strength < 1.02) & (beside < 0.07)
    return shaded


def ground_rgb(ground: Ground) -> tuple[int, int, int]:
    """The colour to paint a scene's background with so that it looks like this one."""
    if ground.is_golden:
        return COLOURS[ground.name]
    seen = ground.empty[0, 0] / (np.float32(NEON_DIM) if ground.is_dim else np.float32(1))
    red, green, blue = (int(v) for v in np.clip(seen * 255, 0, 255))
    return red, green, blue


__all__ = [
    "Ground", "apart_from", "ground_of", "ground_rgb", "in_shadow", "under_sun", "without_tiles",
]  # fmt: skip
