"""What each base's layers are called in files: underscores are resolved by table, not by guess."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from engine.families.known import denoiser_part, fingerprints, layers_of, text_parts
from engine.families.layers import NativeLayer, Piece

Dialect = Literal["dotted", "bare", "flat", "native-flat"]
Names = Mapping[str, NativeLayer]
"""Name in a file -> the canonical layers behind it."""


@cache
def names_of(base: str, dialect: Dialect) -> Names:
    """Every name that a layer of this base has in files of this dialect.

    `dotted` is the canonical path; in `bare` the part (`unet.`) may be missing; `flat` is kohya's
    `lora_unet_` with diffusers' names and `native-flat` with those of the base's own code.
    """
    builders = {
        "dotted": _dotted,
        "bare": _bare,
        "flat": _flat,
        "native-flat": _native_flat,
    }
    return MappingProxyType(builders[dialect](base))


def _dotted(base: str) -> dict[str, NativeLayer]:
    found = {}
    for path, layer in layers_of(base).items():
        target = NativeLayer(layer, (Piece(path),))
        for name in _with_and_without_text_model(path):
            found[name] = target
    return found


def _bare(base: str) -> dict[str, NativeLayer]:
    """With or without the part; without it, of several text encoders the first is meant."""
    found = _dotted(base)
    for name, target in list(found.items()):
        found.setdefault(name.partition(".")[2], target)
    return found


def _flat(base: str) -> dict[str, NativeLayer]:
    part = denoiser_part(base) + "."
    found = _flat_text(base)
    for path, layer in layers_of(base).items():
        if path.startswith(part):
            flat = "lora_unet_" + path.removeprefix(part).replace(".", "_")
            found[flat] = NativeLayer(layer, (Piece(path),))
    return found


def _native_flat(base: str) -> dict[str, NativeLayer]:
    found = _flat_text(base)
    denoiser = fingerprints()[base].denoiser
    part = denoiser_part(base)
    for name, native in denoiser.native().items() if denoiser is not None else ():
        pieces = tuple(Piece(f"{part}.{piece.path}", piece.rows) for piece in native.pieces)
        found["lora_unet_" + name.replace(".", "_")] = NativeLayer(native.layer, pieces)
    return found


def _flat_text(base: str) -> dict[str, NativeLayer]:
    prefixes = _text_prefixes(base)
    found = {}
    for path, layer in layers_of(base).items():
        part = path.partition(".")[0]
        for prefix in prefixes.get(part, ()):
            for name in _with_and_without_text_model(path):
                flat = prefix + name.partition(".")[2].replace(".", "_")
                found[flat] = NativeLayer(layer, (Piece(path),))
    return found


def _text_prefixes(base: str) -> dict[str, tuple[str, ...]]:
    """Kohya's prefixes of the text encoders: `lora_te_` where there is one, else numbered.

    T5 is number three wherever it stands (FLUX.1: CLIP-L is te1, T5 is te3, by some te2).
    """
    if base == "flux1":
        return {"text_encoder": ("lora_te1_",), "text_encoder_2": ("lora_te3_", "lora_te2_")}
    if base == "chroma":
        return {"text_encoder": ("lora_te3_", "lora_te_")}
    parts = text_parts(base)
    if len(parts) == 1:
        return {parts[0]: ("lora_te_",)}
    return {part: (f"lora_te{number}_",) for number, part in enumerate(parts, start=1)}


def _with_and_without_text_model(path: str) -> tuple[str, ...]:
    """CLIP's layers are behind `text_model.` or, in transformers 5, sometimes not."""
    if ".text_model." in path:
        return path, path.replace(".text_model.", ".", 1)
    return (path,)
