"""How much memory a base and its rows take: pure rules, calculated from the layers of a family.

What is counted: weights by the family's own layers; for a forward, the widest tensors that are
alive at once, with attention that never writes its square (torch's own). Calculated, not measured
on each card: `SPARE` leaves room for what is not counted, and a batch that does not fit all the
same is halved by the step loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import prod
from typing import Final, Literal

from engine.families.facts import Family
from engine.families.known import layers_of

Numbers = Literal["fp32", "bf16", "fp16", "fp8"]
Offload = Literal["none", "model", "sequential"]
BYTES: Final[Mapping[Numbers, int]] = {"fp32": 4, "bf16": 2, "fp16": 2, "fp8": 1}
GIB: Final = 1 << 30
SPARE: Final = 0.9
"""Of a card's memory, what we plan with: the rest is the driver's, the display's and fragments'."""
CONTEXT_BYTES: Final = 600 << 20
"""What CUDA takes before the first tensor."""
MOST_ROWS: Final = 8
TEXT_EXTRA: Final = 1.06
"""Embeddings and norms beside the layers that are listed."""
VAE_BYTES: Final = 84_000_000
"""Numbers in the autoencoder of Stable Diffusion and FLUX."""
VAE_CHANNELS: Final = 256
"""Numbers a pixel in the widest tensor of its decoder, at full size."""
VAE_ALIVE: Final = 3.5
"""Such tensors at once."""
TILE_SIDE: Final = 512
ALIVE: Final = 30
"""Tensors of a row's width alive in a block: inputs, projections, the inner ones of its MLP."""
SEQUENTIAL_SHARE: Final = 0.06
"""Of all weights, what is on the device at once when layers come and go one by one."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a base is held on a device, and how many rows go through it at once."""

    numbers: Numbers
    offload: Offload = "none"
    tiles_vae: bool = False
    rows: int = MOST_ROWS
    needs_bytes: int = 0
    """With one row of the family's own size."""
    denoiser_bytes: int = 0
    """What the denoiser's file says (GGUF); 0: what its numbers take."""

    @property
    def told(self) -> str:
        """For people."""
        where = {
            "none": "all in its memory",
            "model": "parts come and go",
            "sequential": "layers come and go (slow)",
        }[self.offload]
        tiles = ", pictures decoded in tiles" if self.tiles_vae else ""
        rows = "1 row at once" if self.rows == 1 else f"{self.rows} rows at once"
        return f"{self.numbers}, {where}{tiles}, {rows}"


@cache
def numbers_in(family: str) -> Mapping[str, int]:
    """How many numbers each part has: the denoiser's, each text encoder's, the autoencoder's."""
    counts: dict[str, int] = {"vae": VAE_BYTES}
    for path, layer in layers_of(family).items():
        part = path.partition(".")[0]
        counts[part] = counts.get(part, 0) + layer.inputs * layer.outputs * prod(layer.kernel or ())
    return {
        part: int(count * TEXT_EXTRA) if part.startswith("text") else count
        for part, count in counts.items()
    }


def weights_bytes(family: Family, numbers: Numbers) -> Mapping[str, int]:
    """Bytes of each part; fp8 holds the denoiser so, the other parts in half precision."""
    half = 2 if numbers == "fp8" else BYTES[numbers]
    return {
        part: count * (BYTES[numbers] if part == family.denoiser else half)
        for part, count in numbers_in(family.name).items()
    }


def row_bytes(family: Family, width: int, height: int, numbers: Numbers) -> int:
    """What one row's forward takes besides the weights; guidance makes two rows of a picture."""
    size = 2 if numbers == "fp8" else BYTES[numbers]
    widest = _widest(family)
    # A UNet works on latents of 8 by 8 pixels at its top, a transformer on tokens of its step.
    side = 8 if family.denoiser == "unet" else family.size_step
    tokens = max(1, width * height // side**2)
    guided = 2 if family.has_negative_prompt else 1
    return tokens * widest * ALIVE * size * guided


def decode_bytes(width: int, height: int, numbers: Numbers, *, tiles: bool = False) -> int:
    """What decoding one picture takes; in tiles of 512 pixels it is one tile's."""
    size = 2 if numbers == "fp8" else BYTES[numbers]
    pixels = min(width * height, TILE_SIDE**2) if tiles else width * height
    return int(pixels * VAE_CHANNELS * VAE_ALIVE * size)


def needs(
    family: Family,
    fit: Fit,
    *,
    width: int,
    height: int,
    rows: int = 1,
    stack_bytes: int = 0,
) -> int:
    """Bytes that a base takes with so many rows of a size and such a stack at once."""
    weights = dict(weights_bytes(family, fit.numbers))
    if fit.denoiser_bytes:
        weights[family.denoiser] = fit.denoiser_bytes
    total = sum(weights.values())
    forward = rows * row_bytes(family, width, height, fit.numbers) + stack_bytes
    decode = decode_bytes(width, height, fit.numbers, tiles=fit.tiles_vae)
    if fit.offload == "none":
        return CONTEXT_BYTES + total + max(forward, decode)
    if fit.offload == "model":
        text = max((size for part, size in weights.items() if part.startswith("text")), default=0)
        drawing = weights[family.denoiser] + forward
        return CONTEXT_BYTES + max(drawing, text, weights["vae"] + decode)
    return CONTEXT_BYTES + int(total * SEQUENTIAL_SHARE) + max(forward, decode)


def fit_for(
    family: Family,
    memory_bytes: int | None,
    half: Numbers = "bf16",
    *,
    asked: Numbers | None = None,
    denoiser_bytes: int = 0,
) -> Fit:
    """How to hold a base on a device with this much memory; None is a CPU, whose memory is ours.

    From what is quickest to what is smallest: whole; pictures in tiles; parts that come and go;
    the denoiser in eight bits (transformers alone: they bear it); layers that come and go.
    `asked` is the host's own choice of numbers; `denoiser_bytes` what a quantised file takes.
    """
    if memory_bytes is None:
        return _with_rows(family, Fit(asked or "fp32", denoiser_bytes=denoiser_bytes), None)
    first = asked or half
    fits = [Fit(first), Fit(first, tiles_vae=True), Fit(first, "model", tiles_vae=True)]
    if family.denoiser == "transformer" and asked is None and not denoiser_bytes:
        fits += [Fit("fp8", tiles_vae=True), Fit("fp8", "model", tiles_vae=True)]
    if first != "fp8":
        fits.append(Fit(first, "sequential", tiles_vae=True))
    fits = [replace(fit, denoiser_bytes=denoiser_bytes) for fit in fits]
    room = int(memory_bytes * SPARE)
    size = family.size
    for fit in fits:
        if needs(family, fit, width=size.width, height=size.height) <= room:
            return _with_rows(family, fit, room)
    return _with_rows(family, fits[-1], room)


def rows_within(
    family: Family,
    fit: Fit,
    room_bytes: int | None,
    *,
    width: int,
    height: int,
    stack_bytes: int = 0,
) -> int:
    """How many rows of a size fit at once: at least one, which is tried whatever we reckon."""
    if room_bytes is None:
        return MOST_ROWS
    for rows in range(MOST_ROWS, 1, -1):
        asked = needs(family, fit, width=width, height=height, rows=rows, stack_bytes=stack_bytes)
        if asked <= room_bytes:
            return rows
    return 1


def _with_rows(family: Family, fit: Fit, room: int | None) -> Fit:
    size = family.size
    rows = rows_within(family, fit, room, width=size.width, height=size.height)
    need = needs(family, fit, width=size.width, height=size.height)
    return replace(fit, rows=rows, needs_bytes=need)


def _widest(family: Family) -> int:
    """The width of a token in the denoiser: of a UNet at its top, where there are most of them."""
    layers = layers_of(family.name)
    if family.denoiser == "unet":
        return layers["unet.conv_in"].outputs
    counted: dict[int, int] = {}
    for path, layer in layers.items():
        if path.startswith("transformer."):
            counted[layer.inputs] = counted.get(layer.inputs, 0) + 1
    return max(counted, key=lambda width: counted[width])
