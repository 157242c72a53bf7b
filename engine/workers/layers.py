"""Where LoRAs meet the base: a hook beside each layer adds the stack's share to its output.

y = base(x) + up(down(x)), with all LoRAs of a stack concatenated into one low-rank pair a layer,
so the number of operations does not depend on how many LoRAs there are. Base weights are never
written: an inactive stack leaves no hook behind, which is also how a clean base is proved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.hooks import RemovableHandle

from engine.errors import StackNotApplied
from engine.messages import Sha256

StackKey = tuple[tuple[Sha256, float], ...]
"""Files and weights in the order of the plan."""


@dataclass(frozen=True, eq=False)
class Pair:
    """One layer's low-rank pair: down (rank, in[, kh, kw]), up (out, rank[, 1, 1]).

    Weights, alphas and ranks of the LoRAs are folded into `up`.
    """

    down: Tensor
    up: Tensor


@dataclass(frozen=True, eq=False)
class Stack:
    """A stack ready to act: pairs by canonical layer path, on the base's device."""

    key: StackKey = ()
    pairs: Mapping[str, Pair] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.pairs)


NO_STACK = Stack()
TOLD_MISSING = 3
"""Missing layers that an error names."""


class Seam:
    """The hook of one layer while a stack is active."""

    def __init__(self, layer: nn.Linear | nn.Conv2d, pair: Pair) -> None:
        self.pair = pair
        self._layer = layer
        self.has_acted = False
        self._handle: RemovableHandle = layer.register_forward_hook(
            self._on_conv if isinstance(layer, nn.Conv2d) else self._on_linear
        )

    @property
    def is_in_place(self) -> bool:
        """Whether the layer still calls this hook."""
        return self._handle.id in self._layer._forward_hooks

    def remove(self) -> None:
        """Leave the layer as it was."""
        self._handle.remove()

    def _on_linear(self, _layer: nn.Linear, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        self.has_acted = True
        low = functional.linear(inputs[0], self.pair.down)
        flat = output.view(-1, output.shape[-1])
        flat.addmm_(low.view(-1, low.shape[-1]), self.pair.up.t())
        return output

    def _on_conv(self, layer: nn.Conv2d, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        self.has_acted = True
        low = functional.conv2d(
            inputs[0], self.pair.down, None, layer.stride, layer.padding, layer.dilation
        )
        return output.add_(functional.conv2d(low, self.pair.up))


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


class Seams:
    """The layers of one base that a stack acts on now."""

    def __init__(self, roots: Mapping[str, nn.Module]) -> None:
        self._roots = dict(roots)
        self._seams: dict[str, Seam] = {}
        self._active: Stack = NO_STACK

    @property
    def roots(self) -> Mapping[str, nn.Module]:
        """The modules that canonical paths start from."""
        return self._roots

    def activate(self, stack: Stack) -> None:
        """Make this stack, and nothing else, act on every forward from now on.

        All rows of one forward share the stack today; rows with stacks of their own will come
        through this call too, with one stack a row.
        """
        if stack is self._active:
            return
        self.clear()
        self._active = stack
        for path, pair in stack.pairs.items():
            layer = find_layer(self._roots, path)
            if layer is not None:
                self._seams[path] = Seam(layer, pair)

    def clear(self) -> None:
        """Back to the bare base."""
        for seam in self._seams.values():
            seam.remove()
        self._seams.clear()
        self._active = NO_STACK

    def prove(self) -> None:
        """Modules of the active stack are the modules alive; raises `StackNotApplied` if not."""
        alive = {path for path, seam in self._seams.items() if seam.is_in_place}
        missing = sorted(set(self._active.pairs) - alive)
        if missing:
            raise StackNotApplied(
                name="the stack",
                expected=len(self._active.pairs),
                applied=len(alive),
                missing=tuple(missing[:TOLD_MISSING]),
            )

    def silent(self) -> frozenset[str]:
        """Paths whose layers have not been run since the stack became active."""
        return frozenset(path for path, seam in self._seams.items() if not seam.has_acted)

    def is_clean(self) -> bool:
        """Whether no layer of the base carries a hook of ours, by looking at every one."""
        return not any(
            isinstance(getattr(hook, "__self__", None), Seam)
            for root in self._roots.values()
            for module in root.modules()
            for hook in module._forward_hooks.values()
        )


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


def joined(layer: nn.Linear | nn.Conv2d, factors: list[tuple[Tensor, Tensor]]) -> Pair:
    """One pair from several (down, already weighted up): ranks add, operations do not."""
    weight = layer.weight
    down = torch.cat([down for down, _ in factors])
    up = torch.cat([up for _, up in factors], dim=1)
    return Pair(
        down.to(weight.device, weight.dtype).contiguous(),
        up.to(weight.device, weight.dtype).contiguous(),
    )
