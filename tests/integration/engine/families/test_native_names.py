"""Native names and fused rows against diffusers' converters of whole checkpoints.

Every native layer stands in as a weight with one column: only its rows matter here.
"""

import re
from collections.abc import Callable

import pytest
import torch
from diffusers.loaders.single_file_utils import (
    convert_auraflow_transformer_checkpoint_to_diffusers,
    convert_chroma_transformer_checkpoint_to_diffusers,
    convert_cosmos_transformer_checkpoint_to_diffusers,
    convert_flux2_transformer_checkpoint_to_diffusers,
    convert_flux_transformer_checkpoint_to_diffusers,
    convert_hunyuan_video_transformer_to_diffusers,
    convert_krea2_transformer_checkpoint_to_diffusers,
    convert_ldm_unet_checkpoint,
    convert_ltx_transformer_checkpoint_to_diffusers,
    convert_lumina2_to_diffusers,
    convert_sana_transformer_to_diffusers,
    convert_sd3_transformer_checkpoint_to_diffusers,
    convert_wan_transformer_to_diffusers,
    convert_z_image_transformer_checkpoint_to_diffusers,
)
from torch import Tensor

from engine.families.known import fingerprints

Weights = dict[str, Tensor]


class Checkpoint(Weights):
    """A checkpoint that has any norm or bias a converter may ask for."""

    def pop(self, key: str, *default: Tensor) -> Tensor:  # type: ignore[override]
        return super().pop(key, *(default or (torch.zeros(2),)))


def unet(weights: Weights, text_time: bool) -> Weights:
    config = {"layers_per_block": 2, "addition_embed_type": "text_time" if text_time else None}
    named = {f"model.diffusion_model.{key}": value for key, value in weights.items()}
    return dict(convert_ldm_unet_checkpoint(named, config))


CONVERTERS: dict[str, Callable[[Weights], Weights]] = {
    "sd1": lambda weights: unet(weights, text_time=False),
    "sdxl": lambda weights: unet(weights, text_time=True),
    "sd3-medium": convert_sd3_transformer_checkpoint_to_diffusers,
    "sd35-medium": convert_sd3_transformer_checkpoint_to_diffusers,
    "flux1": convert_flux_transformer_checkpoint_to_diffusers,
    "chroma": convert_chroma_transformer_checkpoint_to_diffusers,
    "flux2-dev": convert_flux2_transformer_checkpoint_to_diffusers,
    "flux2-klein-4b": convert_flux2_transformer_checkpoint_to_diffusers,
    "auraflow": convert_auraflow_transformer_checkpoint_to_diffusers,
    "lumina2": convert_lumina2_to_diffusers,
    "z-image": convert_z_image_transformer_checkpoint_to_diffusers,
    "sana": convert_sana_transformer_to_diffusers,
    "wan-14b-i2v": convert_wan_transformer_to_diffusers,
    "wan-1.3b": convert_wan_transformer_to_diffusers,
    "cosmos-predict2-2b": convert_cosmos_transformer_checkpoint_to_diffusers,
    "hunyuan-video": convert_hunyuan_video_transformer_to_diffusers,
    "krea2": convert_krea2_transformer_checkpoint_to_diffusers,
    "ltx-video": convert_ltx_transformer_checkpoint_to_diffusers,
}
# Other ways to write the same layers, which the converters do not read.
FUSED = re.compile(r".*(attn\.to_(added_)?qkv|linear1_qkv)")
HUNYUAN = re.compile(
    r"(?!vector_in).*(_attn\.(qkv|proj)|_mlp\.[02]|_mod\.lin|modulation\.lin|\.(in|out)_layer|"
    r"_attn_[qkv]|linear1_\w+|linear2\.\w+|self_attn\.(qkv|proj)|self_attn_[qkv]|"
    r"blocks\.\d+\.mlp\.[02])"
)
SOME = {"wan-14b-i2v", "wan-1.3b", "ltx-video", "lumina2", "z-image"}
"""Bases that diffusers names, in part, as their makers do."""


@pytest.mark.parametrize("base", CONVERTERS)
def test_native_layers_hold_what_diffusers_finds_in_them(base: str) -> None:
    architecture = fingerprints()[base].denoiser
    assert architecture is not None
    native = architecture.native()
    synonyms = HUNYUAN if base == "hunyuan-video" else FUSED
    native = {name: at for name, at in native.items() if not synonyms.fullmatch(name)}
    torch.manual_seed(0)
    weights = Checkpoint(
        {f"{name}.weight": torch.randn(at.layer.outputs, 1) for name, at in native.items()}
    )
    weights |= {f"{name}.bias": torch.zeros(at.layer.outputs) for name, at in native.items()}
    ours = {}
    for name, target in native.items():
        weight = weights[f"{name}.weight"]
        for piece in target.pieces:
            rows = [weight[start:end] for start, end in piece.rows] or [weight]
            ours[piece.path] = torch.cat(rows)
    theirs = CONVERTERS[base](weights)
    if base not in SOME:
        assert set(ours) == set(architecture.layers())
    for path, weight in ours.items():
        assert torch.equal(weight, theirs[f"{path}.weight"]), path
