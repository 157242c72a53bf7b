"""Our naming tables against diffusers' own converters, on whole files with random weights."""

import json
from collections.abc import Callable

import pytest
import torch
from diffusers.loaders import lora_conversion_utils
from diffusers.loaders.lora_conversion_utils import (
    _convert_kohya_flux_lora_to_diffusers,
    _convert_non_diffusers_lora_to_diffusers,
    _maybe_map_sgm_blocks_to_diffusers,
)
from diffusers.utils.state_dict_utils import (
    convert_state_dict_to_diffusers,
    convert_state_dict_to_peft,
    convert_unet_state_dict_to_peft,
)
from torch import Tensor

from engine.formats.claim import Module
from engine.formats.identify import identity_of
from tests.stripped.headers import Tensors, header_of, load

Weights = dict[str, Tensor]
Halves = tuple[Tensor, Tensor]
RANK = 2


class _Unet:
    """What the converter asks of a UNet's settings."""

    layers_per_block = 2


def with_low_rank(fixture: str) -> Tensors:
    """The fixture's tensors with a small rank, so that the test stays small."""
    tensors = {}
    for key, info in load(fixture).tensors.items():
        shape = list(info.shape)
        if ".alpha" in key and not key.startswith("lora_"):
            # Those converters scale by alpha; without it they only rename, as we compare.
            continue
        if "lora_down" in key or "lora_A" in key or key.endswith(".down.weight"):
            shape[0] = RANK
        elif "lora_up" in key or "lora_B" in key or key.endswith(".up.weight"):
            shape[1] = RANK
        tensors[key] = ("F32", tuple(shape))
    return tensors


def filled(tensors: Tensors) -> Weights:
    torch.manual_seed(0)
    return {
        key: torch.tensor(float(RANK)) if key.endswith(".alpha") else torch.randn(shape)
        for key, (_, shape) in tensors.items()
    }


def unet_by_diffusers(weights: Weights) -> Weights:
    mapped = _maybe_map_sgm_blocks_to_diffusers(dict(weights), _Unet())
    converted, _ = _convert_non_diffusers_lora_to_diffusers(mapped)
    return in_peft_names(converted)


def flux_by_diffusers(weights: Weights) -> Weights:
    return in_peft_names(_convert_kohya_flux_lora_to_diffusers(dict(weights)))


def in_peft_names(converted: Weights) -> Weights:
    """The further steps of diffusers' loaders, part by part."""
    found: Weights = {}
    for part in sorted({key.partition(".")[0] for key in converted}):
        own = {k.partition(".")[2]: v for k, v in converted.items() if k.startswith(f"{part}.")}
        if part.startswith("text_encoder"):
            own = convert_state_dict_to_peft(convert_state_dict_to_diffusers(own))
        else:
            own = convert_unet_state_dict_to_peft(own)
        found |= {f"{part}.{key}": value for key, value in own.items()}
    return found


def ours(modules: tuple[Module, ...], weights: Weights) -> dict[str, Halves]:
    """Both halves of each canonical layer as our modules describe them."""
    halves = {}
    for module in modules:
        up = weights[module.up]
        if module.rows:
            up = torch.cat([up[start:end] for start, end in module.rows])
        halves[module.path] = weights[module.down], up
    return halves


def theirs(converted: Weights) -> dict[str, Halves]:
    """Both halves of each layer as diffusers would load them."""
    end, other = ".lora_A.weight", ".lora_B.weight"
    paths = [key.removesuffix(end) for key in converted if key.endswith(end)]
    assert len(converted) == 2 * len(paths)
    return {path: (converted[path + end], converted[path + other]) for path in paths}


@pytest.mark.parametrize(
    ("fixture", "convert"),
    [
        ("sd1-kohya", unet_by_diffusers),
        ("sdxl-kohya", unet_by_diffusers),
        ("flux1-kohya", flux_by_diffusers),
    ],
)
def test_every_layer_changes_as_by_diffusers_converter(
    fixture: str, convert: Callable[[Weights], Weights]
) -> None:
    tensors = with_low_rank(fixture)
    weights = filled(tensors)
    mine = ours(identity_of(header_of(tensors)).modules, weights)
    converted = theirs(convert(weights))
    assert set(mine) == set(converted)
    for path, (down, up) in mine.items():
        assert torch.equal(down, converted[path][0]), path
        assert torch.equal(up, converted[path][1]), path


@pytest.mark.parametrize(
    ("fixture", "converter"),
    [
        ("made-wan-14b-comfy-lora", "_convert_non_diffusers_wan_lora_to_diffusers"),
        ("made-wan-14b-i2v-kohya-lora", "_convert_musubi_wan_lora_to_diffusers"),
        ("made-hunyuan-video-pipe", "_convert_hunyuan_video_lora_to_diffusers"),
        ("made-flux1-xlabs", "_convert_xlabs_flux_lora_to_diffusers"),
        ("made-flux2-dev-comfy-lora", "_convert_non_diffusers_flux2_lora_to_diffusers"),
        ("made-flux2-klein-4b-kohya-lora", "_convert_kohya_flux2_lora_to_diffusers"),
        ("made-krea2-comfy-lora", "_convert_non_diffusers_krea2_lora_to_diffusers"),
        ("made-krea2-native-base-model-attn", "_convert_non_diffusers_krea2_lora_to_diffusers"),
        ("made-ideogram4-comfy-lora", "_convert_non_diffusers_ideogram4_lora_to_diffusers"),
        ("made-hidream-comfy-lora-attn", "_convert_non_diffusers_hidream_lora_to_diffusers"),
        ("made-qwen-image-bare-down", "_convert_non_diffusers_qwen_lora_to_diffusers"),
        ("made-qwen-image-kohya-lora", "_convert_non_diffusers_qwen_lora_to_diffusers"),
    ],
)
def test_every_layer_of_other_bases_changes_as_by_diffusers_converter(
    fixture: str, converter: str
) -> None:
    tensors = with_low_rank(fixture)
    weights = filled(tensors)
    metadata = {"ss_base_model_version": fixture.partition("-")[2]}
    identity = identity_of(header_of(tensors, metadata))
    mine = ours(identity.modules, weights)
    converted = theirs(getattr(lora_conversion_utils, converter)(dict(weights)))
    theirs_named = {_named(path): halves for path, halves in converted.items()}
    assert set(mine) == set(theirs_named), json.dumps(sorted(set(mine) ^ set(theirs_named))[:6])
    for path, (down, up) in mine.items():
        assert torch.equal(down, theirs_named[path][0]), path
        assert torch.equal(up, theirs_named[path][1]), path


def _named(path: str) -> str:
    return path if path.startswith("transformer.") else f"transformer.{path}"
