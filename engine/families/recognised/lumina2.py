"""Lumina-Image 2: named like Z-Image in its own code, told apart by its widths."""

from engine.families.architectures.encoders import GEMMA_2_2B
from engine.families.architectures.listed import Listed
from engine.families.facts import Fingerprint

LUMINA2 = Fingerprint(
    denoiser=Listed(
        """
        x_embedder 64 2304
        time_caption_embed.timestep_embedder.linear_1 256 1024
        time_caption_embed.timestep_embedder.linear_2 1024 1024
        time_caption_embed.caption_embedder.1 2304 2304
        norm_out.linear_1 1024 2304
        norm_out.linear_2 2304 64
        noise_refiner.0-1.norm1.linear 1024 9216
        layers.0-25.norm1.linear 1024 9216
        """
        + "".join(
            f"""
            {blocks}.attn.to_q 2304 2304
            {blocks}.attn.to_k 2304 768
            {blocks}.attn.to_v 2304 768
            {blocks}.attn.to_out.0 2304 2304
            {blocks}.feed_forward.linear_1 2304 9216
            {blocks}.feed_forward.linear_2 9216 2304
            {blocks}.feed_forward.linear_3 2304 9216
            """
            for blocks in ("layers.0-25", "noise_refiner.0-1", "context_refiner.0-1")
        ),
        """
        cap_embedder.1 = time_caption_embed.caption_embedder.1
        t_embedder.mlp.0 = time_caption_embed.timestep_embedder.linear_1
        t_embedder.mlp.2 = time_caption_embed.timestep_embedder.linear_2
        final_layer.adaLN_modulation.1 = norm_out.linear_1
        final_layer.linear = norm_out.linear_2
        """
        + "".join(
            f"""
            {blocks}.*.attention.qkv = {blocks}.*.attn.to_q + {blocks}.*.attn.to_k \
+ {blocks}.*.attn.to_v
            {blocks}.*.attention.out = {blocks}.*.attn.to_out.0
            {blocks}.*.feed_forward.w1 = {blocks}.*.feed_forward.linear_1
            {blocks}.*.feed_forward.w2 = {blocks}.*.feed_forward.linear_2
            {blocks}.*.feed_forward.w3 = {blocks}.*.feed_forward.linear_3
            {blocks}.*.adaLN_modulation.1 = {blocks}.*.norm1.linear
            """
            for blocks in ("layers", "noise_refiner", "context_refiner")
        ),
    ),
    text={"text_encoder": GEMMA_2_2B},
)
