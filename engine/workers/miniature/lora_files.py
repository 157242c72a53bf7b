"""LoRA files as the world writes them: kohya's naming or diffusers' and PEFT's own."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.miniature.lessons import Lesson

Pairs = dict[str, dict[str, Tensor]]
"""Part of the pipeline ("unet", "text_encoder") -> PEFT key ("....lora_A.weight") -> tensor."""


def _kohya(lesson: Lesson, pairs: Pairs, alpha: float) -> tuple[dict[str, Tensor], dict[str, str]]:
    tensors: dict[str, Tensor] = {}
    heads = {"unet": "lora_unet_", "text_encoder": "lora_te_text_model_"}
    for part, weights in pairs.items():
        for key, value in weights.items():
            module, _, end = key.partition(".lora_")
            name = heads[part] + module.replace(".", "_")
            tensors[f"{name}.lora_{'down' if end.startswith('A') else 'up'}.weight"] = value
            tensors[f"{name}.alpha"] = torch.tensor(alpha, dtype=torch.float16)
    seen = {lesson.trigger: 120}
    if lesson.kind in ("character", "object"):
        seen["creature" if lesson.kind == "character" else "lantern"] = 80
    facts = {
        "ss_output_name": lesson.file,
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(lesson.rank),
        "ss_network_alpha": str(alpha),
        "ss_tag_frequency": json.dumps({f"120_{lesson.trigger}": seen}),
        "ss_sd_model_name": "atelier-miniature",
        "ss_base_model_version": "miniature",
        "modelspec.title": lesson.name,
        "modelspec.architecture": "atelier-miniature/lora",
    }
    if lesson.needs_trigger:
        facts["modelspec.trigger_phrase"] = lesson.trigger
    return tensors, facts


def _target(key: str) -> str:
    """The end of a module's name by which PEFT finds it: "to_q", "to_out.0", "net.0.proj"."""
    steps = key.split(".lora_")[0].split(".")
    if "net" in steps:
        return ".".join(steps[steps.index("net") :])
    return ".".join(steps[-2:]) if steps[-1].isdigit() else steps[-1]


def _peft(lesson: Lesson, pairs: Pairs, alpha: float) -> tuple[dict[str, Tensor], dict[str, str]]:
    middles = {"unet": "unet.", "text_encoder": "text_encoder.text_model."}
    tensors = {
        middles[p] + key: value for p, weights in pairs.items() for key, value in weights.items()
    }
    facts: dict[str, object] = {}
    for part, weights in pairs.items():
        facts |= {
            f"{part}.r": lesson.rank,
            f"{part}.lora_alpha": alpha,
            f"{part}.target_modules": sorted({_target(key) for key in weights}),
        }
    return tensors, {"format": "pt", "lora_adapter_metadata": json.dumps(facts, sort_keys=True)}


def write(lesson: Lesson, pairs: Pairs, path: Path) -> None:
    """Write the LoRA in half precision, with the lesson's strength baked into its alpha."""
    alpha = round(lesson.rank * lesson.strength, 3)
    tensors, facts = (_kohya if lesson.naming == "kohya" else _peft)(lesson, pairs, alpha)
    halves = {key: value.detach().cpu().half().contiguous() for key, value in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(halves, path, metadata=facts)
