"""Diffusers' older dotted naming: `….to_q.lora.down.weight`, `….lora_linear_layer.up.weight`.

Source: diffusers `utils/state_dict_utils.py`. Its own converter renames attention layers only and
leaves `lora_A` on the others; such half-converted files are read whole here.
"""

from engine.formats import endings
from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.naming import Names, names_of
from engine.formats.parts import has_only_parts
from engine.formats.peft_settings import PeftSettings, with_settings
from engine.formats.reading import claimed


class DiffusersDotLora(Format):
    """The older endings behind the parts of a pipeline."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose keys all begin with a part and some has one of the older endings."""
        if not has_only_parts(header):
            return NotMine(
                "Some tensor is behind no part of a pipeline (unet., transformer., ...)."
            )
        if not any(".lora." in key or ".lora_linear_layer." in key for key in header.tensors):
            return NotMine("No tensor ends in lora.down or lora_linear_layer.down.")
        settings = PeftSettings.read(header.metadata)
        return with_settings(claimed(self.name, header, _split, _names, settings.alpha), settings)


def _split(key: str) -> tuple[str, str] | None:
    found = endings.split(key, endings.DOT_LORA)
    if found is None:
        return None
    name, part = found
    # Attention's output is a list with one layer in diffusers; some writers leave the 0 out.
    return (f"{name}.0" if name.endswith(".to_out") else name), part


def _names(base: str) -> Names:
    return names_of(base, "dotted")


DIFFUSERS_DOTLORA = DiffusersDotLora("diffusers-dotlora")
