"""The merged lane: a stack written into the base's weights, always from a pristine copy.

It costs nothing a step, so a run of pictures with one stack is drawn fastest so. Weights are never
put right by subtraction, which would leave them a little wrong: they are copied back, bit by bit.
Which lane is the cheaper one is reckoned from what steps and merges really took.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from engine.workers.layers import HOME, NO_STACK, Share, Stack

FIRST_EXTRA = 0.2
"""Part of a step that shares beside the base cost, until it was measured."""
SPARE = 1.5
"""How much more than the pristine copies must be free for them to be made."""
MEMORY = 0.3
"""Weight of the newest measurement."""
WRITE_BYTES_PER_S = 2e9
"""How fast weights are rewritten, until it was measured."""


@dataclass(frozen=True, slots=True)
class LaneCosts:
    """What was measured on one base, in seconds; None where nothing was yet."""

    beside_s: float | None = None
    """A row's step with shares beside the base."""
    merged_s: float | None = None
    """A row's step with merged weights."""
    merge_s: float | None = None
    """Writing a stack into the weights, and copying them back."""

    def learned(self, **measured: float) -> "LaneCosts":
        """With newer measurements."""
        new = {}
        for name, seconds in measured.items():
            old: float | None = getattr(self, name)
            new[name] = seconds if old is None else old + MEMORY * (seconds - old)
        return replace(self, **new)

    @property
    def extra_s(self) -> float:
        """What shares beside the base add to a row's step."""
        if self.beside_s is None:
            return 0.0
        if self.merged_s is None:
            return self.beside_s * FIRST_EXTRA
        return self.beside_s - self.merged_s


def is_merged_cheaper(costs: LaneCosts, row_steps: int, merge_s: float) -> bool:
    """Whether so many steps of rows repay writing their stack into the weights."""
    return row_steps * costs.extra_s > (costs.merge_s or merge_s)


class Weights:
    """The weights of one base, and pristine copies of those that were ever written."""

    def __init__(self) -> None:
        self._pristine: dict[str, Tensor] = {}
        self._written: dict[str, nn.Linear | nn.Conv2d] = {}
        self.stack: Stack = NO_STACK

    @property
    def size_bytes(self) -> int:
        """Memory of the pristine copies."""
        return sum(copy.nbytes for copy in self._pristine.values())

    @torch.no_grad()
    def write(self, stack: Stack, layers: Mapping[str, nn.Linear | nn.Conv2d]) -> None:
        """Make the weights what this stack makes of the base: each is written once."""
        self.stack = NO_STACK
        self._copy_back(self._written.keys() - stack.layers.keys())
        for path, share in stack.layers.items():
            layer = layers[path]
            if path not in self._pristine:
                self._pristine[path] = layer.weight.detach().clone()
            self._written[path] = layer
            write(layer.weight.data, self._pristine[path], share)
        # Not before all is written: a write that broke off is none.
        self.stack = stack

    @torch.no_grad()
    def restore(self) -> None:
        """Copy every written weight back."""
        self._copy_back(self._written.keys())
        self.stack = NO_STACK

    def _copy_back(self, paths: Collection[str]) -> None:
        gone = {path: self._written[path] for path in paths}
        if gone:
            torch._foreach_copy_(
                [layer.weight.data for layer in gone.values()],
                [self._pristine[path] for path in gone],
            )
        for path in gone:
            del self._written[path]

    def forget(self) -> None:
        """Copy back and give the copies' memory up."""
        self.restore()
        self._pristine.clear()

    def is_pristine(self) -> bool:
        """Whether nothing is written now and what was is back, bit by bit."""
        return not self._written


def write(weight: Tensor, pristine: Tensor, share: Share) -> None:
    """Make a weight what a share makes of the pristine one; in one operation for a mere pair."""
    if share.is_mere and share.rank and weight.is_contiguous():
        torch.addmm(
            pristine.flatten(1), share.up.flatten(1), share.down.flatten(1), out=weight.flatten(1)
        )
        return
    weight.copy_(merged(pristine, share))


def merged(weight: Tensor, share: Share) -> Tensor:
    """The weight with a share in it: gains on its columns and rows, the bias is none of it."""
    if share.inner is not None:
        inner = share.inner.view(1, -1, *(1,) * (weight.dim() - 2))
        weight = torch.addcmul(weight, weight, inner)
    wide = weight.flatten(1)
    if share.gain is not None:
        wide = torch.addcmul(wide, wide, share.gain[:, None])
    if share.rank:
        wide = torch.addmm(wide, share.up.flatten(1), share.down.flatten(1))
    for kron in share.krons:
        wide = wide + kron.dense().flatten(1)
    return wide.view(weight.shape)


def may_write(stack: Stack, layers: Mapping[str, nn.Linear | nn.Conv2d]) -> bool:
    """Whether every weight is plain numbers (quantised ones can't be rewritten in place) that stay
    where they are, and a GPU has room for their pristine copies.
    """
    touched = [layers[path] for path in stack.layers]
    weights = [layer.weight for layer in touched]
    if any(hasattr(layer, HOME) for layer in touched) or not all(
        type(weight) is nn.Parameter
        and weight.dtype.is_floating_point
        and weight.dtype.itemsize > 1
        for weight in weights
    ):
        return False
    if not weights or weights[0].device.type != "cuda":
        return True
    free, _ = torch.cuda.mem_get_info(weights[0].device)
    return free > SPARE * sum(weight.nbytes for weight in weights)


def guessed_merge_s(stack: Stack, layers: Mapping[str, nn.Linear | nn.Conv2d]) -> float:
    """How long a merge and its undoing may take, before one was measured."""
    touched = sum(layers[path].weight.nbytes for path in stack.layers)
    return 3 * touched / WRITE_BYTES_PER_S
