"""Text encoders that are language models (Llama, Qwen, Gemma), in Hugging Face's naming."""

from dataclasses import dataclass

from engine.families.layers import Layer, NativeLayer


@dataclass(frozen=True, slots=True)
class Llm:
    """Decoder blocks with grouped keys and values and a gated feed-forward."""

    blocks: int
    width: int
    inner: int
    keys: int
    """Width of the keys and of the values, of all their heads together."""
    queries: int | None = None
    """Width of the queries; None is the width of the network."""

    def layers(self) -> dict[str, Layer]:
        """Linear layers, without the `model.` that some classes put in front."""
        queries = self.queries or self.width
        block = {
            "self_attn.q_proj": Layer(self.width, queries),
            "self_attn.k_proj": Layer(self.width, self.keys),
            "self_attn.v_proj": Layer(self.width, self.keys),
            "self_attn.o_proj": Layer(queries, self.width),
            "mlp.gate_proj": Layer(self.width, self.inner),
            "mlp.up_proj": Layer(self.width, self.inner),
            "mlp.down_proj": Layer(self.inner, self.width),
        }
        return {
            f"layers.{number}.{name}": layer
            for number in range(self.blocks)
            for name, layer in block.items()
        }

    def native(self) -> dict[str, NativeLayer]:
        """None: trainers use Hugging Face's names."""
        return {}
