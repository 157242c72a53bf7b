"""Diffusers' PEFT naming: `unet.….lora_A.weight`, alpha in the metadata.

Source: diffusers `loaders/lora_base.py` (`save_lora_weights`, `lora_adapter_metadata`).
"""

from engine.formats import endings
from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.naming import Names, names_of
from engine.formats.parts import has_only_parts
from engine.formats.peft_settings import PeftSettings, with_settings
from engine.formats.reading import claimed


class DiffusersPeft(Format):
    """PEFT's endings behind the parts of a pipeline."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose keys all begin with a part and none has another naming's ending."""
        if not has_only_parts(header):
            return NotMine(
                "Some tensor is behind no part of a pipeline (unet., transformer., ...)."
            )
        if any(endings.without_adapter_name(key) for key in header.tensors):
            return NotMine("It has the adapter's name inside its keys.")
        if not any(_split(key) for key in header.tensors):
            return NotMine("It has no lora_A and lora_B.")
        if any(_is_dot_lora(key) for key in header.tensors):
            return NotMine("It has endings of the older dotted naming.")
        settings = PeftSettings.read(header.metadata)
        return with_settings(claimed(self.name, header, _split, _names, settings.alpha), settings)


def _split(key: str) -> tuple[str, str] | None:
    return endings.split(key, endings.PEFT)


def _is_dot_lora(key: str) -> bool:
    return ".lora." in key or ".lora_linear_layer." in key


def _names(base: str) -> Names:
    return names_of(base, "dotted")


DIFFUSERS_PEFT = DiffusersPeft("diffusers-peft")
