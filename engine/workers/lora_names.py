"""Which tensors of a LoRA file make which layer's pair."""

import json
import struct
from dataclasses import dataclass

from engine.errors import BadLoraFile

HEADER_BYTES = 100 * 1024 * 1024
SUFFIXES = (
    (".lora_A.weight", ".lora_B.weight"),
    (".lora.down.weight", ".lora.up.weight"),
    (".lora_down.weight", ".lora_up.weight"),
)


@dataclass(frozen=True, slots=True)
class Factors:
    """Tensor names of one layer's pair; alpha is a tensor, a number, or absent (then: rank)."""

    path: str
    down: str
    up: str
    alpha: str | None = None
    alpha_value: float | None = None


def read_names(name: str, data: bytes) -> tuple[Factors, ...]:
    """The pairs of a safetensors file in diffusers naming; raises `BadLoraFile`."""
    keys = set(_header(name, data)) - {"__metadata__"}
    found: list[Factors] = []
    used: set[str] = set()
    for key in sorted(keys):
        for down, up in SUFFIXES:
            if key.endswith(down):
                path = key.removesuffix(down)
                alpha = f"{path}.alpha" if f"{path}.alpha" in keys else None
                found.append(Factors(path, key, path + up, alpha))
                used |= {key, path + up, f"{path}.alpha"}
    strange = sorted((keys - used) | (used - keys - {f"{f.path}.alpha" for f in found}))
    if strange or not found:
        raise BadLoraFile(file=name, verdict="reject", problems=tuple(strange[:3]))
    return tuple(found)


def _header(name: str, data: bytes) -> dict[str, object]:
    try:
        (size,) = struct.unpack_from("<Q", data)
        if size > min(HEADER_BYTES, len(data) - 8):
            raise BadLoraFile(file=name, verdict="reject", problems=("header too long",))
        header = json.loads(data[8 : 8 + size])
    except (struct.error, ValueError) as error:
        raise BadLoraFile(file=name, verdict="reject", problems=("no header",)) from error
    if not isinstance(header, dict):
        raise BadLoraFile(file=name, verdict="reject", problems=("no header",))
    return header
