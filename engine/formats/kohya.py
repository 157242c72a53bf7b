"""Kohya's naming: `lora_unet_<path with underscores>.lora_down.weight`, alpha as a scalar tensor.

Source: sd-scripts `networks/lora*.py`. Three rows, by what the denoiser's layers are called:
diffusers' names (Stable Diffusion 1 and 2, many sliders), LDM's names (sd-scripts for SDXL), or
the native names of a base of another kind; text encoders alone belong to the last.
"""

import re

from engine.formats import endings
from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.naming import Dialect, Names, names_of
from engine.formats.parts import starts_like_kohya
from engine.formats.reading import claimed

_LDM = re.compile(
    r"lora_unet_(input_blocks|middle_block|output_blocks|time_embed_|label_emb|out_2)"
)
_DIFFUSERS = re.compile(
    r"lora_unet_(down_blocks|mid_block|up_blocks|transformer_blocks|single_transformer_blocks|"
    r"conv_in|conv_out|time_embedding|add_embedding|time_text_embed|x_embedder\.)"
)


class Kohya(Format):
    """One of kohya's three ways to name a denoiser's layers."""

    def __init__(self, name: str, dialect: Dialect) -> None:
        super().__init__(name)
        self._dialect = dialect

    def claim(self, header: Header) -> Verdict:
        """Claim files whose every LoRA key begins with `lora_unet_` or `lora_te`."""
        mine = sum(1 for key in header.tensors if starts_like_kohya(key))
        if not mine:
            return NotMine("No tensor's name begins with lora_unet_ or lora_te.")
        if mine * 2 < len(header.tensors):
            return NotMine("Most tensors' names begin with neither lora_unet_ nor lora_te.")
        name = _row_of(header)
        if name != self.name:
            return NotMine(f"Its layers have the names of {name}.")
        return claimed(self.name, header, _split, self._names)

    def _names(self, base: str) -> Names:
        return names_of(base, self._dialect)


def _row_of(header: Header) -> str:
    """The row whose names the denoiser's layers have; the first one decides for mixed files."""
    for key in header.tensors:
        if _LDM.match(key):
            return "kohya-ldm-names"
        if _DIFFUSERS.match(key):
            return "kohya-diffusers-names"
    return "kohya"


def _split(key: str) -> tuple[str, str] | None:
    return endings.split(key, endings.KOHYA) if starts_like_kohya(key) else None


KOHYA = Kohya("kohya", "native-flat")
KOHYA_LDM_NAMES = Kohya("kohya-ldm-names", "native-flat")
KOHYA_DIFFUSERS_NAMES = Kohya("kohya-diffusers-names", "flat")
