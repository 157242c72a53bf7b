"""Wan 2.1 and 2.2 by size; reading a picture adds keys and values to the 14B of 2.1."""

from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

_NAMES = """
    time_embedding.0 = condition_embedder.time_embedder.linear_1
    time_embedding.2 = condition_embedder.time_embedder.linear_2
    text_embedding.0 = condition_embedder.text_embedder.linear_1
    text_embedding.2 = condition_embedder.text_embedder.linear_2
    time_projection.1 = condition_embedder.time_proj
    head.head = proj_out
    img_emb.proj.1 = condition_embedder.image_embedder.ff.net.0.proj
    img_emb.proj.3 = condition_embedder.image_embedder.ff.net.2
    blocks.*.self_attn.q = blocks.*.attn1.to_q
    blocks.*.self_attn.k = blocks.*.attn1.to_k
    blocks.*.self_attn.v = blocks.*.attn1.to_v
    blocks.*.self_attn.o = blocks.*.attn1.to_out.0
    blocks.*.cross_attn.q = blocks.*.attn2.to_q
    blocks.*.cross_attn.k = blocks.*.attn2.to_k
    blocks.*.cross_attn.v = blocks.*.attn2.to_v
    blocks.*.cross_attn.o = blocks.*.attn2.to_out.0
    blocks.*.cross_attn.k_img = blocks.*.attn2.add_k_proj
    blocks.*.cross_attn.v_img = blocks.*.attn2.add_v_proj
    blocks.*.ffn.0 = blocks.*.ffn.net.0.proj
    blocks.*.ffn.2 = blocks.*.ffn.net.2
"""


def _wan(blocks: int, width: int, inner: int, channels: int = 16, outputs: int = 16) -> str:
    path = f"blocks.0-{blocks - 1}"
    attention = "".join(
        f"{path}.{attn}.{name} {width} {width}\n"
        for attn in ("attn1", "attn2")
        for name in ("to_q", "to_k", "to_v", "to_out.0")
    )
    return attention + (
        f"{path}.ffn.net.0.proj {width} {inner}\n"
        f"{path}.ffn.net.2 {inner} {width}\n"
        f"patch_embedding {channels} {width} 1x2x2\n"
        f"condition_embedder.time_embedder.linear_1 256 {width}\n"
        f"condition_embedder.time_embedder.linear_2 {width} {width}\n"
        f"condition_embedder.time_proj {width} {6 * width}\n"
        f"condition_embedder.text_embedder.linear_1 4096 {width}\n"
        f"condition_embedder.text_embedder.linear_2 {width} {width}\n"
        f"proj_out {width} {4 * outputs}\n"
    )


_PICTURE = """
    condition_embedder.image_embedder.ff.net.0.proj 1280 1280
    condition_embedder.image_embedder.ff.net.2 1280 5120
    blocks.0-39.attn2.add_k_proj 5120 5120
    blocks.0-39.attn2.add_v_proj 5120 5120
"""
WAN_14B = Fingerprint(denoiser=Listed(_wan(40, 5120, 13824), _NAMES))
WAN_14B_I2V = Fingerprint(
    denoiser=Listed(_wan(40, 5120, 13824, channels=36) + _PICTURE, _NAMES),
    # Whoever trains what words do to a block trains what its picture does, too.
    yields_to=("wan-14b",),
    yields_by=(".attn2.to_k.", ".attn2.to_v."),
)
WAN_13B = Fingerprint(denoiser=Listed(_wan(30, 1536, 8960), _NAMES))
WAN22_5B = Fingerprint(denoiser=Listed(_wan(30, 3072, 14336, channels=48, outputs=48), _NAMES))
