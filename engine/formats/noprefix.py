"""Dotted names with nothing in front: `transformer_blocks.0.attn.to_q.lora_A.weight`.

DiffSynth and the makers of Qwen-Image-Lightning write them, with either ending; the base's own
names (`blocks.0.self_attn.q`) are found so, too, except those of the FLUX kind.
"""

import re

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.nunchaku import NUNCHAKU
from engine.formats.places import dotted
from engine.formats.reading import claimed
from engine.formats.strangers import is_language

_OTHERS = re.compile(r"(double|single)_blocks\.\d+\.|.*\.processor\.\w+_lora")


class DottedNoPrefix(Format):
    """Nothing in front, either ending."""

    def claim(self, header: Header) -> Verdict:
        """Claim what has nothing in front and is no other format's."""
        layout = layout_of(header)
        if layout.front != "none" or layout.has_adapter_name or layout.has_dot_lora:
            return NotMine("Its layers' names have something in front, or other endings.")
        if any(_OTHERS.match(name) for name in layout.layers):
            return NotMine("Its layers have the names of another format.")
        if is_language(layout.layers) or not isinstance(NUNCHAKU.claim(header), NotMine):
            return NotMine("It is a language model's LoRA, or nunchaku's.")
        claim = claimed(self.name, header, dotted)
        if not claim.bases and not any("." in name for name in layout.layers):
            return NotMine("Its layers' names have no dots.")
        return claim


DOTTED_NOPREFIX = DottedNoPrefix("dotted-noprefix")
