"""Raw PEFT: `base_model.model.….lora_A.weight`, or the adapter's name inside the key.

Source: PEFT `utils/save_and_load.py`: `get_peft_model_state_dict` takes the adapter's name out,
`state_dict` leaves it in (`….lora_A.default.weight`).
"""

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import dotted
from engine.formats.reading import claimed
from engine.formats.strangers import is_language, is_sequence


class PeftBaseModel(Format):
    """PEFT's endings as its own library writes them."""

    def claim(self, header: Header) -> Verdict:
        """Claim files with `base_model.model.` in front, or an adapter's name in their keys."""
        layout = layout_of(header)
        is_dotted = layout.front in ("comfy", "part", "none") and layout.has_adapter_name
        if layout.front != "peft" and not is_dotted:
            return NotMine("It has neither base_model.model. nor an adapter's name in its keys.")
        if is_language(layout.layers):
            return NotMine("It is a LoRA of a language model.")
        if any(".processor." in name for name in layout.layers) or layout.has_dot_lora:
            return NotMine("It has endings of the older dotted namings.")
        claim = claimed(self.name, header, dotted)
        if layout.front == "peft" and not claim.bases and is_sequence(layout.layers):
            return NotMine("It is a LoRA of a network of another kind.")
        return claim


PEFT_BASE_MODEL = PeftBaseModel("peft-base_model")
