"""Reader of GGUF headers (GGUF v2 and v3, ggml's docs/gguf.md): names and shapes, no tensor."""

import struct
from pathlib import Path
from typing import BinaryIO, Final

from engine.errors import BadBase

MAGIC: Final = b"GGUF"
MOST_ENTRIES: Final = 20_000
MOST_TEXT: Final = 1 << 20
MOST_ITEMS: Final = 4_000_000
STRING, ARRAY = 8, 9
NUMBER_BYTES: Final = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value by GGUF's number of its type."""


class _Short(Exception):
    """The file makes no sense."""


def read_gguf(path: Path) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor by name, outermost dimension first; raises `BadBase`."""
    try:
        with path.open("rb") as file:
            return _read(file)
    except (_Short, struct.error) as error:
        raise BadBase(
            base=path.name,
            problem=f"its GGUF header is damaged ({error})",
            cure="Download it anew",
        ) from None


def _read(file: BinaryIO) -> dict[str, tuple[int, ...]]:
    if file.read(4) != MAGIC:
        raise _Short("no GGUF mark")
    version, tensors, entries = _numbers(file, "<IQQ")
    if version not in (2, 3):
        raise _Short(f"version {version}")
    if max(tensors, entries) > MOST_ENTRIES:
        raise _Short("too many entries")
    for _ in range(entries):
        _text(file)
        _skip(file, _numbers(file, "<I")[0])
    return dict(_tensor(file) for _ in range(tensors))


def _tensor(file: BinaryIO) -> tuple[str, tuple[int, ...]]:
    name = _text(file)
    (dimensions,) = _numbers(file, "<I")
    if dimensions > 8:
        raise _Short(f"{dimensions} dimensions")
    shape = _numbers(file, f"<{dimensions}Q")
    _numbers(file, "<IQ")
    return name, tuple(reversed(shape))


def _numbers(file: BinaryIO, form: str) -> tuple[int, ...]:
    size = struct.calcsize(form)
    data = file.read(size)
    if len(data) != size:
        raise _Short("it ends early")
    return struct.unpack(form, data)


def _text(file: BinaryIO) -> str:
    (size,) = _numbers(file, "<Q")
    if size > MOST_TEXT:
        raise _Short("a text is too long")
    return file.read(size).decode("utf-8", "replace")


def _skip(file: BinaryIO, kind: int) -> None:
    """Over a value; arrays may hold texts or numbers, no arrays."""
    if kind == STRING:
        _text(file)
        return
    if kind != ARRAY:
        file.seek(_bytes(kind), 1)
        return
    inner, count = _numbers(file, "<IQ")
    if count > MOST_ITEMS:
        raise _Short("an array is too long")
    if inner == STRING:
        for _ in range(count):
            _text(file)
    else:
        file.seek(count * _bytes(inner), 1)


def _bytes(kind: int) -> int:
    if kind not in NUMBER_BYTES:
        raise _Short(f"value type {kind}")
    return NUMBER_BYTES[kind]
