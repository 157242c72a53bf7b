"""HunyuanVideo (1.0 and 1.5) and HunyuanImage 2.1: FLUX-like blocks with a refiner for the text."""

from engine.families.architectures.encoders import CLIP_L, LLAMA_3_8B, QWEN_25_7B
from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint


def _double(count: int, width: int) -> str:
    path = f"transformer_blocks.0-{count - 1}"
    square = "".join(
        f"{path}.attn.{name} {width} {width}\n"
        for name in (
            "to_q", "to_k", "to_v", "add_q_proj", "add_k_proj", "add_v_proj",
            "to_out.0", "to_add_out",
        )
    )  # fmt: skip
    return square + (
        f"{path}.norm1.linear {width} {6 * width}\n"
        f"{path}.norm1_context.linear {width} {6 * width}\n"
        f"{path}.ff.net.0.proj {width} {4 * width}\n"
        f"{path}.ff.net.2 {4 * width} {width}\n"
        f"{path}.ff_context.net.0.proj {width} {4 * width}\n"
        f"{path}.ff_context.net.2 {4 * width} {width}\n"
    )


def _single(count: int, width: int) -> str:
    path = f"single_transformer_blocks.0-{count - 1}"
    return (
        f"{path}.attn.to_q {width} {width}\n"
        f"{path}.attn.to_k {width} {width}\n"
        f"{path}.attn.to_v {width} {width}\n"
        f"{path}.norm.linear {width} {3 * width}\n"
        f"{path}.proj_mlp {width} {4 * width}\n"
        f"{path}.proj_out {5 * width} {width}\n"
    )


def _text(inputs: int, width: int) -> str:
    first = "context_embedder.time_text_embed"
    path = "context_embedder.token_refiner.refiner_blocks.0-1"
    return (
        f"{first}.timestep_embedder.linear_1 256 {width}\n"
        f"{first}.timestep_embedder.linear_2 {width} {width}\n"
        f"{first}.text_embedder.linear_1 {inputs} {width}\n"
        f"{first}.text_embedder.linear_2 {width} {width}\n"
        f"context_embedder.proj_in {inputs} {width}\n"
        f"{path}.attn.to_q {width} {width}\n"
        f"{path}.attn.to_k {width} {width}\n"
        f"{path}.attn.to_v {width} {width}\n"
        f"{path}.attn.to_out.0 {width} {width}\n"
        f"{path}.ff.net.0.proj {width} {4 * width}\n"
        f"{path}.ff.net.2 {4 * width} {width}\n"
        f"{path}.norm_out.linear {width} {2 * width}\n"
    )


def _time(path: str, inputs: int, width: int) -> str:
    return f"{path}.linear_1 {inputs} {width}\n{path}.linear_2 {width} {width}\n"


# Tencent's code, and ComfyUI's way to write it (dots for underscores, `lin` for `linear`).
_TO_QKV = "{0}.to_q + {0}.to_k + {0}.to_v"
_ADD_QKV = "{0}.add_q_proj + {0}.add_k_proj + {0}.add_v_proj"
_IMAGE = _TO_QKV.format("transformer_blocks.*.attn")
_ADDED = _ADD_QKV.format("transformer_blocks.*.attn")
_ALL_OF_SINGLE = (
    _TO_QKV.format("single_transformer_blocks.*.attn") + " + single_transformer_blocks.*.proj_mlp"
)
_REFINER = _TO_QKV.format("context_embedder.token_refiner.refiner_blocks.*.attn")
_NAMES = f"""
    img_in.proj = x_embedder.proj
    final_layer.linear = proj_out
    final_layer.adaLN_modulation.1 = ~norm_out.linear
    vector_in.in_layer = time_text_embed.text_embedder.linear_1
    vector_in.out_layer = time_text_embed.text_embedder.linear_2
    txt_in.input_embedder = context_embedder.proj_in
    txt_in.c_embedder.linear_1 = context_embedder.time_text_embed.text_embedder.linear_1
    txt_in.c_embedder.linear_2 = context_embedder.time_text_embed.text_embedder.linear_2
    txt_in.c_embedder.in_layer = context_embedder.time_text_embed.text_embedder.linear_1
    txt_in.c_embedder.out_layer = context_embedder.time_text_embed.text_embedder.linear_2
    txt_in.t_embedder.mlp.0 = context_embedder.time_text_embed.timestep_embedder.linear_1
    txt_in.t_embedder.mlp.2 = context_embedder.time_text_embed.timestep_embedder.linear_2
    txt_in.t_embedder.in_layer = context_embedder.time_text_embed.timestep_embedder.linear_1
    txt_in.t_embedder.out_layer = context_embedder.time_text_embed.timestep_embedder.linear_2
    double_blocks.*.img_attn_qkv = {_IMAGE}
    double_blocks.*.img_attn.qkv = {_IMAGE}
    double_blocks.*.txt_attn_qkv = {_ADDED}
    double_blocks.*.txt_attn.qkv = {_ADDED}
    single_blocks.*.linear1 = {_ALL_OF_SINGLE}
    single_blocks.*.linear1_mlp = single_transformer_blocks.*.proj_mlp
    single_blocks.*.linear2 = single_transformer_blocks.*.proj_out
    single_blocks.*.linear2.fc = single_transformer_blocks.*.proj_out
    single_blocks.*.linear2.linear = single_transformer_blocks.*.proj_out
    single_blocks.*.modulation.linear = single_transformer_blocks.*.norm.linear
    single_blocks.*.modulation.lin = single_transformer_blocks.*.norm.linear
""" + "".join(
    f"{native} = {path}\n"
    for first, embedder in (("time_in", "timestep"), ("guidance_in", "guidance"))
    for before in ("time_text_embed", "time_guidance_embed", "time_embed")
    for native, path in (
        (f"{first}.mlp.0", f"{before}.{embedder}_embedder.linear_1"),
        (f"{first}.mlp.2", f"{before}.{embedder}_embedder.linear_2"),
        (f"{first}.in_layer", f"{before}.{embedder}_embedder.linear_1"),
        (f"{first}.out_layer", f"{before}.{embedder}_embedder.linear_2"),
    )
) + "".join(
    f"double_blocks.*.{native} = transformer_blocks.*.{path}\n"
    for native, path in (
        ("img_attn_proj", "attn.to_out.0"), ("img_attn.proj", "attn.to_out.0"),
        ("txt_attn_proj", "attn.to_add_out"), ("txt_attn.proj", "attn.to_add_out"),
        ("img_attn_q", "attn.to_q"), ("img_attn_k", "attn.to_k"), ("img_attn_v", "attn.to_v"),
        ("txt_attn_q", "attn.add_q_proj"), ("txt_attn_k", "attn.add_k_proj"),
        ("txt_attn_v", "attn.add_v_proj"),
        ("img_mlp.fc1", "ff.net.0.proj"), ("img_mlp.0", "ff.net.0.proj"),
        ("img_mlp.fc2", "ff.net.2"), ("img_mlp.2", "ff.net.2"),
        ("txt_mlp.fc1", "ff_context.net.0.proj"), ("txt_mlp.0", "ff_context.net.0.proj"),
        ("txt_mlp.fc2", "ff_context.net.2"), ("txt_mlp.2", "ff_context.net.2"),
        ("img_mod.linear", "norm1.linear"), ("img_mod.lin", "norm1.linear"),
        ("txt_mod.linear", "norm1_context.linear"), ("txt_mod.lin", "norm1_context.linear"),
    )
) + "".join(
    f"single_blocks.*.linear1_{letter} = single_transformer_blocks.*.attn.to_{letter}\n"
    for letter in "qkv"
) + "".join(
    f"txt_in.individual_token_refiner.blocks.*.{native} = "
    f"{path.replace('{0}', 'context_embedder.token_refiner.refiner_blocks.*')}\n"
    for native, path in (
        ("self_attn_qkv", _REFINER), ("self_attn.qkv", _REFINER),
        ("self_attn_q", "{0}.attn.to_q"), ("self_attn_k", "{0}.attn.to_k"),
        ("self_attn_v", "{0}.attn.to_v"),
        ("self_attn_proj", "{0}.attn.to_out.0"), ("self_attn.proj", "{0}.attn.to_out.0"),
        ("mlp.fc1", "{0}.ff.net.0.proj"), ("mlp.0", "{0}.ff.net.0.proj"),
        ("mlp.fc2", "{0}.ff.net.2"), ("mlp.2", "{0}.ff.net.2"),
        ("adaLN_modulation.1", "{0}.norm_out.linear"),
    )
)  # fmt: skip

HUNYUAN_VIDEO = Fingerprint(
    denoiser=Listed(
        "x_embedder.proj 16 3072 1x2x2\nnorm_out.linear 3072 6144\nproj_out 3072 64\n"
        + _text(4096, 3072)
        + _time("time_text_embed.timestep_embedder", 256, 3072)
        + _time("time_text_embed.text_embedder", 768, 3072)
        + _time("time_text_embed.guidance_embedder", 256, 3072)
        + _double(20, 3072)
        + _single(40, 3072),
        _NAMES,
    ),
    text={"text_encoder": LLAMA_3_8B, "text_encoder_2": CLIP_L},
    # FLUX.1 with one double and two single blocks more.
    yields_to=("flux1",),
    yields_by=(".transformer_blocks.18.", ".single_transformer_blocks.37."),
)
HUNYUAN_VIDEO_15 = Fingerprint(
    denoiser=Listed(
        "x_embedder.proj 65 2048 1x1x1\nnorm_out.linear 2048 4096\nproj_out 2048 32\n"
        "image_embedder.linear_1 1152 1152\nimage_embedder.linear_2 1152 2048\n"
        "context_embedder_2.linear_1 1472 2048\ncontext_embedder_2.linear_2 2048 2048\n"
        "context_embedder_2.linear_3 2048 2048\n"
        + _text(3584, 2048)
        + _time("time_embed.timestep_embedder", 256, 2048)
        + _double(54, 2048),
        _NAMES + "byt5_in.fc1 = context_embedder_2.linear_1\n"
        "byt5_in.fc2 = context_embedder_2.linear_2\nbyt5_in.fc3 = context_embedder_2.linear_3\n",
    ),
    text={"text_encoder": QWEN_25_7B},
)
HUNYUAN_IMAGE = Fingerprint(
    denoiser=Listed(
        "x_embedder.proj 64 3584 1x1\nnorm_out.linear 3584 7168\nproj_out 3584 64\n"
        + _text(3584, 3584)
        + _time("time_guidance_embed.timestep_embedder", 256, 3584)
        + _double(20, 3584)
        + _single(40, 3584),
        _NAMES,
    ),
    text={"text_encoder": QWEN_25_7B},
)
