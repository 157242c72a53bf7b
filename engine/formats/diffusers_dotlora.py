"""Diffusers' older dotted naming: `….to_q.lora.down.weight`, `….lora_linear_layer.up.weight`.

Source: diffusers `utils/state_dict_utils.py`. Its own converter renames attention layers only and
leaves `lora_A` on the others; such half-converted files are read whole here.
"""

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import dotted
from engine.formats.reading import claimed


class DiffusersDotLora(Format):
    """The older endings, behind the parts of a pipeline or nothing."""

    def claim(self, header: Header) -> Verdict:
        """Claim files with dotted names where some layer has one of the older endings."""
        layout = layout_of(header)
        if layout.front not in ("part", "none"):
            return NotMine("Its layers have another format's front.")
        if not layout.has_dot_lora:
            return NotMine("No tensor ends in lora.down or lora_linear_layer.down.")
        if any(".processor." in name for name in layout.layers):
            return NotMine("Its layers are attention processors.")
        return claimed(self.name, header, dotted)


DIFFUSERS_DOTLORA = DiffusersDotLora("diffusers-dotlora")
