"""Stripped headers of LoRA files (names, types, shapes, metadata; no weights) for tests."""

import gzip
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.formats.header import DTYPE_BYTES, Header, TensorInfo

FOLDER = Path(__file__).parent
Tensors = dict[str, tuple[str, tuple[int, ...]]]
"""Name -> type and shape."""


def names() -> list[str]:
    """Every fixture, by name."""
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))


def store(
    name: str,
    tensors: Tensors,
    metadata: Mapping[str, str],
    truth: Mapping[str, object] | None = None,
) -> None:
    """Write a fixture; the same content gives the same bytes."""
    content = {"tensors": tensors, "metadata": metadata, "truth": truth or {}}
    text = json.dumps(content, separators=(",", ":"))
    (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def truth_of(name: str) -> dict[str, object]:
    """What is to be said of a fixture; empty where the tests say it themselves."""
    found: dict[str, object] = _stored(name).get("truth", {})
    return found


def load(name: str) -> Header:
    """A fixture as a header that was read."""
    stored = _stored(name)
    tensors = {key: (dtype, tuple(shape)) for key, (dtype, shape) in stored["tensors"].items()}
    return header_of(tensors, stored["metadata"])


def _stored(name: str) -> Any:
    return json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))


def header_of(tensors: Tensors, metadata: Mapping[str, str] | None = None) -> Header:
    """A header with these tensors, one behind the other."""
    laid: dict[str, TensorInfo] = {}
    end = 0
    for key, (dtype, shape) in tensors.items():
        start, end = end, end + size_of(dtype, shape)
        laid[key] = TensorInfo(dtype, shape, (start, end))
    return Header(laid, metadata or {}, header_bytes=0, file_bytes=8 + end)


def size_of(dtype: str, shape: tuple[int, ...]) -> int:
    """Bytes of a tensor."""
    size = DTYPE_BYTES[dtype]
    for dimension in shape:
        size *= dimension
    return size


def write(path: Path, header: Header, fill: bytes = b"\x01\x3c") -> Path:
    """A whole file with this header, its data filled with one two-byte pattern (about 1.0)."""
    entries: dict[str, object] = {"__metadata__": dict(header.metadata)}
    for key, info in header.tensors.items():
        entries[key] = {
            "dtype": info.dtype,
            "shape": list(info.shape),
            "data_offsets": list(info.offsets),
        }
    text = json.dumps(entries).encode()
    size = sum(info.size_bytes for info in header.tensors.values())
    path.write_bytes(struct.pack("<Q", len(text)) + text + (fill * (size // 2 + 1))[:size])
    return path
