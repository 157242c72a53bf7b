"""PEFT's endings behind the parts of a pipeline: `unet.….lora_A.weight`, alpha in the metadata.

Two rows. `diffusers-peft` has diffusers' names (diffusers `loaders/lora_base.py`,
`save_lora_weights`, `lora_adapter_metadata`); `diffusion-pipe` has the base's own names behind
`transformer.`, as that trainer wrote HunyuanVideo's (ComfyUI `comfy/lora.py`).
"""

import re

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import dotted
from engine.formats.reading import claimed

_NATIVE = re.compile(
    r"(unet|transformer)\.(double_blocks|single_blocks|joint_blocks|input_blocks|output_blocks|"
    r"middle_block|blocks\.\d+\.(self_attn|cross_attn|ffn\.[02]\Z)|layers\.\d+\.attention\.(qkv|out)"
    r"\Z|double_layers|single_layers)"
)


class DiffusersPeft(Format):
    """Dotted names behind a part of a pipeline."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose layers begin with a part and have none of the older endings."""
        layout = layout_of(header)
        if layout.front != "part":
            return NotMine("Its layers are behind no part of a pipeline (unet., transformer., …).")
        if layout.has_adapter_name:
            return NotMine("It has the adapter's name inside its keys.")
        if layout.has_dot_lora or any(".processor." in name for name in layout.layers):
            return NotMine("It has endings of the older dotted namings.")
        is_native = any(_NATIVE.match(name) for name in layout.layers)
        if is_native != (self.name == "diffusion-pipe"):
            return NotMine("It has the base's own names." if is_native else "It has diffusers'.")
        return claimed(self.name, header, dotted)


DIFFUSERS_PEFT = DiffusersPeft("diffusers-peft")
DIFFUSION_PIPE = DiffusersPeft("diffusion-pipe")
