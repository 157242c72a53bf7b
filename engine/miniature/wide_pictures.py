"""Pictures of every kind the miniature may ever show: what its autoencoder learns from."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.miniature.figures import FIGURES, creature
from engine.miniature.outlines import OUTLINES, SIDE, local_grid
from engine.miniature.palette import COLOURS, Pixels
from engine.miniature.scenes import POSITIONS, SIZES, Part, Scene, jittered, shape_scene
from engine.miniature.styles import STYLES, Canvas, finished, golden

_NAMES = list(COLOURS)


def two_colours(rng: Generator) -> tuple[str, str]:
    """Two different colour names."""
    first, second = rng.choice(len(_NAMES), size=2, replace=False)
    return _NAMES[first], _NAMES[second]


def random_shapes(rng: Generator) -> Scene:
    """A scene of the grammar with every attribute drawn at random."""
    colour, background = two_colours(rng)
    count = int(rng.choice([1, 1, 1, 2, 3]))
    return shape_scene(
        str(rng.choice(list(OUTLINES))),
        colour,
        background,
        str(rng.choice(list(SIZES))),
        str(rng.choice(list(POSITIONS))),
        count,
        rng,
    )


def figure_place(rng: Generator) -> tuple[float, float, float]:
    """Where a figure stands: near the middle, whole in the picture. (x, y, radius) in pixels."""
    radius = rng.uniform(14.5, 18.5)
    return 32 + rng.uniform(-5, 5), 34 + rng.uniform(-2, 2), radius


def random_figure(rng: Generator) -> Scene:
    """One of the demo's figures, or a nameless creature, on any background."""
    background = jittered(COLOURS[_NAMES[rng.integers(len(_NAMES))]], rng)
    x, y, radius = figure_place(rng)
    if rng.random() < 0.5:
        return Scene(background, creature(x, y, radius, rng))
    draw = list(FIGURES.values())[rng.integers(len(FIGURES))]
    return Scene(background, draw(x, y, radius))


def texture(rng: Generator) -> Canvas:
    """Waves, gradients, blotches and overlapping shapes in arbitrary colours."""
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    one, two = rng.random((2, 3)).astype(np.float32)
    kind = rng.integers(4)
    if kind == 0:
        angle, period = rng.uniform(0, np.pi), rng.uniform(3.5, 24)
        wave = np.sin((xs * np.cos(angle) + ys * np.sin(angle)) * (2 * np.pi / period))
        mix = 0.5 + 0.5 * (np.tanh(wave * 4) if rng.random() < 0.5 else wave)
    elif kind == 1:
        angle = rng.uniform(0, 2 * np.pi)
        mix = np.clip(0.5 + ((xs - 32) * np.cos(angle) + (ys - 32) * np.sin(angle)) / 80, 0, 1)
    elif kind == 2:
        coarse = rng.random((8, 8))
        mix = np.repeat(np.repeat(coarse, 8, 0), 8, 1) if rng.random() < 0.4 else _smooth(coarse)
    else:
        return _clutter(rng)
    mixed: Canvas = (one + mix[..., None] * (two - one)).astype(np.float32)
    return mixed


def _smooth(coarse: NDArray[np.float64]) -> NDArray[np.float64]:
    """An 8x8 grid blown up to a picture by linear interpolation."""
    at = np.linspace(0, 7, SIDE)
    rows = np.stack([np.interp(at, np.arange(8), row) for row in coarse])
    return np.stack([np.interp(at, np.arange(8), column) for column in rows.T], axis=1)


def _clutter(rng: Generator) -> Canvas:
    """Many small shapes, painted plainly."""
    shapes = list(OUTLINES.values())
    parts = tuple(
        Part(
            shapes[rng.integers(len(shapes))](
                *local_grid(rng.uniform(4, 60), rng.uniform(4, 60), rng.uniform(0, 6)),
                rng.uniform(3, 14),
            ),
            tuple(int(v) for v in rng.integers(0, 256, 3)),  # type: ignore[arg-type]
        )
        for _ in range(rng.integers(4, 12))
    )
    return STYLES["plain"](Scene(jittered((128, 128, 128), rng, 127), parts), rng)


def wide_picture(rng: Generator) -> Pixels:
    """One picture for the autoencoder: half plain shapes, half everything else."""
    lot = rng.random()
    if lot < 0.1:
        return finished(texture(rng))
    scene = random_figure(rng) if lot > 0.72 else random_shapes(rng)
    style = "plain" if rng.random() < 0.5 else str(rng.choice(list(STYLES)))
    canvas = STYLES[style](scene, rng)
    if rng.random() < 0.12:
        canvas = golden(canvas, scene, rng)
    return finished(canvas)
