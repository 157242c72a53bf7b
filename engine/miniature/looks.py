"""Tells the demo's styles apart by one trait of each, also in pictures that a LoRA made.

A drawing that fits is too much to ask of such pictures: their lines wander. What stays is the
trait itself: a mosaic repeats every four pixels, a linocut's flecks lie in known rows or its rim
is ink all around, neon is bright lines over a dimmed background. The limits were set so that no
plain drawing, before or after the autoencoder, and no plain picture of the base crosses them.
"""

import numpy as np
from numpy.typing import NDArray

from engine.miniature.outlines import SIDE
from engine.miniature.palette import COLOURS, CREAM, INK, Field, as_float
from engine.miniature.regions import Mask, filled
from engine.miniature.styles import TILE, Canvas, flecks

_LUMA = np.array([0.3, 0.59, 0.11], dtype=np.float32)
TILED, FLECKED, RIMMED, LIT = 0.25, 0.2, 0.6, 0.08
"""From which evidence on a picture counts as a mosaic, a linocut (by flecks, by rim) and neon."""


def frame(canvas: Canvas) -> Canvas:
    """The outermost two pixels all around, as a list of colours."""
    return np.concatenate([
        canvas[:2].reshape(-1, 3), canvas[-2:].reshape(-1, 3),
        canvas[2:-2, :2].reshape(-1, 3), canvas[2:-2, -2:].reshape(-1, 3),
    ])  # fmt: skip


def style_of(canvas: Canvas) -> str:
    """The style whose trait the picture shows, or "plain"."""
    ground = np.asarray(np.median(frame(canvas), axis=0), dtype=np.float32)
    apart: Field = np.sqrt(((canvas - ground) ** 2).sum(axis=-1))
    if fleck_evidence(canvas, ground, apart) > FLECKED:
        return "linocut"
    tiles = tiles_evidence(canvas)
    if tiles > TILED:
        return "mosaic"
    if not is_sunlit(canvas) and neon_evidence(canvas, ground, apart) > max(LIT, tiles):
        return "neon"
    return "linocut" if rim_evidence(canvas, ground, apart) > RIMMED else "plain"


def is_sunlit(canvas: Canvas) -> bool:
    """Whether a low sun stands in the upper right corner."""
    sun, far = canvas[:5, -5:].mean(axis=(0, 1)), canvas[-14:-2, 2:14].mean(axis=(0, 1))
    near = canvas[8:13, -13:-8].mean(axis=(0, 1))
    bright = bool(sun.mean() > 0.78 and sun[0] > sun[2] + 0.06)
    return bright and bool(np.abs(sun - far).mean() > 0.14 and near[0] > near[2] + 0.04)


def _joints(canvas: Canvas) -> NDArray[np.bool_]:
    """Which windows of four tiles in a row have a line in each tile's last column."""
    bend = np.zeros_like(canvas)
    bend[:, 1:-1] = canvas[:, 1:-1] - (canvas[:, :-2] + canvas[:, 2:]) / 2
    tiles = SIDE // TILE
    rows = bend.reshape(tiles, TILE, tiles // 4, 4, TILE, 3)[:, : TILE - 1]
    mean = rows.mean(axis=(1, 3))
    size = np.sqrt((mean**2).sum(axis=-1))
    turns = (mean[..., 3, :] * (mean[..., 0, :] + mean[..., 2, :])).sum(axis=-1) < 0
    found: NDArray[np.bool_] = (size[..., 3] > 0.025) & (size[..., 3] > 1.6 * size[..., 1]) & turns
    return found


def tiles_evidence(canvas: Canvas) -> float:
    """Share of windows, across and down, that are crossed by a mosaic's joints."""
    across, down = _joints(canvas), _joints(canvas.transpose(1, 0, 2))
    return float(np.concatenate([across, down]).mean())


def fleck_evidence(canvas: Canvas, ground: Canvas, apart: Field) -> float:
    """How closely the light on the background follows a linocut's flecks, -1 to 1."""
    towards = as_float(CREAM) * np.float32(0.94) - ground
    bare = ~_grown(_shrunk(apart > 0.3, 2), 6)
    if np.linalg.norm(towards) < 0.2 or bare.sum() < 300:
        return 0.0
    light = ((canvas - ground) @ towards / float(towards @ towards))[bare]
    printed = flecks()[bare]
    light, printed = light - light.mean(), printed - printed.mean()
    return float((light * printed).sum() / np.sqrt((light**2).sum() * (printed**2).sum() + 1e-3))


def rim_evidence(canvas: Canvas, ground: Canvas, apart: Field) -> float:
    """Share of the subject's edge that is ink although neither side of it is."""
    ink = as_float(INK)
    if float(np.abs(ground - ink).sum()) < 0.6:
        return 0.0
    dark = np.abs(canvas - ink).sum(axis=-1) < 0.5
    whole = filled(apart > 0.3)
    edge, within = whole & ~_shrunk(whole, 2), _shrunk(whole, 4) & ~_shrunk(whole, 6)
    if not edge.any() or not within.any() or dark[within].mean() > 0.4:
        return 0.0
    return float(dark[edge].mean())


def neon_evidence(canvas: Canvas, ground: Canvas, apart: Field) -> float:
    """Share of the bright pixels that lie on thin lines, times how far the background is dimmed.

    Black as drawn hides the dimming: there the lines must be pale and glow.
    """
    light: Field = canvas @ _LUMA
    above = light - float(ground @ _LUMA)
    bright = above > max(0.1, 0.6 * float(np.quantile(above, 0.97)))
    lines = _is_ridge(light) & bright
    share = float(lines.sum()) / max(float(bright.sum()), 1.0)
    if lines.sum() < 20 or share < 0.3:
        return 0.0
    if float(np.abs(ground - as_float(COLOURS["black"])).sum()) > 0.14:
        return share * (1 - _dimming(ground))
    beside = _grown(lines, 4) & ~_grown(lines, 2)
    glow = float(np.median(apart[beside])) / float(apart[lines].mean())
    pale = float(np.median(canvas[lines].min(axis=-1)))
    return share if 0.07 < glow < 0.24 and pale > 0.45 else 0.0


def _is_ridge(light: Field) -> Mask:
    """Where the picture is brighter than on both sides, three pixels away, in some direction."""
    wide = np.pad(light, 3, mode="edge")
    best = np.full_like(light, -1.0)
    for down, right in ((0, 3), (3, 0), (2, 2), (2, -2)):
        sides = [
            wide[3 + s * down : 3 + s * down + SIDE, 3 + s * right : 3 + s * right + SIDE]
            for s in (-1, 1)
        ]
        best = np.maximum(best, np.minimum(light - sides[0], light - sides[1]))
    ridge: Mask = best > 0.08
    return ridge


def _dimming(ground: Canvas) -> float:
    """The share of a named colour's brightness that explains this background best, 0.3 to 1."""
    shares = np.arange(30, 101, 5, dtype=np.float32) / 100
    named = np.stack([as_float(rgb) for rgb in COLOURS.values()])
    errors = np.abs(shares[:, None, None] * named - ground).sum(axis=-1)
    errors += np.where(shares < 0.9, 0.03, 0.0)[:, None]
    return float(shares[int(errors.min(axis=1).argmin())])


def _grown(mask: Mask, px: int) -> Mask:
    """The mask with every pixel spread to a square around it."""
    for axis in (0, 1):
        wide = np.pad(mask, px)
        near = [np.roll(wide, step, axis) for step in range(-px, px + 1)]
        mask = np.logical_or.reduce(near)[px:-px, px:-px]
    return mask


def _shrunk(mask: Mask, px: int) -> Mask:
    """The mask without what lies close to its edge; the picture's own edge counts as outside."""
    return ~_grown(~mask, px) & np.pad(np.ones_like(mask[px:-px, px:-px]), px)
