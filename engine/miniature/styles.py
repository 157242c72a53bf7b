"""How a scene is painted: plainly, or in one of the demo's styles and lights."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.miniature.outlines import SIDE
from engine.miniature.palette import CREAM, INK, Field, Pixels, as_float
from engine.miniature.scenes import Scene

Canvas = NDArray[np.float32]
"""A picture in the making: (height, width, 3), 0 to 1."""

NEON_DIM = 0.62
"""How much of its brightness a background keeps under neon."""
GROUT = (0.3, 0.16)
"""A mosaic's joint: this share of its tile's colour, and so much grey added."""
TILE = 4
"""Side of a mosaic tile in pixels, its joint included."""


def _cover(distance: Field) -> Field:
    """How much of each pixel lies inside the outline, 0 to 1."""
    cover: Field = np.clip(np.float32(0.5) - distance, 0, 1)
    return cover


def _over(canvas: Canvas, cover: Field, rgb: Canvas) -> Canvas:
    """Paint `rgb` over the canvas where it covers."""
    return canvas + cover[..., None] * (rgb - canvas)


def _flat(scene: Scene) -> Canvas:
    canvas = np.broadcast_to(as_float(scene.background), (SIDE, SIDE, 3)).astype(np.float32)
    for part in scene.parts:
        canvas = _over(canvas, _cover(part.distance), as_float(part.colour))
    return canvas


def plain(scene: Scene, rng: Generator) -> Canvas:
    """Flat colours with soft edges."""
    del rng
    return _flat(scene)


def neon(scene: Scene, rng: Generator) -> Canvas:
    """Hollow, glowing tubes along every outline over a dimmed background."""
    wide = 1.1 + 0.2 * rng.random()
    canvas = np.broadcast_to(as_float(scene.background) * NEON_DIM, (SIDE, SIDE, 3))
    canvas = canvas.astype(np.float32)
    hidden = np.full((SIDE, SIDE), 99.0, dtype=np.float32)
    for part in reversed(scene.parts):
        light = as_float(part.colour)
        light = light + (1 - light) * max(0.12, 0.55 - float(light.max()))
        away = np.abs(part.distance)
        shown = np.clip(hidden + 0.5, 0, 1)
        glow = np.exp(-np.maximum(away - wide, 0) / 2.2) * np.float32(0.62) * shown
        canvas = _over(canvas, glow, light)
        canvas = _over(canvas, np.clip(wide + 0.5 - away, 0, 1) * shown, light * 0.45 + 0.55)
        hidden = np.minimum(hidden, part.distance)
    return canvas


def flecks() -> Field:
    """Where paper shows through a linocut's background, 0 to 1: always at the same places."""
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    rows = (ys + np.sin(xs / 5) * 0.8) % 8
    paper: Field = np.clip(1.3 - np.abs(rows - 4), 0, 1) * (np.sin(xs / 3.2 + ys / 8 * 2.4) > 0.1)
    return paper


def linocut(scene: Scene, rng: Generator) -> Canvas:
    """A two-plate print: black rims, carved strokes in the subject, paper flecks around it."""
    del rng
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    subject = scene.subject()
    canvas = np.broadcast_to(as_float(scene.background), (SIDE, SIDE, 3)).astype(np.float32)
    canvas = _over(canvas, flecks() * _cover(3.5 - subject), as_float(CREAM) * 0.94)
    canvas = _over(canvas, _cover(subject - 1.6), as_float(INK))
    for part in scene.parts:
        inner = np.maximum(part.distance, subject + 0.9)
        canvas = _over(canvas, _cover(inner), as_float(part.colour))
    inside = _cover(subject + 4.0)
    middle = float((inside * (xs + ys)).sum() / max(float(inside.sum()), 1.0))
    shaded = inside * (xs + ys > middle + 5)
    strokes = np.clip(1.4 - np.abs((xs - ys) % 6 - 3), 0, 1)
    return _over(canvas, strokes * shaded, as_float(INK))


def mosaic(scene: Scene, rng: Generator) -> Canvas:
    """Square tiles of one colour each, a little uneven, with dark joints."""
    tiles = _flat(scene).reshape(SIDE // TILE, TILE, SIDE // TILE, TILE, 3)
    colour = tiles[:, 1:3, :, 1:3].mean(axis=(1, 3))
    colour = colour * rng.uniform(0.9, 1.08, (*colour.shape[:2], 1)).astype(np.float32)
    canvas = np.repeat(np.repeat(np.clip(colour, 0, 1), TILE, 0), TILE, 1).astype(np.float32)
    joint = np.zeros((SIDE, SIDE), dtype=np.float32)
    joint[TILE - 1 :: TILE, :] = 1
    joint[:, TILE - 1 :: TILE] = 1
    grout = canvas * np.float32(GROUT[0]) + np.float32(GROUT[1])
    return canvas + joint[..., None] * (grout - canvas)


def golden(canvas: Canvas, scene: Scene, rng: Generator) -> Canvas:
    """Golden hour: a low sun in the upper right corner, long light, warm dusk opposite it."""
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / np.float32(SIDE - 1)
    reach = np.hypot(1 - xs, ys)
    shadow = np.zeros((SIDE, SIDE), dtype=np.float32)
    cover = _cover(scene.subject())
    for step in range(2, 12, 2):
        shifted = np.zeros_like(cover)
        shifted[step:, : SIDE - step] = cover[: SIDE - step, step:]
        shadow = np.maximum(shadow, shifted * (1 - step / 14))
    canvas = canvas * (1 - 0.45 * (shadow * (1 - cover))[..., None])
    dusk = np.clip(reach - 0.55, 0, 1)[..., None]
    canvas = canvas * (1 - dusk * (1 - as_float((196, 140, 150))) * 1.1)
    sun = np.exp(-((reach / (0.5 + 0.04 * rng.random())) ** 2))
    canvas = _over(canvas, sun * 0.72, as_float((255, 190, 84)))
    return _over(canvas, np.clip((0.16 - reach) * 30, 0, 1), as_float((255, 246, 206)))


STYLES: dict[str, Callable[[Scene, Generator], Canvas]] = {
    "plain": plain,
    "neon": neon,
    "linocut": linocut,
    "mosaic": mosaic,
}
"""Style name -> how it paints a scene."""


def finished(canvas: Canvas) -> Pixels:
    """The canvas as 8-bit pixels."""
    return np.round(np.clip(canvas, 0, 1) * 255).astype(np.uint8)
