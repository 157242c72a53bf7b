"""What a stack of LoRAs is to a layer of the base: one share, added to the layer's output.

y = base(x) + up(down(x)), with all LoRAs of a stack concatenated into one low-rank pair a layer
(`folding` makes one of every algorithm that has one), so the number of operations does not depend
on how many LoRAs there are. DoRA adds a gain on base(x) or on x; what has no small pair, as a LoKr
or a whole change of a layer, acts as a Kronecker product beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from torch import Tensor, nn

from engine.messages import Sha256

StackKey = tuple[tuple[Sha256, float], ...]
"""Files and weights in the order of the plan."""


Sides = tuple[int, int, int, int]
"""Rows and columns of the left and of the right factor of a Kronecker product."""


@dataclass(frozen=True, eq=False)
class Kron:
    """A sum of `count` Kronecker products of the same sides, as it acts: two products of matrices.

    left (a, count * b) holds the weights; right (count * c, d[, kh, kw]). A whole change of a layer
    is one with a and b of one.
    """

    left: Tensor
    right: Tensor
    count: int = 1

    @property
    def sides(self) -> Sides:
        """Of one of its products: a, b, c, d."""
        a, b = self.left.shape[0], self.left.shape[1] // self.count
        return a, b, self.right.shape[0] // self.count, self.right.shape[1]

    @property
    def outputs(self) -> int:
        """Of the layer it fits."""
        a, _, c, _ = self.sides
        return a * c

    @property
    def inputs(self) -> int:
        """Of the layer it fits."""
        _, b, _, d = self.sides
        return b * d

    def dense(self) -> Tensor:
        """The change of the weight, in its shape."""
        a, b, c, d = self.sides
        left = self.left.view(a, self.count, b)
        right = self.right.view(self.count, c, d, -1)
        whole = torch.einsum("anb,ncdk->acbdk", left, right)
        return whole.reshape(a * c, b * d, *self.right.shape[2:])


@dataclass(frozen=True, eq=False)
class Norms:
    """What a DoRA's gain at any weight w follows from, with nothing as large as the layer.

    The squared length of W + w * up @ down is base + 2 w cross + w^2 own, by rows, or by columns
    when `is_by_input`; the changed weight is given `lengths` instead. As PEFT does it.
    """

    lengths: Tensor
    base: Tensor
    cross: Tensor
    own: Tensor
    is_by_input: bool = False
    bias: Tensor | None = None
    """The layer's, which a gain on its output must leave out."""

    def gain(self, weight: float) -> Tensor:
        """What each row or column is multiplied by."""
        squared = self.base + 2 * weight * self.cross + weight**2 * self.own
        return self.lengths / (squared.clamp(min=0).sqrt() + torch.finfo(squared.dtype).eps)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All of its numbers."""
        told = (self.lengths, self.base, self.cross, self.own, self.bias)
        return tuple(each for each in told if each is not None)


@dataclass(frozen=True, eq=False)
class Share:
    """What a stack does to one layer's output: adds `up(down(x))`, and its `krons`.

    down (rank, in[, kh, kw]), up (out, rank[, 1, 1]); weights, alphas and ranks are in `up`. The
    rank is 0 when there is no pair.
    """

    down: Tensor
    up: Tensor
    gain: Tensor | None = None
    """Where a DoRA is among them, `gain * output + shift` is added too, by outputs: its gain is
    on the base's output, and `shift` takes the bias out of it, where there is one."""
    shift: Tensor | None = None
    inner: Tensor | None = None
    """By inputs: the base is given `x + inner * x`."""
    krons: tuple[Kron, ...] = ()
    """Each of other sides than the others."""
    norms: Norms | None = None
    """Of a DoRA whose weight is not chosen yet; see `weighted`."""

    @property
    def is_mere(self) -> bool:
        """Whether it is a pair and nothing else."""
        return self.gain is None and self.inner is None and not self.krons and self.norms is None

    @property
    def rank(self) -> int:
        """Of the pair."""
        return self.down.shape[0]

    @property
    def size_bytes(self) -> int:
        """Memory of its numbers."""
        parts = [self.down, self.up, self.gain, self.shift, self.inner]
        parts += [half for kron in self.krons for half in (kron.left, kron.right)]
        parts += self.norms.tensors if self.norms is not None else ()
        return sum(part.nbytes for part in parts if part is not None)


@dataclass(frozen=True, eq=False)
class Stack:
    """A stack ready to act: shares by canonical layer path, on the base's device."""

    key: StackKey = ()
    pairs: Mapping[str, Share] = field(default_factory=dict)
    says: StackKey = ()
    """Those of its files that change text encoders: all that an encoded prompt depends on."""

    def __bool__(self) -> bool:
        return bool(self.pairs)

    @cached_property
    def layers(self) -> Mapping[str, Share]:
        """The shares of the network that is called at every step."""
        return {path: pair for path, pair in self.pairs.items() if not is_text(path)}

    @cached_property
    def text(self) -> Mapping[str, Share]:
        """The shares of text encoders, which act once, when the prompt is encoded."""
        return {path: pair for path, pair in self.pairs.items() if is_text(path)}


def is_text(path: str) -> bool:
    """Whether a canonical path leads into a text encoder."""
    return path.startswith("text_encoder")


HOME = "atelier_home"
"""Attribute of a layer whose weights come and go: the device that it is run on."""
NO_STACK = Stack()
TOLD_MISSING = 3
"""Missing layers that an error names."""


def find_layer(roots: Mapping[str, nn.Module], path: str) -> nn.Linear | nn.Conv2d | None:
    """The layer that a canonical path means, or None.

    transformers dropped the `text_model.` level of some text encoders and kept it in others;
    files carry it, so it is tried with and without.
    """
    first, _, rest = path.partition(".")
    root = roots.get(first)
    if root is None:
        return None
    for way in (rest, rest.removeprefix("text_model.")):
        try:
            found = root.get_submodule(way)
        except AttributeError:
            continue
        if isinstance(found, nn.Linear | nn.Conv2d):
            return found
    return None


def shape_problem(layer: nn.Linear | nn.Conv2d, down: Tensor, up: Tensor) -> str:
    """Why these factors can't act on this layer; empty when they can."""
    if down.shape[0] != up.shape[1]:
        return f"ranks differ: {down.shape[0]} and {up.shape[1]}"
    if isinstance(layer, nn.Conv2d):
        if layer.groups != 1:
            return "grouped convolution"
        wanted_down: tuple[int, ...] = (layer.in_channels, *layer.kernel_size)
        wanted_up: tuple[int, ...] = (layer.out_channels, 1, 1)
    else:
        wanted_down, wanted_up = (layer.in_features,), (layer.out_features,)
    got_down, got_up = tuple(down.shape[1:]), (up.shape[0], *up.shape[2:])
    if got_down != wanted_down or got_up != wanted_up:
        return f"is {got_down} to {got_up}, the layer is {wanted_down} to {wanted_up}"
    return ""


def fitted(layer: nn.Linear | nn.Conv2d, factor: Tensor) -> Tensor:
    """A factor in the number of dimensions of its layer: 1x1 kernels come and go."""
    if isinstance(layer, nn.Conv2d) and factor.dim() == 2:
        return factor[:, :, None, None]
    if isinstance(layer, nn.Linear) and factor.dim() == 4 and factor.shape[2:] == (1, 1):
        return factor[:, :, 0, 0]
    return factor


def home_of(layer: nn.Linear | nn.Conv2d) -> torch.device:
    """Where a layer is run: not where its weights lie between, when parts come and go."""
    home = getattr(layer, HOME, None)
    return home if isinstance(home, torch.device) else layer.weight.device


def no_pair(layer: nn.Linear | nn.Conv2d, device: torch.device) -> tuple[Tensor, Tensor]:
    """Down and up of rank 0."""
    if isinstance(layer, nn.Conv2d):
        down = torch.zeros(0, layer.in_channels, *layer.kernel_size, device=device)
        return down, torch.zeros(layer.out_channels, 0, 1, 1, device=device)
    down = torch.zeros(0, layer.in_features, device=device)
    return down, torch.zeros(layer.out_features, 0, device=device)


def placed(layer: nn.Linear | nn.Conv2d, share: Share) -> Share:
    """The share where the layer is run and in the precision of its factors; norms stay exact."""
    device, dtype = home_of(layer), factor_dtype(layer)

    def moved(part: Tensor | None) -> Tensor | None:
        return None if part is None else part.to(device, dtype).contiguous()

    norms = share.norms
    if norms is not None:
        lengths, base, cross, own = (
            part.to(device) for part in (norms.lengths, norms.base, norms.cross, norms.own)
        )
        bias = None if norms.bias is None else norms.bias.to(device)
        norms = Norms(lengths, base, cross, own, norms.is_by_input, bias)
    return Share(
        share.down.to(device, dtype).contiguous(),
        share.up.to(device, dtype).contiguous(),
        moved(share.gain),
        moved(share.shift),
        moved(share.inner),
        tuple(
            Kron(
                kron.left.to(device, dtype).contiguous(),
                kron.right.to(device, dtype).contiguous(),
                kron.count,
            )
            for kron in share.krons
        ),
        norms,
    )


def weighted(shares: Mapping[str, Share], weight: float) -> dict[str, Share]:
    """The same shares, as strong as this: what a change of weight costs."""
    plain = {path: share for path, share in shares.items() if share.norms is None}
    made = {path: _decomposed(share, weight) for path, share in shares.items() if share.norms}
    if weight == 1 or not plain:
        return made | plain
    ups = torch._foreach_mul([share.up for share in plain.values()], weight)
    for (path, share), up in zip(plain.items(), ups, strict=True):
        if share.is_mere:
            made[path] = Share(share.down, up)
            continue
        made[path] = replace(
            share,
            up=up,
            gain=_times(share.gain, weight),
            shift=_times(share.shift, weight),
            inner=_times(share.inner, weight),
            krons=tuple(replace(kron, left=kron.left * weight) for kron in share.krons),
        )
    return made


def _times(part: Tensor | None, weight: float) -> Tensor | None:
    return None if part is None else part * weight


def _decomposed(share: Share, weight: float) -> Share:
    """A DoRA at a weight: W becomes gain * (W + weight * up @ down)."""
    norms, dtype = share.norms, share.up.dtype
    if norms is None:
        return share
    gain = norms.gain(weight)
    if norms.is_by_input:
        wide = gain.view(1, -1, *(1,) * (share.down.dim() - 2))
        down, up = (share.down * wide).to(dtype), share.up * weight
        return Share(down, up, inner=(gain - 1).to(dtype))
    up = (share.up * (weight * gain).view(-1, *(1,) * (share.up.dim() - 1))).to(dtype)
    shift = None if norms.bias is None else ((1 - gain) * norms.bias).to(dtype)
    krons = tuple(
        replace(
            kron,
            right=(kron.right * (weight * gain).view(-1, *(1,) * (kron.right.dim() - 1))).to(dtype),
        )
        for kron in share.krons
    )
    return Share(share.down, up, (gain - 1).to(dtype), shift, krons=krons)


def summed(shares: Sequence[Share]) -> Share:
    """One share that does what several do: ranks add, operations do not."""
    if len(shares) == 1:
        return shares[0]
    by_sides: dict[Sides, list[Kron]] = {}
    for kron in (kron for share in shares for kron in share.krons):
        by_sides.setdefault(kron.sides, []).append(kron)
    return Share(
        torch.cat([share.down for share in shares]),
        torch.cat([share.up for share in shares], dim=1),
        _total([share.gain for share in shares]),
        _total([share.shift for share in shares]),
        _total([share.inner for share in shares]),
        tuple(_side_by_side(krons) for krons in by_sides.values()),
    )


def _total(parts: Sequence[Tensor | None]) -> Tensor | None:
    there = [part for part in parts if part is not None]
    return torch.stack(there).sum(0) if there else None


def _side_by_side(krons: Sequence[Kron]) -> Kron:
    if len(krons) == 1:
        return krons[0]
    return Kron(
        torch.cat([kron.left for kron in krons], dim=1),
        torch.cat([kron.right for kron in krons]),
        sum(kron.count for kron in krons),
    )


def factor_dtype(layer: nn.Linear | nn.Conv2d) -> torch.dtype:
    """The precision of factors: the layer's own; that of its output where it is quantised."""
    dtype = layer.weight.dtype
    if dtype.is_floating_point and dtype.itemsize > 1:
        return dtype
    computes = getattr(layer, "compute_dtype", None)
    return computes if isinstance(computes, torch.dtype) else torch.bfloat16
