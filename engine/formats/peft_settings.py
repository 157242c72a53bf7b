"""The adapter's settings that diffusers writes into the metadata: alpha, for the most part.

Source: diffusers `loaders/lora_base.py` (`LORA_ADAPTER_METADATA_KEY`): a flat JSON object whose
keys have the part in front (`unet.lora_alpha`), or none when a network was saved by itself. PEFT
`tuners/lora/layer.py`: the factor is alpha / rank, or alpha / sqrt(rank) with `use_rslora`.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.formats.metadata import json_object
from engine.formats.pairs import Pair

_KEY = "lora_adapter_metadata"
_PARTS = frozenset({"unet", "transformer"})
_EXPRESSION = re.compile(r"[\\^$*+?()\[\]{}|]")


@dataclass(frozen=True, slots=True)
class PeftSettings:
    """Settings by their full key; empty when the file has none."""

    values: Mapping[str, object]

    @classmethod
    def read(cls, metadata: Mapping[str, str]) -> "PeftSettings":
        """From a header's metadata; anything unreadable counts as nothing."""
        return cls(json_object(metadata.get(_KEY, "")))

    def alpha(self, pair: Pair) -> str | float | None:
        """The layer's alpha: its own tensor, or the settings' value; None is the rank."""
        own = pair.parts.get("alpha")
        if own is not None:
            return own
        part = pair.name.partition(".")[0]
        value = self._pattern(part, pair.name)
        if value is None:
            value = _number(self._value(part, "lora_alpha"))
        if value is None or pair.rank is None:
            return None
        is_root = self._value(part, "use_rslora") is True
        return value * math.sqrt(pair.rank) if is_root else value

    def problems(self) -> tuple[str, ...]:
        """What in the settings is not understood and would change the picture."""
        for key, value in self.values.items():
            if not key.endswith("alpha_pattern") or not isinstance(value, dict):
                continue
            if any(_EXPRESSION.search(name) for name in value):
                return ("Its settings name layers by regular expressions, which are not read.",)
        return ()

    def _value(self, part: str, name: str) -> object:
        """A setting of a part; files that name no part have one network, whatever it is called."""
        if f"{part}.{name}" in self.values or name in self.values:
            return self.values.get(f"{part}.{name}", self.values.get(name))
        if part in _PARTS or part.startswith("text_encoder"):
            return None
        every = [value for key, value in self.values.items() if key.endswith(f".{name}")]
        return every[0] if every and all(each == every[0] for each in every) else None

    def _pattern(self, part: str, pair_name: str) -> float | None:
        pattern = self._value(part, "alpha_pattern")
        if not isinstance(pattern, dict):
            return None
        for name, value in pattern.items():
            if pair_name == name or pair_name.endswith(f".{name}"):
                return _number(value)
        return None


def _number(value: object) -> float | None:
    """A finite positive number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number > 0 else None
