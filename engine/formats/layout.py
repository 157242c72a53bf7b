"""How a file names its tensors, looked at once for all formats: layers, fronts and endings."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from engine.formats.endings import is_change, split, without_adapter_name
from engine.formats.header import Header

Front = Literal["kohya", "onetrainer", "lycoris", "oft", "peft", "comfy", "part", "none"]
"""What stands in front of a layer's name."""

_FRONTS: tuple[tuple[Front, str], ...] = (
    ("oft", r"oft_(?:unet|te\d?)_"),
    ("onetrainer", r"lora_transformer_"),
    ("lycoris", r"lycoris_"),
    ("kohya", r"lora_(?:unet|te[1-4]?|prior_unet|prior_te)_|Hunyuan_video_(?:I2V_)?lora_"),
    ("peft", r"(?:(?:unet|transformer|text_encoder(?:_\d)?)\.)?base_model\.model\."),
    ("comfy", r"(?:model\.)?diffusion_model\.|net\.|conditional_transformer\.|text_encoders\."),
    ("part", r"(?:unet|transformer(?:_2)?|prior|text_encoder(?:_[234])?|text_conditioner)\."),
)
_FRONT = re.compile("|".join(f"(?P<{front}>{pattern})" for front, pattern in _FRONTS))
_BY_GROUP: Mapping[str, Front] = {front: front for front, _ in _FRONTS}
_TEXT = ("lora_te", "text_encoder")
_DOT_LORA = tuple(
    f".{word}.{half}.weight" for word in ("lora", "lora_linear_layer") for half in ("down", "up")
)


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's layers by the names that it gives them, and what is said of all of them."""

    layers: Mapping[str, Mapping[str, str]]
    """Layer name -> part -> tensor key."""
    others: tuple[str, ...]
    """Tensors that belong to no layer."""
    doubled: tuple[str, ...]
    """Tensors whose place in a layer another one has."""
    fronts: Mapping[Front, int]
    """How many of the denoiser's layers have which front; of all layers when it has none."""
    has_adapter_name: bool
    has_dot_lora: bool
    changes: int
    """Layers that have a LoRA's parts."""

    @property
    def front(self) -> Front:
        """The front that most layers have."""
        return max(self.fronts, key=lambda front: self.fronts[front], default="none")


# All formats ask for it in turn; several files are looked at in threads at a time.
@lru_cache(maxsize=16)
def layout_of(header: Header) -> Layout:
    """Look at every name once."""
    layers: dict[str, dict[str, str]] = {}
    others, doubled = [], []
    has_adapter_name = has_dot_lora = False
    for key in header.tensors:
        found = split(key)
        if found is None:
            others.append(key)
            continue
        name, part = found
        parts = layers.setdefault(name, {})
        if part in parts:
            doubled.append(key)
            continue
        parts[part] = key
        has_dot_lora = has_dot_lora or key.endswith(_DOT_LORA)
        has_adapter_name = has_adapter_name or without_adapter_name(key) is not None
    kept = {name: parts for name, parts in layers.items() if is_change(tuple(parts))}
    if len(kept) < len(layers):
        dropped = (parts for name, parts in layers.items() if name not in kept)
        others += [key for parts in dropped for key in parts.values()]
    return Layout(
        layers=kept,
        others=tuple(others),
        doubled=tuple(doubled),
        fronts=_fronts(kept),
        has_adapter_name=has_adapter_name,
        has_dot_lora=has_dot_lora,
        changes=len(kept),
    )


def front_of(name: str) -> Front:
    """What stands in front of a layer's name."""
    match = _FRONT.match(name)
    return _BY_GROUP.get(match.lastgroup or "", "none") if match is not None else "none"


def _fronts(names: Mapping[str, object]) -> Counter[Front]:
    denoiser = [name for name in names if not name.startswith(_TEXT)]
    return Counter(map(front_of, denoiser or names))
