"""Whether q, k and v of a self-attention should share one down-projection, at SDXL's sizes.

A transformer block of either width with a stack of four LoRAs of rank 16 on all of its layers, as
the engine adds it and with the three downs in one product; ten blocks of the narrow and sixty of
the wide kind are in a step. Of the step only these blocks count here, so a ratio is at best this.
"""

from collections.abc import Callable, Mapping

import torch
from diffusers.models.attention import BasicTransformerBlock
from torch import Tensor, nn
from torch.nn import functional

from engine.messages import Sha256
from engine.workers.layers import Share, Stack
from engine.workers.seams import Seams
from tests.bench.batch import medians
from tests.bench.rows import Row

BLOCKS = ((640, 1024, 10), (1280, 256, 60))
"""Width, tokens of one picture of 512 pixels (four of 256 have as many), how many SDXL has."""
RANK, PEOPLE, PLACES = 64, 4, 2
SHARED = ("to_q", "to_k", "to_v")


class Shared:
    """Hooks that add shares to q, k and v, their downs multiplied once for all three."""

    def __init__(self, attention: nn.Module, shares: list[Mapping[str, Share]]) -> None:
        self._groups = len(shares)
        self._low = torch.empty(0)
        downs = [torch.cat([each[f"unet.attn1.{name}"].down for name in SHARED]) for each in shares]
        self._down = torch.stack(downs).mT
        self._handles = []
        for place, name in enumerate(SHARED):
            up = torch.stack([each[f"unet.attn1.{name}"].up for each in shares]).mT
            layer = attention.get_submodule(name)
            self._handles.append(layer.register_forward_hook(self._hook(place, up)))

    def _hook(self, place: int, up: Tensor) -> Callable[..., Tensor]:
        part = slice(place * RANK, (place + 1) * RANK)

        def add(_layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
            given = inputs[0]
            if place == 0:
                self._low = self._through(given)
            if self._groups == 1:
                output.view(-1, output.shape[-1]).addmm_(self._low[:, part], up[0])
            else:
                wide = output.view(self._groups, -1, output.shape[-1])
                wide.baddbmm_(self._low[..., part], up)
            return output

        return add

    def _through(self, given: Tensor) -> Tensor:
        if self._groups == 1:
            return functional.linear(given.reshape(-1, given.shape[-1]), self._down[0].mT)
        return torch.bmm(given.reshape(self._groups, -1, given.shape[-1]), self._down)

    def remove(self) -> None:
        """Leave the layers as they were."""
        for handle in self._handles:
            handle.remove()


def block(width: int) -> BasicTransformerBlock:
    """One of SDXL's."""
    torch.manual_seed(0)
    made = BasicTransformerBlock(width, width // 64, 64, cross_attention_dim=2048)
    made.eval().requires_grad_(requires_grad=False)
    return made


def stack(network: nn.Module, seed: int) -> Stack:
    """Four LoRAs of rank 16 on every linear layer, as one share each."""
    torch.manual_seed(seed)
    shares = {
        f"unet.{path}": Share(
            0.02 * torch.randn(RANK, layer.in_features),
            0.02 * torch.randn(layer.out_features, RANK),
        )
        for path, layer in network.named_modules()
        if isinstance(layer, nn.Linear)
    }
    return Stack(((Sha256(f"four{seed}"), 1.0),), shares)


def measured(width: int, tokens: int, people: int) -> tuple[float, float]:
    """CPU seconds of a block: as it is, and with shared downs."""
    network = block(width)
    stacks = [stack(network, seed) for seed in range(people)]
    given = torch.randn(people * PLACES, tokens, width)
    words = torch.randn(people * PLACES, 77, 2048)
    shared = Seams({"unet": network})
    shared.arrange([_without_downs(each) for each in stacks], [PLACES] * people)
    hooks = Shared(network.attn1, [each.pairs for each in stacks])
    both = block(width)
    usual = Seams({"unet": both})
    usual.arrange(stacks, [PLACES] * people)
    with torch.inference_mode():
        one, other = (each(given, encoder_hidden_states=words) for each in (both, network))
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)
        found = medians(
            {
                "usual": lambda: both(given, encoder_hidden_states=words),
                "shared": lambda: network(given, encoder_hidden_states=words),
            },
            rounds=7,
        )
    hooks.remove()
    return found["usual"], found["shared"]


def _without_downs(whole: Stack) -> Stack:
    apart = {f"unet.attn1.{name}" for name in SHARED}
    return Stack(whole.key, {path: pair for path, pair in whole.pairs.items() if path not in apart})


def run() -> list[Row]:
    """One stack for a picture, and four people with stacks of their own."""
    torch.set_num_threads(1)
    rows = []
    for people, what in ((1, "one stack of four"), (PEOPLE, "four people with stacks of four")):
        usual = shared = 0.0
        for width, tokens, count in BLOCKS:
            one, other = measured(width, tokens // people, people)
            usual, shared = usual + count * one, shared + count * other
        rows.append(
            Row("shared_down", f"blocks of a step, {what}, q/k/v downs in one", shared, "s",
                baseline="as it is", ratio=shared / usual, aim="worth it at 0.95")
        )  # fmt: skip
    return rows
