"""Tiny pipelines with random weights in the layouts of larger bases, for tests of layouts."""

from collections.abc import Callable

import torch
from diffusers import (
    AutoencoderKL,
    ChromaPipeline,
    ChromaTransformer2DModel,
    DDIMScheduler,
    DiffusionPipeline,
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    PixArtSigmaPipeline,
    PixArtTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

from engine.workers.miniature.words import TEXT_LENGTH, new_t5_tokenizer, new_tokenizer

WIDTH = 32
"""Numbers a token in every random text encoder."""


def _vae(latent_channels: int, *, is_shifted: bool) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(16, 16, 16, 16), latent_channels=latent_channels, norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1, sample_size=64, use_quant_conv=not is_shifted,
        use_post_quant_conv=not is_shifted, shift_factor=0.06 if is_shifted else None,
        scaling_factor=1.5 if is_shifted else 0.13,
    )  # fmt: skip


def _clip_config(tokenizer: CLIPTokenizer, width: int = WIDTH) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width,
        projection_dim=width, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=TEXT_LENGTH, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip


def _t5(tokenizer: T5TokenizerFast) -> T5EncoderModel:
    return T5EncoderModel(T5Config(
        vocab_size=len(tokenizer), d_model=WIDTH, d_kv=8, d_ff=2 * WIDTH, num_layers=2, num_heads=4,
        is_encoder_decoder=False, use_cache=False,
    ))  # fmt: skip


def _sd(*, is_second: bool) -> StableDiffusionPipeline:
    """Stable Diffusion 1, or 2 with its wider text and linear projections."""
    tokenizer = new_tokenizer()
    width = 2 * WIDTH if is_second else WIDTH
    return StableDiffusionPipeline(
        vae=_vae(4, is_shifted=False),
        text_encoder=CLIPTextModel(_clip_config(tokenizer, width)),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel(
            sample_size=8, in_channels=4, out_channels=4, block_out_channels=(32, 64),
            layers_per_block=1, norm_num_groups=8, cross_attention_dim=width,
            attention_head_dim=(4, 8) if is_second else 4, use_linear_projection=is_second,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        ),
        scheduler=DDIMScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, clip_sample=False,
            steps_offset=1, set_alpha_to_one=False,
            prediction_type="v_prediction" if is_second else "epsilon",
        ),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def _sdxl() -> StableDiffusionXLPipeline:
    tokenizer = new_tokenizer()
    return StableDiffusionXLPipeline(
        vae=_vae(4, is_shifted=False),
        text_encoder=CLIPTextModel(_clip_config(tokenizer)),
        text_encoder_2=CLIPTextModelWithProjection(_clip_config(tokenizer, 2 * WIDTH)),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=UNet2DConditionModel(
            sample_size=8, in_channels=4, out_channels=4, block_out_channels=(32, 64, 64),
            layers_per_block=1, norm_num_groups=8, cross_attention_dim=3 * WIDTH,
            attention_head_dim=(2, 4, 4), use_linear_projection=True,
            transformer_layers_per_block=(1, 1, 2), addition_embed_type="text_time",
            addition_time_embed_dim=8, projection_class_embeddings_input_dim=2 * WIDTH + 6 * 8,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        scheduler=DDIMScheduler(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012,
                                clip_sample=False, steps_offset=1),
        add_watermarker=False,
    )  # fmt: skip


def _sd3() -> StableDiffusion3Pipeline:
    tokenizer, t5_tokenizer = new_tokenizer(), new_t5_tokenizer()
    return StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(
            sample_size=8, patch_size=2, in_channels=16, num_layers=2, attention_head_dim=16,
            num_attention_heads=4, joint_attention_dim=2 * WIDTH, caption_projection_dim=64,
            pooled_projection_dim=2 * WIDTH, out_channels=16, pos_embed_max_size=32,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=_vae(16, is_shifted=True),
        text_encoder=CLIPTextModelWithProjection(_clip_config(tokenizer)),
        tokenizer=tokenizer,
        text_encoder_2=CLIPTextModelWithProjection(_clip_config(tokenizer)),
        tokenizer_2=tokenizer,
        text_encoder_3=_wide_t5(t5_tokenizer),
        tokenizer_3=t5_tokenizer,
    )  # fmt: skip


def _wide_t5(tokenizer: T5TokenizerFast) -> T5EncoderModel:
    """SD3 joins both CLIP encoders side by side and needs a T5 as wide as the two together."""
    return T5EncoderModel(T5Config(
        vocab_size=len(tokenizer), d_model=2 * WIDTH, d_kv=16, d_ff=2 * WIDTH, num_layers=2,
        num_heads=4, is_encoder_decoder=False, use_cache=False,
    ))  # fmt: skip


def _flux() -> FluxPipeline:
    tokenizer, t5_tokenizer = new_tokenizer(), new_t5_tokenizer()
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=_vae(16, is_shifted=True),
        text_encoder=CLIPTextModel(_clip_config(tokenizer)),
        tokenizer=tokenizer,
        text_encoder_2=_t5(t5_tokenizer),
        tokenizer_2=t5_tokenizer,
        transformer=FluxTransformer2DModel(
            patch_size=1, in_channels=64, num_layers=2, num_single_layers=2, attention_head_dim=16,
            num_attention_heads=4, joint_attention_dim=WIDTH, pooled_projection_dim=WIDTH,
            guidance_embeds=True, axes_dims_rope=(4, 6, 6),
        ),
    )  # fmt: skip


def _chroma() -> ChromaPipeline:
    tokenizer = new_t5_tokenizer()
    return ChromaPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=1.5),
        vae=_vae(16, is_shifted=True),
        text_encoder=_t5(tokenizer),
        tokenizer=tokenizer,
        transformer=ChromaTransformer2DModel(
            patch_size=1, in_channels=64, num_layers=2, num_single_layers=2, attention_head_dim=16,
            num_attention_heads=4, joint_attention_dim=WIDTH, axes_dims_rope=(4, 6, 6),
            approximator_num_channels=16, approximator_hidden_dim=64, approximator_layers=1,
        ),
    )  # fmt: skip


def _pixart() -> PixArtSigmaPipeline:
    tokenizer = new_t5_tokenizer()
    return PixArtSigmaPipeline(
        tokenizer=tokenizer,
        text_encoder=_t5(tokenizer),
        vae=_vae(4, is_shifted=False),
        transformer=PixArtTransformer2DModel(
            num_attention_heads=4, attention_head_dim=16, in_channels=4, out_channels=8,
            num_layers=2, cross_attention_dim=64, caption_channels=WIDTH, sample_size=8,
            use_additional_conditions=False,
        ),
        scheduler=DPMSolverMultistepScheduler(),
    )  # fmt: skip


def _sd35() -> StableDiffusion3Pipeline:
    """SD3 with a second attention in its first block."""
    pipe = _sd3()
    config = {**pipe.transformer.config, "dual_attention_layers": (0,), "qk_norm": "rms_norm"}
    # Else diffusers takes its defaults for what SD3 did not set, whatever stands here.
    del config["_use_default_values"]
    pipe.transformer = SD3Transformer2DModel.from_config(config)
    return pipe


LAYOUTS: dict[str, Callable[[], DiffusionPipeline]] = {
    "sd1": lambda: _sd(is_second=False),
    "sd2": lambda: _sd(is_second=True),
    "sdxl": _sdxl,
    "sd3": _sd3,
    "sd35": _sd35,
    "flux": _flux,
    "chroma": _chroma,
    "pixart": _pixart,
}
"""Layout name -> how to build its pipeline."""


def build(layout: str, seed: int = 0) -> DiffusionPipeline:
    """A whole pipeline of a layout ("sd1", "sdxl", "sd3", "flux") with random weights of this seed.

    Draws 64x64 pictures of noise in a fraction of a second. The same seed gives the same weights.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pipe = LAYOUTS[layout]()
    pipe.set_progress_bar_config(disable=True)
    return pipe
