"""Kohya's naming: `lora_unet_<path with underscores>.lora_down.weight`, alpha as a scalar tensor.

Source: sd-scripts `networks/lora*.py`, musubi-tuner (one underscore more for Wan-Fun). Three rows,
by what a denoiser's layers are called where there are two ways: diffusers' names (Stable
Diffusion 1 and 2, many sliders), LDM's names (sd-scripts for SDXL), or else the only names that
the base has; text encoders alone belong to the last.
"""

import re
from functools import lru_cache

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import flat
from engine.formats.reading import claimed

_LDM = re.compile(
    r"lora_unet_+(input_blocks|middle_block|output_blocks|time_embed_|label_emb|out_2)"
)
# Transformers that have names of their own makers, too; Qwen-Image and others have only these.
_DIFFUSERS = re.compile(
    r"lora_unet_+(down_blocks|mid_block|up_blocks|conv_in|conv_out|time_embedding_linear|"
    r"add_embedding|single_transformer_blocks|joint_transformer_blocks)"
)


class Kohya(Format):
    """One of kohya's three ways to name a denoiser's layers."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose layers begin with `lora_unet_` or `lora_te`."""
        layout = layout_of(header)
        if layout.front != "kohya":
            return NotMine("Most layers' names begin with neither lora_unet_ nor lora_te.")
        name = _row_of(header)
        if name != self.name:
            return NotMine(f"Its layers have the names of {name}.")
        return claimed(self.name, header, flat)


@lru_cache(maxsize=16)
def _row_of(header: Header) -> str:
    """The row whose names the denoiser's layers have; the first one decides for mixed files."""
    for name in layout_of(header).layers:
        if _LDM.match(name):
            return "kohya-ldm-names"
        if _DIFFUSERS.match(name):
            return "kohya-diffusers-names"
    return "kohya"


KOHYA = Kohya("kohya")
KOHYA_LDM_NAMES = Kohya("kohya-ldm-names")
KOHYA_DIFFUSERS_NAMES = Kohya("kohya-diffusers-names")
