"""XLabs' naming for FLUX.1: `double_blocks.0.processor.qkv_lora1.down.weight` (1 picture, 2 text).

Source: XLabs-AI x-flux, as ComfyUI `comfy/lora_convert.py` reads it (USO has single blocks, too).
"""

import re
from dataclasses import replace

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import Place, dotted
from engine.formats.reading import claimed

_LAYER = re.compile(
    r"(?P<block>(?:double|single)_blocks\.\d+)\.processor\.(?P<kind>qkv|proj)_lora(?P<side>[12]?)"
)
_NATIVE = {
    "qkv1": "img_attn.qkv", "qkv2": "txt_attn.qkv", "proj1": "img_attn.proj",
    "proj2": "txt_attn.proj", "qkv": "linear1_qkv", "proj": "linear2",
}  # fmt: skip


class Xlabs(Format):
    """LoRAs of attention processors under the makers' names."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose layers all are processors of double and single blocks."""
        layers = layout_of(header).layers
        if not layers or not all(_LAYER.search(name) for name in layers):
            return NotMine("Not all layers are processors with qkv_lora and proj_lora.")
        claim = claimed(self.name, header, _place)
        # Nobody wrote this naming for the bases that share these layers.
        return replace(claim, bases=("flux1",)) if "flux1" in claim.bases else claim


def _place(name: str) -> Place:
    match = _LAYER.search(name)
    if match is None:
        return dotted(name)
    return Place("denoiser", f"{match['block']}.{_NATIVE[match['kind'] + match['side']]}")


XLABS = Xlabs("xlabs")
