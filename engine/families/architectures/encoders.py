"""The text encoders that many bases share."""

from engine.families.architectures.clip import Clip
from engine.families.architectures.t5 import T5

CLIP_L = Clip(blocks=12, width=768, inner=3072)
"""OpenAI CLIP ViT-L/14."""
CLIP_L_PROJECTED = Clip(blocks=12, width=768, inner=3072, projection=768)
OPENCLIP_H = Clip(blocks=23, width=1024, inner=4096)
"""OpenCLIP ViT-H/14 without its last block, as Stable Diffusion 2 uses it."""
OPENCLIP_G = Clip(blocks=32, width=1280, inner=5120, projection=1280)
"""OpenCLIP ViT-bigG/14."""
T5_XXL = T5(blocks=24, width=4096, inner=10240)
