"""LoRAs made on the spot for the worker's tests: random factors, saved as trainers save them."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model_state_dict, inject_adapter_in_model
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.formats.claim import Module
from engine.messages import LoraFile, Sha256

UNET_LAYERS = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "conv1", "ff.net.2"]
TEXT_LAYERS = ["q_proj", "v_proj", "fc1"]


def lora_file(path: Path, tensors: dict[str, Tensor], weight: float, **about: str) -> LoraFile:
    """Save tensors and name the file as an order does."""
    save_file({key: value.contiguous() for key, value in tensors.items()}, path, about or None)
    sha256 = Sha256(hashlib.sha256(path.read_bytes()).hexdigest())
    return LoraFile(name=path.stem, sha256=sha256, path=str(path), weight=weight)


def peft_tensors(
    part: nn.Module, prefix: str, layers: list[str], rank: int, seed: int
) -> dict[str, Tensor]:
    """A PEFT state dict for a copy of a module, with random numbers in both factors."""
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=layers)
    inject_adapter_in_model(config, part)
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for key, value in get_peft_model_state_dict(part).items():
        tensors[f"{prefix}.{key}"] = 0.15 * torch.randn(value.shape, generator=generator)
    return tensors


def modules_by_suffix(tensors: Iterable[str]) -> tuple[Module, ...]:
    """The modules of PEFT keys, for bases too small for any family to know their widths."""
    ends = ".lora_A.weight"
    paths = sorted(key.removesuffix(ends) for key in tensors if key.endswith(ends))
    return tuple(
        Module(path, f"{path}{ends}", f"{path}.lora_B.weight", rank=4, inputs=1, outputs=1)
        for path in paths
    )
