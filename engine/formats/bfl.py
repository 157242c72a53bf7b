"""Black Forest Labs' own naming without a front: `double_blocks.0.img_attn.qkv.lora_A.weight`.

Two rows: plain files (OneTrainer's ORIGINAL, sd-scripts conversions), and the makers' control
LoRAs (Depth, Canny), which also widen the input and set norms and biases.
"""

import re
from dataclasses import replace

from engine.formats.claim import Claim, Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import Layout, layout_of
from engine.formats.places import dotted
from engine.formats.reading import claimed

_NATIVE = re.compile(r"(double|single)_blocks\.\d+\.(?!.*processor)")


class Bfl(Format):
    """The makers' names with nothing in front."""

    def claim(self, header: Header) -> Verdict:
        """Claim files with double and single blocks at the top, plain ones or control LoRAs."""
        layout = layout_of(header)
        if layout.front != "none" or layout.has_adapter_name or layout.has_dot_lora:
            return NotMine("Its layers' names have something in front, or other endings.")
        if not any(_NATIVE.match(name) for name in layout.layers):
            return NotMine("It has neither double_blocks nor single_blocks at the top.")
        is_control = _is_control(layout, header)
        if is_control != (self.name == "bfl-control"):
            return NotMine("It is a control LoRA." if is_control else "It is no control LoRA.")
        return _with_trait(claimed(self.name, header, dotted), is_control)


def _is_control(layout: Layout, header: Header) -> bool:
    """Whether it widens the input and has biases, as the makers' control LoRAs do."""
    first = layout.layers.get("img_in", {})
    down = first.get("down")
    is_wide = down is not None and header.tensors[down].shape[-1] > 64
    has_norms = any(key.endswith("_norm.scale") for key in layout.others)
    return is_wide or (has_norms and any("bias" in parts for parts in layout.layers.values()))


def _with_trait(claim: Claim, is_control: bool) -> Claim:
    return replace(claim, traits=claim.traits | {"control"}) if is_control else claim


BFL_DOTTED = Bfl("bfl-dotted")
BFL_CONTROL = Bfl("bfl-control")
