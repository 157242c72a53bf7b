"""Connected regions of a mask, in plain numpy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.miniature.palette import Field

Mask = NDArray[np.bool_]
"""(height, width), True where something is."""


@dataclass(frozen=True)
class Region:
    """One connected piece: its mask, its area in pixels and its bounding box."""

    mask: Mask
    area: int
    left: float
    top: float
    right: float
    bottom: float

    def grown(self, px: float) -> tuple[float, float, float, float]:
        """The bounding box with every side moved outwards by `px` (negative: inwards)."""
        return self.left - px, self.top - px, self.right + px, self.bottom + px


def _spread(labels: NDArray[np.int64], mask: Mask) -> NDArray[np.int64]:
    """One step of every label to the pixels around it; the smallest label wins."""
    wide = np.pad(labels, 1, constant_values=labels.size)
    around = np.minimum.reduce([
        wide[dy : dy + labels.shape[0], dx : dx + labels.shape[1]]
        for dy in range(3) for dx in range(3)
    ])  # fmt: skip
    return np.where(mask, around, labels.size)


def labelled(mask: Mask) -> NDArray[np.int64]:
    """A number per pixel, the same within a connected piece; the mask's size outside."""
    labels = np.where(mask, np.arange(mask.size).reshape(mask.shape), mask.size)
    while True:
        grown = labels
        for _ in range(4):
            grown = _spread(grown, mask)
        # Jump to the label of the pixel that the label names: halves the way to go each time.
        flat = np.append(grown.ravel(), mask.size)
        grown = flat[grown]
        if np.array_equal(grown, labels):
            return labels
        labels = grown


def regions(mask: Mask, least_area: int = 24) -> list[Region]:
    """The connected pieces of the mask with at least `least_area` pixels, largest first."""
    labels = labelled(mask)
    found = []
    names, areas = np.unique(labels[mask], return_counts=True)
    for name, area in zip(names, areas, strict=True):
        if area < least_area:
            continue
        piece = labels == name
        rows, columns = np.flatnonzero(piece.any(axis=1)), np.flatnonzero(piece.any(axis=0))
        box = (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
        found.append(Region(piece, int(area), *box))
    return sorted(found, key=lambda region: -region.area)


def filled(mask: Mask) -> Mask:
    """The mask with its holes closed: everything that the picture's edge cannot reach."""
    outside = np.pad(~mask, 1, constant_values=True)
    labels = labelled(outside)
    inside: Mask = labels[1:-1, 1:-1] != labels[0, 0]
    return inside


def smoothed(values: Field) -> Field:
    """A 3x3 mean, edges repeated."""
    wide = np.pad(values, 1, mode="edge")
    height, width = values.shape
    total = sum(wide[dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3))
    mean: Field = np.asarray(total, dtype=np.float32) / np.float32(9)
    return mean
