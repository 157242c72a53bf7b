"""Reads a picture's attributes back from its pixels by explaining it as a drawing."""

import functools
from dataclasses import dataclass

import numpy as np

from engine.miniature.figures import FIGURES
from engine.miniature.grounds import (
    Ground,
    apart_from,
    ground_of,
    ground_rgb,
    in_shadow,
    under_sun,
    without_tiles,
)
from engine.miniature.looks import style_of
from engine.miniature.outlines import OUTLINES, SIDE, local_grid
from engine.miniature.palette import COLOURS, CREAM, PLUM, TEAL, Pixels, Rgb, as_float
from engine.miniature.regions import Mask, Region, filled, regions, smoothed
from engine.miniature.scenes import Part, Scene
from engine.miniature.styles import NEON_DIM, STYLES, Canvas, golden

BORDERS_PX = (12.6, 18.9)
"""Radii between small and medium, and between medium and large."""
OFF_CENTRE_PX = 4.6
"""How far from the middle a single shape must sit to count as placed."""
RIM_PX = {"plain": 0.0, "mosaic": 0.0, "neon": 2.6, "linocut": 1.6}
"""How much wider than its outline each style paints a subject."""


KEY_PARTS = {"zib": (6, TEAL), "mira": (0, PLUM), "lantern": (2, CREAM)}
"""Figure -> its largest part and that part's colour, by which it is found on any background."""
CLEAR = 0.8
"""An explanation this good ends the search for others."""


@dataclass(frozen=True)
class Reading:
    """What a picture shows. `clarity` is 1 for a perfect drawing and 0 when nothing fits."""

    subject: str
    colour: str
    background: str
    size: str
    position: str
    count: int
    style: str
    light: str
    clarity: float

    @property
    def shape(self) -> str:
        """The shape of the grammar it shows, or an empty string."""
        return self.subject if self.subject in OUTLINES else ""


@dataclass(frozen=True)
class _Match:
    """One explanation of a picture."""

    subject: str
    style: str
    radius: float
    x: float
    y: float
    clarity: float
    colour: str


def _parts(
    name: str, x: float, y: float, radius: float, paint: Rgb, turn: float
) -> tuple[Part, ...]:
    if name in FIGURES:
        return FIGURES[name](x, y, radius)
    return (Part(OUTLINES[name](*local_grid(x, y, turn), radius), paint),)


@functools.cache
def _box_of(name: str) -> tuple[float, float, float, float]:
    """The subject's bounding box at radius 16 around the middle: left, top, right, bottom."""
    inside = Scene((0, 0, 0), _parts(name, SIDE / 2, SIDE / 2, 16.0, (0, 0, 0), 0.0)).subject() < 0
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    middle = SIDE / 2
    return columns[0] - middle, rows[0] - middle, columns[-1] + 1 - middle, rows[-1] + 1 - middle


def _fitted(name: str, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Centre and radius that put the subject into the box, and how well the sides agree (0-1)."""
    left, top, right, bottom = _box_of(name)
    wide, high = max(box[2] - box[0], 1.0), max(box[3] - box[1], 1.0)
    by_width, by_height = wide / (right - left), high / (bottom - top)
    scale = float(np.sqrt(by_width * by_height))
    x = (box[0] + box[2]) / 2 - (left + right) / 2 * scale
    y = (box[1] + box[3]) / 2 - (top + bottom) / 2 * scale
    return x, y, 16.0 * scale, min(by_width, by_height) / max(by_width, by_height)


def _overlap(region_mask: Mask, inside: Mask) -> float:
    union = int((region_mask | inside).sum())
    return float((region_mask & inside).sum()) / union if union else 0.0


def _best_shape(region: Region, rim_px: float, is_hollow: bool) -> tuple[str, float, float, float]:
    """The shape whose outline covers the region best: name, x, y, radius."""
    box = region.grown(-rim_px)
    best, answer = -1.0, ("circle", 32.0, 32.0, 16.0)
    whole = filled(region.mask) if is_hollow else region.mask
    for name in OUTLINES:
        x, y, radius, agreement = _fitted(name, box)
        if is_hollow and name == "ring":
            continue
        for turn in (0.0, -0.08, 0.08):
            distance = OUTLINES[name](*local_grid(x, y, turn), radius)
            score = _overlap(whole, distance < rim_px) * (0.5 + 0.5 * agreement)
            if score > best:
                best, answer = score, (name, x, y, radius)
    return answer


def _colour_name(rgb: Canvas, style: str, core: Mask, is_golden: bool) -> str:
    """The palette colour that this style and light would show as `rgb` at the pixels `core`."""
    best, answer = 9.0, "black"
    for name, value in COLOURS.items():
        shown = as_float(value)
        if style == "neon":
            shown = shown + (1 - shown) * max(0.12, 0.55 - float(shown.max()))
            shown = shown * 0.45 + 0.55
        if is_golden:
            shown = np.median(under_sun(name)[core], axis=0)
        error = float(((shown - rgb) ** 2).sum())
        if error < best:
            best, answer = error, name
    return answer


def _explained(canvas: Canvas, scene: Scene, style: str, ground: Ground, inside: Mask) -> float:
    """Share of the picture's difference from its bare background that the drawing explains."""
    rng = np.random.default_rng(0)
    drawing = STYLES["plain" if style == "mosaic" else style](scene, rng)
    if ground.is_golden:
        drawing = golden(drawing, scene, rng)
    if style == "mosaic":
        drawing = without_tiles(drawing) * np.float32(0.98)
    left = np.abs(canvas - drawing).sum(axis=-1)
    bare = np.abs(canvas - ground.empty).sum(axis=-1)
    return 1.0 - float(left[inside].sum()) / max(float(bare[inside].sum()), 1e-3)


def _subject_mask(canvas: Canvas, ground: Ground, style: str) -> Mask:
    """Where the picture is not background, seen as a picture of this style."""
    apart = apart_from(canvas, ground)
    if style == "linocut":
        empty = STYLES[style](Scene(ground_rgb(ground)), np.random.default_rng(0))
        to_flecks = np.sqrt(((canvas - empty) ** 2).sum(axis=-1))
        apart = smoothed(np.minimum(apart, to_flecks))
    if ground.is_golden:
        apart = np.where(in_shadow(canvas, ground), 0, apart)
    share = 0.55 if style == "neon" else 0.38
    mask: Mask = apart > max(0.16, share * float(np.quantile(apart, 0.98)))
    return filled(mask) if style == "neon" else mask


def _paints_to_try(style: str) -> tuple[str, ...]:
    """How the subject may be painted: as its style would, or hardly touched by it."""
    return (style,) if style in ("plain", "mosaic") else (style, "plain")


def _shape_match(
    canvas: Canvas, ground: Ground, style: str, pieces: list[Region], around: Mask
) -> _Match:
    """The best explanation by shapes of the grammar, all pieces alike."""
    rim = RIM_PX[style]
    fits = [_best_shape(piece, rim, style == "neon") for piece in pieces[:3]]
    names = [fit[0] for fit in fits]
    candidates = {max(set(names), key=names.count)} | ({"ring"} if style == "neon" else set())
    best: _Match | None = None
    for name in candidates:
        where = [_fitted(name, piece.grown(-rim))[:3] for piece in pieces[:3]]
        fields = [OUTLINES[name](*local_grid(x, y), radius) for x, y, radius in where]
        tube = np.minimum.reduce(fields)
        core = np.abs(tube) < 1.0 if style == "neon" else tube < -1.5
        if not core.any():
            core = tube < 0.5
        if not core.any():
            core = np.ones_like(core)
        rgb = np.median(canvas[core], axis=0)
        colour = _colour_name(rgb, style, core, ground.is_golden)
        paint = COLOURS[colour] if style == "neon" or ground.is_golden else _bytes(rgb)
        background = ground_rgb(ground)
        if style != "neon" and ground.is_dim:
            background = _bytes(ground.empty[0, 0])
        scene = Scene(background, tuple(Part(field, paint) for field in fields))
        clarity = _explained(canvas, scene, style, ground, around)
        x, y, radius = where[0]
        if best is None or clarity > best.clarity:
            best = _Match(name, style, radius, x, y, clarity, colour)
    if best is None:
        raise AssertionError("there is always a candidate")
    return best


def _bytes(rgb: Canvas) -> Rgb:
    red, green, blue = (int(v) for v in np.clip(rgb * 255, 0, 255))
    return red, green, blue


def _box_around(mask: Mask) -> tuple[float, float, float, float] | None:
    """The bounding box of the larger pieces of a mask."""
    pieces = regions(mask)
    pieces = [piece for piece in pieces if piece.area > 0.2 * pieces[0].area]
    if not pieces:
        return None
    return (
        min(p.left for p in pieces), min(p.top for p in pieces),
        max(p.right for p in pieces), max(p.bottom for p in pieces),
    )  # fmt: skip


def _figure_fits(
    name: str, canvas: Canvas, boxes: list[tuple[float, float, float, float]]
) -> list[tuple[float, float, float]]:
    """Where the figure may stand (x, y, radius): by its outline, or by its largest part alone."""
    found = []
    for box in boxes:
        x, y, radius, agreement = _fitted(name, box)
        if agreement > 0.75:
            found.append((x, y, radius))
    part, paint = KEY_PARTS[name]
    close = np.abs(canvas - as_float(paint)).sum(axis=-1) < 0.42
    box_of_part = _box_around(close)
    if box_of_part is not None:
        left, top, right, bottom = _part_box(name, part)
        wide, high = box_of_part[2] - box_of_part[0], box_of_part[3] - box_of_part[1]
        by_width, by_height = wide / (right - left), high / (bottom - top)
        scale = (by_width * by_height) ** 0.5
        if min(by_width, by_height) / max(by_width, by_height) > 0.7:
            found.append((
                (box_of_part[0] + box_of_part[2]) / 2 - (left + right) / 2 * scale,
                (box_of_part[1] + box_of_part[3]) / 2 - (top + bottom) / 2 * scale,
                16.0 * scale,
            ))  # fmt: skip
    return [fit for fit in found if 8 < fit[2] < 30]


@functools.cache
def _part_box(name: str, part: int) -> tuple[float, float, float, float]:
    """One part's bounding box in a figure of radius 16 around the middle."""
    inside = FIGURES[name](SIDE / 2, SIDE / 2, 16.0)[part].distance < 0
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    middle = SIDE / 2
    return columns[0] - middle, rows[0] - middle, columns[-1] + 1 - middle, rows[-1] + 1 - middle


def _figure_match(
    canvas: Canvas, ground: Ground, style: str, boxes: list[tuple[float, float, float, float]]
) -> _Match:
    """The best explanation by one of the demo's figures."""
    best = _Match("", style, 16.0, 32.0, 32.0, -1.0, "")
    background = ground_rgb(ground)
    if style != "neon" and ground.is_dim:
        background = _bytes(ground.empty[0, 0])
    everywhere = np.ones(canvas.shape[:2], dtype=bool)
    for name in FIGURES:
        for x, y, radius in _figure_fits(name, canvas, boxes):
            scene = Scene(background, FIGURES[name](x, y, radius))
            clarity = _explained(canvas, scene, style, ground, everywhere)
            if clarity > best.clarity:
                best = _Match(name, style, radius, x, y, clarity, "")
    return best


def _size_of(radius: float) -> str:
    return ("small", "medium", "large")[sum(radius > border for border in BORDERS_PX)]


def _position_of(x: float, y: float) -> str:
    dx, dy = x - SIDE / 2, y - SIDE / 2
    if max(abs(dx), abs(dy)) < OFF_CENTRE_PX:
        return "center"
    if abs(dx) > abs(dy):
        return "left" if dx < 0 else "right"
    return "top" if dy < 0 else "bottom"


def read(picture: Pixels) -> Reading:
    """What the picture (64x64, sRGB) shows. The same pixels always give the same reading."""
    canvas: Canvas = picture.astype(np.float32) / np.float32(255)
    look = style_of(canvas)
    if look == "mosaic":
        canvas = without_tiles(canvas)
    ground = ground_of(canvas, is_neon=look == "neon")
    matches: list[_Match] = []
    count = 0
    counts: dict[str, int] = {}
    for style in _paints_to_try(look):
        mask = _subject_mask(canvas, ground, style)
        pieces = regions(mask)
        if not pieces:
            continue
        pieces = [piece for piece in pieces if piece.area > 0.25 * pieces[0].area]
        counts[style] = len(pieces)
        everywhere = np.ones_like(mask)
        matches.append(_shape_match(canvas, ground, style, pieces, everywhere))
        if matches[-1].clarity < CLEAR:
            wide = _box_around(apart_from(canvas, ground) > 0.09)
            boxes = [box for box in (_box_around(mask), wide) if box is not None]
            rim = RIM_PX[style]
            boxes = [(x0 + rim, y0 + rim, x1 - rim, y1 - rim) for x0, y0, x1, y1 in boxes]
            matches.append(_figure_match(canvas, ground, style, boxes))
        if matches[-1].clarity > CLEAR:
            break
    if not matches:
        return Reading("", "", ground.name, "", "", 0, look, _light(ground), 0.0)
    best = max(matches, key=lambda match: match.clarity)
    count = 1 if best.subject in FIGURES else counts[best.style]
    return Reading(
        subject=best.subject,
        colour=best.colour,
        background=ground.name,
        size=_size_of(best.radius),
        position=_position_of(best.x, best.y) if count == 1 else "center",
        count=count,
        style=look,
        light=_light(ground),
        clarity=best.clarity,
    )


def _light(ground: Ground) -> str:
    return "golden" if ground.is_golden else "even"


__all__ = ["NEON_DIM", "Reading", "read"]
