"""Diffusers' oldest naming: `[unet.]….attn1.processor.to_q_lora.down.weight`.

Source: diffusers' attention processors of 2023, as ComfyUI `comfy/lora.py` reads them.
"""

import re

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import Place, dotted
from engine.formats.reading import claimed

_LAYER = re.compile(r"\.processor\.((?:to|add)_\w+?)_lora\Z")


class DiffusersAttnProcessor(Format):
    """LoRAs that are attention processors."""

    def claim(self, header: Header) -> Verdict:
        """Claim files some of whose layers are processors with `to_q_lora`."""
        if not any(_LAYER.search(name) for name in layout_of(header).layers):
            return NotMine("No layer is a processor with to_q_lora.")
        return claimed(self.name, header, _place)


def _place(name: str) -> Place:
    return dotted(_LAYER.sub(r".\1", name))


DIFFUSERS_ATTN_PROCESSOR = DiffusersAttnProcessor("diffusers-attn-processor")
