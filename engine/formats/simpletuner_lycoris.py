"""SimpleTuner's LyCORIS naming: `lycoris_<diffusers' path with underscores>.lokr_w1`.

Source: the LyCORIS library's default prefix, as ComfyUI `comfy/lora.py` reads it.
"""

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import flat
from engine.formats.reading import claimed


class SimpleTunerLycoris(Format):
    """Any of LyCORIS' algorithms behind `lycoris_`."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose layers begin with `lycoris_`."""
        if layout_of(header).front != "lycoris":
            return NotMine("Most layers' names do not begin with lycoris_.")
        return claimed(self.name, header, flat)


SIMPLETUNER_LYCORIS = SimpleTunerLycoris("simpletuner-lycoris")
