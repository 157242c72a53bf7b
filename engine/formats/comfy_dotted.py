"""ComfyUI's naming: `diffusion_model.<the base's own path>.lora_A.weight` (or `lora_down`).

Source: ComfyUI `comfy/lora.py` ("generic lora format"); ai-toolkit, OneTrainer and diffusion-pipe
write it. `model.diffusion_model.` and `net.` are variants, text encoders are `text_encoders.`.
"""

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import dotted
from engine.formats.reading import claimed


class ComfyDotted(Format):
    """Dotted names behind `diffusion_model.`."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose layers begin with `diffusion_model.`, unless PEFT named an adapter."""
        layout = layout_of(header)
        if layout.front != "comfy":
            return NotMine("Most layers' names do not begin with diffusion_model.")
        if layout.has_adapter_name:
            return NotMine("It has the adapter's name inside its keys.")
        return claimed(self.name, header, dotted)


COMFY_DOTTED = ComfyDotted("comfy-dotted")
