"""Eight strangers for the oracle: each another algorithm, applied by PEFT and as a file of ours."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from peft import (
    LoHaConfig,
    LoKrConfig,
    LoraConfig,
    get_peft_model_state_dict,
    inject_adapter_in_model,
)
from torch import Tensor, nn

from engine.formats.claim import Module
from engine.formats.endings import Algorithm, split
from engine.messages import LoraFile
from engine.workers.lora import Shelf
from engine.workers.pipelines.pipeline import Pipeline
from tests.integration.engine.workers.loras import lora_file

ATTENTION = ["to_q", "to_k", "to_v", "to_out.0"]
TEXT = ["q_proj", "v_proj", "fc1"]
SPREAD = 0.15


@dataclass
class Stranger:
    """Files of one stack, and the base with the same stack by PEFT."""

    name: str
    parts: Any
    files: list[LoraFile] = field(default_factory=list)
    modules: dict[str, tuple[Module, ...]] = field(default_factory=dict)


def copied(pipeline: Pipeline) -> Any:
    """The pipeline with networks of its own."""
    parts = {
        name: copy.deepcopy(part) if isinstance(part, nn.Module) else part
        for name, part in pipeline.parts.components.items()
    }
    extra = {"requires_safety_checker": False} if "safety_checker" in parts else {}
    made = type(pipeline.parts)(**parts, **extra)
    made.set_progress_bar_config(disable=True)
    return made


class Maker:
    """Makes strangers for one base; every adapter is random from its own seed."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        self._pipeline = pipeline
        self._folder = folder
        self._is_unet = pipeline.denoiser_name == "unet"

    def all(self) -> list[Stranger]:
        """LoRA, LoHa, LoKr, DoRA, conv or feed-forward, two with one negative, none, and text."""
        spatial = ["conv1", "conv2", "proj_in"] if self._is_unet else ["ff.net.0.proj", "proj_out"]
        lora = LoraConfig(r=4, lora_alpha=8, target_modules=ATTENTION)
        return [
            self._one("lora", lora, weight=0.9),
            self._one("loha", LoHaConfig(r=3, alpha=6, target_modules=ATTENTION)),
            self._one("lokr", LoKrConfig(r=2, alpha=2, decompose_factor=4,
                                         target_modules=ATTENTION)),
            self._one("dora", LoraConfig(r=4, lora_alpha=4, use_dora=True,
                                         target_modules=[*ATTENTION, *spatial[:1]])),
            self._one("conv", LoraConfig(r=5, lora_alpha=5, target_modules=spatial)),
            self._stack(lora),
            Stranger("none", self._pipeline.parts),
            self._text(LoraConfig(r=4, lora_alpha=4, target_modules=TEXT)),
        ]  # fmt: skip

    def shelf(self, strangers: list[Stranger]) -> Shelf:
        """A shelf that knows the modules of these files without their headers."""
        known = {sha: modules for each in strangers for sha, modules in each.modules.items()}
        return Shelf(read=lambda file: known[file.sha256])

    def _one(self, name: str, config: Any, weight: float = 1.0) -> Stranger:
        made = Stranger(name, copied(self._pipeline))
        self._add(made, config, self._pipeline.denoiser_name, weight)
        return made

    def _stack(self, config: Any) -> Stranger:
        made = Stranger("stack", copied(self._pipeline))
        for weight in (0.8, -0.5):
            self._add(made, config, self._pipeline.denoiser_name, weight)
        return made

    def _text(self, config: Any) -> Stranger:
        made = Stranger("text", copied(self._pipeline))
        self._add(made, config, "text_encoder", 1.0)
        return made

    def _add(self, stranger: Stranger, config: Any, part: str, weight: float) -> None:
        name = f"{stranger.name}{len(stranger.files)}"
        network = getattr(stranger.parts, part)
        inject_adapter_in_model(config, network, adapter_name=name)
        scramble(network, name, len(stranger.files) + sum(map(ord, stranger.name)))
        saved = get_peft_model_state_dict(network, adapter_name=name)
        tensors = {f"{part}.{key}": value.clone() for key, value in saved.items()}
        path = self._folder / f"{self._pipeline.denoiser_name}-{name}.safetensors"
        file = lora_file(path, tensors, weight)
        stranger.files.append(file)
        stranger.modules[file.sha256] = modules_of(tensors, config)
        scale_by(network, name, weight)
        activate_all(network, [f"{stranger.name}{n}" for n in range(len(stranger.files))])


def scramble(network: nn.Module, name: str, seed: int) -> None:
    """Random numbers in the factors; lengths of a DoRA a little off their own."""
    generator = torch.Generator().manual_seed(seed)
    for key, value in network.named_parameters():
        if f".{name}" not in key:
            continue
        noise = torch.randn(value.shape, generator=generator)
        if "magnitude" in key:
            value.data *= 1 + 0.2 * noise
        else:
            louder = 4 if "lokr" in key else 2 if "hada" in key else 1
            value.data = louder * SPREAD * noise


def scale_by(network: nn.Module, name: str, weight: float) -> None:
    """The adapter's weight, as PEFT keeps it."""
    for module in network.modules():
        scaling = getattr(module, "scaling", None)
        if isinstance(scaling, dict) and name in scaling:
            scaling[name] *= weight


def activate_all(network: nn.Module, names: list[str]) -> None:
    """All adapters of the stack act."""
    for module in network.modules():
        set_adapter: Callable[[list[str]], None] | None = getattr(module, "set_adapter", None)
        if set_adapter is not None and isinstance(getattr(module, "scaling", None), dict):
            set_adapter(names)


def modules_of(tensors: dict[str, Tensor], config: Any) -> tuple[Module, ...]:
    """The modules of a PEFT state dict, for bases too small for any family to know."""
    parts: dict[str, dict[str, str]] = {}
    for key in tensors:
        found = split(key)
        assert found is not None, key
        parts.setdefault(found[0], {})[found[1]] = key
    alpha = float(config.lora_alpha if isinstance(config, LoraConfig) else config.alpha)
    return tuple(_module(path, own, tensors, config.r, alpha) for path, own in parts.items())


def _module(
    path: str, own: dict[str, str], tensors: dict[str, Tensor], rank: int, alpha: float
) -> Module:
    algorithm: Algorithm = "lora"
    for mark, name in (("hada", "loha"), ("lokr", "lokr"), ("dora", "dora")):
        if any(part.startswith(mark) for part in own):
            algorithm = name  # type: ignore[assignment]
    down = own.get("down", "")
    wide = tensors[own["hada_w1_b"]].shape[1] if "hada_w1_b" in own else 1
    return Module(
        path, down, own.get("up", ""), rank, inputs=wide, outputs=1, alpha=alpha,
        algorithm=algorithm, parts=() if algorithm == "lora" else tuple(own.items()),
    )  # fmt: skip
