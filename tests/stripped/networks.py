"""The real networks, without weights, and what their makers call the layers: for made-up files.

Nothing here is taken from the engine's tables, so that the two can be held against each other.
"""

import re
import warnings
from collections.abc import Callable
from functools import cache

import diffusers
import torch
from torch import nn
from transformers import (
    AutoModel,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    Qwen3Config,
    T5Config,
    T5EncoderModel,
)

Wide = dict[str, tuple[int, int, tuple[int, ...]]]
"""Layer path -> inputs, outputs, kernel (empty for a linear layer)."""

_XL = {
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
_MMDIT = {"attention_head_dim": 64, "joint_attention_dim": 4096, "pooled_projection_dim": 2048}


def _sd3(blocks: int, heads: int, dual: int = 0) -> nn.Module:
    network: nn.Module = diffusers.SD3Transformer2DModel(
        **_MMDIT,
        num_layers=blocks,
        num_attention_heads=heads,
        caption_projection_dim=64 * heads,
        dual_attention_layers=tuple(range(dual)),
    )
    return network


def _flux2(double: int, single: int, heads: int, context: int) -> nn.Module:
    network: nn.Module = diffusers.Flux2Transformer2DModel(
        num_layers=double,
        num_single_layers=single,
        num_attention_heads=heads,
        joint_attention_dim=context,
        guidance_embeds=heads == 48,
    )
    return network


def _cosmos() -> nn.Module:
    network: nn.Module = diffusers.CosmosTransformer3DModel(
        in_channels=16, out_channels=16, num_attention_heads=16, attention_head_dim=128,
        num_layers=28, mlp_ratio=4.0, text_embed_dim=1024, adaln_lora_dim=256,
        max_size=(128, 240, 240), patch_size=(1, 2, 2), concat_padding_mask=True,
        extra_pos_embed_type=None,
    )  # fmt: skip
    return network


def _wan(**wide: int) -> nn.Module:
    network: nn.Module = diffusers.WanTransformer3DModel(**wide)
    return network


_DENOISERS: dict[str, Callable[[], nn.Module]] = {
    "miniature": lambda: diffusers.UNet2DConditionModel(
        in_channels=16, out_channels=16, block_out_channels=(64, 96, 128), layers_per_block=1,
        norm_num_groups=8, cross_attention_dim=96, attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D",) * 3,
        up_block_types=("CrossAttnUpBlock2D",) * 3,
    ),
    "sd1": lambda: diffusers.UNet2DConditionModel(cross_attention_dim=768),
    "sd2": lambda: diffusers.UNet2DConditionModel(
        cross_attention_dim=1024, use_linear_projection=True
    ),
    "sdxl": lambda: diffusers.UNet2DConditionModel(
        **_XL, projection_class_embeddings_input_dim=2816
    ),
    "kolors": lambda: diffusers.UNet2DConditionModel(
        **_XL, projection_class_embeddings_input_dim=5632
    ),
    "sd3-medium": lambda: _sd3(24, 24),
    "sd35-medium": lambda: _sd3(24, 24, dual=13),
    "sd35-large": lambda: _sd3(38, 38),
    "flux1": lambda: diffusers.FluxTransformer2DModel(guidance_embeds=True),
    "chroma": lambda: diffusers.ChromaTransformer2DModel(),
    "flux2-dev": lambda: _flux2(8, 48, 48, 15360),
    "flux2-klein-9b": lambda: _flux2(8, 24, 32, 12288),
    "flux2-klein-4b": lambda: _flux2(5, 20, 24, 7680),
    "z-image": lambda: diffusers.ZImageTransformer2DModel(),
    "lumina2": lambda: diffusers.Lumina2Transformer2DModel(cap_feat_dim=2304),
    "qwen-image": lambda: diffusers.QwenImageTransformer2DModel(),
    "hidream": lambda: diffusers.HiDreamImageTransformer2DModel(
        patch_size=2, in_channels=16, out_channels=16, num_layers=16, num_single_layers=32,
        attention_head_dim=128, num_attention_heads=20, caption_channels=[4096, 4096],
        text_emb_dim=2048, num_routed_experts=4, num_activated_experts=2,
        axes_dims_rope=(64, 32, 32), max_resolution=(128, 128), llama_layers=[0] * 48,
    ),
    "auraflow": lambda: diffusers.AuraFlowTransformer2DModel(
        num_mmdit_layers=4, num_single_dit_layers=32, num_attention_heads=12,
        attention_head_dim=256, joint_attention_dim=2048, caption_projection_dim=3072,
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
    "anima": _cosmos,
    "cosmos-predict2-2b": _cosmos,
    "hunyuan-image-2.1": lambda: diffusers.HunyuanImageTransformer2DModel(),
    "hunyuan-video": lambda: diffusers.HunyuanVideoTransformer3DModel(),
    "hunyuan-video-1.5": lambda: diffusers.HunyuanVideo15Transformer3DModel(),
    "wan-14b": lambda: _wan(),
    "wan-14b-i2v": lambda: _wan(in_channels=36, image_dim=1280, added_kv_proj_dim=5120),
    "wan-1.3b": lambda: _wan(num_attention_heads=12, ffn_dim=8960, num_layers=30),
    "wan22-5b": lambda: _wan(
        num_attention_heads=24, ffn_dim=14336, num_layers=30, in_channels=48, out_channels=48
    ),
    "ltx-video": lambda: diffusers.LTXVideoTransformer3DModel(),
    "ideogram4": lambda: diffusers.Ideogram4Transformer2DModel(),
    "ernie-image": lambda: diffusers.ErnieImageTransformer2DModel(),
}  # fmt: skip
BASES = tuple(_DENOISERS)
UNETS = frozenset({"miniature", "sd1", "sd2", "sdxl", "kolors"})


@cache
def denoiser(base: str) -> Wide:
    """A base's denoiser under diffusers' names."""
    return _wide(_DENOISERS[base])


@cache
def clip_l() -> Wide:
    """OpenAI's CLIP ViT-L/14."""
    return _clip(12, 768, 3072)


@cache
def clip_g() -> Wide:
    """OpenCLIP ViT-bigG/14."""
    return _clip(32, 1280, 5120, projected=True)


@cache
def clip_h() -> Wide:
    """OpenCLIP ViT-H/14, as Stable Diffusion 2 uses it."""
    return _clip(23, 1024, 4096)


@cache
def t5() -> Wide:
    """T5 XXL's encoder."""
    config = T5Config(d_model=4096, d_ff=10240, num_layers=24, num_heads=64,
                      feed_forward_proj="gated-gelu")  # fmt: skip
    return _wide(lambda: T5EncoderModel(config))


@cache
def qwen3_small() -> Wide:
    """Qwen3 0.6B, Anima's text encoder."""
    config = Qwen3Config(hidden_size=1024, intermediate_size=3072, num_hidden_layers=28,
                         num_attention_heads=16, num_key_value_heads=8, head_dim=128)  # fmt: skip
    return _wide(lambda: AutoModel.from_config(config))


def _clip(blocks: int, width: int, inner: int, *, projected: bool = False) -> Wide:
    kind = CLIPTextModelWithProjection if projected else CLIPTextModel
    config = CLIPTextConfig(hidden_size=width, num_hidden_layers=blocks, intermediate_size=inner,
                            num_attention_heads=8, projection_dim=width)  # fmt: skip
    return {
        path if path.startswith("text_model.") else f"text_model.{path}": wide
        for path, wide in _wide(lambda: kind(config)).items()
        if "encoder" in path
    }


def _wide(make: Callable[[], nn.Module]) -> Wide:
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = make()
    found: Wide = {}
    for path, layer in network.named_modules():
        if isinstance(layer, nn.Linear):
            found[path] = (layer.in_features, layer.out_features, ())
        elif isinstance(layer, nn.Conv2d | nn.Conv3d):
            found[path] = (layer.in_channels, layer.out_channels, tuple(layer.kernel_size))
    return found


# What the makers' code calls a layer: rewritten one after the other. Layers that get one name are
# one fused layer there. Sources: the makers' repositories as OneTrainer's tables tell them.
_FLUX = (
    (r"^transformer_blocks\.(\d+)\.attn\.to_[qkv]$", r"double_blocks.\1.img_attn.qkv"),
    (r"^transformer_blocks\.(\d+)\.attn\.add_[qkv]_proj$", r"double_blocks.\1.txt_attn.qkv"),
    (r"^transformer_blocks\.(\d+)\.attn\.to_out\.0$", r"double_blocks.\1.img_attn.proj"),
    (r"^transformer_blocks\.(\d+)\.attn\.to_add_out$", r"double_blocks.\1.txt_attn.proj"),
    (r"^transformer_blocks\.(\d+)\.ff\.(?:net\.0\.proj|linear_in)$", r"double_blocks.\1.img_mlp.0"),
    (r"^transformer_blocks\.(\d+)\.ff\.(?:net\.2|linear_out)$", r"double_blocks.\1.img_mlp.2"),
    (
        r"^transformer_blocks\.(\d+)\.ff_context\.(?:net\.0\.proj|linear_in)$",
        r"double_blocks.\1.txt_mlp.0",
    ),
    (
        r"^transformer_blocks\.(\d+)\.ff_context\.(?:net\.2|linear_out)$",
        r"double_blocks.\1.txt_mlp.2",
    ),
    (r"^transformer_blocks\.(\d+)\.norm1\.linear$", r"double_blocks.\1.img_mod.lin"),
    (r"^transformer_blocks\.(\d+)\.norm1_context\.linear$", r"double_blocks.\1.txt_mod.lin"),
    (
        r"^single_transformer_blocks\.(\d+)\.(?:attn\.to_[qkv]|proj_mlp|attn\.to_qkv_mlp_proj)$",
        r"single_blocks.\1.linear1",
    ),
    (r"^single_transformer_blocks\.(\d+)\.(?:proj_out|attn\.to_out)$", r"single_blocks.\1.linear2"),
    (r"^single_transformer_blocks\.(\d+)\.norm\.linear$", r"single_blocks.\1.modulation.lin"),
    (r"^x_embedder$", "img_in"),
    (r"^context_embedder$", "txt_in"),
    (r"^proj_out$", "final_layer.linear"),
    (r"^norm_out\.linear$", "final_layer.adaLN_modulation.1"),
    (r"^time_(?:text|guidance)_embed\.timestep_embedder", "time_in"),
    (r"^time_(?:text|guidance)_embed\.guidance_embedder", "guidance_in"),
    (r"^time_text_embed\.text_embedder", "vector_in"),
    (r"_in\.linear_1$", "_in.in_layer"),
    (r"_in\.linear_2$", "_in.out_layer"),
    (r"^(\w+_modulation\w*)\.linear$", r"\1.lin"),
    (r"^(distilled_guidance_layer\.layers\.\d+)\.linear_1$", r"\1.in_layer"),
    (r"^(distilled_guidance_layer\.layers\.\d+)\.linear_2$", r"\1.out_layer"),
)
_SD3 = (
    (r"^transformer_blocks\.(\d+)\.(attn2?)\.to_[qkv]$", r"joint_blocks.\1.x_block.\2.qkv"),
    (
        r"^transformer_blocks\.(\d+)\.attn\.add_[qkv]_proj$",
        r"joint_blocks.\1.context_block.attn.qkv",
    ),
    (r"^transformer_blocks\.(\d+)\.(attn2?)\.to_out\.0$", r"joint_blocks.\1.x_block.\2.proj"),
    (r"^transformer_blocks\.(\d+)\.attn\.to_add_out$", r"joint_blocks.\1.context_block.attn.proj"),
    (r"^transformer_blocks\.(\d+)\.ff\.net\.0\.proj$", r"joint_blocks.\1.x_block.mlp.fc1"),
    (r"^transformer_blocks\.(\d+)\.ff\.net\.2$", r"joint_blocks.\1.x_block.mlp.fc2"),
    (
        r"^transformer_blocks\.(\d+)\.ff_context\.net\.0\.proj$",
        r"joint_blocks.\1.context_block.mlp.fc1",
    ),
    (r"^transformer_blocks\.(\d+)\.ff_context\.net\.2$", r"joint_blocks.\1.context_block.mlp.fc2"),
    (r"^transformer_blocks\.(\d+)\.norm1\.linear$", r"joint_blocks.\1.x_block.adaLN_modulation.1"),
    (
        r"^transformer_blocks\.(\d+)\.norm1_context\.linear$",
        r"joint_blocks.\1.context_block.adaLN_modulation.1",
    ),
)
_WAN = (
    (r"\.attn1\.", ".self_attn."),
    (r"\.attn2\.", ".cross_attn."),
    (r"attn\.to_([qkv])$", r"attn.\1"),
    (r"attn\.to_out\.0$", "attn.o"),
    (r"\.add_([kv])_proj$", r".\1_img"),
    (r"\.ffn\.net\.0\.proj$", ".ffn.0"),
    (r"\.ffn\.net\.2$", ".ffn.2"),
    (r"^condition_embedder\.time_proj$", "time_projection.1"),
    (r"^condition_embedder\.(time|text)_embedder\.linear_1$", r"\1_embedding.0"),
    (r"^condition_embedder\.(time|text)_embedder\.linear_2$", r"\1_embedding.2"),
    (r"^condition_embedder\.image_embedder\.ff\.net\.0\.proj$", "img_emb.proj.1"),
    (r"^condition_embedder\.image_embedder\.ff\.net\.2$", "img_emb.proj.3"),
    (r"^proj_out$", "head.head"),
)
_HUNYUAN = (
    (
        r"^context_embedder\.token_refiner\.refiner_blocks\.(\d+)\.attn\.to_[qkv]$",
        r"txt_in.individual_token_refiner.blocks.\1.self_attn_qkv",
    ),
    (
        r"^context_embedder\.token_refiner\.refiner_blocks\.(\d+)\.attn\.to_out\.0$",
        r"txt_in.individual_token_refiner.blocks.\1.self_attn_proj",
    ),
    (
        r"^context_embedder\.token_refiner\.refiner_blocks\.(\d+)\.ff\.net\.0\.proj$",
        r"txt_in.individual_token_refiner.blocks.\1.mlp.fc1",
    ),
    (
        r"^context_embedder\.token_refiner\.refiner_blocks\.(\d+)\.ff\.net\.2$",
        r"txt_in.individual_token_refiner.blocks.\1.mlp.fc2",
    ),
    (
        r"^context_embedder\.token_refiner\.refiner_blocks\.(\d+)\.norm_out\.linear$",
        r"txt_in.individual_token_refiner.blocks.\1.adaLN_modulation.1",
    ),
    (r"^transformer_blocks\.(\d+)\.attn\.to_[qkv]$", r"double_blocks.\1.img_attn_qkv"),
    (r"^transformer_blocks\.(\d+)\.attn\.add_[qkv]_proj$", r"double_blocks.\1.txt_attn_qkv"),
    (r"^transformer_blocks\.(\d+)\.attn\.to_out\.0$", r"double_blocks.\1.img_attn_proj"),
    (r"^transformer_blocks\.(\d+)\.attn\.to_add_out$", r"double_blocks.\1.txt_attn_proj"),
    (r"^transformer_blocks\.(\d+)\.ff\.net\.0\.proj$", r"double_blocks.\1.img_mlp.fc1"),
    (r"^transformer_blocks\.(\d+)\.ff\.net\.2$", r"double_blocks.\1.img_mlp.fc2"),
    (r"^transformer_blocks\.(\d+)\.ff_context\.net\.0\.proj$", r"double_blocks.\1.txt_mlp.fc1"),
    (r"^transformer_blocks\.(\d+)\.ff_context\.net\.2$", r"double_blocks.\1.txt_mlp.fc2"),
    (r"^transformer_blocks\.(\d+)\.norm1\.linear$", r"double_blocks.\1.img_mod.linear"),
    (r"^transformer_blocks\.(\d+)\.norm1_context\.linear$", r"double_blocks.\1.txt_mod.linear"),
    (
        r"^single_transformer_blocks\.(\d+)\.(?:attn\.to_[qkv]|proj_mlp)$",
        r"single_blocks.\1.linear1",
    ),
    (r"^single_transformer_blocks\.(\d+)\.proj_out$", r"single_blocks.\1.linear2"),
    (r"^single_transformer_blocks\.(\d+)\.norm\.linear$", r"single_blocks.\1.modulation.linear"),
)
_LUMINA = (
    (r"\.attn\.to_[qkv]$", ".attention.qkv"),
    (r"\.attn\.to_out\.0$", ".attention.out"),
    (r"\.feed_forward\.linear_(\d)$", r".feed_forward.w\1"),
    (r"\.norm1\.linear$", ".adaLN_modulation.1"),
)
_COSMOS = (
    (r"^transformer_blocks\.", "blocks."),
    (r"\.attn1\.to_([qkv])$", r".self_attn.\1_proj"),
    (r"\.attn1\.to_out\.0$", ".self_attn.output_proj"),
    (r"\.attn2\.to_([qkv])$", r".cross_attn.\1_proj"),
    (r"\.attn2\.to_out\.0$", ".cross_attn.output_proj"),
    (r"\.ff\.net\.0\.proj$", ".mlp.layer1"),
    (r"\.ff\.net\.2$", ".mlp.layer2"),
    (r"\.norm1\.linear_(\d)$", r".adaln_modulation_self_attn.\1"),
    (r"\.norm2\.linear_(\d)$", r".adaln_modulation_cross_attn.\1"),
    (r"\.norm3\.linear_(\d)$", r".adaln_modulation_mlp.\1"),
)
_KREA = (
    (r"\.attn\.to_([qkv])$", r".attn.w\1"),
    (r"\.attn\.to_out\.0$", ".attn.wo"),
    (r"\.attn\.to_gate$", ".attn.gate"),
    (r"\.ff\.", ".mlp."),
    (r"^transformer_blocks\.", "blocks."),
    (r"^text_fusion\.", "txtfusion."),
    (r"^img_in$", "first"),
    (r"^final_layer\.", "last."),
    (r"^time_mod_proj$", "tproj.1"),
    (r"^txt_in\.linear_1$", "txtmlp.1"),
    (r"^txt_in\.linear_2$", "txtmlp.3"),
    (r"^time_embed\.linear_1$", "tmlp.0"),
    (r"^time_embed\.linear_2$", "tmlp.2"),
)
_PIXART = (
    (r"^transformer_blocks\.(\d+)\.attn1\.to_[qkv]$", r"blocks.\1.attn.qkv"),
    (r"^transformer_blocks\.(\d+)\.attn1\.to_out\.0$", r"blocks.\1.attn.proj"),
    (r"^transformer_blocks\.(\d+)\.attn2\.to_q$", r"blocks.\1.cross_attn.q_linear"),
    (r"^transformer_blocks\.(\d+)\.attn2\.to_[kv]$", r"blocks.\1.cross_attn.kv_linear"),
    (r"^transformer_blocks\.(\d+)\.attn2\.to_out\.0$", r"blocks.\1.cross_attn.proj"),
    (r"^transformer_blocks\.(\d+)\.ff\.net\.0\.proj$", r"blocks.\1.mlp.fc1"),
    (r"^transformer_blocks\.(\d+)\.ff\.net\.2$", r"blocks.\1.mlp.fc2"),
)
_AURA = (
    (r"^joint_transformer_blocks\.", "double_layers."),
    (r"^single_transformer_blocks\.", "single_layers."),
    (r"^(double_layers\.\d+)\.attn\.to_out\.0$", r"\1.attn.w2o"),
    (r"^(double_layers\.\d+)\.attn\.to_([qkv])$", r"\1.attn.w2\2"),
    (r"^(double_layers\.\d+)\.attn\.add_([qkv])_proj$", r"\1.attn.w1\2"),
    (r"^(double_layers\.\d+)\.attn\.to_add_out$", r"\1.attn.w1o"),
    (r"^(single_layers\.\d+)\.attn\.to_out\.0$", r"\1.attn.w1o"),
    (r"^(single_layers\.\d+)\.attn\.to_([qkv])$", r"\1.attn.w1\2"),
    (r"^(double_layers\.\d+)\.norm1\.linear$", r"\1.modX.1"),
    (r"^(double_layers\.\d+)\.norm1_context\.linear$", r"\1.modC.1"),
    (r"^(single_layers\.\d+)\.norm1\.linear$", r"\1.modCX.1"),
    (r"^(double_layers\.\d+)\.ff\.", r"\1.mlpX."),
    (r"\.ff_context\.", ".mlpC."),
    (r"^(single_layers\.\d+)\.ff\.", r"\1.mlp."),
    (r"\.linear_1$", ".c_fc1"),
    (r"\.linear_2$", ".c_fc2"),
    (r"\.out_projection$", ".c_proj"),
)
_Z_IMAGE = ((r"\.attention\.to_[qkv]$", ".attention.qkv"),
            (r"\.attention\.to_out\.0$", ".attention.out"))  # fmt: skip
_IDEOGRAM = ((r"\.attention\.to_[qkv]$", ".attention.qkv"),
             (r"\.attention\.to_out\.0$", ".attention.o"))  # fmt: skip
_NATIVE: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(("flux1", "chroma", "flux2-dev", "flux2-klein-9b", "flux2-klein-4b"), _FLUX),
    **dict.fromkeys(("sd3-medium", "sd35-medium", "sd35-large"), _SD3),
    **dict.fromkeys(("wan-14b", "wan-14b-i2v", "wan-1.3b", "wan22-5b"), _WAN),
    **dict.fromkeys(("hunyuan-video", "hunyuan-image-2.1", "hunyuan-video-1.5"), _HUNYUAN),
    **dict.fromkeys(("anima", "cosmos-predict2-2b"), _COSMOS),
    "lumina2": _LUMINA, "krea2": _KREA, "pixart-sigma": _PIXART, "auraflow": _AURA,
    "z-image": _Z_IMAGE, "ideogram4": _IDEOGRAM,
}  # fmt: skip


def native(base: str, layers: Wide) -> Wide:
    """Layers under the makers' names; as they are where diffusers took them over."""
    if base in ("sdxl", "kolors", "sd1", "sd2", "miniature"):
        return {ldm_path(path, 1 if base == "miniature" else 2): at for path, at in layers.items()}
    found: Wide = {}
    for path, (inputs, outputs, kernel) in layers.items():
        name = path
        for pattern, new in _NATIVE.get(base, ()):
            name = re.sub(pattern, new, name)
        before = found[name][1] if name in found else 0
        found[name] = (inputs, before + outputs, kernel)
    return found


def ldm_path(path: str, resnets: int = 2) -> str:
    """A UNet's layer by openaimodel.py's counting of blocks."""
    words = path.split(".")
    inside = {"conv1": "in_layers.2", "conv2": "out_layers.3", "time_emb_proj": "emb_layers.1",
              "conv_shortcut": "skip_connection"}  # fmt: skip
    if words[0] not in ("down_blocks", "mid_block", "up_blocks"):
        ends = {"conv_in": "input_blocks.0.0", "conv_out": "out.2"}
        return ends.get(path, path)
    if words[0] == "mid_block":
        place = {"resnets": 2 * int(words[2]), "attentions": 1}[words[1]]
        return ".".join(["middle_block", str(place), inside.get(words[3], words[3]), *words[4:]])
    level, index = int(words[1]), int(words[3])
    rest = [inside.get(words[4], words[4]), *words[5:]]
    if words[2] == "downsamplers":
        return f"input_blocks.{(level + 1) * (resnets + 1)}.0.op"
    if words[2] == "upsamplers":
        place = 2 if resnets == 2 and level < 3 and (level or resnets) else 1
        return f"output_blocks.{level * (resnets + 1) + resnets}.{place}.conv"
    slot = "1" if words[2] == "attentions" else "0"
    if words[0] == "down_blocks":
        return ".".join(["input_blocks", str(1 + level * (resnets + 1) + index), slot, *rest])
    return ".".join(["output_blocks", str(level * (resnets + 1) + index), slot, *rest])
