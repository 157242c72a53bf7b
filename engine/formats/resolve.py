"""Layer names of a file against every base's layers: which bases fit, and the canonical modules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod

from engine.families.known import fingerprints
from engine.families.layers import Layer
from engine.formats.claim import Module
from engine.formats.findings import short
from engine.formats.naming import Names
from engine.formats.pairs import Pair

FEW = 0.05
"""Up to this share of layers may be unknown to a base that fits otherwise: then we ask."""

Alpha = Callable[[Pair], str | float | None]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Bases that fit, the modules under canonical names, and what to tell about the rest."""

    bases: tuple[str, ...]
    modules: tuple[Module, ...]
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Fit:
    """How the file's layers meet one base's."""

    base: str
    names: Names
    unknown: list[Pair] = field(default_factory=list)
    misfits: list[Pair] = field(default_factory=list)

    @property
    def misses(self) -> int:
        return len(self.unknown) + len(self.misfits)


def resolve(pairs: Sequence[Pair], names: Callable[[str], Names], alpha: Alpha) -> Resolution:
    """The bases whose layers have these names and widths, by `names(base)`.

    When none has all of them, a base that lacks only a few and contradicts none is taken with
    a problem; else there is no base, and the problems say how near the nearest one is.
    """
    fits = sorted((_fit(base, names(base), pairs) for base in fingerprints()), key=_misses)
    best = fits[0]
    same = tuple(fit.base for fit in fits if not fit.misfits and fit.misses == best.misses)
    if best.misfits or best.misses > FEW * len(pairs):
        nearest = min(fits, key=lambda fit: (len(fit.unknown), len(fit.misfits)))
        return Resolution((), (), _why_none(nearest, len(pairs)))
    unknown = {pair.name for pair in best.unknown}
    known = [pair for pair in pairs if pair.name not in unknown]
    problems: tuple[str, ...] = ()
    if unknown:
        example = short(best.unknown[0].name)
        problems = (f"{len(unknown)} of {len(pairs)} layers are not in {best.base}: {example}.",)
    return Resolution(same, _modules(known, best.names, alpha), problems)


def _misses(fit: _Fit) -> tuple[int, int]:
    return fit.misses, len(fit.misfits)


def _fit(base: str, names: Names, pairs: Sequence[Pair]) -> _Fit:
    fit = _Fit(base, names)
    for pair in pairs:
        target = names.get(pair.name)
        if target is None:
            fit.unknown.append(pair)
        elif not _is_as_wide(pair, target.layer):
            fit.misfits.append(pair)
    return fit


def _is_as_wide(pair: Pair, layer: Layer) -> bool:
    """Whether the pair's widths are the layer's; a 1x1 convolution and a linear layer are one."""
    area = prod(layer.kernel or (1, 1))
    if pair.inputs is not None and pair.inputs not in (layer.inputs, layer.inputs * area):
        return False
    if pair.outputs is not None and pair.outputs != layer.outputs:
        return False
    if pair.rank is None:
        return True
    return (pair.kernel or (1, 1)) == (layer.kernel or (1, 1)) and pair.inputs == layer.inputs


def _modules(pairs: Sequence[Pair], names: Names, alpha: Alpha) -> tuple[Module, ...]:
    """One module for each canonical layer behind a pair."""
    found = []
    for pair in pairs:
        if pair.rank is None or pair.inputs is None or pair.outputs is None:
            continue
        target = names[pair.name]
        for piece in target.pieces:
            rows = sum(end - start for start, end in piece.rows)
            found.append(
                Module(
                    path=piece.path,
                    down=pair.parts["down"],
                    up=pair.parts["up"],
                    rank=pair.rank,
                    inputs=pair.inputs,
                    outputs=rows or pair.outputs,
                    alpha=alpha(pair),
                    mid=pair.parts.get("mid"),
                    kernel=target.layer.kernel,
                    rows=piece.rows,
                )
            )
    return tuple(found)


def _why_none(nearest: _Fit, count: int) -> tuple[str, ...]:
    """Why no base fits: the nearest one, and what is different."""
    if nearest.misses == count and not nearest.misfits:
        return ("Its layers have names that no base known here has.",)
    if nearest.misfits:
        pair = nearest.misfits[0]
        layer = nearest.names[pair.name].layer
        return (
            f"No base known here fits. The nearest is {nearest.base}, but {short(pair.name)} is "
            f"{_size(pair.inputs, pair.outputs, pair.kernel)} and would have to be "
            f"{_size(layer.inputs, layer.outputs, layer.kernel)}.",
        )
    return (
        f"No base known here fits. The nearest is {nearest.base}, which lacks "
        f"{len(nearest.unknown)} of its {count} layers, such as {short(nearest.unknown[0].name)}.",
    )


def _size(inputs: int | None, outputs: int | None, kernel: tuple[int, int] | None) -> str:
    """A layer's widths in words."""
    area = "" if kernel in (None, (1, 1)) else f" with a {kernel[0]}x{kernel[1]} kernel"
    return f"{inputs or '?'} to {outputs or '?'} wide{area}"
