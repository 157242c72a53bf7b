"""Text encoders of the T5 kind (version 1.1, gated), in Hugging Face's naming."""

from dataclasses import dataclass

from engine.families.layers import Layer, NativeLayer


@dataclass(frozen=True, slots=True)
class T5:
    """Encoder half of T5."""

    blocks: int = 24
    width: int = 4096
    inner: int = 10240

    def layers(self) -> dict[str, Layer]:
        """Linear layers."""
        found: dict[str, Layer] = {}
        for block in range(self.blocks):
            path = f"encoder.block.{block}.layer"
            for name in ("q", "k", "v", "o"):
                found[f"{path}.0.SelfAttention.{name}"] = Layer(self.width, self.width)
            for name in ("wi_0", "wi_1"):
                found[f"{path}.1.DenseReluDense.{name}"] = Layer(self.width, self.inner)
            found[f"{path}.1.DenseReluDense.wo"] = Layer(self.inner, self.width)
        return found

    def native(self) -> dict[str, NativeLayer]:
        """None: trainers use Hugging Face's names."""
        return {}
