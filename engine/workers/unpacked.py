"""A layer's own weight as plain numbers, however the base holds it.

Some LoRAs (DoRA, OFT, GLoRA) are made of the base's weight. A quantised layer is asked itself: what
it makes of an identity is its weight, to the number, whatever package quantised it. Weights that
lie elsewhere, when layers come and go, are looked up there.
"""

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn

from engine.workers.layers import factor_dtype, home_of

UNREADABLE: Final = (
    "it is made of the base's own numbers, which are quantised here in a way that can't be read "
    "back; hold this base in bf16, fp16 or fp8, or as GGUF with all of it on the device"
)

LOUD: Final = 256.0
"""What a layer is asked with, so that its bias does not blur the numbers in half precision."""


class Unreadable(Exception):
    """The weight is held in a form that has no way back to plain numbers."""


def weight_of(layer: nn.Linear | nn.Conv2d) -> Tensor:
    """The weight in single precision, where the layer is run; raises `Unreadable`."""
    weight = _held(layer, "weight")
    if weight is None:
        raise Unreadable
    if type(weight) in (Tensor, nn.Parameter) and weight.dtype.is_floating_point:
        return weight.detach().to(home_of(layer), torch.float32)
    if layer.weight.is_meta or not isinstance(layer, nn.Linear):
        raise Unreadable
    return _asked(layer)


def bias_of(layer: nn.Linear | nn.Conv2d) -> Tensor | None:
    """The bias in single precision, where the layer is run; None when there is none."""
    bias = _held(layer, "bias")
    if bias is None:
        return None
    if not bias.dtype.is_floating_point:
        raise Unreadable
    return bias.detach().to(home_of(layer), torch.float32)


@torch.no_grad()
def _asked(layer: nn.Linear) -> Tensor:
    """What the layer makes of an identity, without the hooks on it."""
    device, dtype = home_of(layer), factor_dtype(layer)
    one = LOUD * torch.eye(layer.in_features, device=device, dtype=dtype)
    none = torch.zeros(1, layer.in_features, device=device, dtype=dtype)
    through: Tensor = type(layer).forward(layer, one)
    bias: Tensor = type(layer).forward(layer, none)
    return ((through.float() - bias.float()) / LOUD).mT.contiguous()


def _held(layer: nn.Linear | nn.Conv2d, name: str) -> Tensor | None:
    """The parameter; accelerate keeps it in a map of the layer's hook while it is away."""
    own: Tensor | None = getattr(layer, name)
    if own is None or not own.is_meta:
        return own
    away = getattr(getattr(layer, "_hf_hook", None), "weights_map", None)
    return away[name] if isinstance(away, Mapping) else None
