"""The last words of a tensor's name: which algorithm it belongs to and which part it plays.

Sources: sd-scripts `networks/`, LyCORIS `modules/*.py` (`weight_list`), PEFT, ComfyUI
`comfy/weight_adapter`, as collected in the project's notes on LoRA files.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

Algorithm = Literal["lora", "locon", "dora", "loha", "lokr", "oft", "boft", "glora", "ia3", "full"]

_ONE: Mapping[str, str] = {
    "alpha": "alpha",
    "lora_down": "down",
    "lora_up": "up",
    "lora_A": "down",
    "lora_B": "up",
    "lora_a": "down",
    "lora_b": "up",
    "dora_scale": "dora",
    "lora_magnitude_vector": "dora",
    **{f"hada_{part}": f"hada_{part}" for part in ("w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")},
    **{
        f"lokr_{part}": f"lokr_{part}"
        for part in ("w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b", "t2")
    },
    "oft_blocks": "oft_blocks",
    "oft_diag": "oft_blocks",
    "oft_r": "oft_blocks",
    "boft_R": "boft_blocks",
    "boft_s": "boft_scale",
    "rescale": "rescale",
    "constraint": "constraint",
    "on_input": "ia3_side",
    "ia3_l": "ia3_weight",
    "diff": "diff",
    "diff_b": "diff_b",
    "diff_m": "diff_m",
    "w_norm": "norm",
    "b_norm": "norm_b",
    "set_weight": "set",
    "reshape_weight": "reshape",
    "weight": "weight",
    "bias": "own_bias",
    "scale": "scale",
}
_TWO: Mapping[str, str] = {
    "lora_down.weight": "down",
    "lora_up.weight": "up",
    "lora_mid.weight": "mid",
    "lora_A.weight": "down",
    "lora_B.weight": "up",
    "lora_A.bias": "down_bias",
    "lora_B.bias": "bias",
    "lora_up.bias": "bias",
    "lora_magnitude_vector.weight": "dora",
    "oft_R.weight": "oft_blocks",
    "oft_R.scaled_oft": "oft_scaled",
    "lora.alpha": "alpha",
    **{f"{part}.weight": f"glora_{part}" for part in ("a1", "a2", "b1", "b2", "bm")},
}
_THREE: Mapping[str, str] = {
    "lora.down.weight": "down",
    "lora.up.weight": "up",
    "lora_linear_layer.down.weight": "down",
    "lora_linear_layer.up.weight": "up",
}
_PROCESSOR: Mapping[str, str] = {"down.weight": "down", "up.weight": "up"}
"""Behind a word that ends in `_lora`, `_lora1` or `_lora2`, which stays part of the layer."""
_NAMED_ADAPTER = re.compile(
    r"(?P<head>.+\.(?:lora_A|lora_B|lora_magnitude_vector))\."
    r"(?!weight\Z|bias\Z)[A-Za-z0-9_\-]{1,64}(?P<tail>\.weight|\.bias)?"
)
_USUAL = (".lora_A.weight", ".lora_B.weight", ".lora_down.weight", ".lora_up.weight", ".alpha")
_WEAK = frozenset({"weight", "own_bias", "scale", "alpha", "rescale", "constraint"})
"""Parts that whole networks have too: they make no LoRA by themselves."""
_MARKS: tuple[tuple[str, Algorithm], ...] = (
    ("hada_", "loha"),
    ("lokr_", "lokr"),
    ("boft_", "boft"),
    ("oft_", "oft"),
    ("glora_", "glora"),
    ("ia3_", "ia3"),
    ("dora", "dora"),
    ("down", "lora"),
    ("up", "lora"),
    ("diff", "full"),
    ("norm", "full"),
    ("set", "full"),
)


def split(key: str) -> tuple[str, str] | None:
    """Layer name and part of a tensor, or None when the ending is not one that LoRAs have."""
    head, _, last = key.rpartition(".")
    before, _, word = head.rpartition(".")
    two = f"{word}.{last}"
    if before:
        first, _, third = before.rpartition(".")
        part = _THREE.get(f"{third}.{two}")
        if part is not None and first:
            return first, part
        part = _PROCESSOR.get(two)
        if part is not None and third.rstrip("12").endswith("_lora"):
            return before, part
        part = _TWO.get(two)
        if part is not None:
            return before, part
    part = _ONE.get(last)
    if part is not None and head and part not in _WEAK:
        return head, part
    plain = without_adapter_name(key)
    if plain is not None:
        return split(plain)
    return None if part is None or not head else (head, part)


def without_adapter_name(key: str) -> str | None:
    """The key without the adapter's name that raw PEFT puts into it; None when it has none."""
    if key.endswith(_USUAL) or ".lora_" not in key:
        return None
    match = _NAMED_ADAPTER.fullmatch(key)
    return None if match is None else match["head"] + (match["tail"] or ".weight")


@lru_cache(maxsize=1024)
def is_change(parts: tuple[str, ...]) -> bool:
    """Whether these parts of a layer are a LoRA's, not just a whole network's weight and bias."""
    return any(part not in _WEAK for part in parts)


@lru_cache(maxsize=1024)
def algorithm_of(parts: tuple[str, ...]) -> Algorithm:
    """The algorithm of one layer by the parts it has; `locon` is told by shapes, later."""
    for mark, algorithm in _MARKS:
        if any(part.startswith(mark) for part in parts):
            return algorithm
    return "lora"
