"""Writes the fixtures of this folder from the genuine diffusers classes, on the meta device.

Run from the root of the repository: `python -m tests.stripped.make`. It needs torch, diffusers,
transformers and peft; the tests that read the fixtures do not.
"""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict

import torch
from diffusers import FluxTransformer2DModel, SD3Transformer2DModel, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from tests.stripped.headers import store
from tests.stripped.layouts import all_made

Shape = tuple[int, ...]
Wide = dict[str, tuple[Shape, Shape]]
"""Layer path -> shapes of its down and up half."""

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
TRANSFORMER = (*ATTENTION, "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2")
CLIP = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")


def on_meta(make: Callable[[], nn.Module]) -> nn.Module:
    """A network without weights."""
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


def halves(network: nn.Module, rank: int, endings: tuple[str, ...], within: str = "") -> Wide:
    """The pair of every linear and convolution layer whose path ends in one of these."""
    found: Wide = {}
    for path, layer in network.named_modules():
        if within not in path or not path.endswith(endings):
            continue
        if isinstance(layer, nn.Linear):
            found[path] = ((rank, layer.in_features), (layer.out_features, rank))
        elif isinstance(layer, nn.Conv2d):
            down = (rank, layer.in_channels, *layer.kernel_size)
            found[path] = (down, (layer.out_channels, rank, 1, 1))
    return found


def kohya(prefix: str, layers: Wide, dtype: str = "F16") -> Iterator[tuple[str, tuple[str, Shape]]]:
    """As sd-scripts writes them: alpha, down, up."""
    for path, (down, up) in layers.items():
        name = prefix + path.replace(".", "_")
        yield f"{name}.alpha", (dtype, ())
        yield f"{name}.lora_down.weight", (dtype, down)
        yield f"{name}.lora_up.weight", (dtype, up)


def peft(
    part: str, layers: Wide, ends: tuple[str, str] = ("lora_A", "lora_B")
) -> Iterator[tuple[str, tuple[str, Shape]]]:
    """As PEFT and diffusers write them."""
    for path, (down, up) in layers.items():
        yield f"{part}{path}.{ends[0]}.weight", ("F32", down)
        yield f"{part}{path}.{ends[1]}.weight", ("F32", up)


def ldm(layers: Wide, resnets: int = 2) -> Wide:
    """SDXL's UNet layers under LDM's names (openaimodel.py's counting of blocks)."""
    return {_ldm_path(path, resnets): pair for path, pair in layers.items()}


def _ldm_path(path: str, resnets: int) -> str:
    words = path.split(".")
    if words[0] == "mid_block":
        place = {"resnets": 2 * int(words[2]), "attentions": 1}[words[1]]
        return ".".join(["middle_block", str(place), *words[3:]])
    level, index = int(words[1]), int(words[3])
    slot = "1" if words[2] == "attentions" else "0"
    if words[0] == "down_blocks":
        block = 1 + level * (resnets + 1) + index
        return ".".join(["input_blocks", str(block), slot, *words[4:]])
    return ".".join(["output_blocks", str(level * (resnets + 1) + index), slot, *words[4:]])


def flux_native(rank: int) -> Wide:
    """FLUX.1's blocks under the makers' names, with fused projections."""
    found: Wide = {}
    for block in range(19):
        for stream in ("img", "txt"):
            path = f"double_blocks.{block}.{stream}"
            found[f"{path}_attn.qkv"] = ((rank, 3072), (9216, rank))
            found[f"{path}_attn.proj"] = ((rank, 3072), (3072, rank))
            found[f"{path}_mlp.0"] = ((rank, 3072), (12288, rank))
            found[f"{path}_mlp.2"] = ((rank, 12288), (3072, rank))
            found[f"{path}_mod.lin"] = ((rank, 3072), (18432, rank))
    for block in range(38):
        path = f"single_blocks.{block}"
        found[f"{path}.linear1"] = ((rank, 3072), (21504, rank))
        found[f"{path}.linear2"] = ((rank, 15360), (3072, rank))
        found[f"{path}.modulation.lin"] = ((rank, 3072), (9216, rank))
    assert len(found) == 304, "a real file has 304 layers"
    return found


def sdxl() -> UNet2DConditionModel:
    """The UNet of SDXL."""
    return UNet2DConditionModel(
        block_out_channels=(320, 640, 1280),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
        cross_attention_dim=2048,
    )


def miniature() -> UNet2DConditionModel:
    """The UNet of our own miniature."""
    return UNet2DConditionModel(
        in_channels=16,
        out_channels=16,
        block_out_channels=(64, 96, 128),
        layers_per_block=1,
        norm_num_groups=8,
        cross_attention_dim=96,
        attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D",) * 3,
        up_block_types=("CrossAttnUpBlock2D",) * 3,
    )


def clip(blocks: int, width: int, inner: int, *, projected: bool = False) -> nn.Module:
    """A CLIP text encoder."""
    kind = CLIPTextModelWithProjection if projected else CLIPTextModel
    config = CLIPTextConfig(
        hidden_size=width,
        num_hidden_layers=blocks,
        intermediate_size=inner,
        num_attention_heads=8,
        projection_dim=width,
    )
    return kind(config)  # type: ignore[no-any-return]  # transformers is not followed


def clip_halves(network: nn.Module, rank: int) -> Wide:
    """Its layers behind `text_model.`, which transformers 5 leaves out for some classes."""
    return {
        path if path.startswith("text_model.") else f"text_model.{path}": pair
        for path, pair in halves(network, rank, CLIP, "encoder.").items()
    }


def peft_metadata(part: str, rank: int, alpha: float) -> dict[str, str]:
    """As diffusers writes the adapter's settings."""
    settings = {f"{part}.r": rank, f"{part}.lora_alpha": alpha, f"{part}.alpha_pattern": {}}
    text = json.dumps(settings, indent=2, sort_keys=True)
    return {"format": "pt", "lora_adapter_metadata": text}


def kohya_metadata(base: str, architecture: str, **more: str) -> Mapping[str, str]:
    """As sd-scripts writes its training settings, cut down."""
    return {
        "ss_base_model_version": base,
        "modelspec.architecture": f"{architecture}/lora",
        "modelspec.title": "fixture",
        "ss_network_module": "networks.lora",
        "ss_v2": "False",
        **more,
    }


def unets() -> None:
    """Stable Diffusion 1, SDXL and the miniature."""
    sd1 = on_meta(lambda: UNet2DConditionModel(cross_attention_dim=768))
    text = clip_halves(on_meta(lambda: clip(12, 768, 3072)), 32)
    tags = {"20_zolt": {"zolt": 15, "1girl": 15, "red hair": 4}}
    store(
        "sd1-kohya",
        dict(kohya("lora_te_", text))
        | dict(kohya("lora_unet_", halves(sd1, 32, TRANSFORMER, "attentions"))),
        kohya_metadata("sd_v1", "stable-diffusion-v1", ss_tag_frequency=json.dumps(tags)),
    )
    everything = ("to_out.0", "conv1", "conv2", "conv_shortcut", "time_emb_proj", ".conv")
    store(
        "sd1-kohya-locon",
        dict(kohya("lora_unet_", halves(sd1, 8, (*TRANSFORMER, *everything), "blocks.")))
        | dict(kohya("lora_unet_", halves(sd1, 8, everything, "mid_block"))),
        {},
    )
    attention = halves(sd1, 4, ATTENTION, "attn")
    store("sd1-diffusers-dotlora", dict(peft("unet.", attention, ("lora.down", "lora.up"))), {})

    large = on_meta(sdxl)
    first = clip_halves(on_meta(lambda: clip(12, 768, 3072)), 16)
    second = clip_halves(on_meta(lambda: clip(32, 1280, 5120, projected=True)), 16)
    unet = ldm(halves(large, 16, TRANSFORMER, "attentions"))
    store(
        "sdxl-kohya",
        dict(kohya("lora_te1_", first))
        | dict(kohya("lora_te2_", second))
        | dict(kohya("lora_unet_", unet)),
        kohya_metadata("sdxl_base_v1-0", "stable-diffusion-xl-v1-base"),
    )
    attention = halves(large, 4, ATTENTION, "attn")
    store("sdxl-diffusers-peft", dict(peft("unet.", attention)), peft_metadata("unet", 4, 8.0))
    store("sdxl-peft-base-model", dict(peft("base_model.model.", attention)), {})
    named = ("lora_A.default", "lora_B.default")
    store("sdxl-peft-adapter-name", dict(peft("unet.", attention, named)), {})

    tiny = on_meta(miniature)
    all_of_it = (*TRANSFORMER, "conv1", "conv2")
    text = clip_halves(on_meta(lambda: clip(2, 96, 192)), 8)
    store(
        "miniature-kohya",
        dict(kohya("lora_te_", text))
        | dict(kohya("lora_unet_", halves(tiny, 8, all_of_it, "blocks")))
        | dict(kohya("lora_unet_", halves(tiny, 8, all_of_it, "mid_block"))),
        {},
    )
    store(
        "miniature-diffusers-peft",
        dict(peft("text_encoder.", text)) | dict(peft("unet.", halves(tiny, 8, all_of_it))),
        peft_metadata("unet", 8, 8.0),
    )


def transformers() -> None:
    """Stable Diffusion 3 medium and FLUX.1."""
    sd3 = on_meta(
        lambda: SD3Transformer2DModel(
            num_layers=24,
            num_attention_heads=24,
            attention_head_dim=64,
            caption_projection_dim=1536,
            joint_attention_dim=4096,
            pooled_projection_dim=2048,
        )
    )
    # The targets of diffusers' DreamBooth scripts.
    added = ("add_q_proj", "add_k_proj", "add_v_proj", "to_add_out")
    store(
        "sd3-medium-diffusers-peft",
        dict(peft("transformer.", halves(sd3, 16, (*ATTENTION, *added), "attn."))),
        peft_metadata("transformer", 16, 16.0)
        | {"modelspec.architecture": "stable-diffusion-3-medium/lora"},
    )
    flux = on_meta(lambda: FluxTransformer2DModel(guidance_embeds=True))
    feed = ("net.0.proj", "net.2")
    layers = halves(flux, 16, (*ATTENTION, *added, *feed), "transformer_blocks")
    store(
        "flux1-diffusers-peft",
        dict(peft("transformer.", layers)),
        peft_metadata("transformer", 16, 16.0) | {"ss_base_model_version": "flux1"},
    )
    text = clip_halves(on_meta(lambda: clip(12, 768, 3072)), 16)
    store(
        "flux1-kohya",
        dict(kohya("lora_te1_", text, "BF16")) | dict(kohya("lora_unet_", flux_native(16), "BF16")),
        kohya_metadata("flux1", "flux-1-dev"),
    )


CHOSEN = (
    "kohya-sd1-dora", "kohya-sd1-loha", "kohya-sd1-lokr", "kohya-sd1-whole_lokr", "kohya-sd1-full",
    "kohya-sd1-tucker", "kohya-sd1-boft", "kohya-sd1-glora", "kohya-sd1-ia3", "sd1-te-only",
    "sd1-oft-kohya", "sd1-dot", "sd1-processorunet.", "sd1-processor", "sd1-attn1", "sd1-ldm",
    "kohya-sd2-te", "sd2-peft", "sdxl-kohya-diffusers-names-lora", "sdxl-tucker", "sdxl-mid",
    "sdxl-blora", "sdxl-kohya-ldm-names-whole_lokr-te", "sdxl-peft-dora-te", "kolors-peft",
    "sd3-medium-kohya-lora", "sd3-medium-onetrainer-te", "sd35-medium-comfy-lora-attn",
    "sd35-large-kohya-te", "sd35-large-peft-some", "flux1-kohya-te-t5", "flux1-comfy-lora",
    "flux1-comfy-te", "flux1-onetrainer-te", "flux1-onetrainer-dora", "flux1-native-ends",
    "flux1-lycoris-lokr", "flux1-named-bare-attn", "flux1-bare-some", "chroma-all",
    "chroma-kohya-te", "flux2-dev-comfy-lora", "flux2-klein-9b-peft", "flux2-klein-4b-kohya-lora",
    "flux2-klein-4b-comfy-lora", "z-image-comfy-lora", "z-image-kohya-lokr", "z-image-peft",
    "lumina2-kohya-lora", "lumina2-peft-attn", "qwen-image-bare-down", "qwen-image-kohya-lora",
    "hidream-comfy-lora-attn", "auraflow-peft-attn", "auraflow-native-attn",
    "pixart-sigma-base-model", "pixart-sigma-kohya-lora", "sana-onetrainer-lora", "cogview4-peft",
    "krea2-comfy-lora", "krea2-native-base-model-attn", "anima-kohya-te", "anima-net-attn",
    "cosmos-predict2-2b-peft-attn", "hunyuan-image-2.1-kohya-lora-attn", "hunyuan-video-pipe",
    "hunyuan-video-native-attn", "hunyuan-video-1.5-peft-attn", "wan-14b-comfy-lora",
    "wan-14b-fun", "wan-14b-i2v-kohya-lora", "wan-1.3b-named-bare", "wan22-5b-pipe-attn",
    "ltx-video-peft", "ideogram4-comfy-lora", "ernie-image-peft", "miniature-kohya-ldm-names",
    "flux1-xlabs", "flux1-control", "flux1-nunchaku",
)  # fmt: skip
"""The layouts of `tests.stripped.layouts` that are kept as fixtures, as `made-...`."""


def layouts() -> None:
    """One file of each chosen layout."""
    for made in all_made(seed=5):
        name = made.name.removesuffix("-0")
        if name in CHOSEN:
            truth = asdict(made.truth)
            store(f"made-{name.rstrip('.')}", made.tensors, made.metadata, truth)


if __name__ == "__main__":
    unets()
    transformers()
    layouts()
