"""What one file with weights brings of a base, and what of it has to come from elsewhere.

Names as their makers write them: CompVis and Stability (`cond_stage_model.`, `conditioner.`,
`first_stage_model.`), and all-in-one files of ComfyUI (`text_encoders.`, `vae.`).
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

VAE_FRONTS: Final = ("first_stage_model.", "vae.")
CLIP_FRONTS: Final = (
    ("cond_stage_model.", "conditioner.embedders.0.", "text_encoders.clip_l."),
    ("conditioner.embedders.1.", "text_encoders.clip_g."),
)
"""What stands before the first and the second CLIP encoder of a base."""
T5_FRONT: Final = "text_encoders.t5xxl."
DENOISERS: Final = ("transformer", "unet")
OPTIONAL: Final = frozenset({"text_encoder_3"})
"""Parts that a base draws without: SD 3 reads no more than its CLIP encoders then."""
PACKED_IN_EIGHT: Final = frozenset({"F8_E4M3", "F8_E5M2"})
NUMBERS: Final = PACKED_IN_EIGHT | {"F64", "F32", "F16", "BF16"}
SCALES: Final = (".scale_weight", ".weight_scale")
"""Beside a layer's `.weight`: what its eight-bit numbers have to be multiplied by."""
UNUSED: Final = (".scale_input", ".input_scale", ".comfy_quant")
MARK: Final = "scaled_fp8"
"""An empty tensor by which a file says that it has scales."""
Index = Mapping[str, object]


def fronts(index: Index) -> dict[str, tuple[str, ...]]:
    """Part with weights -> what may stand before its names in one file; by `model_index.json`.

    Denoisers are not here: they stand behind `model.diffusion_model.` or behind nothing.
    """
    found: dict[str, tuple[str, ...]] = {}
    clips = iter(CLIP_FRONTS)
    for name in sorted(index):
        kind = class_of(index, name)
        if kind.startswith("CLIPTextModel"):
            found[name] = next(clips, ())
        elif kind == "T5EncoderModel":
            found[name] = (T5_FRONT,)
        elif name == "vae":
            found[name] = VAE_FRONTS
    return found


def brought(names: Collection[str], index: Index) -> frozenset[str]:
    """Parts of a base that a file with these tensors brings, its denoiser not counted."""
    return frozenset(
        part
        for part, before in fronts(index).items()
        if before and any(name.startswith(before) for name in names)
    )


def class_of(index: Index, part: str) -> str:
    """The class of a part; empty where the index has none."""
    told = index.get(part)
    if isinstance(told, list) and len(told) == 2 and isinstance(told[1], str):
        return told[1]
    return ""


def has_weights(folder: Path, part: str) -> bool:
    """Whether a diffusers folder has weights for a part."""
    return any((folder / part).glob("*.safetensors"))


def lacking(names: Collection[str], index: Index, folder: Path) -> tuple[str, ...]:
    """Parts with weights that are neither in the file nor in the folder beside it."""
    there = brought(names, index)
    return tuple(
        part for part in fronts(index) if part not in there and not has_weights(folder, part)
    )


def packed(tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> str:
    """How a file's layers are packed, where no package of an installation unpacks it; else "".

    `tensors` are element types and shapes by name. Eight-bit floats are fine: as they are, with a
    scale for a layer, or with one for each of its rows.
    """
    for name, (kind, shape) in tensors.items():
        if ".bitsandbytes__" in name or name.endswith(".absmax"):
            return "bitsandbytes (NF4 or INT8)"
        if name.endswith((".qweight", ".wscales")):
            return "Nunchaku or GPTQ"
        layer = name.removesuffix(".weight")
        if layer == name or len(shape) < 2:
            continue
        if kind not in NUMBERS:
            return f"numbers of the kind {kind}"
        scale = next((tensors[layer + end] for end in SCALES if layer + end in tensors), None)
        if scale is not None and not _is_plain_scale(scale[1], shape[0]):
            return "scales for blocks of numbers"
    return ""


def _is_plain_scale(shape: tuple[int, ...], rows: int) -> bool:
    """One number for a layer, or one for each of its rows."""
    return shape in ((), (1,), (rows,)) or (
        shape[0] in (1, rows) and all(side == 1 for side in shape[1:])
    )
