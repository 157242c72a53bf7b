"""The last words of a tensor's name: which algorithm it belongs to and which part it plays.

Sources: sd-scripts `networks/`, LyCORIS `modules/*.py` (`weight_list`), PEFT, ComfyUI
`comfy/weight_adapter`, as collected in the project's notes on LoRA files.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

Algorithm = Literal["lora", "locon", "dora", "loha", "lokr", "oft", "boft", "glora", "ia3", "full"]
Endings = Mapping[str, str]
"""Last words of a tensor's name -> the part it plays in its layer."""

_OTHERS: dict[str, str] = {
    "alpha": "alpha",
    "dora_scale": "dora",
    "lora_magnitude_vector": "dora",
    "lora_magnitude_vector.weight": "dora",
    **{f"hada_{part}": f"hada_{part}" for part in ("w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")},
    **{
        f"lokr_{part}": f"lokr_{part}"
        for part in ("w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b", "t2")
    },
    "oft_blocks": "oft_blocks",
    "oft_diag": "oft_blocks",
    "oft_R.weight": "oft_blocks",
    **{f"{part}.weight": f"glora_{part}" for part in ("a1", "a2", "b1", "b2")},
    "on_input": "ia3_side",
    "diff": "diff",
    "diff_b": "diff_b",
    "w_norm": "norm",
    "b_norm": "norm",
    "set_weight": "diff",
}
KOHYA: Endings = {
    **_OTHERS,
    "lora_down.weight": "down",
    "lora_up.weight": "up",
    "lora_mid.weight": "mid",
    "weight": "ia3",
}
PEFT: Endings = {
    **_OTHERS,
    "lora_A.weight": "down",
    "lora_B.weight": "up",
    "lora_B.bias": "bias",
}
DOT_LORA: Endings = {
    **PEFT,
    "lora.down.weight": "down",
    "lora.up.weight": "up",
    "lora_linear_layer.down.weight": "down",
    "lora_linear_layer.up.weight": "up",
}
_NAMED_ADAPTER = re.compile(
    r"(?P<head>.+\.(?:lora_A|lora_B|lora_magnitude_vector))\."
    r"(?!weight\Z|bias\Z)[A-Za-z0-9_\-]{1,64}(?P<tail>\.weight|\.bias)?"
)
_MARKS: tuple[tuple[str, Algorithm], ...] = (
    ("hada_", "loha"),
    ("lokr_", "lokr"),
    ("oft_", "oft"),
    ("glora_", "glora"),
    ("ia3_side", "ia3"),
    ("diff", "full"),
    ("norm", "full"),
    ("dora", "dora"),
)


def split(key: str, endings: Endings) -> tuple[str, str] | None:
    """Layer name and part of a tensor, or None when the ending is not one of these."""
    words = key.split(".")
    for count in (3, 2, 1):
        part = endings.get(".".join(words[-count:]))
        if part is not None and len(words) > count:
            return ".".join(words[:-count]), part
    return None


def without_adapter_name(key: str) -> str | None:
    """The key without the adapter's name that raw PEFT puts into it; None when it has none."""
    match = _NAMED_ADAPTER.fullmatch(key)
    return None if match is None else match["head"] + (match["tail"] or ".weight")


def algorithm_of(parts: Mapping[str, str]) -> Algorithm:
    """The algorithm of one layer by the parts it has; `locon` is told by shapes, later."""
    for mark, algorithm in _MARKS:
        if any(part.startswith(mark) for part in parts):
            return algorithm
    return "lora"


def any_algorithm(layers: Iterable[Mapping[str, str]]) -> Algorithm:
    """The first algorithm that is not plain LoRA, or LoRA: a name for a file nobody measured."""
    found = (algorithm_of(parts) for parts in layers)
    return next((algorithm for algorithm in found if algorithm != "lora"), "lora")
