"""HiDream-I1: double and single blocks with routed experts."""

from engine.families.architectures.encoders import (
    CLIP_L_PROJECTED,
    LLAMA_3_8B,
    OPENCLIP_G,
    T5_XXL,
)
from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

_BLOCK = """
    {0}.attn1.to_q 2560 2560
    {0}.attn1.to_k 2560 2560
    {0}.attn1.to_v 2560 2560
    {0}.attn1.to_out 2560 2560
    {0}.ff_i.shared_experts.w1 2560 3584
    {0}.ff_i.shared_experts.w2 3584 2560
    {0}.ff_i.shared_experts.w3 2560 3584
    {0}.ff_i.experts.0-3.w1 2560 6912
    {0}.ff_i.experts.0-3.w2 6912 2560
    {0}.ff_i.experts.0-3.w3 2560 6912
"""
HIDREAM = Fingerprint(
    denoiser=Listed(
        """
        t_embedder.timestep_embedder.linear_1 256 2560
        t_embedder.timestep_embedder.linear_2 2560 2560
        p_embedder.pooled_embedder.linear_1 2048 2560
        p_embedder.pooled_embedder.linear_2 2560 2560
        x_embedder.proj 64 2560
        double_stream_blocks.0-15.block.adaLN_modulation.1 2560 30720
        double_stream_blocks.0-15.block.attn1.to_q_t 2560 2560
        double_stream_blocks.0-15.block.attn1.to_k_t 2560 2560
        double_stream_blocks.0-15.block.attn1.to_v_t 2560 2560
        double_stream_blocks.0-15.block.attn1.to_out_t 2560 2560
        double_stream_blocks.0-15.block.ff_t.w1 2560 6912
        double_stream_blocks.0-15.block.ff_t.w2 6912 2560
        double_stream_blocks.0-15.block.ff_t.w3 2560 6912
        single_stream_blocks.0-31.block.adaLN_modulation.1 2560 15360
        final_layer.linear 2560 64
        final_layer.adaLN_modulation.1 2560 5120
        caption_projection.0-48.linear 4096 2560
        """
        + _BLOCK.format("double_stream_blocks.0-15.block")
        + _BLOCK.format("single_stream_blocks.0-31.block"),
    ),
    text={
        "text_encoder": CLIP_L_PROJECTED,
        "text_encoder_2": OPENCLIP_G,
        "text_encoder_3": T5_XXL,
        "text_encoder_4": LLAMA_3_8B,
    },
    # Its first two text encoders are those of SDXL.
    yields_to=("sdxl",),
)
