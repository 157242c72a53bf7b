"""CogView4 6B: one attention over text and picture together."""

from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

COGVIEW4 = Fingerprint(
    denoiser=Listed(
        """
        patch_embed.proj 64 4096
        patch_embed.text_proj 4096 4096
        time_condition_embed.timestep_embedder.linear_1 4096 512
        time_condition_embed.timestep_embedder.linear_2 512 512
        time_condition_embed.condition_embedder.linear_1 1536 512
        time_condition_embed.condition_embedder.linear_2 512 512
        transformer_blocks.0-27.norm1.linear 512 49152
        transformer_blocks.0-27.attn1.to_q 4096 4096
        transformer_blocks.0-27.attn1.to_k 4096 4096
        transformer_blocks.0-27.attn1.to_v 4096 4096
        transformer_blocks.0-27.attn1.to_out.0 4096 4096
        transformer_blocks.0-27.ff.net.0.proj 4096 16384
        transformer_blocks.0-27.ff.net.2 16384 4096
        norm_out.linear 512 8192
        proj_out 4096 64
        """,
    ),
)
