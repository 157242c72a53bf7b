"""Text encoders of the CLIP kind, in Hugging Face's naming."""

from dataclasses import dataclass

from engine.families.layers import Layer, NativeLayer


@dataclass(frozen=True, slots=True)
class Clip:
    """Transformer text encoder; `projection` is the width of a projection behind it, if any."""

    blocks: int
    width: int
    inner: int
    projection: int | None = None

    def layers(self) -> dict[str, Layer]:
        """Linear layers, with the `text_model.` that some releases of the library leave out."""
        found: dict[str, Layer] = {}
        square = Layer(self.width, self.width)
        for block in range(self.blocks):
            path = f"text_model.encoder.layers.{block}"
            for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
                found[f"{path}.self_attn.{name}"] = square
            found[f"{path}.mlp.fc1"] = Layer(self.width, self.inner)
            found[f"{path}.mlp.fc2"] = Layer(self.inner, self.width)
        if self.projection is not None:
            found["text_projection"] = Layer(self.width, self.projection)
        return found

    def native(self) -> dict[str, NativeLayer]:
        """None: trainers use Hugging Face's names."""
        return {}
