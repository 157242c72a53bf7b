"""PixArt sigma; alpha has the same blocks and two embedders more, which no LoRA needs.

A transformer that predicts noise, told by T5 with a mask: `engine/workers/pipelines/pixart.py`.
"""

from engine.families.architectures.encoders import T5_XXL
from engine.families.architectures.listed import Listed
from engine.families.facts import Family, Fingerprint, Size
from engine.families.samplers import first

FAMILY = Family(
    name="pixart-sigma",
    title="PixArt Sigma",
    pipeline="pixart",
    diffusers_class="PixArtSigmaPipeline",
    denoiser="transformer",
    prediction="epsilon",
    sizes=(
        Size(1024, 1024),
        Size(832, 1216),
        Size(1216, 832),
        Size(896, 1152),
        Size(1152, 896),
        Size(768, 1344),
        Size(1344, 768),
    ),
    # One token is 2x2 latents of 8x8 pixels.
    size_step=16,
    least_side=256,
    most_pixels=2048 * 2048,
    steps=20,
    most_steps=100,
    guidance=4.5,
    guidance_range=(1.0, 15.0),
    schedulers=first("DPM++ 2M"),
    has_negative_prompt=True,
    fingerprint=Fingerprint(
        denoiser=Listed(
            """
            pos_embed.proj 4 1152 2x2
            transformer_blocks.0-27.attn1.to_q 1152 1152
            transformer_blocks.0-27.attn1.to_k 1152 1152
            transformer_blocks.0-27.attn1.to_v 1152 1152
            transformer_blocks.0-27.attn1.to_out.0 1152 1152
            transformer_blocks.0-27.attn2.to_q 1152 1152
            transformer_blocks.0-27.attn2.to_k 1152 1152
            transformer_blocks.0-27.attn2.to_v 1152 1152
            transformer_blocks.0-27.attn2.to_out.0 1152 1152
            transformer_blocks.0-27.ff.net.0.proj 1152 4608
            transformer_blocks.0-27.ff.net.2 4608 1152
            proj_out 1152 32
            adaln_single.emb.timestep_embedder.linear_1 256 1152
            adaln_single.emb.timestep_embedder.linear_2 1152 1152
            adaln_single.linear 1152 6912
            caption_projection.linear_1 4096 1152
            caption_projection.linear_2 1152 1152
            """,
            """
            x_embedder.proj = pos_embed.proj
            final_layer.linear = proj_out
            t_block.1 = adaln_single.linear
            t_embedder.mlp.0 = adaln_single.emb.timestep_embedder.linear_1
            t_embedder.mlp.2 = adaln_single.emb.timestep_embedder.linear_2
            y_embedder.y_proj.fc1 = caption_projection.linear_1
            y_embedder.y_proj.fc2 = caption_projection.linear_2
            blocks.*.attn.qkv = transformer_blocks.*.attn1.to_q + transformer_blocks.*.attn1.to_k \
+ transformer_blocks.*.attn1.to_v
            blocks.*.attn.proj = transformer_blocks.*.attn1.to_out.0
            blocks.*.cross_attn.q_linear = transformer_blocks.*.attn2.to_q
            blocks.*.cross_attn.kv_linear = transformer_blocks.*.attn2.to_k \
+ transformer_blocks.*.attn2.to_v
            blocks.*.cross_attn.proj = transformer_blocks.*.attn2.to_out.0
            blocks.*.mlp.fc1 = transformer_blocks.*.ff.net.0.proj
            blocks.*.mlp.fc2 = transformer_blocks.*.ff.net.2
            """,
        ),
        text={"text_encoder": T5_XXL},
    ),
)
