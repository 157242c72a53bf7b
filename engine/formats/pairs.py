"""Tensors of a header put together by layer, and their shapes checked against each other."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod

from engine.formats.endings import Algorithm, algorithm_of
from engine.formats.findings import Findings
from engine.formats.header import Header, TensorInfo

MOST_RANK = 1024
_FLOATS = frozenset({"F16", "BF16", "F32", "F64"})
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """All tensors of one layer under the name that the file gives it, with what they add up to."""

    name: str
    parts: Mapping[str, str]
    """Part -> tensor key."""
    algorithm: Algorithm
    inputs: int | None
    """Width of the layer; None when the algorithm does not say. Of a convolution perhaps
    times its kernel's area, where the algorithm flattens it."""
    outputs: int | None
    kernel: tuple[int, int] | None = None
    rank: int | None = None


def grouped(
    keys: Iterable[str], split: Callable[[str], tuple[str, str] | None]
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Layer name -> part -> key, and the keys that belong to no layer."""
    layers: dict[str, dict[str, str]] = {}
    others = []
    for key in keys:
        found = split(key)
        if found is None or found[1] in layers.get(found[0], {}):
            others.append(key)
        else:
            layers.setdefault(found[0], {})[found[1]] = key
    return layers, others


def measured(
    layers: Mapping[str, Mapping[str, str]], header: Header, findings: Findings
) -> list[Pair]:
    """Every layer as a pair; what is wrong with one goes to the findings."""
    pairs = []
    for name, parts in layers.items():
        infos = {part: header.tensors[key] for part, key in parts.items()}
        algorithm = algorithm_of(parts)
        if algorithm == "oft" and len(infos["oft_blocks"].shape) == 4:
            algorithm = "boft"
        for part, info in infos.items():
            if info.dtype not in _FLOATS:
                findings.add("The numbers of a layer are not of a floating type", parts[part])
        if algorithm in ("lora", "dora"):
            pair = _low_rank(name, parts, infos, algorithm, findings)
            if pair is not None:
                pairs.append(pair)
        else:
            inputs, outputs = _widths(infos)
            pairs.append(Pair(name, parts, algorithm, inputs, outputs))
    return pairs


def main_algorithm(pairs: Iterable[Pair]) -> Algorithm:
    """What to call the whole file: the commonest algorithm that is not plain LoRA, if any."""
    counts: Counter[Algorithm] = Counter()
    has_kernel = False
    for pair in pairs:
        counts[pair.algorithm] += 1
        has_kernel |= pair.kernel is not None and pair.kernel != (1, 1)
        has_kernel |= "mid" in pair.parts
    others = [(name, count) for name, count in counts.most_common() if name != "lora"]
    if others:
        return others[0][0]
    return "locon" if has_kernel else "lora"


def common_rank(pairs: Iterable[Pair]) -> int | None:
    """The most common rank, the larger of two equally common ones."""
    counts = Counter(pair.rank for pair in pairs if pair.rank is not None)
    return max(counts, key=lambda rank: (counts[rank], rank), default=None)


def _low_rank(
    name: str,
    parts: Mapping[str, str],
    infos: Mapping[str, TensorInfo],
    algorithm: Algorithm,
    findings: Findings,
) -> Pair | None:
    """A checked pair of down and up, or None with a finding."""
    problem = _half_problem(infos)
    if problem is None:
        problem = _shape_problem({part: info.shape for part, info in infos.items()})
    if problem is not None:
        findings.add(problem, name)
        return None
    down, up = infos["down"].shape, infos["up"].shape
    core = infos["mid"].shape if "mid" in infos else down
    kernel = (core[2], core[3]) if len(core) == 4 else None
    rank, inputs, outputs = down[0], down[1], up[0]
    if rank > MOST_RANK or rank > min(prod(down[1:]) * prod(core[2:]), outputs):
        findings.add(f"The rank {rank} of a layer is larger than makes sense", name)
        return None
    return Pair(name, parts, algorithm, inputs, outputs, kernel, rank)


def _half_problem(infos: Mapping[str, TensorInfo]) -> str | None:
    if "down" not in infos and "up" not in infos:
        return "A layer has neither its down nor its up half"
    if "down" not in infos:
        return "A layer has no down half"
    if "up" not in infos:
        return "A layer has no up half"
    if prod(infos["alpha"].shape if "alpha" in infos else ()) != 1:
        return "The alpha of a layer is not a single number"
    if "bias" in infos:
        return "A layer changes its bias, which is not supported"
    return None


def _shape_problem(shapes: Mapping[str, Shape]) -> str | None:
    """What does not fit between down, up and, in a Tucker pair, mid."""
    down, up = shapes["down"], shapes["up"]
    if len(down) not in (2, 4) or len(up) not in (2, 4):
        return "A layer's halves are neither matrices nor convolutions"
    if len(up) == 4 and up[2:] != (1, 1):
        return "The up half of a convolution has a kernel of its own"
    if down[0] != up[1]:
        return "The halves of a layer have different ranks"
    if "mid" in shapes:
        mid = shapes["mid"]
        if len(mid) != 4 or mid[:2] != (down[0], down[0]) or prod(down[2:]) != 1:
            return "The middle of a layer does not fit its halves"
    return None


def _widths(infos: Mapping[str, TensorInfo]) -> tuple[int | None, int | None]:
    """Input and output width of a layer of another algorithm, as far as its shapes tell."""
    shapes = {part: info.shape for part, info in infos.items()}
    if "diff" in shapes and len(shapes["diff"]) >= 2:
        return shapes["diff"][1], shapes["diff"][0]
    if "hada_w1_a" in shapes and "hada_w1_b" in shapes and "hada_t1" not in shapes:
        return shapes["hada_w1_b"][-1], shapes["hada_w1_a"][0]
    first = _kronecker_side(shapes, "lokr_w1")
    second = _kronecker_side(shapes, "lokr_w2")
    if first is not None and second is not None and "lokr_t2" not in shapes:
        return first[1] * second[1], first[0] * second[0]
    return None, None


def _kronecker_side(shapes: Mapping[str, Shape], name: str) -> tuple[int, int] | None:
    """Rows and columns of one factor of a Kronecker product, whole or as a product itself."""
    if name in shapes and len(shapes[name]) >= 2:
        return shapes[name][0], shapes[name][1]
    left, right = shapes.get(f"{name}_a", ()), shapes.get(f"{name}_b", ())
    if len(left) >= 2 and len(right) >= 2:
        return left[0], right[1]
    return None
