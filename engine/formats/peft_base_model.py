"""Raw PEFT: `base_model.model.….lora_A.weight`, or the adapter's name inside the key.

Source: PEFT `utils/save_and_load.py`: `get_peft_model_state_dict` takes the adapter's name out,
`state_dict` leaves it in (`….lora_A.default.weight`).
"""

import re

from engine.formats import endings
from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.naming import Names, names_of
from engine.formats.parts import starts_like_kohya
from engine.formats.peft_settings import PeftSettings, with_settings
from engine.formats.reading import claimed
from engine.formats.strangers import named_by_tensors

_FRONT = "base_model.model."
_LORA = re.compile(r".+\.lora_[AB]\.")


class PeftBaseModel(Format):
    """PEFT's endings as its own library writes them."""

    def claim(self, header: Header) -> Verdict:
        """Claim files with `base_model.model.` in front of all, or an adapter's name in all."""
        keys = list(header.tensors)
        if not any(_LORA.match(key) for key in keys):
            return NotMine("It has no lora_A and lora_B.")
        stranger = named_by_tensors(keys)
        if stranger is not None and stranger.format == "peft-llm":
            return NotMine(f"It is {stranger.title}.")
        has_front = all(key.startswith(_FRONT) for key in keys)
        has_name = all(_is_named(key) for key in keys) and not any(map(starts_like_kohya, keys))
        if not has_front and not has_name:
            return NotMine("It has neither base_model.model. nor an adapter's name in its keys.")
        settings = PeftSettings.read(header.metadata)
        return with_settings(claimed(self.name, header, _split, _names, settings.alpha), settings)


def _is_named(key: str) -> bool:
    """Whether the adapter's name is in a key; an alpha never has one."""
    return endings.without_adapter_name(key) is not None or key.endswith(".alpha")


def _split(key: str) -> tuple[str, str] | None:
    plain = endings.without_adapter_name(key) or key
    return endings.split(plain.removeprefix(_FRONT), endings.PEFT)


def _names(base: str) -> Names:
    return names_of(base, "bare")


PEFT_BASE_MODEL = PeftBaseModel("peft-base_model")
