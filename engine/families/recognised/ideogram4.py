"""Ideogram 4."""

from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

IDEOGRAM4 = Fingerprint(
    denoiser=Listed(
        """
        input_proj 128 4608
        llm_cond_proj 53248 4608
        t_embedding.mlp_in 4608 4608
        t_embedding.mlp_out 4608 4608
        adaln_proj 4608 512
        layers.0-33.attention.to_q 4608 4608
        layers.0-33.attention.to_k 4608 4608
        layers.0-33.attention.to_v 4608 4608
        layers.0-33.attention.to_out.0 4608 4608
        layers.0-33.feed_forward.w1 4608 12288
        layers.0-33.feed_forward.w2 12288 4608
        layers.0-33.feed_forward.w3 4608 12288
        layers.0-33.adaln_modulation 512 18432
        final_layer.linear 4608 128
        final_layer.adaln_modulation 512 4608
        """,
        """
        layers.*.attention.qkv = layers.*.attention.to_q + layers.*.attention.to_k \
+ layers.*.attention.to_v
        layers.*.attention.o = layers.*.attention.to_out.0
        """,
    ),
)
