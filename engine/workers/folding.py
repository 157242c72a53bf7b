"""Every algorithm's change of a layer in the form that costs least: a low-rank pair or a product.

The canonical forms are `up @ down` and, for what has no small pair, a Kronecker product: LoKr as it
is, a whole change as the product of one number and itself. DoRA has lengths besides. What each
algorithm means: LyCORIS `lycoris/modules`, PEFT `tuners/lora/dora.py`. All of it is exact, but for
a whole change that is a pair within `MOST_ERROR`, which is stated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import prod

import torch
from torch import Tensor, nn

from engine.formats.claim import Module
from engine.formats.endings import Algorithm
from engine.workers.layers import Kron, Norms, Share, fitted, no_pair, shape_problem
from engine.workers.unpacked import bias_of, weight_of

Shape = tuple[int, ...]
Layer = nn.Linear | nn.Conv2d
MOST_ERROR = 1e-5
"""Of a whole change's size: a pair that is closer than this stands for it."""
SOUGHT_RANK = 64
"""How large a pair for a whole change is looked for."""
WORTH = 2
"""How many times fewer numbers such a pair must have."""


@dataclass(frozen=True, eq=False)
class Pair:
    """One layer's low-rank pair: down (rank, in[, kh, kw]), up (out, rank[, 1, 1]).

    Alphas and ranks are folded into `up`.
    """

    down: Tensor
    up: Tensor
    lengths: Tensor | None = None
    """DoRA: the length that each row of the changed weight is given; of each column when
    `is_by_input`. What that means depends on the base's weight, see `share_on`."""
    is_by_input: bool = False
    error: float = 0.0
    """Of the change's size, what the pair leaves out: 0 where it is exact."""

    @property
    def numbers(self) -> tuple[Tensor, ...]:
        """All of its tensors."""
        told = (self.down, self.up, self.lengths)
        return tuple(each for each in told if each is not None)

    def copied(self, copy: Callable[[Tensor], Tensor]) -> "Pair":
        """The same numbers in memory of their own."""
        lengths = None if self.lengths is None else copy(self.lengths)
        return replace(self, down=copy(self.down), up=copy(self.up), lengths=lengths)

    def rows(self, ranges: tuple[tuple[int, int], ...]) -> "Pair":
        """Some of its outputs."""
        up = torch.cat([self.up[start:end] for start, end in ranges])
        return replace(self, up=up, lengths=_some(self.lengths, ranges, self.is_by_input))

    def problem_on(self, layer: Layer) -> str:
        """Why it can't act on a layer; empty when it can."""
        return shape_problem(layer, fitted(layer, self.down), fitted(layer, self.up))

    def share_on(self, layer: Layer) -> Share:
        """What it does to this layer; raises `Unreadable` for a DoRA on a weight that is none.

        DoRA at a weight w makes of the base's W gain * (W + w * up @ down), gain being the wanted
        length of each row over the length it would have. The change of several is the sum of
        theirs: so stacks do not depend on their order.
        """
        down, up = fitted(layer, self.down), fitted(layer, self.up)
        if self.lengths is None:
            return Share(down, up)
        return Share(down, up, norms=self._norms(layer, self.lengths))

    def _norms(self, layer: Layer, lengths: Tensor) -> Norms:
        """Three sums over the layer's own weight, once; nothing as large as it is made twice."""
        weight = weight_of(layer)
        up, down = (half.to(weight.device).flatten(1) for half in (self.up, self.down))
        wide = weight.flatten(1)
        if self.is_by_input:
            return self._norms_by_input(lengths, weight, up, down)
        return Norms(
            lengths.flatten().to(weight.device),
            wide.square().sum(1),
            (wide @ down.mT).mul_(up).sum(1),
            (up @ (down @ down.mT)).mul_(up).sum(1),
            bias=bias_of(layer),
        )

    def _norms_by_input(self, lengths: Tensor, weight: Tensor, up: Tensor, down: Tensor) -> Norms:
        across = (weight.shape[1], -1)

        def by_input(by_column: Tensor) -> Tensor:
            return by_column.view(across).sum(1)

        wide = weight.flatten(1)
        return Norms(
            lengths.flatten().to(weight.device),
            by_input(wide.square().sum(0)),
            by_input((up.mT @ wide).mul_(down).sum(0)),
            by_input(((up.mT @ up) @ down).mul_(down).sum(0)),
            is_by_input=True,
        )


@dataclass(frozen=True, eq=False)
class Product:
    """One layer's change as a Kronecker product: left (a, b), right (c, d[, kh, kw])."""

    left: Tensor
    right: Tensor
    lengths: Tensor | None = None
    """As of `Pair`: only where the left factor is one number, as gains are no product."""
    is_by_input: bool = False
    error: float = 0.0

    @property
    def numbers(self) -> tuple[Tensor, ...]:
        """All of its tensors."""
        told = (self.left, self.right, self.lengths)
        return tuple(each for each in told if each is not None)

    def copied(self, copy: Callable[[Tensor], Tensor]) -> "Product":
        """The same numbers in memory of their own."""
        lengths = None if self.lengths is None else copy(self.lengths)
        return replace(self, left=copy(self.left), right=copy(self.right), lengths=lengths)

    def rows(self, ranges: tuple[tuple[int, int], ...]) -> "Product":
        """Some of its outputs; a whole change where they are not whole rows of the left factor."""
        high = self.right.shape[0]
        lengths = _some(self.lengths, ranges, self.is_by_input)
        if self.left.numel() > 1 and all(not start % high and not end % high
                                         for start, end in ranges):  # fmt: skip
            left = torch.cat([self.left[start // high : end // high] for start, end in ranges])
            return replace(self, left=left, lengths=lengths)
        dense = Kron(self.left, self.right).dense()
        right = torch.cat([dense[start:end] for start, end in ranges])
        return replace(self, left=torch.ones(1, 1), right=right, lengths=lengths)

    def problem_on(self, layer: Layer) -> str:
        """Why it can't act on a layer; empty when it can."""
        kron = Kron(self.left, fitted(layer, self.right))
        kernel = tuple(kron.right.shape[2:])
        if isinstance(layer, nn.Conv2d):
            if layer.groups != 1:
                return "grouped convolution"
            wanted: Shape = (layer.out_channels, layer.in_channels, *layer.kernel_size)
        else:
            wanted = (layer.out_features, layer.in_features)
        found = (kron.outputs, kron.inputs, *kernel)
        return "" if found == wanted else f"is {found}, the layer is {wanted}"

    def share_on(self, layer: Layer) -> Share:
        """As of `Pair`."""
        kron = Kron(self.left, fitted(layer, self.right))
        down, up = no_pair(layer, self.right.device)
        if self.lengths is None:
            return Share(down, up, krons=(kron,))
        weight, change = weight_of(layer), kron.right
        change = change.to(weight.device)
        if self.is_by_input:
            return self._by_input(layer, weight, change)
        base, own = weight.flatten(1), change.flatten(1)
        norms = Norms(
            self.lengths.flatten().to(weight.device),
            base.square().sum(1), (base * own).sum(1), own.square().sum(1),
            bias=bias_of(layer),
        )  # fmt: skip
        return Share(down, up, krons=(kron,), norms=norms)

    def _by_input(self, layer: Layer, weight: Tensor, change: Tensor) -> Share:
        """Lengths of columns: settled at weight one and scaled by a weight as a whole."""
        merged = weight + change
        columns = merged.transpose(0, 1).flatten(1).square().sum(1).sqrt()
        eps = torch.finfo(columns.dtype).eps
        ratio = (self.lengths if self.lengths is not None else columns).flatten().to(weight.device)
        ratio = (ratio / (columns + eps)).view(1, -1, *(1,) * (weight.dim() - 2))
        down, up = no_pair(layer, weight.device)
        left = self.left.to(weight.device)
        return Share(down, up, krons=(Kron(left, merged * ratio - weight),))


Folded = Pair | Product


def folded(module: Module, tensors: Mapping[str, Tensor]) -> Folded:
    """What a module's tensors are, in single precision."""
    parts = dict(module.parts) or _low_rank_parts(module)
    own = {part: tensors[key].float() for part, key in parts.items() if part in _USED}
    made = _FOLDS[module.algorithm](own, module, _factor(module, own))
    if "dora" in own:
        made = _decomposed(made, own["dora"])
    return made.rows(module.rows) if module.rows else made


def whole(change: Tensor) -> Product:
    """A whole change of a layer, as it is."""
    return Product(torch.ones(1, 1), change)


def reduced(change: Tensor) -> Folded:
    """A whole change as a pair where one is close enough and much smaller; the error is stated.

    A random sketch finds the largest directions of it; what they leave out is measured.
    """
    wide = change.flatten(1)
    most = min(SOUGHT_RANK, wide.numel() // (WORTH * sum(wide.shape)))
    size = torch.linalg.vector_norm(wide)
    if most < 1 or not bool(size > 0) or not bool(torch.isfinite(size)):
        return whole(change)
    generator = torch.Generator().manual_seed(0)
    probes = torch.randn(wide.shape[1], most, generator=generator)
    sketch = torch.linalg.qr(wide @ (wide.mT @ (wide @ probes))).Q
    left, values, right = torch.linalg.svd(sketch.mT @ wide, full_matrices=False)
    up, down = (sketch @ left) * values, right
    # What is left out beyond a rank, in squares, from the smallest direction up.
    beyond = values.square().flip(0).cumsum(0).flip(0)
    rank = max(1, int((beyond > (MOST_ERROR * size / 2) ** 2).sum()))
    up, down = up[:, :rank], down[:rank]
    error = float(torch.linalg.vector_norm(wide - up @ down) / size)
    if error > MOST_ERROR:
        return whole(change)
    ones = (1,) * (change.dim() - 2)
    return Pair(down.reshape(rank, *change.shape[1:]), up.reshape(-1, rank, *ones), error=error)


def _low_rank_parts(module: Module) -> dict[str, str]:
    parts = {"down": module.down, "up": module.up}
    if module.mid is not None:
        parts["mid"] = module.mid
    if isinstance(module.alpha, str):
        parts["alpha"] = module.alpha
    return parts


def _factor(module: Module, own: Mapping[str, Tensor]) -> float:
    """Alpha over rank; one where there is no rank (both factors of a product whole)."""
    if not module.rank:
        return 1.0
    alpha = float(own["alpha"]) if "alpha" in own else module.alpha
    return 1.0 if alpha is None or isinstance(alpha, str) else alpha / module.rank


def _low_rank(own: Mapping[str, Tensor], _: Module, factor: float) -> Pair:
    down, up = own["down"], own["up"]
    if "mid" in own:
        # A Tucker core between 1x1 kernels: down becomes a kernel of the layer's own size.
        down = torch.einsum("rs...,si->ri...", own["mid"], down.flatten(1))
    return Pair(down, up * factor)


def _decomposed(made: Folded, lengths: Tensor) -> Folded:
    """With the lengths that a DoRA gives its rows or columns."""
    outputs = made.up.shape[0] if isinstance(made, Pair) else Kron(made.left, made.right).outputs
    is_by_input = lengths.dim() > 1 and lengths.shape[0] == 1 != lengths.shape[1]
    # PEFT writes a convolution's as [1, out, 1, 1]; a linear layer's inputs are [1, in].
    if is_by_input and lengths.dim() == 4 and lengths.shape[1] == outputs:
        is_by_input = False
    if isinstance(made, Product) and made.left.numel() > 1:
        made = whole(Kron(made.left, made.right).dense())
    return replace(made, lengths=lengths.flatten(), is_by_input=is_by_input)


def _some(
    lengths: Tensor | None, ranges: tuple[tuple[int, int], ...], is_by_input: bool
) -> Tensor | None:
    if lengths is None or is_by_input:
        return lengths
    return torch.cat([lengths[start:end] for start, end in ranges])


def _hadamard(own: Mapping[str, Tensor], module: Module, factor: float) -> Folded:
    """(A1 B1) * (A2 B2) is the product of the row-wise Kronecker products of the halves."""
    first, second = own["hada_w1_a"], own["hada_w2_a"]
    down_1, down_2 = own["hada_w1_b"], own["hada_w2_b"]
    if "hada_t1" in own:
        one = torch.einsum("rs...,ro,si->oi...", own["hada_t1"], first, down_1)
        two = torch.einsum("rs...,ro,si->oi...", own["hada_t2"], second, down_2)
        return whole(one * two * factor)
    shape = (-1, module.inputs, *(module.kernel or ()))
    outputs, inputs = first.shape[0], down_1.shape[1]
    if module.rank**2 * (outputs + inputs) >= outputs * inputs:
        change = (first @ down_1) * (second @ down_2) * factor
        return whole(change.view(-1, *shape[1:]))
    up = torch.einsum("oi,oj->oij", first, second).flatten(1) * factor
    down = torch.einsum("ik,jk->ijk", down_1, down_2).flatten(0, 1).view(shape)
    return Pair(down, up.view(*up.shape, *(1,) * (down.dim() - 2)))


def _kronecker(own: Mapping[str, Tensor], module: Module, factor: float) -> Folded:
    """kron(W1, W2), or kron(W1, A B) = kron(W1, A) kron(1, B) as a pair where that costs less.

    What is compared: products of numbers for one token, which is also how many are kept or more.
    """
    first = own["lokr_w1"] if "lokr_w1" in own else own["lokr_w1_a"] @ own["lokr_w1_b"]
    second = own.get("lokr_w2")
    kernel = module.kernel or ()
    if "lokr_t2" in own:
        second = torch.einsum(
            "rs...,ro,si->oi...", own["lokr_t2"], own["lokr_w2_a"], own["lokr_w2_b"]
        )
    if second is None:
        left, right = own["lokr_w2_a"], own["lokr_w2_b"].flatten(1)
        rank = first.shape[1] * left.shape[1]
        sides = (*first.shape, left.shape[0], right.shape[1])
        is_small = rank * (sides[0] * sides[2] + sides[1] * sides[3]) < product_cost(sides)
        if is_small and prod(kernel) <= 1:
            down = torch.kron(torch.eye(first.shape[1]), right)
            return Pair(down, torch.kron(first, left) * factor)
        second = (left @ right).view(left.shape[0], -1, *kernel)
    return Product(first * factor, second)


def product_cost(sides: tuple[int, ...]) -> int:
    """Multiplications of one token by a Kronecker product: the right factor's, then the left's."""
    a, b, c, d = sides
    return b * c * d + a * b * c


def _full(own: Mapping[str, Tensor], _: Module, __: float) -> Folded:
    return reduced(own["diff"])


_USED = frozenset({
    "down", "up", "mid", "alpha", "dora", "diff",
    *(f"hada_{part}" for part in ("w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")),
    *(f"lokr_{part}" for part in ("w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b", "t2")),
})  # fmt: skip
_FOLDS: Mapping[Algorithm, Callable[[Mapping[str, Tensor], Module, float], Folded]] = {
    "lora": _low_rank,
    "locon": _low_rank,
    "dora": _low_rank,
    "loha": _hadamard,
    "lokr": _kronecker,
    "full": _full,
}
