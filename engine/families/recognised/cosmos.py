"""Cosmos Predict 2 (2B), and Anima, which is trained on it and has an adapter for its text."""

from engine.families.architectures.encoders import QWEN_3_06B, T5_XXL
from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

_LAYERS = """
    patch_embed.proj 68 2048
    time_embed.t_embedder.linear_1 2048 2048
    time_embed.t_embedder.linear_2 2048 6144
    transformer_blocks.0-27.norm1.linear_1 2048 256
    transformer_blocks.0-27.norm1.linear_2 256 6144
    transformer_blocks.0-27.attn1.to_q 2048 2048
    transformer_blocks.0-27.attn1.to_k 2048 2048
    transformer_blocks.0-27.attn1.to_v 2048 2048
    transformer_blocks.0-27.attn1.to_out.0 2048 2048
    transformer_blocks.0-27.norm2.linear_1 2048 256
    transformer_blocks.0-27.norm2.linear_2 256 6144
    transformer_blocks.0-27.attn2.to_q 2048 2048
    transformer_blocks.0-27.attn2.to_k 1024 2048
    transformer_blocks.0-27.attn2.to_v 1024 2048
    transformer_blocks.0-27.attn2.to_out.0 2048 2048
    transformer_blocks.0-27.norm3.linear_1 2048 256
    transformer_blocks.0-27.norm3.linear_2 256 6144
    transformer_blocks.0-27.ff.net.0.proj 2048 8192
    transformer_blocks.0-27.ff.net.2 8192 2048
    norm_out.linear_1 2048 256
    norm_out.linear_2 256 4096
    proj_out 2048 64
"""
_NAMES = """
    x_embedder.proj.1 = patch_embed.proj
    t_embedder.1.linear_1 = time_embed.t_embedder.linear_1
    t_embedder.1.linear_2 = time_embed.t_embedder.linear_2
    final_layer.adaln_modulation.1 = norm_out.linear_1
    final_layer.adaln_modulation.2 = norm_out.linear_2
    final_layer.linear = proj_out
    blocks.*.adaln_modulation_self_attn.1 = transformer_blocks.*.norm1.linear_1
    blocks.*.adaln_modulation_self_attn.2 = transformer_blocks.*.norm1.linear_2
    blocks.*.self_attn.q_proj = transformer_blocks.*.attn1.to_q
    blocks.*.self_attn.k_proj = transformer_blocks.*.attn1.to_k
    blocks.*.self_attn.v_proj = transformer_blocks.*.attn1.to_v
    blocks.*.self_attn.output_proj = transformer_blocks.*.attn1.to_out.0
    blocks.*.adaln_modulation_cross_attn.1 = transformer_blocks.*.norm2.linear_1
    blocks.*.adaln_modulation_cross_attn.2 = transformer_blocks.*.norm2.linear_2
    blocks.*.cross_attn.q_proj = transformer_blocks.*.attn2.to_q
    blocks.*.cross_attn.k_proj = transformer_blocks.*.attn2.to_k
    blocks.*.cross_attn.v_proj = transformer_blocks.*.attn2.to_v
    blocks.*.cross_attn.output_proj = transformer_blocks.*.attn2.to_out.0
    blocks.*.adaln_modulation_mlp.1 = transformer_blocks.*.norm3.linear_1
    blocks.*.adaln_modulation_mlp.2 = transformer_blocks.*.norm3.linear_2
    blocks.*.mlp.layer1 = transformer_blocks.*.ff.net.0.proj
    blocks.*.mlp.layer2 = transformer_blocks.*.ff.net.2
"""
# diffusers keeps the adapter in a part of its own, under these names (AnimaTextConditioner).
_ADAPTER = """
    llm_adapter.blocks.0-5.self_attn.q_proj 1024 1024
    llm_adapter.blocks.0-5.self_attn.k_proj 1024 1024
    llm_adapter.blocks.0-5.self_attn.v_proj 1024 1024
    llm_adapter.blocks.0-5.self_attn.o_proj 1024 1024
    llm_adapter.blocks.0-5.cross_attn.q_proj 1024 1024
    llm_adapter.blocks.0-5.cross_attn.k_proj 1024 1024
    llm_adapter.blocks.0-5.cross_attn.v_proj 1024 1024
    llm_adapter.blocks.0-5.cross_attn.o_proj 1024 1024
    llm_adapter.blocks.0-5.mlp.0 1024 4096
    llm_adapter.blocks.0-5.mlp.2 4096 1024
    llm_adapter.out_proj 1024 1024
"""
ANIMA = Fingerprint(denoiser=Listed(_LAYERS + _ADAPTER, _NAMES), text={"text_encoder": QWEN_3_06B})
COSMOS_PREDICT2_2B = Fingerprint(denoiser=Listed(_LAYERS, _NAMES), text={"text_encoder": T5_XXL})
