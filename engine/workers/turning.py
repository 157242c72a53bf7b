"""Algorithms whose change is made of the base's own weight: OFT, BOFT, GLoRA, (IA)3, exactly.

What each means: LyCORIS `lycoris/modules/{diag_oft,boft,glora,ia3}.py` (sd-scripts' OFT is the
first), PEFT `tuners/ia3`. The change at weight 1 is reckoned once for a base and scaled by a weight
as a whole, as ComfyUI does: so stacks do not depend on their order. PEFT's OFT is not here: how
its turning is approximated stands in a file of its own, which nobody brings along.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor, nn

from engine.families.layers import Ranges
from engine.formats.claim import Module
from engine.formats.endings import Algorithm
from engine.workers.layers import Kron, Share, no_pair
from engine.workers.unpacked import bias_of, weight_of

TURNED: Final[frozenset[Algorithm]] = frozenset({"oft", "boft", "glora", "ia3"})
Layer = nn.Linear | nn.Conv2d


@dataclass(frozen=True, eq=False)
class Turn:
    """One layer's tensors in single precision, on the CPU, until the base's weight is known."""

    algorithm: Algorithm
    own: Mapping[str, Tensor]
    rank: int
    rows: Ranges = ()
    """Of a fused layer: which outputs are this layer's."""
    error: float = 0.0
    """It is exact."""

    @property
    def numbers(self) -> tuple[Tensor, ...]:
        """All of its tensors."""
        return tuple(self.own.values())

    def copied(self, copy: Callable[[Tensor], Tensor]) -> "Turn":
        """The same numbers in memory of their own."""
        return replace(self, own={part: copy(number) for part, number in self.own.items()})

    def problem_on(self, layer: Layer) -> str:
        """Why it can't act on a layer; empty when it can."""
        if isinstance(layer, nn.Conv2d) and layer.groups != 1:
            return "grouped convolution"
        outputs, inputs = _outputs(layer), _inputs(layer)
        match self.algorithm:
            case "ia3":
                return self._scale_problem(layer, outputs, inputs)
            case "glora":
                fits = self.own["glora_a2"].shape[1] == self.own["glora_a1"].shape[0] == inputs
                fits = fits and self._rows_of(self.own["glora_b1"]).shape[0] == outputs
                return "" if fits else f"is not {inputs} to {outputs} wide"
            case _:
                blocks = self.own["oft_blocks"]
                if self.rows:
                    return "it turns several layers at once"
                turns = blocks.shape[-3] * blocks.shape[-1]
                return "" if turns == outputs else f"turns {turns} outputs, the layer has {outputs}"

    def share_on(self, layer: Layer) -> Share:
        """What it does to this layer; raises `Unreadable` where that needs a weight that is none.

        (IA)3 scales what goes in or comes out and needs no weight.
        """
        down, up = no_pair(layer, torch.device("cpu"))
        if self.algorithm == "ia3" and self._is_by_input(layer):
            return Share(down, up, inner=self._scales())
        if self.algorithm == "ia3":
            gain, bias = self._scales(), bias_of(layer)
            return Share(down, up, gain, None if bias is None else -gain.to(bias.device) * bias)
        return Share(down, up, krons=(Kron(torch.ones(1, 1), self._change(weight_of(layer))),))

    def _change(self, weight: Tensor) -> Tensor:
        own = {part: tensor.to(weight.device) for part, tensor in self.own.items()}
        match self.algorithm:
            case "glora":
                return self._scaled_and_added(weight, own)
            case "boft":
                turned = _butterfly(weight, _rotations(own))
            case _:
                blocks = _rotations(own)
                split = weight.view(*blocks.shape[:2], *weight.shape[1:])
                turned = torch.einsum("knm,kn...->km...", blocks, split).flatten(0, 1)
        if "rescale" in own:
            turned = turned * own["rescale"].view(-1, *(1,) * (weight.dim() - 1))
        return turned - weight

    def _scaled_and_added(self, weight: Tensor, own: Mapping[str, Tensor]) -> Tensor:
        """W a1 a2 + b1 b2, times alpha over rank."""
        first, second = own["glora_a1"].flatten(1), own["glora_a2"].flatten(1)
        through = torch.einsum("oi...,ir,rj->oj...", weight, first, second)
        up, down = self._rows_of(own["glora_b1"]).flatten(1), own["glora_b2"]
        if "glora_bm" in own:
            added = torch.einsum("rs...,or,si->oi...", own["glora_bm"], up, down.flatten(1))
        else:
            added = (up @ down.flatten(1)).view(weight.shape)
        alpha = float(own["alpha"]) if "alpha" in own else float(self.rank)
        return (through + added) * (alpha / self.rank if alpha else 1.0)

    # --- (IA)3 --------------------------------------------------------------------------------

    def _scales(self) -> Tensor:
        """What is added to one; PEFT writes the whole factor."""
        if "ia3_weight" in self.own:
            return self._rows_of(self.own["ia3_weight"].flatten()) - 1
        return self._rows_of(self.own["weight"].flatten())

    def _is_by_input(self, layer: Layer) -> bool:
        if "ia3_side" in self.own:
            return bool(self.own["ia3_side"])
        # PEFT's are [1, inputs] before feed-forward layers and [outputs, 1] behind the others.
        scales = self.own["ia3_weight"]
        return scales.dim() > 1 and scales.shape[0] == 1 and scales.shape[1] == _inputs(layer)

    def _scale_problem(self, layer: Layer, outputs: int, inputs: int) -> str:
        is_by_input = self._is_by_input(layer)
        wanted = inputs if is_by_input else outputs
        if is_by_input and self.rows:
            return "it scales the inputs of several layers at once"
        if "ia3_weight" in self.own and not is_by_input and layer.bias is not None:
            return "it scales a bias, too"
        found = self._scales().numel()
        return "" if found == wanted else f"scales {found}, the layer has {wanted}"

    def _rows_of(self, tensor: Tensor) -> Tensor:
        if not self.rows:
            return tensor
        return torch.cat([tensor[start:end] for start, end in self.rows])


def _outputs(layer: Layer) -> int:
    return layer.out_channels if isinstance(layer, nn.Conv2d) else layer.out_features


def _inputs(layer: Layer) -> int:
    return layer.in_channels if isinstance(layer, nn.Conv2d) else layer.in_features


def turn_of(module: Module, tensors: Mapping[str, Tensor]) -> Turn:
    """A module's tensors, kept until the base's weight is known."""
    own = {part: tensors[key].float() for part, key in module.parts}
    return Turn(module.algorithm, own, module.rank or 1, module.rows)


def _rotations(own: Mapping[str, Tensor]) -> Tensor:
    """Cayley's map of skew-symmetric blocks; alpha bounds how far all of them turn together."""
    blocks = own["oft_blocks"]
    skew = blocks - blocks.transpose(-1, -2)
    outputs = blocks.shape[-3] * blocks.shape[-1]
    most = float(own["alpha"]) * outputs if "alpha" in own else 0.0
    length = torch.linalg.vector_norm(skew) + 1e-8
    if 0 < most < float(length):
        skew = skew * most / length
    one = torch.eye(blocks.shape[-1], device=blocks.device)
    turned: Tensor = (one + skew) @ torch.linalg.inv(one - skew)
    return turned


def _butterfly(weight: Tensor, stages: Tensor) -> Tensor:
    """Every stage turns rows that lie twice as far apart as those of the stage before."""
    turned, half = weight.flatten(1), stages.shape[-1] // 2
    for number, blocks in enumerate(stages):
        apart = 2**number * half
        order = torch.arange(turned.shape[0], device=weight.device)
        order = order.view(-1, 2, apart).transpose(1, 2).reshape(-1)
        mixed = turned[order].view(*blocks.shape[:2], -1)
        mixed = torch.einsum("kij,kj...->ki...", blocks, mixed).flatten(0, 1)
        turned = torch.empty_like(turned).index_copy_(0, order, mixed)
    return turned.view(weight.shape)
