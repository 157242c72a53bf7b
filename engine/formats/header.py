"""Our own reader of safetensors headers: bounded in time and memory, trusts nothing.

Format: huggingface/safetensors README. Eight bytes (little-endian) give the length of a JSON
object `{name: {"dtype", "shape", "data_offsets"}, "__metadata__": {text: text}}`; the tensors'
bytes follow without gaps. The library opens files that break these rules; this reader does not.
"""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

from engine.errors import BadLoraFile
from engine.formats.header_text import DAMAGED, HeaderText, Refused
from engine.formats.strangers import named_by_bytes

MOST_HEADER_BYTES = 16 * 1024 * 1024
MOST_METADATA_CHARS = 2_000_000
MOST_TENSORS = 20_000
MOST_DIMENSIONS = 8

DTYPE_BYTES: Mapping[str, int] = MappingProxyType(
    {
        "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1,
        "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
        "U32": 4, "I32": 4, "F32": 4,
        "U64": 8, "I64": 8, "F64": 8, "C64": 8, "F8_E8M0": 1,
    }
)  # fmt: skip


class TensorInfo(NamedTuple):
    """One tensor: element type, shape, and its bytes within the file's data part."""

    dtype: str
    shape: tuple[int, ...]
    offsets: tuple[int, int]
    """Start and end, counted from the first byte behind the header."""

    @property
    def size_bytes(self) -> int:
        """Bytes of the tensor."""
        return self.offsets[1] - self.offsets[0]


@dataclass(frozen=True, slots=True, eq=False)
class Header:
    """What the file says about itself; every number in it has been checked against the others."""

    tensors: Mapping[str, TensorInfo]
    """In the order of their bytes."""
    metadata: Mapping[str, str]
    header_bytes: int
    """Length of the JSON text; the data begin eight bytes later than that."""
    file_bytes: int

    @property
    def data_start(self) -> int:
        """Position in the file of the first tensor's first byte."""
        return 8 + self.header_bytes


def read_header(path: Path) -> Header:
    """Read and check a header without touching a tensor.

    Raises `BadLoraFile` (facts `file`, `verdict`: what it is instead, `problems`) for anything
    that is not a whole and honest safetensors file, and `OSError` when it can't be read at all.
    """
    try:
        status = path.stat()
    except ValueError as error:
        problem = "Its path is not one that a file can have."
        raise BadLoraFile(file=path.name, verdict="not a file", problems=(problem,)) from error
    if not stat.S_ISREG(status.st_mode):
        problem = "It is a folder, a pipe or a device."
        raise BadLoraFile(file=path.name, verdict="not a file", problems=(problem,))
    with path.open("rb") as file:
        return read_header_from(file, status.st_size, path.name)


def read_header_from(file: BinaryIO, file_bytes: int, name: str) -> Header:
    """The same from an open file of this many bytes; raises `BadLoraFile` with this name."""
    try:
        return _read(file, file_bytes)
    except Refused as refusal:
        is_stranger = refusal.verdict != DAMAGED
        cure = "Bring a LoRA as .safetensors" if is_stranger else "Download it or save it anew"
        problem = f"{refusal.problem} {cure}."
        raise BadLoraFile(file=name, verdict=refusal.verdict, problems=(problem,)) from None


def _read(file: BinaryIO, file_bytes: int) -> Header:
    start = file.read(512)
    stranger = named_by_bytes(start)
    if stranger is not None:
        raise Refused(f"It is {stranger}, not a safetensors file.", verdict=stranger)
    if len(start) < 8:
        raise Refused("It is too short to be a safetensors file.")
    length = int.from_bytes(start[:8], "little")
    if length > MOST_HEADER_BYTES:
        raise Refused(f"The header claims {length} bytes; at most {MOST_HEADER_BYTES} are read.")
    if 8 + length > file_bytes:
        raise Refused(f"The header claims {length} bytes, more than the whole file has.")
    file.seek(8)
    raw = file.read(length)
    if len(raw) != length:
        raise Refused("The file ended within its header.")
    tensors, metadata = _parse(raw)
    return Header(
        tensors=MappingProxyType(_laid_out(tensors, file_bytes - 8 - length)),
        metadata=MappingProxyType(metadata),
        header_bytes=length,
        file_bytes=file_bytes,
    )


def _parse(raw: bytes) -> tuple[dict[str, TensorInfo], dict[str, str]]:
    """The header's text as tensors and metadata, pair by pair, so that nothing can pile up."""
    text = HeaderText(raw)
    tensors: dict[str, TensorInfo] = {}
    metadata: dict[str, str] | None = None
    for found in text.names():
        name = found if isinstance(found, str) else found[0]
        if name == "__metadata__":
            if metadata is not None:
                raise Refused("The header has two metadata parts.")
            metadata = text.strings(MOST_METADATA_CHARS)
            continue
        if name in tensors:
            raise Refused(f"The tensor {name!r} is in the header twice.")
        if len(tensors) == MOST_TENSORS:
            raise Refused(f"It has more than {MOST_TENSORS} tensors.")
        if isinstance(found, str):
            tensors[name] = _tensor(name, text.entry(name))
        else:
            tensors[name] = _checked(name, found[1], found[2], found[3:])
    text.end()
    return tensors, metadata or {}


def _tensor(name: str, entry: dict[str, object]) -> TensorInfo:
    if set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Refused(f"The entry of {name!r} does not have dtype, shape and data_offsets alone.")
    offsets = _whole_numbers(entry["data_offsets"])
    if offsets is None or len(offsets) != 2:
        raise Refused(f"The place of {name!r} in the file makes no sense.")
    place = offsets[0], offsets[1]
    return _checked(name, entry["dtype"], _whole_numbers(entry["shape"]), place)


def _checked(
    name: str, dtype: object, shape: tuple[int, ...] | None, offsets: tuple[int, int]
) -> TensorInfo:
    if not isinstance(dtype, str) or dtype not in DTYPE_BYTES:
        raise Refused(f"The element type of {name!r} is unknown.")
    if shape is None:
        raise Refused(f"The shape of {name!r} is not a list of up to 8 positive whole numbers.")
    size = _bytes_of(dtype, shape)
    if size == 0:
        raise Refused(f"The shape of {name!r} is not a list of up to 8 positive whole numbers.")
    if size >= 2**63:
        raise Refused(f"The shape of {name!r} is larger than any file.")
    if offsets[0] > offsets[1]:
        raise Refused(f"The place of {name!r} in the file makes no sense.")
    if offsets[1] - offsets[0] != size:
        raise Refused(f"The tensor {name!r} has another number of bytes than its shape asks for.")
    return TensorInfo(dtype, shape, offsets)


@lru_cache(maxsize=4096)
def _bytes_of(dtype: str, shape: tuple[int, ...]) -> int:
    """Bytes of a tensor; 0 for a shape that none may have, 2^63 for one that no file holds."""
    if len(shape) > MOST_DIMENSIONS or 0 in shape:
        return 0
    size = DTYPE_BYTES[dtype]
    for dimension in shape:
        size = min(size * dimension, 2**63)
    return size


def _whole_numbers(value: object) -> tuple[int, ...] | None:
    """A list of whole numbers from 0 to 2^63 as a tuple; None for anything else."""
    if not isinstance(value, list):
        return None
    if any(type(item) is not int or not 0 <= item < 2**63 for item in value):
        return None
    return tuple(value)


def _laid_out(tensors: dict[str, TensorInfo], data_bytes: int) -> dict[str, TensorInfo]:
    """The tensors in the order of their bytes, which must cover the data without gap or overlap."""
    ordered = dict(sorted(tensors.items(), key=lambda item: item[1].offsets))
    end = 0
    for name, tensor in ordered.items():
        if tensor.offsets[0] != end:
            raise Refused(f"There is a gap or an overlap in the file before {name!r}.")
        end = tensor.offsets[1]
    if end != data_bytes:
        raise Refused(f"The tensors cover {end} bytes, but {data_bytes} follow the header.")
    return ordered
