"""ERNIE-Image."""

from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

ERNIE_IMAGE = Fingerprint(
    denoiser=Listed(
        """
        x_embedder.proj 128 3072 1x1
        text_proj 2560 3072
        time_embedding.linear_1 3072 3072
        time_embedding.linear_2 3072 3072
        adaLN_modulation.1 3072 18432
        layers.0-23.self_attention.to_q 3072 3072
        layers.0-23.self_attention.to_k 3072 3072
        layers.0-23.self_attention.to_v 3072 3072
        layers.0-23.self_attention.to_out.0 3072 3072
        layers.0-23.mlp.gate_proj 3072 8192
        layers.0-23.mlp.up_proj 3072 8192
        layers.0-23.mlp.linear_fc2 8192 3072
        final_norm.linear 3072 6144
        final_linear 3072 128
        """,
        "x_embedder = x_embedder.proj",
    ),
)
