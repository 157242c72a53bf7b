"""Qwen-Image and Qwen-Image-Edit (one architecture): sixty blocks of picture and text."""

from engine.families.architectures.encoders import QWEN_25_7B
from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

QWEN_IMAGE = Fingerprint(
    denoiser=Listed(
        """
        time_text_embed.timestep_embedder.linear_1 256 3072
        time_text_embed.timestep_embedder.linear_2 3072 3072
        img_in 64 3072
        txt_in 3584 3072
        transformer_blocks.0-59.img_mod.1 3072 18432
        transformer_blocks.0-59.attn.to_q 3072 3072
        transformer_blocks.0-59.attn.to_k 3072 3072
        transformer_blocks.0-59.attn.to_v 3072 3072
        transformer_blocks.0-59.attn.add_k_proj 3072 3072
        transformer_blocks.0-59.attn.add_v_proj 3072 3072
        transformer_blocks.0-59.attn.add_q_proj 3072 3072
        transformer_blocks.0-59.attn.to_out.0 3072 3072
        transformer_blocks.0-59.attn.to_add_out 3072 3072
        transformer_blocks.0-59.img_mlp.net.0.proj 3072 12288
        transformer_blocks.0-59.img_mlp.net.2 12288 3072
        transformer_blocks.0-59.txt_mod.1 3072 18432
        transformer_blocks.0-59.txt_mlp.net.0.proj 3072 12288
        transformer_blocks.0-59.txt_mlp.net.2 12288 3072
        norm_out.linear 3072 6144
        proj_out 3072 64
        """,
    ),
    text={"text_encoder": QWEN_25_7B},
    # Attention of its first blocks is named and as wide as FLUX.1's, which has no more blocks.
    yields_to=("flux1",),
    yields_by=(".transformer_blocks.18.", ".single_transformer_blocks."),
)
