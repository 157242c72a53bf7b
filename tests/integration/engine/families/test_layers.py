"""Layer tables against the diffusers and transformers classes, without weights (meta device)."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from diffusers import (
    ChromaTransformer2DModel,
    Flux2Transformer2DModel,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    UNet2DConditionModel,
)
from torch import nn
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    T5Config,
    T5EncoderModel,
)

from engine.families.known import fingerprints, layers_of
from engine.families.layers import Layer

MINIATURE = Path(__file__).parents[4] / "engine" / "miniature" / "base"
SDXL = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "cross_attention_dim": 2048,
}
SD3 = {"attention_head_dim": 64, "joint_attention_dim": 4096, "pooled_projection_dim": 2048}

DENOISERS: dict[str, Callable[[], nn.Module]] = {
    "miniature": lambda: UNet2DConditionModel.from_config(
        UNet2DConditionModel.load_config(MINIATURE / "unet")
    ),
    "sd1": lambda: UNet2DConditionModel(cross_attention_dim=768),
    "sd2": lambda: UNet2DConditionModel(cross_attention_dim=1024, use_linear_projection=True),
    "sdxl": lambda: UNet2DConditionModel(**SDXL, projection_class_embeddings_input_dim=2816),
    "kolors": lambda: UNet2DConditionModel(**SDXL, projection_class_embeddings_input_dim=5632),
    "sd3-medium": lambda: SD3Transformer2DModel(
        **SD3, num_layers=24, num_attention_heads=24, caption_projection_dim=1536
    ),
    "sd35-medium": lambda: SD3Transformer2DModel(
        **SD3,
        num_layers=24,
        num_attention_heads=24,
        caption_projection_dim=1536,
        dual_attention_layers=tuple(range(13)),
    ),
    "sd35-large": lambda: SD3Transformer2DModel(
        **SD3, num_layers=38, num_attention_heads=38, caption_projection_dim=2432
    ),
    "flux1": lambda: FluxTransformer2DModel(guidance_embeds=True),
    "chroma": lambda: ChromaTransformer2DModel(),
    "flux2-klein-4b": lambda: Flux2Transformer2DModel(
        num_layers=5,
        num_single_layers=20,
        num_attention_heads=24,
        joint_attention_dim=7680,
        guidance_embeds=False,
    ),
}


def found_in(network: nn.Module) -> dict[str, Layer]:
    found = {}
    for path, layer in network.named_modules():
        if isinstance(layer, nn.Linear):
            found[path] = Layer(layer.in_features, layer.out_features)
        elif isinstance(layer, nn.Conv2d):
            height, width = layer.kernel_size
            found[path] = Layer(layer.in_channels, layer.out_channels, (height, width))
    return found


def test_every_base_has_a_real_class_to_be_held_against() -> None:
    assert set(DENOISERS) == set(fingerprints())


@pytest.mark.parametrize("base", DENOISERS)
@pytest.mark.filterwarnings("ignore")
def test_the_layers_of_a_denoiser_are_those_of_the_diffusers_class(base: str) -> None:
    with torch.device("meta"):
        network = DENOISERS[base]()
    architecture = fingerprints()[base].denoiser
    assert architecture is not None
    assert architecture.layers() == found_in(network)


@pytest.mark.parametrize(
    ("base", "part", "network"),
    [
        ("sd1", "text_encoder", (CLIPTextModelWithProjection, 12, 768, 3072, 768)),
        ("sd2", "text_encoder", (CLIPTextModel, 23, 1024, 4096, 1024)),
        ("sdxl", "text_encoder_2", (CLIPTextModelWithProjection, 32, 1280, 5120, 1280)),
        ("miniature", "text_encoder", (CLIPTextModel, 2, 96, 192, 96)),
    ],
)
def test_the_layers_of_a_clip_are_those_of_the_class(
    base: str, part: str, network: tuple[type[nn.Module], int, int, int, int]
) -> None:
    kind, blocks, width, inner, projection = network
    config = CLIPTextConfig(
        hidden_size=width,
        num_hidden_layers=blocks,
        intermediate_size=inner,
        num_attention_heads=8,
        projection_dim=projection,
    )
    with torch.device("meta"):
        found = found_in(kind(config))
    named = {
        f"{part}.{path if path.startswith('text_') else 'text_model.' + path}": layer
        for path, layer in found.items()
    }
    known = {path: at for path, at in layers_of(base).items() if path.startswith(part + ".")}
    if base == "sd1":
        named.pop(f"{part}.text_projection")
    assert known == named


def test_the_layers_of_t5_are_those_of_the_class() -> None:
    config = T5Config(
        d_model=4096, d_ff=10240, num_layers=24, num_heads=64, feed_forward_proj="gated-gelu"
    )
    with torch.device("meta"):
        found = found_in(T5EncoderModel(config))
    text = fingerprints()["flux1"].text["text_encoder_2"]
    assert text.layers() == found
