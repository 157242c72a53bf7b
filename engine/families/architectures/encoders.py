"""The text encoders that many bases share."""

from engine.families.architectures.clip import Clip
from engine.families.architectures.llm import Llm
from engine.families.architectures.t5 import T5

CLIP_L = Clip(blocks=12, width=768, inner=3072)
"""OpenAI CLIP ViT-L/14."""
CLIP_L_PROJECTED = Clip(blocks=12, width=768, inner=3072, projection=768)
OPENCLIP_H = Clip(blocks=23, width=1024, inner=4096)
"""OpenCLIP ViT-H/14 without its last block, as Stable Diffusion 2 uses it."""
OPENCLIP_G = Clip(blocks=32, width=1280, inner=5120, projection=1280)
"""OpenCLIP ViT-bigG/14."""
T5_XXL = T5(blocks=24, width=4096, inner=10240)
LLAMA_3_8B = Llm(blocks=32, width=4096, inner=14336, keys=1024)
QWEN_25_7B = Llm(blocks=28, width=3584, inner=18944, keys=512)
QWEN_3_4B = Llm(blocks=36, width=2560, inner=9728, keys=1024, queries=4096)
QWEN_3_06B = Llm(blocks=28, width=1024, inner=3072, keys=1024, queries=2048)
GEMMA_2_2B = Llm(blocks=26, width=2304, inner=9216, keys=1024, queries=2048)
