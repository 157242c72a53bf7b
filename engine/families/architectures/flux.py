"""Transformers of the FLUX kind (FLUX.1, Chroma, FLUX.2), by diffusers' and the makers' names.

Native names: Black Forest Labs' `flux/model.py`, as the trainers of the kohya kind write them.
"""

from dataclasses import dataclass

from engine.families.layers import Layer, NativeLayer, halves_swapped, renamed, stacked

_ENDS = {
    "img_in": "x_embedder",
    "txt_in": "context_embedder",
    "time_in.in_layer": "time_text_embed.timestep_embedder.linear_1",
    "time_in.out_layer": "time_text_embed.timestep_embedder.linear_2",
    "guidance_in.in_layer": "time_text_embed.guidance_embedder.linear_1",
    "guidance_in.out_layer": "time_text_embed.guidance_embedder.linear_2",
    "vector_in.in_layer": "time_text_embed.text_embedder.linear_1",
    "vector_in.out_layer": "time_text_embed.text_embedder.linear_2",
    "final_layer.linear": "proj_out",
}
_DOUBLE = {
    "img_attn.proj": "attn.to_out.0",
    "txt_attn.proj": "attn.to_add_out",
    "img_mlp.0": "ff.net.0.proj",
    "img_mlp.2": "ff.net.2",
    "txt_mlp.0": "ff_context.net.0.proj",
    "txt_mlp.2": "ff_context.net.2",
    "img_mod.lin": "norm1.linear",
    "txt_mod.lin": "norm1_context.linear",
}
_ENDS_2 = {
    "img_in": "x_embedder",
    "txt_in": "context_embedder",
    "time_in.in_layer": "time_guidance_embed.timestep_embedder.linear_1",
    "time_in.out_layer": "time_guidance_embed.timestep_embedder.linear_2",
    "guidance_in.in_layer": "time_guidance_embed.guidance_embedder.linear_1",
    "guidance_in.out_layer": "time_guidance_embed.guidance_embedder.linear_2",
    "double_stream_modulation_img.lin": "double_stream_modulation_img.linear",
    "double_stream_modulation_txt.lin": "double_stream_modulation_txt.linear",
    "single_stream_modulation.lin": "single_stream_modulation.linear",
    "final_layer.linear": "proj_out",
}
_DOUBLE_2 = {
    "img_attn.proj": "attn.to_out.0",
    "txt_attn.proj": "attn.to_add_out",
    "img_mlp.0": "ff.linear_in",
    "img_mlp.2": "ff.linear_out",
    "txt_mlp.0": "ff_context.linear_in",
    "txt_mlp.2": "ff_context.linear_out",
}


def _attention(path: str, width: int) -> dict[str, Layer]:
    square = Layer(width, width)
    names = [f"{path}.attn.to_{letter}" for letter in "qkv"]
    names += [f"{path}.attn.add_{letter}_proj" for letter in "qkv"]
    return dict.fromkeys([*names, f"{path}.attn.to_out.0", f"{path}.attn.to_add_out"], square)


def _fused_attention(layers: dict[str, Layer], block: int) -> dict[str, NativeLayer]:
    path, native = f"transformer_blocks.{block}", f"double_blocks.{block}"
    image = stacked(layers, tuple(f"{path}.attn.to_{letter}" for letter in "qkv"))
    text = stacked(layers, tuple(f"{path}.attn.add_{letter}_proj" for letter in "qkv"))
    return {
        f"{native}.img_attn.qkv": image,
        f"{native}.txt_attn.qkv": text,
        # diffusers' own names when its projections are fused.
        f"{path}.attn.to_qkv": image,
        f"{path}.attn.to_added_qkv": text,
    }


@dataclass(frozen=True, slots=True)
class Flux:
    """FLUX.1, and Chroma when it is without modulation layers."""

    double: int = 19
    single: int = 38
    width: int = 3072
    context: int = 4096
    pooled: int = 768
    channels: int = 64
    """Latent channels of one 2x2 token."""
    guidance_embedder: bool = True
    distilled_modulation: int | None = None
    """Chroma: width of the network that stands in for all modulation layers."""

    def layers(self) -> dict[str, Layer]:
        """Every linear layer."""
        width = self.width
        found = {
            "x_embedder": Layer(self.channels, width),
            "context_embedder": Layer(self.context, width),
            "proj_out": Layer(width, self.channels),
        }
        found |= self._conditions()
        has_norms = self.distilled_modulation is None
        for block in range(self.double):
            path = f"transformer_blocks.{block}"
            found |= _attention(path, width)
            for name in ("ff", "ff_context"):
                found[f"{path}.{name}.net.0.proj"] = Layer(width, 4 * width)
                found[f"{path}.{name}.net.2"] = Layer(4 * width, width)
            if has_norms:
                found[f"{path}.norm1.linear"] = Layer(width, 6 * width)
                found[f"{path}.norm1_context.linear"] = Layer(width, 6 * width)
        for block in range(self.single):
            path = f"single_transformer_blocks.{block}"
            for letter in "qkv":
                found[f"{path}.attn.to_{letter}"] = Layer(width, width)
            found[f"{path}.proj_mlp"] = Layer(width, 4 * width)
            found[f"{path}.proj_out"] = Layer(5 * width, width)
            if has_norms:
                found[f"{path}.norm.linear"] = Layer(width, 3 * width)
        return found

    def native(self) -> dict[str, NativeLayer]:
        """The same under the makers' names, with fused projections."""
        layers = self.layers()
        found = dict(renamed(layers, _ENDS))
        if "norm_out.linear" in layers:
            found["final_layer.adaLN_modulation.1"] = halves_swapped(layers, "norm_out.linear")
        for block in range(self.double):
            path, native = f"transformer_blocks.{block}", f"double_blocks.{block}"
            found |= renamed(layers, {f"{native}.{k}": f"{path}.{v}" for k, v in _DOUBLE.items()})
            found |= _fused_attention(layers, block)
        for block in range(self.single):
            path, native = f"single_transformer_blocks.{block}", f"single_blocks.{block}"
            inside = (*(f"{path}.attn.to_{letter}" for letter in "qkv"), f"{path}.proj_mlp")
            found[f"{native}.linear1"] = stacked(layers, inside)
            # The attention's part of it, as the makers of USO name it.
            found[f"{native}.linear1_qkv"] = stacked(layers, inside[:3])
            found |= renamed(
                layers,
                {
                    f"{native}.linear2": f"{path}.proj_out",
                    f"{native}.modulation.lin": f"{path}.norm.linear",
                },
            )
        names = {path: path for path in layers if path.startswith("distilled_guidance_layer.")}
        return found | _chroma_names(layers, names)

    def _conditions(self) -> dict[str, Layer]:
        width, inner = self.width, self.distilled_modulation
        if inner is not None:
            path = "distilled_guidance_layer"
            found = {f"{path}.in_proj": Layer(64, inner), f"{path}.out_proj": Layer(inner, width)}
            for block in range(5):
                found[f"{path}.layers.{block}.linear_1"] = Layer(inner, inner)
                found[f"{path}.layers.{block}.linear_2"] = Layer(inner, inner)
            return found
        found = {"norm_out.linear": Layer(width, 2 * width)}
        embedders = {"timestep_embedder": 256, "text_embedder": self.pooled}
        if self.guidance_embedder:
            embedders["guidance_embedder"] = 256
        for name, inputs in embedders.items():
            found[f"time_text_embed.{name}.linear_1"] = Layer(inputs, width)
            found[f"time_text_embed.{name}.linear_2"] = Layer(width, width)
        return found


def _chroma_names(layers: dict[str, Layer], names: dict[str, str]) -> dict[str, NativeLayer]:
    """Chroma's own names: `in_layer` and `out_layer` in the layers of its guidance network."""
    native = {
        name.replace("linear_1", "in_layer").replace("linear_2", "out_layer"): path
        for name, path in names.items()
    }
    return dict(renamed(layers, native))


@dataclass(frozen=True, slots=True)
class Flux2:
    """FLUX.2: shared modulation, fused single blocks."""

    double: int
    single: int
    width: int
    context: int
    channels: int = 128
    guidance_embedder: bool = True

    def layers(self) -> dict[str, Layer]:
        """Every linear layer."""
        width = self.width
        found = {
            "x_embedder": Layer(self.channels, width),
            "context_embedder": Layer(self.context, width),
            "norm_out.linear": Layer(width, 2 * width),
            "proj_out": Layer(width, self.channels),
            "double_stream_modulation_img.linear": Layer(width, 6 * width),
            "double_stream_modulation_txt.linear": Layer(width, 6 * width),
            "single_stream_modulation.linear": Layer(width, 3 * width),
        }
        guidance = ("guidance_embedder",) if self.guidance_embedder else ()
        for name in ("timestep_embedder", *guidance):
            found[f"time_guidance_embed.{name}.linear_1"] = Layer(256, width)
            found[f"time_guidance_embed.{name}.linear_2"] = Layer(width, width)
        for block in range(self.double):
            path = f"transformer_blocks.{block}"
            found |= _attention(path, width)
            for name in ("ff", "ff_context"):
                found[f"{path}.{name}.linear_in"] = Layer(width, 6 * width)
                found[f"{path}.{name}.linear_out"] = Layer(3 * width, width)
        for block in range(self.single):
            path = f"single_transformer_blocks.{block}.attn"
            found[f"{path}.to_qkv_mlp_proj"] = Layer(width, 9 * width)
            found[f"{path}.to_out"] = Layer(4 * width, width)
        return found

    def native(self) -> dict[str, NativeLayer]:
        """The same under the makers' names."""
        layers = self.layers()
        found = dict(renamed(layers, _ENDS_2))
        found["final_layer.adaLN_modulation.1"] = halves_swapped(layers, "norm_out.linear")
        for block in range(self.double):
            path, native = f"transformer_blocks.{block}", f"double_blocks.{block}"
            found |= renamed(layers, {f"{native}.{k}": f"{path}.{v}" for k, v in _DOUBLE_2.items()})
            found |= _fused_attention(layers, block)
        for block in range(self.single):
            path = f"single_transformer_blocks.{block}.attn"
            native = f"single_blocks.{block}"
            found |= renamed(
                layers,
                {
                    f"{native}.linear1": f"{path}.to_qkv_mlp_proj",
                    f"{native}.linear2": f"{path}.to_out",
                },
            )
        return found
