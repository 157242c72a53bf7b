"""Layer tables against the diffusers and transformers classes, without weights (meta device)."""

import inspect
from collections.abc import Callable
from pathlib import Path

import diffusers
import pytest
import torch
from diffusers import (
    ChromaTransformer2DModel,
    Flux2Transformer2DModel,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    UNet2DConditionModel,
    WanTransformer3DModel,
)
from diffusers.models.condition_embedders.condition_embedder_anima import AnimaTextConditioner
from torch import nn
from transformers import (
    AutoModel,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    Gemma2Config,
    LlamaConfig,
    PretrainedConfig,
    Qwen2Config,
    Qwen3Config,
    T5Config,
    T5EncoderModel,
)

from engine.families.architectures import encoders
from engine.families.architectures.llm import Llm
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
    "flux1-schnell": lambda: FluxTransformer2DModel(guidance_embeds=False),
    "chroma": lambda: ChromaTransformer2DModel(),
    "flux2-klein-4b": lambda: Flux2Transformer2DModel(
        num_layers=5,
        num_single_layers=20,
        num_attention_heads=24,
        joint_attention_dim=7680,
        guidance_embeds=False,
    ),
    "flux2-klein-9b": lambda: Flux2Transformer2DModel(
        num_layers=8,
        num_single_layers=24,
        num_attention_heads=32,
        joint_attention_dim=12288,
        guidance_embeds=False,
    ),
    "flux2-dev": lambda: Flux2Transformer2DModel(),
    "qwen-image": lambda: diffusers.QwenImageTransformer2DModel(),
    "z-image": lambda: diffusers.ZImageTransformer2DModel(),
    "lumina2": lambda: diffusers.Lumina2Transformer2DModel(cap_feat_dim=2304),
    "hidream": lambda: diffusers.HiDreamImageTransformer2DModel(
        patch_size=2,
        in_channels=16,
        out_channels=16,
        num_layers=16,
        num_single_layers=32,
        attention_head_dim=128,
        num_attention_heads=20,
        caption_channels=[4096, 4096],
        text_emb_dim=2048,
        num_routed_experts=4,
        num_activated_experts=2,
        axes_dims_rope=(64, 32, 32),
        max_resolution=(128, 128),
        llama_layers=[*range(32), *[31] * 16],
    ),
    "auraflow": lambda: diffusers.AuraFlowTransformer2DModel(
        num_mmdit_layers=4,
        num_single_dit_layers=32,
        num_attention_heads=12,
        attention_head_dim=256,
        joint_attention_dim=2048,
        caption_projection_dim=3072,
        pos_embed_max_size=9216,
    ),
    "pixart-sigma": lambda: diffusers.PixArtTransformer2DModel(
        sample_size=128, caption_channels=4096, use_additional_conditions=False
    ),
    "sana": lambda: diffusers.SanaTransformer2DModel(),
    "cogview4": lambda: diffusers.CogView4Transformer2DModel(
        num_layers=28, num_attention_heads=32, attention_head_dim=128, text_embed_dim=4096
    ),
    "krea2": lambda: diffusers.Krea2Transformer2DModel(),
    "anima": lambda: cosmos(),
    "cosmos-predict2-2b": lambda: cosmos(),
    "hunyuan-image-2.1": lambda: diffusers.HunyuanImageTransformer2DModel(),
    "hunyuan-video": lambda: diffusers.HunyuanVideoTransformer3DModel(),
    "hunyuan-video-1.5": lambda: diffusers.HunyuanVideo15Transformer3DModel(),
    "wan-14b": lambda: WanTransformer3DModel(),
    "wan-14b-i2v": lambda: WanTransformer3DModel(
        in_channels=36, image_dim=1280, added_kv_proj_dim=5120
    ),
    "wan-1.3b": lambda: WanTransformer3DModel(num_attention_heads=12, ffn_dim=8960, num_layers=30),
    "wan22-5b": lambda: WanTransformer3DModel(
        num_attention_heads=24, ffn_dim=14336, num_layers=30, in_channels=48, out_channels=48
    ),
    "ltx-video": lambda: diffusers.LTXVideoTransformer3DModel(),
    "ideogram4": lambda: diffusers.Ideogram4Transformer2DModel(),
    "ernie-image": lambda: diffusers.ErnieImageTransformer2DModel(),
}


def cosmos() -> nn.Module:
    network: nn.Module = diffusers.CosmosTransformer3DModel(
        in_channels=16,
        out_channels=16,
        num_attention_heads=16,
        attention_head_dim=128,
        num_layers=28,
        mlp_ratio=4.0,
        text_embed_dim=1024,
        adaln_lora_dim=256,
        max_size=(128, 240, 240),
        patch_size=(1, 2, 2),
        concat_padding_mask=True,
        extra_pos_embed_type=None,
    )
    return network


def found_in(network: nn.Module) -> dict[str, Layer]:
    found = {}
    for path, layer in network.named_modules():
        if isinstance(layer, nn.Linear):
            found[path] = Layer(layer.in_features, layer.out_features)
        elif isinstance(layer, nn.Conv2d | nn.Conv3d):
            found[path] = Layer(layer.in_channels, layer.out_channels, tuple(layer.kernel_size))
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
    # diffusers keeps Anima's adapter for text in a part of its own.
    ours = {path: at for path, at in architecture.layers().items() if "llm_adapter" not in path}
    assert ours == found_in(network)


def test_the_adapter_of_anima_has_the_widths_of_the_class() -> None:
    signature = inspect.signature(AnimaTextConditioner.__init__).parameters
    width, blocks = signature["model_dim"].default, signature["num_layers"].default
    architecture = fingerprints()["anima"].denoiser
    assert architecture is not None
    adapter = {p: at for p, at in architecture.layers().items() if p.startswith("llm_adapter.b")}
    assert len(adapter) == 10 * blocks
    assert {at.inputs for at in adapter.values()} == {width, 4 * width}


@pytest.mark.parametrize(
    ("llm", "config"),
    [
        (encoders.LLAMA_3_8B, LlamaConfig(hidden_size=4096, intermediate_size=14336,
                                          num_hidden_layers=32, num_attention_heads=32,
                                          num_key_value_heads=8)),
        (encoders.QWEN_25_7B, Qwen2Config(hidden_size=3584, intermediate_size=18944,
                                          num_hidden_layers=28, num_attention_heads=28,
                                          num_key_value_heads=4)),
        (encoders.QWEN_3_4B, Qwen3Config(hidden_size=2560, intermediate_size=9728,
                                         num_hidden_layers=36, num_attention_heads=32,
                                         num_key_value_heads=8, head_dim=128)),
        (encoders.QWEN_3_06B, Qwen3Config(hidden_size=1024, intermediate_size=3072,
                                          num_hidden_layers=28, num_attention_heads=16,
                                          num_key_value_heads=8, head_dim=128)),
        (encoders.GEMMA_2_2B, Gemma2Config(hidden_size=2304, intermediate_size=9216,
                                           num_hidden_layers=26, num_attention_heads=8,
                                           num_key_value_heads=4, head_dim=256)),
    ],
)  # fmt: skip
def test_the_layers_of_a_language_model_are_those_of_the_class(
    llm: Llm, config: PretrainedConfig
) -> None:
    with torch.device("meta"):
        network = AutoModel.from_config(config)
    assert llm.layers() == found_in(network)


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
