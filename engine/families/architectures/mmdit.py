"""Transformers of the Stable Diffusion 3 kind, by diffusers' and Stability's names.

Native names: Stability's `mmdit.py`, as the trainers of the kohya kind write them.
"""

from dataclasses import dataclass

from engine.families.layers import Layer, NativeLayer, halves_swapped, renamed, stacked

_ENDS = {
    "x_embedder.proj": "pos_embed.proj",
    "context_embedder": "context_embedder",
    "t_embedder.mlp.0": "time_text_embed.timestep_embedder.linear_1",
    "t_embedder.mlp.2": "time_text_embed.timestep_embedder.linear_2",
    "y_embedder.mlp.0": "time_text_embed.text_embedder.linear_1",
    "y_embedder.mlp.2": "time_text_embed.text_embedder.linear_2",
    "final_layer.linear": "proj_out",
}
_IMAGE = {
    "attn.proj": "attn.to_out.0",
    "attn2.proj": "attn2.to_out.0",
    "mlp.fc1": "ff.net.0.proj",
    "mlp.fc2": "ff.net.2",
    "adaLN_modulation.1": "norm1.linear",
}
_CONTEXT = {
    "attn.proj": "attn.to_add_out",
    "mlp.fc1": "ff_context.net.0.proj",
    "mlp.fc2": "ff_context.net.2",
    "adaLN_modulation.1": "norm1_context.linear",
}


@dataclass(frozen=True, slots=True)
class Mmdit:
    """Joint blocks of picture and text; `dual` blocks have a second attention (3.5 medium)."""

    blocks: int
    width: int
    dual: int = 0
    """How many blocks, from the first, have the second attention."""
    context: int = 4096
    pooled: int = 2048
    latents: int = 16

    def layers(self) -> dict[str, Layer]:
        """Every linear and convolution layer."""
        width = self.width
        found = {
            "pos_embed.proj": Layer(self.latents, width, (2, 2)),
            "context_embedder": Layer(self.context, width),
            "time_text_embed.timestep_embedder.linear_1": Layer(256, width),
            "time_text_embed.timestep_embedder.linear_2": Layer(width, width),
            "time_text_embed.text_embedder.linear_1": Layer(self.pooled, width),
            "time_text_embed.text_embedder.linear_2": Layer(width, width),
            "norm_out.linear": Layer(width, 2 * width),
            "proj_out": Layer(width, 4 * self.latents),
        }
        for block in range(self.blocks):
            found |= self._block(block)
        return found

    def native(self) -> dict[str, NativeLayer]:
        """The same under Stability's names, with q, k and v in one."""
        layers = self.layers()
        found = dict(renamed(layers, _ENDS))
        found["final_layer.adaLN_modulation.1"] = halves_swapped(layers, "norm_out.linear")
        for block in range(self.blocks):
            path, native = f"transformer_blocks.{block}", f"joint_blocks.{block}"
            image, context = f"{native}.x_block", f"{native}.context_block"
            found |= renamed(layers, {f"{image}.{k}": f"{path}.{v}" for k, v in _IMAGE.items()})
            found |= renamed(layers, {f"{context}.{k}": f"{path}.{v}" for k, v in _CONTEXT.items()})
            found[f"{image}.attn.qkv"] = stacked(layers, _projections(f"{path}.attn.to_{{}}"))
            found[f"{context}.attn.qkv"] = stacked(
                layers, _projections(f"{path}.attn.add_{{}}_proj")
            )
            if block < self.dual:
                found[f"{image}.attn2.qkv"] = stacked(layers, _projections(f"{path}.attn2.to_{{}}"))
        last = self.blocks - 1
        # The last block's text half is only normed: diffusers keeps scale before shift there.
        found[f"joint_blocks.{last}.context_block.adaLN_modulation.1"] = halves_swapped(
            layers, f"transformer_blocks.{last}.norm1_context.linear"
        )
        return found

    def _block(self, block: int) -> dict[str, Layer]:
        path, width = f"transformer_blocks.{block}", self.width
        is_last, is_dual = block == self.blocks - 1, block < self.dual
        square = Layer(width, width)
        found = {
            f"{path}.norm1.linear": Layer(width, (9 if is_dual else 6) * width),
            f"{path}.norm1_context.linear": Layer(width, (2 if is_last else 6) * width),
            f"{path}.ff.net.0.proj": Layer(width, 4 * width),
            f"{path}.ff.net.2": Layer(4 * width, width),
            f"{path}.attn.to_out.0": square,
        }
        for kind in _projections(f"{path}.attn.to_{{}}") + _projections(
            f"{path}.attn.add_{{}}_proj"
        ):
            found[kind] = square
        if is_dual:
            for kind in (*_projections(f"{path}.attn2.to_{{}}"), f"{path}.attn2.to_out.0"):
                found[kind] = square
        if not is_last:
            found[f"{path}.attn.to_add_out"] = square
            found[f"{path}.ff_context.net.0.proj"] = Layer(width, 4 * width)
            found[f"{path}.ff_context.net.2"] = Layer(4 * width, width)
        return found


def _projections(pattern: str) -> tuple[str, ...]:
    """Query, key and value, in the order in which native code stacks them."""
    return tuple(pattern.format(letter) for letter in "qkv")
