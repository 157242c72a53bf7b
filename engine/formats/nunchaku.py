"""Nunchaku's naming: `….mlp_fc1.lora_down` without `.weight`, for weights of four bits (SVDQuant).

Source: nunchaku `lora/flux/utils.py`. The factors are transposed and packed for its kernels, so
they mean nothing to another engine: recognised, and refused by name.
"""

import re

from engine.formats.claim import Claim, Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import dotted

_MARK = re.compile(r"\.(mlp_fc[12]|mlp_context_fc[12]|qkv_proj(_context)?|out_proj(_context)?)\Z")


class Nunchaku(Format):
    """LoRAs converted for nunchaku's kernels."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose layers have packed halves under nunchaku's names."""
        layers = layout_of(header).layers
        packed = [parts["down"] for parts in layers.values() if "down" in parts]
        if not packed or any(key.endswith(".weight") for key in packed):
            return NotMine("Its layers' halves have the ending .weight.")
        if not any(_MARK.search(name) for name in layers):
            return NotMine("No layer has one of nunchaku's names.")
        return _refused(self.name, header)


def _refused(name: str, header: Header) -> Claim:
    layers = layout_of(header).layers
    shapes = [header.tensors[parts["down"]].shape for parts in layers.values() if "down" in parts]
    # Packed halves are [inputs, rank]; ranks are padded to 16.
    ranks = [shape[1] for shape in shapes if len(shape) == 2]
    return Claim(
        format=name,
        algorithm="lora",
        layers=len(layers),
        bases=_bases(layers),
        rank=max(ranks, key=ranks.count, default=None),
        refusals=(
            "It was converted for nunchaku's four-bit kernels (SVDQuant) and can't be read back: "
            "bring the file that it was made from.",
        ),
    )


def _bases(layers: object) -> tuple[str, ...]:
    """FLUX.1 by its single blocks; Qwen-Image by its many double ones."""
    names = [dotted(str(name)).name for name in layers] if isinstance(layers, dict) else []
    if any(name.startswith("single_transformer_blocks.") for name in names):
        return ("flux1",)
    return ("flux1",) if any("mlp_context_fc" in name for name in names) else ()


NUNCHAKU = Nunchaku("nunchaku")
