"""Sana 1.6B: linear attention and convolutions between."""

from engine.families.architectures.encoders import GEMMA_2_2B
from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

SANA = Fingerprint(
    denoiser=Listed(
        """
        patch_embed.proj 32 2240 1x1
        time_embed.emb.timestep_embedder.linear_1 256 2240
        time_embed.emb.timestep_embedder.linear_2 2240 2240
        time_embed.linear 2240 13440
        caption_projection.linear_1 2304 2240
        caption_projection.linear_2 2240 2240
        transformer_blocks.0-19.attn1.to_q 2240 2240
        transformer_blocks.0-19.attn1.to_k 2240 2240
        transformer_blocks.0-19.attn1.to_v 2240 2240
        transformer_blocks.0-19.attn1.to_out.0 2240 2240
        transformer_blocks.0-19.attn2.to_q 2240 2240
        transformer_blocks.0-19.attn2.to_k 2240 2240
        transformer_blocks.0-19.attn2.to_v 2240 2240
        transformer_blocks.0-19.attn2.to_out.0 2240 2240
        transformer_blocks.0-19.ff.conv_inverted 2240 11200 1x1
        transformer_blocks.0-19.ff.conv_depth 11200 11200 3x3
        transformer_blocks.0-19.ff.conv_point 5600 2240 1x1
        proj_out 2240 32
        """,
        """
        x_embedder.proj = patch_embed.proj
        t_embedder.mlp.0 = time_embed.emb.timestep_embedder.linear_1
        t_embedder.mlp.2 = time_embed.emb.timestep_embedder.linear_2
        t_block.1 = time_embed.linear
        y_embedder.y_proj.fc1 = caption_projection.linear_1
        y_embedder.y_proj.fc2 = caption_projection.linear_2
        final_layer.linear = proj_out
        blocks.*.attn.qkv = transformer_blocks.*.attn1.to_q + transformer_blocks.*.attn1.to_k \
+ transformer_blocks.*.attn1.to_v
        blocks.*.attn.proj = transformer_blocks.*.attn1.to_out.0
        blocks.*.cross_attn.q_linear = transformer_blocks.*.attn2.to_q
        blocks.*.cross_attn.kv_linear = transformer_blocks.*.attn2.to_k \
+ transformer_blocks.*.attn2.to_v
        blocks.*.cross_attn.proj = transformer_blocks.*.attn2.to_out.0
        blocks.*.mlp.inverted_conv.conv = transformer_blocks.*.ff.conv_inverted
        blocks.*.mlp.depth_conv.conv = transformer_blocks.*.ff.conv_depth
        blocks.*.mlp.point_conv.conv = transformer_blocks.*.ff.conv_point
        """,
    ),
    text={"text_encoder": GEMMA_2_2B},
)
