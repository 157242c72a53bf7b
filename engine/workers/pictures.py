"""From decoded pixels to PNG files: the picture with its recipe, and small previews."""

import io

import numpy as np
import torch
from PIL import Image, PngImagePlugin
from torch import Tensor
from torch.nn import functional

from engine import recipe
from engine.messages import Plan

PREVIEW_SIDE = 256
"""Pixels of a preview's longer side, at most."""


def to_image(pixels: Tensor) -> Image.Image:
    """One picture (3, height, width) from -1 to 1, rounded as diffusers rounds."""
    scaled = (pixels / 2 + 0.5).clamp(0, 1).mul(255).round().to(torch.uint8)
    return Image.fromarray(np.ascontiguousarray(scaled.permute(1, 2, 0).cpu().numpy()))


def to_png(pixels: Tensor, plan: Plan) -> bytes:
    """A whole PNG file; `plan` is the plan of this one image."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text(recipe.TEXT_KEY, recipe.parameters_text(plan))
    texts.add_itxt(recipe.PLAN_KEY, recipe.plan_text(plan))
    file = io.BytesIO()
    to_image(pixels).save(file, "PNG", pnginfo=texts)
    return file.getvalue()


def to_preview(pixels: Tensor) -> bytes:
    """A small PNG without a recipe."""
    image = to_image(pixels)
    image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def small_latents(latents: Tensor, pixels_per_latent: int) -> Tensor:
    """Latents (1, c, h, w) averaged down so that their picture is a preview's size.

    Decoding costs by the pixel: a preview of a large picture this way costs a few percent of
    its full decoding, and blur is fine in a preview.
    """
    longer = max(latents.shape[2:]) * pixels_per_latent
    if longer <= PREVIEW_SIDE:
        return latents
    shrink = PREVIEW_SIDE / longer
    sides = [max(1, round(side * shrink)) for side in latents.shape[2:]]
    return functional.interpolate(latents, size=sides, mode="area")
