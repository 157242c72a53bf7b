"""Parts of a base out of one file, under the names of its makers.

diffusers renames the layers; here each part gets its own tensors and no other's, eight-bit numbers
are multiplied by their scales (which diffusers leaves out, without a word), and T5 is read whole.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import diffusers
import safetensors
import torch
import transformers
from diffusers.loaders.single_file_utils import create_diffusers_clip_model_from_ldm
from torch import Tensor

from engine.bases.matching import FRONTS
from engine.bases.single import DENOISERS, MARK, SCALES, T5_FRONT, UNUSED, Index, class_of, fronts

NATIVE_FRONT: Final = "model.diffusion_model."
"""What diffusers' converters expect before, or take away from, the names of a denoiser."""
OWN_NAMES: Final = ("down_blocks.", "transformer_blocks.", "single_transformer_blocks.")
"""Starts of names by which a denoiser is written as diffusers has it."""
State = dict[str, Tensor]


def parts_of(file: Path, folder: Path, index: Index, dtype: torch.dtype) -> dict[str, Any]:
    """Every part that the file brings, by its name in the folder's index."""
    state = read(file, dtype)
    apart = {name: _fronted(state, before) for name, before in fronts(index).items() if before}
    found = {
        name: _part(class_of(index, name), name, own, folder, dtype)
        for name, own in apart.items()
        if own
    }
    taken = {name for own in apart.values() for name in own}
    denoiser = next(part for part in DENOISERS if part in index)
    rest = {name: tensor for name, tensor in state.items() if name not in taken}
    own_state = denoiser_state(rest)
    found[denoiser] = _modelled(class_of(index, denoiser), denoiser, own_state, folder, dtype)
    return found


def read(file: Path, dtype: torch.dtype) -> State:
    """All tensors of a file (mapped, not copied), those with scales multiplied by them."""
    with safetensors.safe_open(file, "pt") as tensors:
        state = {name: tensors.get_tensor(name) for name in tensors.keys()}  # noqa: SIM118
    return unscaled(state, dtype)


def unscaled(state: Mapping[str, Tensor], dtype: torch.dtype) -> State:
    """Weights as they were before they were written in eight bits with a scale beside them."""
    scales = {
        name.removesuffix(end): tensor
        for end in SCALES
        for name, tensor in state.items()
        if name.endswith(end)
    }
    found: State = {}
    for name, tensor in state.items():
        if name == MARK or name.endswith((*SCALES, *UNUSED, f".{MARK}")):
            continue
        scale = scales.get(name.removesuffix(".weight")) if name.endswith(".weight") else None
        found[name] = tensor if scale is None else _scaled(tensor, scale).to(dtype)
    return found


def _scaled(weight: Tensor, scale: Tensor) -> Tensor:
    rows = (1,) if scale.numel() == 1 else (-1, *(1 for _ in weight.shape[1:]))
    return weight.float() * scale.float().reshape(rows)


def denoiser_state(state: State) -> State:
    """A denoiser's tensors: bare where they have diffusers' names, behind one front else."""
    front = next((one for one in FRONTS if any(name.startswith(one) for name in state)), "")
    bare = {
        name.removeprefix(front): tensor for name, tensor in state.items() if name.startswith(front)
    }
    if any(name.startswith(OWN_NAMES) for name in bare):
        return bare
    return {NATIVE_FRONT + name: tensor for name, tensor in bare.items()}


def _fronted(state: State, before: tuple[str, ...]) -> State:
    return {name: tensor for name, tensor in state.items() if name.startswith(before)}


def _part(kind: str, name: str, state: State, folder: Path, dtype: torch.dtype) -> Any:
    if kind == "T5EncoderModel":
        return _t5(name, state, folder, dtype)
    if kind.startswith("CLIPTextModel"):
        return create_diffusers_clip_model_from_ldm(
            getattr(transformers, kind), checkpoint=state, subfolder=name, config=folder,
            torch_dtype=dtype, local_files_only=True,
        )  # fmt: skip
    return _modelled(kind, name, state, folder, dtype)


def _modelled(kind: str, name: str, state: State, folder: Path, dtype: torch.dtype) -> Any:
    return getattr(diffusers, kind).from_single_file(
        state, config=str(folder), subfolder=name, dtype=dtype, local_files_only=True
    )


def _t5(name: str, state: State, folder: Path, dtype: torch.dtype) -> Any:
    front = f"{T5_FRONT}transformer."
    own = {key.removeprefix(front): tensor for key, tensor in state.items()}
    own = {key: tensor for key, tensor in own.items() if not key.endswith("logit_scale")}
    config = transformers.T5Config.from_pretrained(folder, subfolder=name, local_files_only=True)
    return transformers.T5EncoderModel.from_pretrained(
        None, config=config, state_dict=own, dtype=dtype
    )
