"""Our own tiny base, stored in the repository: 64x64 pixels, a Stable Diffusion 1 in small."""

from engine.families.architectures.clip import Clip
from engine.families.architectures.unet import Unet
from engine.families.facts import Family, Fingerprint, Size

FAMILY = Family(
    name="miniature",
    title="Miniature",
    pipeline="unet",
    diffusers_class="StableDiffusionPipeline",
    denoiser="unet",
    prediction="v_prediction",
    sizes=(Size(64, 64),),
    size_step=8,
    least_side=32,
    most_side=96,
    most_pixels=96 * 96,
    steps=12,
    most_steps=100,
    guidance=4.0,
    guidance_range=(1.0, 12.0),
    schedulers=("DDIM", "DPM++ 2M", "Euler", "UniPC"),
    has_negative_prompt=True,
    most_clip_skip=2,
    fingerprint=Fingerprint(
        denoiser=Unet(
            channels=(64, 96, 128),
            depths=(1, 1, 1),
            mid_depth=1,
            context=96,
            resnets=1,
            latents=16,
            pools_text=True,
        ),
        text={"text_encoder": Clip(blocks=2, width=96, inner=192)},
    ),
)
