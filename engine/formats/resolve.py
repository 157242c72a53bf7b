"""Layer names of a file against every base's layers: which bases fit, and the canonical modules."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from engine.families.known import fingerprints
from engine.families.layers import Layer
from engine.formats.claim import Module
from engine.formats.findings import short
from engine.formats.naming import Meant, bases, meant_by
from engine.formats.pairs import Pair
from engine.formats.places import Place

FEW = 0.05
"""Up to this share of layers may be unknown to a base that fits otherwise: then we ask."""
_INPUTS = (
    ".x_embedder", ".x_embedder.proj", ".conv_in", ".patch_embedding", ".patch_embed.proj",
    ".pos_embed.proj", ".img_in", ".all_x_embedder.2-1", ".proj_in",
)  # fmt: skip
"""Layers that read the picture: control and inpainting variants have them wider."""

Alpha = Callable[[Pair], str | float | None]
Where = Callable[[str], Place]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Bases that fit, the modules under canonical names, and what to tell about the rest."""

    bases: tuple[str, ...]
    modules: Callable[[], tuple[Module, ...]] = tuple
    """Made when asked for: who only looks at files needs none."""
    twice: tuple[str, ...] = ()
    """Canonical paths that two layers of the file stand for."""
    problems: tuple[str, ...] = ()
    traits: frozenset[str] = frozenset()
    partial: frozenset[str] = frozenset()
    """Of these bases so little is there that they do not yield (`Fingerprint.yields_by`)."""


@dataclass(slots=True)
class _Tally:
    """How the file's layers meet the bases', counted for sets of bases at once."""

    meant: dict[str, tuple[Meant, ...]] = field(default_factory=dict)
    named: Counter[int] = field(default_factory=Counter)
    """Bases whose layer has the name and the width -> how many layers."""
    misfits: dict[int, list[Pair]] = field(default_factory=dict)
    """Bases whose layer has the name but not the width -> layers."""
    widened: dict[int, list[Pair]] = field(default_factory=dict)
    """The same for layers that read the picture."""

    def count(self, bit: int) -> int:
        """Layers that a base has, by name and width."""
        return sum(count for bits, count in self.named.items() if bits & bit)

    def against(self, bit: int, found: Mapping[int, list[Pair]]) -> list[Pair]:
        """Layers of one of the two kinds, for a base."""
        return [pair for bits, pairs in found.items() if bits & bit for pair in pairs]


def resolve(pairs: Sequence[Pair], where: Where, alpha: Alpha) -> Resolution:
    """The bases whose layers have these names and widths.

    When none has all of them, a base that lacks only a few and contradicts none is taken with
    a problem; else there is no base, and the problems say how near the nearest one is.
    """
    tally = _tally(pairs, where)
    bits = {base: 1 << number for number, base in enumerate(bases())}
    known = {base: tally.count(bit) for base, bit in bits.items()}
    best = max(known.values(), default=0)
    fitting = [
        base
        for base, bit in bits.items()
        if known[base] == best and not tally.against(bit, tally.misfits)
    ]
    widened = len(tally.against(bits[fitting[0]], tally.widened)) if fitting else 0
    if not fitting or not best or best + widened < len(pairs) * (1 - FEW):
        return Resolution((), problems=_why_none(pairs, tally, known, bits))
    return _resolution(fitting, pairs, tally, bits[fitting[0]], alpha)


def _resolution(
    fitting: Sequence[str], pairs: Sequence[Pair], tally: _Tally, bit: int, alpha: Alpha
) -> Resolution:
    problems, traits = [], set()
    found: list[tuple[Pair, Meant]] = []
    unknown = []
    paths: Counter[str] = Counter()
    widened = tally.against(bit, tally.widened)
    skipped = {pair.name for pair in widened}
    for pair in pairs:
        meant = next((m for m in tally.meant[pair.name] if m.bases & bit), None)
        if meant is None:
            unknown.append(pair)
        elif pair.name not in skipped:
            found.append((pair, meant))
            paths.update([piece.path for piece in meant.pieces])
    if widened:
        traits.add("picture-input")
        problems.append(f"It widens the layer that reads the picture: {short(widened[0].name)}.")
    if unknown:
        example = short(unknown[0].name)
        told = f"{len(unknown)} of {len(pairs)} layers are not in {fitting[0]}: {example}."
        problems.append(told)
    if any("guidance_embedder" in path for path in paths):
        traits.add("guidance")
    return Resolution(
        tuple(fitting),
        lambda: tuple(module for pair, meant in found for module in _modules(pair, meant, alpha)),
        tuple(path for path, count in paths.items() if count > 1),
        tuple(problems),
        frozenset(traits),
        _partial(fitting, paths),
    )


def _partial(fitting: Sequence[str], paths: Iterable[str]) -> frozenset[str]:
    """Bases that would yield to another one if the file were whole."""
    known = fingerprints()
    denoiser = [f"{path}." for path in paths if not path.startswith("text_encoder")]
    return frozenset(
        base
        for base in fitting
        if (marks := known[base].yields_by)
        and denoiser
        and not any(mark in path for path in denoiser for mark in marks)
    )


def _tally(pairs: Sequence[Pair], where: Where) -> _Tally:
    tally = _Tally()
    for pair in pairs:
        meant = tally.meant[pair.name] = meant_by(where(pair.name))
        fits = 0
        for each in meant:
            if _is_as_wide(pair, each.layer):
                fits |= each.bases
        tally.named[fits] += 1
        for each in meant:
            left = each.bases & ~fits
            if left:
                is_input = each.pieces[0].path.endswith(_INPUTS) and _is_widened(pair, each.layer)
                kind = tally.widened if is_input else tally.misfits
                kind.setdefault(left, []).append(pair)
    return tally


def _is_as_wide(pair: Pair, layer: Layer) -> bool:
    """Whether the pair's widths are the layer's; a 1x1 convolution and a linear layer are one."""
    outputs = pair.outputs
    if outputs is not None and outputs != layer.outputs:
        # OFT's blocks may stand for either side.
        return pair.algorithm in ("oft", "boft") and outputs == layer.inputs
    if pair.inputs is None:
        return True
    if pair.kernel is layer.kernel is None:
        return pair.inputs == layer.inputs
    area = prod(layer.kernel or (1,))
    if pair.algorithm in ("loha", "lokr") and pair.kernel is None:
        return pair.inputs in (layer.inputs, layer.inputs * area)
    return pair.inputs == layer.inputs and prod(pair.kernel or (1,)) == area


def _is_widened(pair: Pair, layer: Layer) -> bool:
    is_other = pair.inputs is not None and pair.inputs > layer.inputs
    return is_other and pair.outputs == layer.outputs


def _modules(pair: Pair, meant: Meant, alpha: Alpha) -> list[Module]:
    """One module for each canonical layer behind a pair."""
    is_pair = pair.algorithm == "lora"
    parts = () if is_pair else tuple(pair.parts.items())
    own = alpha(pair)
    return [
        Module(
            path=piece.path,
            down=pair.parts.get("down", ""),
            up=pair.parts.get("up", ""),
            rank=pair.rank or 0,
            inputs=meant.layer.inputs if pair.inputs is None or not is_pair else pair.inputs,
            outputs=sum(end - start for start, end in piece.rows)
            or pair.outputs
            or meant.layer.outputs,
            alpha=own,
            mid=pair.parts.get("mid"),
            kernel=meant.layer.kernel,
            rows=piece.rows,
            algorithm=pair.algorithm,
            parts=parts,
        )
        for piece in meant.pieces
    ]


def _why_none(
    pairs: Sequence[Pair], tally: _Tally, known: Mapping[str, int], bits: Mapping[str, int]
) -> tuple[str, ...]:
    """Why no base fits: the nearest one, and what is different."""

    def named(base: str) -> int:
        return known[base] + len(tally.against(bits[base], tally.misfits))

    nearest = max(bits, key=named)
    if not named(nearest):
        return ("Its layers have names that no base known here has.",)
    misfits = tally.against(bits[nearest], tally.misfits)
    if misfits:
        pair = misfits[0]
        meant = next(m for m in tally.meant[pair.name] if m.bases & bits[nearest])
        layer = meant.layer
        return (
            f"No base known here fits. The nearest is {nearest}, but {short(pair.name)} is "
            f"{_size(pair.inputs, pair.outputs, pair.kernel)} and would have to be "
            f"{_size(layer.inputs, layer.outputs, layer.kernel)}.",
        )
    lacking = [
        pair
        for pair in pairs
        if not any(meant.bases & bits[nearest] for meant in tally.meant[pair.name])
    ]
    return (
        f"No base known here fits. The nearest is {nearest}, which lacks {len(lacking)} of its "
        f"{len(pairs)} layers, such as {short(lacking[0].name)}.",
    )


def _size(inputs: int | None, outputs: int | None, kernel: tuple[int, ...] | None) -> str:
    """A layer's widths in words."""
    told = "x".join(map(str, kernel or ()))
    area = f" with a {told} kernel" if prod(kernel or (1,)) > 1 else ""
    return f"{inputs or '?'} to {outputs or '?'} wide{area}"
