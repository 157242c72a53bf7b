"""Headers changed at random, and a long run of them: `python -m tests.stripped.mutations 1000000`.

Each is read by our reader and, when ours takes it, by the library: ours must be the stricter one,
and must raise nothing but its own refusal.
"""

import io
import json
import random
import struct
import sys
import time
from collections.abc import Iterator

import safetensors.torch

from engine.errors import BadLoraFile
from engine.formats.header import Header, read_header_from
from engine.formats.identify import identity_of

_SEEDS = (
    {"__metadata__": {"format": "pt", "a": "\u00e9\"\\"}, "a.lora_A.weight": [2, 3],
     "a.lora_B.weight": [3, 2]},
    {"lora_unet_x.lora_down.weight": [4, 8], "lora_unet_x.alpha": [], "b": [1, 1, 1, 1]},
    {"__metadata__": {}, "bundle_emb.\u00e9.clip_l": [1, 4]},
)  # fmt: skip
_BITS = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"0", b"-1", b"1e9", b"NaN", b"true", b"null",
    b'"a":1,', b"\xff", b"\x00", b"\\u0000", b"\\ud800", b'"dtype"', b'"shape"', b'"F32"', b"__",
    b"9223372036854775808", b" ", b"\n", b'"__metadata__":{},', b'"data_offsets":[0,0]', b".",
)  # fmt: skip


def read_ours(data: bytes) -> Header:
    """Our reader on a file in memory."""
    return read_header_from(io.BytesIO(data), len(data), "file")


def mutated(rng: random.Random, count: int) -> Iterator[bytes]:
    """Whole files, most with some bytes of their header replaced, cut, doubled or moved."""
    texts = [_text(seed) for seed in _SEEDS]
    for _ in range(count):
        text, body = rng.choice(texts)
        changed = bytearray(text)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
            _mutate(changed, rng)
        length = len(changed) if rng.random() < 0.95 else rng.choice((0, 1, 2**40, 2**63, 7))
        end = len(body) if rng.random() < 0.9 else rng.randrange(len(body) + 3)
        yield struct.pack("<Q", length) + bytes(changed) + (body + b"xx")[:end]


def _mutate(text: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(text) + 1) if text else 0
    match rng.randrange(6):
        case 0:
            text[at:at] = rng.choice(_BITS)
        case 1:
            del text[at : at + rng.randrange(1, 9)]
        case 2:
            text[at : at + 1] = bytes([rng.randrange(256)])
        case 3:
            end = at + rng.randrange(1, 60)
            text[at:at] = text[at:end]
        case 4:
            text[at : at + rng.randrange(1, 6)] = rng.choice(_BITS)
        case _:
            digits = [place for place, byte in enumerate(text) if 48 <= byte < 58]
            if digits:
                text[rng.choice(digits)] = 48 + rng.randrange(10)


def _text(seed: object) -> tuple[bytes, bytes]:
    assert isinstance(seed, dict)
    header: dict[str, object] = {}
    end = 0
    for name, value in seed.items():
        if isinstance(value, dict):
            header[name] = value
            continue
        size = 2
        for dimension in value:
            size *= dimension
        header[name] = {"dtype": "F16", "shape": value, "data_offsets": [end, end + size]}
        end += size
    return json.dumps(header, separators=(",", ":")).encode(), bytes(end)


def main(count: int) -> None:
    """Run this many; any other exception than a refusal ends it."""
    rng = random.Random(count)
    taken, slowest, began = 0, 0.0, time.perf_counter()
    for data in mutated(rng, count):
        start = time.perf_counter()
        try:
            header = read_ours(data)
        except BadLoraFile:
            continue
        finally:
            slowest = max(slowest, time.perf_counter() - start)
        safetensors.torch.load(data)
        identity_of(header)
        taken += 1
    took = time.perf_counter() - began
    sys.stdout.write(
        f"{count} headers, {taken} read, {took:.0f} s, slowest {slowest * 1000:.1f} ms\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
