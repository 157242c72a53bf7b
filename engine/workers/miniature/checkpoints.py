"""Stopping and going on: weights, averages and optimiser state in safetensors, never a pickle."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

Named = dict[str, nn.Module]
"""The modules that a course trains, by name."""


def parameters(modules: Named) -> dict[str, nn.Parameter]:
    """Every trainable parameter, by module and name."""
    return {
        f"{module_name}.{name}": value
        for module_name, module in modules.items()
        for name, value in module.named_parameters()
        if value.requires_grad
    }


def save(
    folder: Path,
    modules: Named,
    optimizer: torch.optim.Optimizer,
    mean: dict[str, Tensor],
    update: int,
) -> None:
    """Write everything needed to go on after `update` updates; the old state goes last."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    tensors: dict[str, Tensor] = {}
    for name, value in parameters(modules).items():
        tensors[f"weight/{name}"] = value.detach().contiguous()
        tensors[f"mean/{name}"] = mean[name].contiguous()
        for kind, moment in optimizer.state.get(value, {}).items():
            tensors[f"{kind}/{name}"] = moment.detach().clone().contiguous()
    save_file(tensors, fresh / "state.safetensors")
    (fresh / "state.json").write_text(json.dumps({"update": update}))
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    fresh.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def load(
    folder: Path, modules: Named, optimizer: torch.optim.Optimizer, mean: dict[str, Tensor]
) -> int:
    """Put a saved state back into the modules; the number of updates already made (0: none)."""
    if not folder.exists():
        folder = folder.with_name(folder.name + ".old")
    if not (folder / "state.json").exists():
        return 0
    tensors = load_file(folder / "state.safetensors")
    with torch.no_grad():
        for name, value in parameters(modules).items():
            value.copy_(tensors[f"weight/{name}"])
            mean[name].copy_(tensors[f"mean/{name}"])
            optimizer.state[value] = {
                kind: tensors[f"{kind}/{name}"]
                for kind in ("step", "exp_avg", "exp_avg_sq")
                if f"{kind}/{name}" in tensors
            }
    return int(json.loads((folder / "state.json").read_text())["update"])
