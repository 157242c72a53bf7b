"""Bases written as people have them: one checkpoint with the names of the makers' own code."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.families.architectures.unet import Unet
from engine.families.layers import Architecture, NativeLayer

State = dict[str, Tensor]

RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
UNET_ENDS = {
    "conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2", "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2", "conv_norm_out": "out.0", "conv_out": "out.2",
}  # fmt: skip
VAE_ATTENTION = {
    "group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out",
}  # fmt: skip
OPEN_CLIP = {
    "layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}  # fmt: skip


def checkpoint(pipe: Any, unet: Unet, file: Path) -> Path:
    """A whole Stable Diffusion pipeline as one file, named as its makers do."""
    is_xl = getattr(pipe, "text_encoder_2", None) is not None
    state = dict(_fronted("model.diffusion_model.", _unet(pipe.unet, unet)))
    state |= dict(_fronted("first_stage_model.", _vae(pipe.vae)))
    if is_xl:
        front = "conditioner.embedders.0.transformer.text_model."
        state |= dict(_fronted(front, _clip(pipe.text_encoder)))
        state |= dict(_fronted("conditioner.embedders.1.model.", _open_clip(pipe.text_encoder_2)))
    elif pipe.unet.config.use_linear_projection:
        state |= dict(_fronted("cond_stage_model.model.", _open_clip(pipe.text_encoder)))
    else:
        front = "cond_stage_model.transformer.text_model."
        state |= dict(_fronted(front, _clip(pipe.text_encoder)))
    save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, file)
    return file


def _fronted(front: str, tensors: Iterator[tuple[str, Tensor]]) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in tensors:
        yield front + name, tensor


def _unet(unet: nn.Module, layout: Unet) -> Iterator[tuple[str, Tensor]]:
    blocks = layout._ldm_blocks()
    for name, tensor in unet.state_dict().items():
        path, _, kind = name.rpartition(".")
        words = path.split(".")
        depth = 3 if words[0] == "mid_block" else 4
        block, rest = ".".join(words[:depth]), ".".join(words[depth:])
        if path in UNET_ENDS:
            yield f"{UNET_ENDS[path]}.{kind}", tensor
        else:
            own = "op" if words[2] == "downsamplers" else RESNET.get(rest, rest)
            yield f"{blocks[block]}.{own}.{kind}", tensor


def _vae(vae: Any) -> Iterator[tuple[str, Tensor]]:
    levels = len(vae.config.block_out_channels)
    for name, tensor in vae.state_dict().items():
        path, _, kind = name.rpartition(".")
        path = path.replace("mid_block.resnets.0", "mid.block_1")
        path = path.replace("mid_block.resnets.1", "mid.block_2")
        path = path.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
        for level in range(levels):
            up = levels - 1 - level
            path = path.replace(f"down_blocks.{level}.resnets", f"down.{level}.block")
            path = path.replace(f"down_blocks.{level}.downsamplers.0", f"down.{level}.downsample")
            path = path.replace(f"up_blocks.{level}.resnets", f"up.{up}.block")
            path = path.replace(f"up_blocks.{level}.upsamplers.0", f"up.{up}.upsample")
        if "mid_block.attentions.0." in path:
            front, _, own = path.partition("mid_block.attentions.0.")
            path = f"{front}mid.attn_1.{VAE_ATTENTION[own]}"
            if own != "group_norm" and kind == "weight":
                tensor = tensor[:, :, None, None]
        yield f"{path}.{kind}", tensor


def _clip(encoder: nn.Module) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in encoder.state_dict().items():
        if "position_ids" not in name:
            yield name.removeprefix("text_model."), tensor


def _open_clip(encoder: nn.Module) -> Iterator[tuple[str, Tensor]]:
    state = {name.removeprefix("text_model."): one for name, one in encoder.state_dict().items()}
    yield "positional_embedding", state["embeddings.position_embedding.weight"]
    yield "token_embedding.weight", state["embeddings.token_embedding.weight"]
    for kind in ("weight", "bias"):
        yield f"ln_final.{kind}", state[f"final_layer_norm.{kind}"]
    if "text_projection.weight" in state:
        yield "text_projection", state["text_projection.weight"].T
    blocks = {int(name.split(".")[2]) for name in state if name.startswith("encoder.layers.")}
    for block in sorted(blocks):
        yield from _open_clip_block(block, state)


def _open_clip_block(block: int, state: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    front, own = f"encoder.layers.{block}", f"transformer.resblocks.{block}"
    for kind in ("weight", "bias"):
        parts = [state[f"{front}.self_attn.{name}_proj.{kind}"] for name in "qkv"]
        yield f"{own}.attn.in_proj_{kind}", torch.cat(parts)
        for name, new in OPEN_CLIP.items():
            yield f"{own}.{new}.{kind}", state[f"{front}.{name}.{kind}"]


# --- transformers: Stability's and Black Forest Labs' names ---------------------------------------

SYNONYMS = ("attn.to_qkv", "attn.to_added_qkv", "linear1_qkv")
"""Other names of the same rows, which makers' own files do not use."""
NORMS = {
    "sd3": (
        (r"transformer_blocks\.(\d+)\.attn(2?)\.norm_([qk])",
         r"joint_blocks.\1.x_block.attn\2.ln_\3"),
        (r"transformer_blocks\.(\d+)\.attn\.norm_added_([qk])",
         r"joint_blocks.\1.context_block.attn.ln_\2"),
    ),
    "flux": (
        (r"single_transformer_blocks\.(\d+)\.attn\.norm_q", r"single_blocks.\1.norm.query_norm"),
        (r"single_transformer_blocks\.(\d+)\.attn\.norm_k", r"single_blocks.\1.norm.key_norm"),
        (r"transformer_blocks\.(\d+)\.attn\.norm_q", r"double_blocks.\1.img_attn.norm.query_norm"),
        (r"transformer_blocks\.(\d+)\.attn\.norm_k", r"double_blocks.\1.img_attn.norm.key_norm"),
        (r"transformer_blocks\.(\d+)\.attn\.norm_added_q",
         r"double_blocks.\1.txt_attn.norm.query_norm"),
        (r"transformer_blocks\.(\d+)\.attn\.norm_added_k",
         r"double_blocks.\1.txt_attn.norm.key_norm"),
    ),
}  # fmt: skip


def native_transformer(transformer: nn.Module, layout: Architecture, maker: str) -> State:
    """A transformer's tensors as its maker writes them: fused projections, swapped halves."""
    state = transformer.state_dict()
    found: State = {}
    for name, layer in layout.native().items():
        if name.endswith(SYNONYMS):
            continue
        for kind in ("weight", "bias"):
            found[f"{name}.{kind}"] = _fused(state, layer, kind)
    for key, tensor in state.items():
        path, _, _kind = key.rpartition(".")
        for pattern, own in NORMS[maker]:
            if re.fullmatch(pattern, path):
                end = "scale" if maker == "flux" else "weight"
                found[f"{re.sub(pattern, own, path)}.{end}"] = tensor
                break
    if "pos_embed.pos_embed" in state:
        found["pos_embed"] = state["pos_embed.pos_embed"]
    return found


def _fused(state: State, layer: NativeLayer, kind: str) -> Tensor:
    rest = state[f"{layer.pieces[0].path}.{kind}"].shape[1:]
    whole = torch.empty(layer.layer.outputs, *rest)
    for piece in layer.pieces:
        tensor, at = state[f"{piece.path}.{kind}"], 0
        for start, end in piece.rows or ((0, layer.layer.outputs),):
            whole[start:end] = tensor[at : at + end - start]
            at += end - start
    return whole


def all_in_one(pipe: Any, transformer: State, parts: Collection[str], vae: str = "vae.") -> State:
    """A transformer with these text encoders and its autoencoder, as all-in-one files have them."""
    found = {f"model.diffusion_model.{name}": tensor for name, tensor in transformer.items()}
    found |= dict(_fronted(vae, _vae(pipe.vae)))
    clips = iter(("clip_l", "clip_g"))
    for name in ("text_encoder", "text_encoder_2", "text_encoder_3"):
        encoder = getattr(pipe, name, None)
        if encoder is None:
            continue
        kind = "t5xxl" if type(encoder).__name__ == "T5EncoderModel" else next(clips)
        if kind in parts:
            front = f"text_encoders.{kind}.transformer."
            found |= {front + key: tensor for key, tensor in _encoder(encoder, kind)}
    return found


def _encoder(encoder: nn.Module, kind: str) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in encoder.state_dict().items():
        if name == "encoder.embed_tokens.weight" or "position_ids" in name:
            continue
        if kind == "t5xxl" or name.startswith(("text_model.", "text_projection.")):
            yield name, tensor
        else:
            yield f"text_model.{name}", tensor


def saved(state: State, file: Path) -> Path:
    """These tensors in one file."""
    save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, file)
    return file


def in_eight_bits(state: State, end: str, *, by_row: bool) -> tuple[State, State]:
    """Linear layers in eight bits with scales, and the numbers that they stand for."""
    written: State = {}
    meant: State = {}
    for name, tensor in state.items():
        layer = name.removesuffix(".weight")
        if layer == name or tensor.ndim != 2:
            written[name] = meant[name] = tensor
            continue
        most = tensor.abs().amax(dim=1, keepdim=True) if by_row else tensor.abs().max()
        scale = (most / 448).clamp(min=1e-12)
        written[name] = (tensor / scale).to(torch.float8_e4m3fn)
        written[f"{layer}.{end}"] = scale
        meant[name] = written[name].float() * scale
    return written, meant
