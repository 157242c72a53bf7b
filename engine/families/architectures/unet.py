"""UNets of the Stable Diffusion kind (UNet2DConditionModel), by diffusers' and LDM's names.

LDM names: CompVis and Stability code, `openaimodel.py`; the pairing of blocks follows from both
counting resnets in the same order (an input block each, the up-sampler at its block's end).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.families.layers import Layer, NativeLayer, renamed

_RESNET = {
    "conv1": "in_layers.2",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
_ENDS = {
    "input_blocks.0.0": "conv_in",
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "out.2": "conv_out",
}


@dataclass(frozen=True, slots=True)
class Unet:
    """Block counts and widths; `depths` are transformer blocks per attention, 0 for none."""

    channels: tuple[int, ...]
    depths: tuple[int, ...]
    mid_depth: int
    context: int
    resnets: int = 2
    linear_projection: bool = False
    latents: int = 4
    added: int | None = None
    """Width of the pooled text and size conditions (SDXL), if there are any."""
    pools_text: bool = False
    """Whether the text is pooled into the time signal (`addition_embed_type="text"`)."""

    def layers(self) -> dict[str, Layer]:
        """Every linear and convolution layer."""
        found = dict(self._ends())
        for path, inputs, outputs in self._resnets():
            found |= self._resnet(path, inputs, outputs)
        for path, width, depth in self._attentions():
            found |= self._attention(path, width, depth)
        for path, width in self._samplers():
            found[path] = Layer(width, width, (3, 3))
        return found

    def native(self) -> dict[str, NativeLayer]:
        """The same under LDM's names."""
        layers = self.layers()
        # LDM knows no pooled text: those layers keep diffusers' names.
        names = _ENDS | {path: path for path in layers if path.startswith("add_embedding.p")}
        blocks = self._ldm_blocks()
        for path in layers:
            words = path.split(".")
            depth = 3 if words[0] == "mid_block" else 4
            block, rest = ".".join(words[:depth]), ".".join(words[depth:])
            if block in blocks:
                own = "op" if words[2] == "downsamplers" else _RESNET.get(rest, rest)
                names[f"{blocks[block]}.{own}"] = path
        return dict(renamed(layers, names))

    def _ldm_blocks(self) -> dict[str, str]:
        """Diffusers' block -> LDM's block."""
        blocks = {
            "mid_block.resnets.0": "middle_block.0",
            "mid_block.attentions.0": "middle_block.1",
            "mid_block.resnets.1": "middle_block.2",
        }
        levels = len(self.channels)
        for level in range(levels):
            first = level * (self.resnets + 1) + 1
            for index in range(self.resnets):
                blocks[f"down_blocks.{level}.resnets.{index}"] = f"input_blocks.{first + index}.0"
                blocks[f"down_blocks.{level}.attentions.{index}"] = (
                    f"input_blocks.{first + index}.1"
                )
            blocks[f"down_blocks.{level}.downsamplers.0"] = f"input_blocks.{first + self.resnets}.0"
            first = level * (self.resnets + 1)
            for index in range(self.resnets + 1):
                blocks[f"up_blocks.{level}.resnets.{index}"] = f"output_blocks.{first + index}.0"
                blocks[f"up_blocks.{level}.attentions.{index}"] = f"output_blocks.{first + index}.1"
            place = 2 if self.depths[levels - 1 - level] else 1
            last = first + self.resnets
            blocks[f"up_blocks.{level}.upsamplers.0"] = f"output_blocks.{last}.{place}"
        return blocks

    def _ends(self) -> Iterator[tuple[str, Layer]]:
        first, time = self.channels[0], 4 * self.channels[0]
        yield "conv_in", Layer(self.latents, first, (3, 3))
        yield "conv_out", Layer(first, self.latents, (3, 3))
        yield "time_embedding.linear_1", Layer(first, time)
        yield "time_embedding.linear_2", Layer(time, time)
        if self.added is not None:
            yield "add_embedding.linear_1", Layer(self.added, time)
            yield "add_embedding.linear_2", Layer(time, time)
        if self.pools_text:
            for projection in ("k_proj", "q_proj", "v_proj"):
                yield f"add_embedding.pool.{projection}", Layer(self.context, self.context)
            yield "add_embedding.proj", Layer(self.context, time)

    def _resnets(self) -> Iterator[tuple[str, int, int]]:
        """Path, input and output channels of each resnet."""
        before = self.channels[0]
        skips = [before]
        for level, width in enumerate(self.channels):
            for index in range(self.resnets):
                yield f"down_blocks.{level}.resnets.{index}", before, width
                before = width
                skips.append(width)
            if level < len(self.channels) - 1:
                skips.append(width)
        for index in range(2):
            yield f"mid_block.resnets.{index}", before, before
        for level, width in enumerate(reversed(self.channels)):
            for index in range(self.resnets + 1):
                yield f"up_blocks.{level}.resnets.{index}", before + skips.pop(), width
                before = width

    def _attentions(self) -> Iterator[tuple[str, int, int]]:
        """Path, width and depth of each transformer."""
        for level, (width, depth) in enumerate(zip(self.channels, self.depths, strict=True)):
            for index in range(self.resnets if depth else 0):
                yield f"down_blocks.{level}.attentions.{index}", width, depth
        yield "mid_block.attentions.0", self.channels[-1], self.mid_depth
        levels = zip(reversed(self.channels), reversed(self.depths), strict=True)
        for level, (width, depth) in enumerate(levels):
            for index in range(self.resnets + 1 if depth else 0):
                yield f"up_blocks.{level}.attentions.{index}", width, depth

    def _samplers(self) -> Iterator[tuple[str, int]]:
        """Path and width of each down- and up-sampling convolution."""
        for level, width in enumerate(self.channels[:-1]):
            yield f"down_blocks.{level}.downsamplers.0.conv", width
        for level, width in enumerate(reversed(self.channels[1:])):
            yield f"up_blocks.{level}.upsamplers.0.conv", width

    def _resnet(self, path: str, inputs: int, outputs: int) -> dict[str, Layer]:
        found = {
            f"{path}.conv1": Layer(inputs, outputs, (3, 3)),
            f"{path}.conv2": Layer(outputs, outputs, (3, 3)),
            f"{path}.time_emb_proj": Layer(4 * self.channels[0], outputs),
        }
        if inputs != outputs:
            found[f"{path}.conv_shortcut"] = Layer(inputs, outputs, (1, 1))
        return found

    def _attention(self, path: str, width: int, depth: int) -> dict[str, Layer]:
        projection = Layer(width, width, None if self.linear_projection else (1, 1))
        found = {f"{path}.proj_in": projection, f"{path}.proj_out": projection}
        for block in range(depth):
            inside = f"{path}.transformer_blocks.{block}"
            for name, source in (("attn1", width), ("attn2", self.context)):
                found[f"{inside}.{name}.to_q"] = Layer(width, width)
                found[f"{inside}.{name}.to_k"] = Layer(source, width)
                found[f"{inside}.{name}.to_v"] = Layer(source, width)
                found[f"{inside}.{name}.to_out.0"] = Layer(width, width)
            found[f"{inside}.ff.net.0.proj"] = Layer(width, 8 * width)
            found[f"{inside}.ff.net.2"] = Layer(4 * width, width)
        return found
