"""Which family a base belongs to, by the names and shapes of its denoiser: pure rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.families.facts import Fingerprint
from engine.families.layers import Layer, Layers

FRONTS = ("model.diffusion_model.", "diffusion_model.", "model.")
"""What checkpoints put before the names of the denoiser."""
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Match:
    """How many of a family's layers are there in their shape, of how many."""

    family: str
    found: int
    of: int
    differs: str = ""
    """The first layer that is not there as it should be."""

    @property
    def is_whole(self) -> bool:
        """Whether every layer is."""
        return self.found == self.of > 0


def layers_in(shapes: Shapes) -> dict[str, Layer]:
    """Linear and convolution layers among tensors, without the front that checkpoints add."""
    names = {name: shape for name, shape in shapes.items() if name.endswith(".weight")}
    front = next((front for front in FRONTS if any(name.startswith(front) for name in names)), "")
    return {
        name.removeprefix(front).removesuffix(".weight"): Layer(
            shape[1], shape[0], tuple(shape[2:]) or None
        )
        for name, shape in names.items()
        if name.startswith(front) and len(shape) in (2, 4, 5)
    }


def matched(layers: Layers, fingerprint: Fingerprint, family: str) -> Match:
    """Compare with one family, under diffusers' names or those of its own code.

    A layer counts as there by any of its names: makers write the same rows fused in several ways.
    """
    denoiser = fingerprint.denoiser
    if denoiser is None:
        return Match(family, 0, 0)
    wanted = denoiser.layers()
    there = {name for name, layer in wanted.items() if _is_there(layers, name, layer)}
    differs: dict[str, str] = {}
    for name, native in denoiser.native().items():
        paths = [piece.path for piece in native.pieces]
        if _is_there(layers, name, native.layer):
            there.update(paths)
        elif name in layers:
            told = f"{name} is {_told(layers[name])}, not {_told(native.layer)}"
            differs |= dict.fromkeys(paths, told)
    gone = next((name for name in wanted if name not in there), "")
    told = f"{gone} is {_told(layers.get(gone))}, not {_told(wanted[gone])}" if gone else ""
    found = sum(name in there for name in wanted)
    return Match(family, found, len(wanted), differs.get(gone, told))


def best(
    layers: Layers, fingerprints: Mapping[str, Fingerprint], first: Iterable[str] = ()
) -> Match | None:
    """The family whose layers are all there, else the one that comes nearest.

    Of several that fit whole the one with most layers wins, because a smaller may be part of it.
    """
    order = {name: place for place, name in enumerate(first)}
    matches = [matched(layers, found, family) for family, found in fingerprints.items()]
    matches = [match for match in matches if match.found]
    if not matches:
        return None
    return max(
        matches,
        key=lambda match: (
            match.is_whole,
            match.found / match.of,
            match.of,
            -order.get(match.family, len(order)),
        ),
    )


def _is_there(layers: Layers, name: str, wanted: Layer) -> bool:
    there = layers.get(name)
    return there == wanted or _is_pointwise(there, wanted)


def _is_pointwise(there: Layer | None, wanted: Layer) -> bool:
    """Kernels of one pixel are written with and without their dimensions."""
    return (
        there is not None
        and (there.inputs, there.outputs) == (wanted.inputs, wanted.outputs)
        and {there.kernel, wanted.kernel} == {None, (1, 1)}
    )


def _told(layer: Layer | None) -> str:
    if layer is None:
        return "missing"
    kernel = f" {'x'.join(map(str, layer.kernel))}" if layer.kernel else ""
    return f"{layer.inputs} to {layer.outputs}{kernel}"
