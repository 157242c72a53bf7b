"""One pass over a file's bytes: its SHA-256, numbers that are not finite, and the alphas.

The exponents are looked at as bytes, because a number is infinite or not a number when all bits
of its exponent are set (IEEE 754; bfloat16 is the upper half of a float32).
"""

import hashlib
import math
import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from engine.formats.header import DTYPE_BYTES, Header, TensorInfo

_CHUNK_BYTES = 1024 * 1024
_ZEROS = bytes(_CHUNK_BYTES)

# Highest byte of a number (little-endian: the last) -> all exponent bits in it are set. For the
# types with a longer exponent this also catches numbers above 1e38, which no LoRA holds.
_HIGH_BYTES: Mapping[str, frozenset[int]] = {
    "F16": frozenset([*range(0x7C, 0x80), *range(0xFC, 0x100)]),
    "BF16": frozenset([0x7F, 0xFF]),
    "F32": frozenset([0x7F, 0xFF]),
    "F64": frozenset([0x7F, 0xFF]),
}
_OTHER_BYTES = {
    dtype: bytes(byte for byte in range(256) if byte not in high)
    for dtype, high in _HIGH_BYTES.items()
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What the bytes say."""

    sha256: str
    not_finite: tuple[str, ...] = ()
    """Tensors with a NaN or an infinity."""
    zero: frozenset[str] = frozenset()
    """Tensors of zeros only."""
    scalars: Mapping[str, float] = field(default_factory=dict)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as 64 hex digits, read in chunks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_contents(path: Path, header: Header, scalars: Collection[str] = ()) -> Contents:
    """Read every byte once; `scalars` are keys of single numbers whose values are wanted."""
    wanted = frozenset(scalars)
    not_finite, zero, values = [], set(), {}
    digest = hashlib.sha256()
    with path.open("rb") as file:
        digest.update(file.read(header.data_start))
        for name, tensor in header.tensors.items():
            is_finite, is_zero, first = True, True, b""
            for chunk in _chunks(file, tensor):
                digest.update(chunk)
                first = first or chunk[:8]
                if chunk == _ZEROS[: len(chunk)]:
                    continue
                is_zero = False
                is_finite = is_finite and _is_finite(chunk, tensor.dtype)
            if not is_finite:
                not_finite.append(name)
            if is_zero:
                zero.add(name)
            if name in wanted:
                values[name] = _number(first, tensor.dtype)
        digest.update(file.read())
    return Contents(digest.hexdigest(), tuple(not_finite), frozenset(zero), values)


def _chunks(file: BinaryIO, tensor: TensorInfo) -> Iterator[bytes]:
    """The next tensor's bytes; the size of a chunk is a multiple of every number's."""
    left = tensor.size_bytes
    while left:
        chunk = file.read(min(left, _CHUNK_BYTES))
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


def _is_finite(chunk: bytes, dtype: str) -> bool:
    others = _OTHER_BYTES.get(dtype)
    if others is None:
        return True
    size = DTYPE_BYTES[dtype]
    return not chunk[size - 1 :: size].translate(None, others)


def _number(raw: bytes, dtype: str) -> float:
    """A single number from its bytes; NaN when they are none that a file should have here."""
    if dtype == "BF16":
        raw, dtype = b"\0\0" + raw, "F32"
    codes = {"F16": "<e", "F32": "<f", "F64": "<d", "I64": "<q", "I32": "<i", "I16": "<h"}
    code = codes.get(dtype)
    if code is None or len(raw) < struct.calcsize(code):
        return math.nan
    return float(struct.unpack_from(code, raw)[0])
