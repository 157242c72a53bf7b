"""LTX-Video 2B."""

from engine.families.architectures.encoders import T5_XXL
from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

LTX_VIDEO = Fingerprint(
    denoiser=Listed(
        """
        proj_in 128 2048
        time_embed.emb.timestep_embedder.linear_1 256 2048
        time_embed.emb.timestep_embedder.linear_2 2048 2048
        time_embed.linear 2048 12288
        caption_projection.linear_1 4096 2048
        caption_projection.linear_2 2048 2048
        transformer_blocks.0-27.attn1.to_q 2048 2048
        transformer_blocks.0-27.attn1.to_k 2048 2048
        transformer_blocks.0-27.attn1.to_v 2048 2048
        transformer_blocks.0-27.attn1.to_out.0 2048 2048
        transformer_blocks.0-27.attn2.to_q 2048 2048
        transformer_blocks.0-27.attn2.to_k 2048 2048
        transformer_blocks.0-27.attn2.to_v 2048 2048
        transformer_blocks.0-27.attn2.to_out.0 2048 2048
        transformer_blocks.0-27.ff.net.0.proj 2048 8192
        transformer_blocks.0-27.ff.net.2 8192 2048
        proj_out 2048 128
        """,
        """
        patchify_proj = proj_in
        adaln_single.emb.timestep_embedder.linear_1 = time_embed.emb.timestep_embedder.linear_1
        adaln_single.emb.timestep_embedder.linear_2 = time_embed.emb.timestep_embedder.linear_2
        adaln_single.linear = time_embed.linear
        """,
    ),
    text={"text_encoder": T5_XXL},
)
