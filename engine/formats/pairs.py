"""Layers of a file measured: algorithm, rank and widths by their shapes, checked for damage."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import NamedTuple

from engine.formats.endings import Algorithm, algorithm_of
from engine.formats.findings import Findings
from engine.formats.header import Header

MOST_RANK = 1024
FEW_WIDE = 0.25
"""Up to this share of layers may have more rank than width: layers at the ends are narrow."""
_FLOATS = frozenset({"F16", "BF16", "F32", "F64", "F8_E4M3", "F8_E5M2"})
_WHOLES = frozenset({"I64", "I32", "I16", "I8", "U8", "BOOL"})
_BESIDES = frozenset({"bias", "diff_b", "diff_m", "norm", "norm_b", "set", "reshape"})
_MAY_BE_WHOLE = frozenset({"alpha", "reshape", "ia3_side", "oft_scaled", "constraint"})
Shape = tuple[int, ...]
Kind = tuple[tuple[str, str, Shape], ...]
"""Part, element type and shape of each tensor of a layer."""
Widths = tuple[int | None, int | None, tuple[int, ...] | None, int | None]
"""Inputs, outputs, kernel, rank."""
Measured = tuple[Algorithm, int | None, int | None, tuple[int, ...] | None, int | None]


class Pair(NamedTuple):
    """All tensors of one layer under the name that the file gives it, with what they add up to."""

    name: str
    parts: Mapping[str, str]
    """Part -> tensor key."""
    algorithm: Algorithm
    inputs: int | None = None
    """Width of the layer; None when the algorithm does not say. Of a convolution perhaps
    times its kernel's area, where the algorithm flattens it."""
    outputs: int | None = None
    kernel: tuple[int, ...] | None = None
    rank: int | None = None

    @property
    def besides(self) -> frozenset[str]:
        """Parts that are no LoRA's: biases, norms, set weights."""
        return _BESIDES.intersection(self.parts)

    @property
    def is_layer(self) -> bool:
        """Whether it changes a linear layer or a convolution, not only a norm or a bias."""
        return self.algorithm != "full" or self.inputs is not None


def measured(
    layers: Mapping[str, Mapping[str, str]], header: Header, findings: Findings
) -> list[Pair]:
    """Every layer as a pair; what is wrong with one goes to the findings."""
    pairs: list[Pair] = []
    tensors = header.tensors
    # Many layers have the same shapes: each kind is measured once.
    known: dict[Kind, Measured | str] = {}
    for name, parts in layers.items():
        kind = tuple([(part, (info := tensors[key])[0], info[1]) for part, key in parts.items()])
        found = known.get(kind)
        if found is None:
            found = known[kind] = _measured(kind)
        if isinstance(found, str):
            findings.add(found, name)
            continue
        pairs.append(Pair(name, parts, *found))
    wide = [pair for pair in pairs if _is_wider_than_its_layer(pair)]
    if len(wide) > FEW_WIDE * len(pairs):
        for pair in wide:
            findings.add(f"The rank {pair.rank} of a layer is larger than makes sense", pair.name)
    return pairs


def main_algorithm(pairs: Iterable[Pair]) -> Algorithm:
    """What to call the whole file: the algorithm of most of its layers."""
    counts: Counter[Algorithm] = Counter()
    has_kernel = False
    for pair in pairs:
        # A few changed norms and biases beside a LoRA do not make it another kind of file.
        counts[pair.algorithm] += 100 if pair.is_layer else 1
        is_low_rank = pair.algorithm == "lora"
        has_kernel |= is_low_rank and (prod(pair.kernel or (1,)) > 1 or "mid" in pair.parts)
    # DoRA is LoRA with lengths besides; some trainers leave them out of narrow layers.
    if counts["dora"]:
        counts["dora"] += counts.pop("lora", 0)
    found: Algorithm = max(counts, key=lambda name: counts[name], default="lora")
    return "locon" if has_kernel and found == "lora" else found


def common_rank(pairs: Iterable[Pair]) -> int | None:
    """The most common rank, the larger of two equally common ones."""
    counts = Counter(pair.rank for pair in pairs if pair.rank is not None)
    return max(counts, key=lambda rank: (counts[rank], rank), default=None)


def _measured(kind: Kind) -> Measured | str:
    """What the parts of a layer add up to, or a sentence about what is wrong."""
    for part, dtype, _ in kind:
        is_whole = part in _MAY_BE_WHOLE and dtype in _WHOLES
        if dtype not in _FLOATS and not is_whole:
            return "The numbers of a layer are not of a floating type"
    shapes = {part: shape for part, _, shape in kind}
    algorithm = algorithm_of(tuple(shapes))
    if "alpha" in shapes and prod(shapes["alpha"]) != 1:
        return "The alpha of a layer is not a single number"
    if algorithm == "oft" and len(shapes.get("oft_blocks", ())) == 4:
        algorithm = "boft"
    measure = _MEASURES.get(algorithm)
    found = _others(algorithm, shapes) if measure is None else measure(shapes)
    if isinstance(found, str):
        return found
    rank = found[3]
    if rank is not None and rank > MOST_RANK:
        return f"The rank {rank} of a layer is larger than makes sense"
    return algorithm, *found


def _low_rank(shapes: Mapping[str, Shape]) -> Widths | str:
    """Of down, up and perhaps mid; a sentence about what does not fit."""
    for half in ("down", "up"):
        if half not in shapes:
            return f"A layer has no {half} half"
    down, up = shapes["down"], shapes["up"]
    if len(down) not in (2, 3, 4, 5) or len(up) not in (2, 3, 4, 5):
        return "A layer's halves are neither matrices nor convolutions"
    if prod(up[2:]) != 1:
        return "The up half of a convolution has a kernel of its own"
    if down[0] != up[1]:
        return "The halves of a layer have different ranks"
    core = down
    if "mid" in shapes:
        core = shapes["mid"]
        if len(core) < 3 or core[:2] != (down[0], down[0]) or prod(down[2:]) != 1:
            return "The middle of a layer does not fit its halves"
    return down[1], up[0], core[2:] or None, down[0]


def _hadamard(shapes: Mapping[str, Shape]) -> Widths | str:
    """Of LoHa: two low-rank products, or two Tucker ones with cores."""
    for part in ("w1_a", "w1_b", "w2_a", "w2_b"):
        if len(shapes.get(f"hada_{part}", ())) != 2:
            return f"A layer has no whole hada_{part}"
    first, second = shapes["hada_w1_a"], shapes["hada_w1_b"]
    if shapes["hada_w2_a"] != first or shapes["hada_w2_b"] != second:
        return "The two halves of a layer have different shapes"
    core = shapes.get("hada_t1")
    if core is not None:
        if shapes.get("hada_t2") != core or len(core) < 3 or core[:2] != (first[0], second[0]):
            return "The middle of a layer does not fit its halves"
        return second[1], first[1], core[2:], second[0]
    if first[1] != second[0]:
        return "The halves of a layer have different ranks"
    return second[1], first[0], None, second[0]


def _kronecker(shapes: Mapping[str, Shape]) -> Widths | str:
    """Of LoKr: the product of two factors, each whole or low-rank itself."""
    core = shapes.get("lokr_t2")
    first = _factor(shapes, "lokr_w1", None)
    second = _factor(shapes, "lokr_w2", core)
    if first is None or second is None:
        return "A layer does not have both factors of its product"
    rank = second[3] if second[3] is not None else first[3]
    return first[0] * second[0], first[1] * second[1], second[2], rank


def _factor(
    shapes: Mapping[str, Shape], name: str, core: Shape | None
) -> tuple[int, int, tuple[int, ...] | None, int | None] | None:
    """Columns, rows, kernel and rank of one factor; None when it is not there or not whole."""
    whole = shapes.get(name)
    if whole is not None:
        return None if len(whole) < 2 else (whole[1], whole[0], whole[2:] or None, None)
    left, right = shapes.get(f"{name}_a", ()), shapes.get(f"{name}_b", ())
    if len(left) != 2 or len(right) < 2:
        return None
    if core is not None:
        fits = len(core) > 2 and core[:2] == (left[0], right[0])
        return (right[1], left[1], core[2:], right[0]) if fits else None
    if left[1] != right[0]:
        return None
    return right[1], left[0], right[2:] or None, right[0]


def _others(algorithm: Algorithm, shapes: Mapping[str, Shape]) -> Widths:
    """What the shapes of an algorithm that is not applied tell."""
    if algorithm == "full":
        whole = shapes.get("diff") or shapes.get("set") or ()
        if len(whole) >= 2:
            return whole[1], whole[0], whole[2:] or None, None
    blocks = shapes.get("oft_blocks") or shapes.get("boft_blocks") or ()
    if algorithm in ("oft", "boft") and len(blocks) >= 3:
        return None, blocks[-3] * blocks[-1], None, None
    if algorithm == "glora":
        down, up = shapes.get("glora_b2", ()), shapes.get("glora_b1", ())
        if len(down) >= 2 and len(up) >= 2:
            return down[1], up[0], down[2:] or None, down[0]
    return None, None, None, None


_MEASURES: Mapping[Algorithm, Callable[[Mapping[str, Shape]], Widths | str]] = {
    "lora": _low_rank,
    "dora": _low_rank,
    "loha": _hadamard,
    "lokr": _kronecker,
}


def _is_wider_than_its_layer(pair: Pair) -> bool:
    if pair.rank is None or pair.inputs is None or pair.outputs is None:
        return False
    if pair.algorithm not in ("lora", "dora"):
        return False
    return pair.rank > min(pair.inputs * prod(pair.kernel or (1,)), pair.outputs)
