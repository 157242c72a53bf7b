"""Z-Image (Turbo and Base share all layers): one stream with two refiners."""

from engine.families.architectures.encoders import QWEN_3_4B
from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

_BLOCKS = ("layers", "noise_refiner", "context_refiner")
Z_IMAGE = Fingerprint(
    denoiser=Listed(
        """
        all_x_embedder.2-1 64 3840
        all_final_layer.2-1.linear 3840 64
        all_final_layer.2-1.adaLN_modulation.1 256 3840
        t_embedder.mlp.0 256 1024
        t_embedder.mlp.2 1024 256
        cap_embedder.1 2560 3840
        """
        + "".join(
            f"""
            {blocks}.attention.to_q 3840 3840
            {blocks}.attention.to_k 3840 3840
            {blocks}.attention.to_v 3840 3840
            {blocks}.attention.to_out.0 3840 3840
            {blocks}.feed_forward.w1 3840 10240
            {blocks}.feed_forward.w2 10240 3840
            {blocks}.feed_forward.w3 3840 10240
            """
            for blocks in ("layers.0-29", "noise_refiner.0-1", "context_refiner.0-1")
        )
        + """
        layers.0-29.adaLN_modulation.0 256 15360
        noise_refiner.0-1.adaLN_modulation.0 256 15360
        """,
        """
        x_embedder = all_x_embedder.2-1
        final_layer.linear = all_final_layer.2-1.linear
        final_layer.adaLN_modulation.1 = all_final_layer.2-1.adaLN_modulation.1
        """
        + "".join(
            f"""
            {blocks}.*.attention.qkv = {blocks}.*.attention.to_q + {blocks}.*.attention.to_k \
+ {blocks}.*.attention.to_v
            {blocks}.*.attention.out = {blocks}.*.attention.to_out.0
            """
            for blocks in _BLOCKS
        ),
    ),
    text={"text_encoder": QWEN_3_4B},
)
