"""OneTrainer's older naming: `lora_transformer_<diffusers' path with underscores>`.

Source: OneTrainer `modelSaver`. Its UNets are named as kohya's; newer releases write any of five
other formats. `bundle_emb.<name>.<encoder>` beside the layers are text embeddings.
"""

from engine.formats.claim import Format, NotMine, Verdict
from engine.formats.header import Header
from engine.formats.layout import layout_of
from engine.formats.places import flat
from engine.formats.reading import claimed


class OneTrainerKohya(Format):
    """Kohya's endings behind `lora_transformer_`."""

    def claim(self, header: Header) -> Verdict:
        """Claim files whose layers begin with `lora_transformer_`."""
        if layout_of(header).front != "onetrainer":
            return NotMine("Most layers' names do not begin with lora_transformer_.")
        return claimed(self.name, header, flat)


ONETRAINER_KOHYA = OneTrainerKohya("onetrainer-kohya")
