"""Krea 2: gated attention and a fusion of the text encoder's layers."""

from engine.families.architectures.encoders import QWEN_3_4B
from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

_FUSION = """
    {0}.attn.to_q 2560 2560
    {0}.attn.to_k 2560 2560
    {0}.attn.to_v 2560 2560
    {0}.attn.to_gate 2560 2560
    {0}.attn.to_out.0 2560 2560
    {0}.ff.gate 2560 6912
    {0}.ff.up 2560 6912
    {0}.ff.down 6912 2560
"""
_NAMES = """
    {0}.*.attn.wq = {1}.*.attn.to_q
    {0}.*.attn.wk = {1}.*.attn.to_k
    {0}.*.attn.wv = {1}.*.attn.to_v
    {0}.*.attn.gate = {1}.*.attn.to_gate
    {0}.*.attn.wo = {1}.*.attn.to_out.0
    {0}.*.mlp.gate = {1}.*.ff.gate
    {0}.*.mlp.up = {1}.*.ff.up
    {0}.*.mlp.down = {1}.*.ff.down
    {1}.*.attn.to_qkv = {1}.*.attn.to_q + {1}.*.attn.to_k + {1}.*.attn.to_v
"""
KREA2 = Fingerprint(
    denoiser=Listed(
        """
        img_in 64 6144
        time_embed.linear_1 256 6144
        time_embed.linear_2 6144 6144
        time_mod_proj 6144 36864
        text_fusion.projector 12 1
        txt_in.linear_1 2560 6144
        txt_in.linear_2 6144 6144
        transformer_blocks.0-27.attn.to_q 6144 6144
        transformer_blocks.0-27.attn.to_k 6144 1536
        transformer_blocks.0-27.attn.to_v 6144 1536
        transformer_blocks.0-27.attn.to_gate 6144 6144
        transformer_blocks.0-27.attn.to_out.0 6144 6144
        transformer_blocks.0-27.ff.gate 6144 16384
        transformer_blocks.0-27.ff.up 6144 16384
        transformer_blocks.0-27.ff.down 16384 6144
        final_layer.linear 6144 64
        """
        + _FUSION.format("text_fusion.layerwise_blocks.0-1")
        + _FUSION.format("text_fusion.refiner_blocks.0-1"),
        """
        first = img_in
        last.linear = final_layer.linear
        tmlp.0 = time_embed.linear_1
        tmlp.2 = time_embed.linear_2
        tproj.1 = time_mod_proj
        txtmlp.1 = txt_in.linear_1
        txtmlp.3 = txt_in.linear_2
        txtfusion.projector = text_fusion.projector
        """
        + _NAMES.format("blocks", "transformer_blocks")
        + _NAMES.format("txtfusion.layerwise_blocks", "text_fusion.layerwise_blocks")
        + _NAMES.format("txtfusion.refiner_blocks", "text_fusion.refiner_blocks"),
    ),
    text={"text_encoder": QWEN_3_4B},
)
