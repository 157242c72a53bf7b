"""Kohya's OFT: `oft_unet_<path with underscores>.oft_blocks` (sd-scripts `networks/oft.py`)."""

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import flat
from engine.formats.reading import claimed


class KohyaOft(Format):
    """Orthogonal changes under kohya's names."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose layers begin with `oft_unet_`."""
        if layout_of(header).front != "oft":
            return NotMine("Most layers' names do not begin with oft_unet_.")
        return claimed(self.name, header, flat)


KOHYA_OFT = KohyaOft("kohya-oft")
