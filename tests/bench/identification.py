"""Whole headers of real layouts: how long one file takes, against parsing its JSON alone."""

import json
import struct
import tempfile
import time
from pathlib import Path

from engine.formats.header import Header, read_header
from engine.formats.identify import identity_of
from engine.formats.naming import denoiser_index, text_index
from tests.bench.rows import Row
from tests.stripped.headers import load, names

ROUNDS = 5


def run() -> list[Row]:
    """Processor time a file to read the header and say what it is; no tensor is read."""
    with tempfile.TemporaryDirectory() as folder:
        files = [_sparse(Path(folder) / f"{name}.safetensors", load(name)) for name in names()]
        began = time.process_time()
        identity_of(read_header(files[0]))
        for is_flat in (True, False):
            denoiser_index(is_flat)
            text_index(is_flat)
        tables = time.process_time() - began
        ours, bare = [], []
        for _ in range(ROUNDS):
            began = time.process_time()
            for file in files:
                identity_of(read_header(file), file.stem)
            ours.append((time.process_time() - began) * 1000 / len(files))
            began = time.process_time()
            for file in files:
                _parsed(file)
            bare.append((time.process_time() - began) * 1000 / len(files))
    told = f"{len(files)} layouts"
    return [
        Row("identification", f"a file of {told}", min(ours), "ms", "json alone",
            min(ours) / min(bare), "10 ms"),
        Row("identification", "tables, once", tables, "s"),
    ]  # fmt: skip


def _sparse(path: Path, header: Header) -> Path:
    """A whole file whose tensors take no room on the disk."""
    entries: dict[str, object] = {"__metadata__": dict(header.metadata)}
    for key, info in header.tensors.items():
        entries[key] = {"dtype": info.dtype, "shape": info.shape, "data_offsets": info.offsets}
    text = json.dumps(entries, separators=(",", ":")).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + sum(info.size_bytes for info in header.tensors.values()))
    return path


def _parsed(path: Path) -> object:
    with path.open("rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        found: object = json.loads(file.read(length))
    return found
