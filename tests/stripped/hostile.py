"""Files that nobody should accept, by name: made in memory, each with a reason to be refused."""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Iterator, Mapping

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def packed(text: bytes, body: bytes = b"") -> bytes:
    """A file with this header text."""
    return struct.pack("<Q", len(text)) + text + body


def laid_out(
    tensors: Mapping[str, tuple[str, list[int]]], metadata: object = None, fill: bytes = b"\x01\x3c"
) -> bytes:
    """A whole file of half-precision tensors filled with one number."""
    header: dict[str, object] = {} if metadata is None else {"__metadata__": metadata}
    end = 0
    for name, (dtype, shape) in tensors.items():
        size = 2
        for dimension in shape:
            size *= dimension
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    return packed(json.dumps(header).encode(), (fill * (end // 2 + 1))[:end])


def pair(rank: int = 4, name: str = LAYER) -> dict[str, tuple[str, list[int]]]:
    """A layer of Stable Diffusion 1."""
    return {
        f"{name}.lora_down.weight": ("F16", [rank, 768]),
        f"{name}.lora_up.weight": ("F16", [320, rank]),
    }


def hostile() -> Iterator[tuple[str, bytes]]:
    """Every kind of hostile or foreign file."""
    yield from _strangers()
    yield from _headers()
    yield from _layers()
    yield from _numbers()


def _strangers() -> Iterator[tuple[str, bytes]]:
    for protocol in range(6):
        yield f"pickle {protocol}", pickle.dumps({"state_dict": [1.0, 2.0]}, protocol)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as torch_file:
        torch_file.writestr("archive/data.pkl", b"\x80\x02}q\x00.")
        torch_file.writestr("archive/data/0", b"\0" * 64)
    yield "zip of torch", archive.getvalue()
    yield "web page", b"<!DOCTYPE html><html><body>Sign in</body></html>"
    yield "web page with a mark", b"\xef\xbb\xbf<html></html>"
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n"
    yield "pointer", pointer
    yield "nothing", b""
    yield "seven bytes", b"\x10\0\0\0\0\0\0"
    yield "zeros", bytes(4096)
    yield "json", b'{"lora": 1}'
    yield "gguf", b"GGUF" + bytes(100)
    yield "text", b"hello, this is my lora, enjoy it"
    yield "noise", bytes(range(256)) * 16
    yield "pickle behind a header", laid_out(pair()) + pickle.dumps([1])
    yield "zip behind a header", laid_out(pair()) + archive.getvalue()


def _headers() -> Iterator[tuple[str, bytes]]:
    entry = '{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}'
    whole = bytes(12)
    for name, text in {
        "list": "[1]",
        "number": "7",
        "cut": '{"a":',
        "not a number": '{"a":{"dtype":"F16","shape":[NaN],"data_offsets":[0,12]}}',
        "key twice": f'{{"a":{entry},"a":{entry}}}',
        "key twice escaped": f'{{"a":{entry},"\\u0061":{entry}}}',
        "metadata twice": '{"__metadata__":{},"__metadata__":{}}',
        "metadata of numbers": f'{{"__metadata__":{{"a":1}},"a":{entry}}}',
        "metadata nested": f'{{"__metadata__":{{"a":{{}}}},"a":{entry}}}',
        "deep": '{"a":' * 20_000 + "1" + "}" * 20_000,
        "deep list": '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
        "unknown type": '{"a":{"dtype":"F17","shape":[6],"data_offsets":[0,12]}}',
        "negative shape": '{"a":{"dtype":"F16","shape":[-2,-3],"data_offsets":[0,12]}}',
        "broken shape": '{"a":{"dtype":"F16","shape":[2.5],"data_offsets":[0,12]}}',
        "true shape": '{"a":{"dtype":"F16","shape":[true,6],"data_offsets":[0,12]}}',
        "huge shape": '{"a":{"dtype":"F16","shape":[4294967296,4294967296],"data_offsets":[0,0]}}',
        "gap": '{"a":{"dtype":"F16","shape":[2],"data_offsets":[4,8]}}',
        "past the end": '{"a":{"dtype":"F16","shape":[99],"data_offsets":[0,198]}}',
        "backwards": '{"a":{"dtype":"F16","shape":[2],"data_offsets":[8,4]}}',
        "other size": '{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,12]}}',
        "leading zero": '{"a":{"dtype":"F16","shape":[06],"data_offsets":[0,12]}}',
        "one key more": '{"a":{"dtype":"F16","shape":[6],"data_offsets":[0,12],"x":1}}',
        "overlap": '{"a":{"dtype":"F16","shape":[6],"data_offsets":[0,12]},'
        '"b":{"dtype":"F16","shape":[6],"data_offsets":[0,12]}}',
        "lone surrogate": f'{{"__metadata__":{{"a":"\\ud800"}},"a":{entry}}}',
        "path": f'{{"../../../../etc/passwd":{entry}}}',
        "absolute path": f'{{"/etc/cron.d/x.lora_up.weight":{entry}}}',
        "windows path": f'{{"C:\\\\x":{entry}}}',
        "line break": f'{{"a\\nb":{entry}}}',
        "mention": f'{{"@everyone":{entry}}}',
        "zero width": f'{{"a\\u200bb":{entry}}}',
        "long name": f'{{"{"x" * 5000}":{entry}}}',
        "null byte": f'{{"a\\u0000":{entry}}}',
        "empty name": f'{{"":{entry}}}',
    }.items():
        yield name, packed(text.encode(), whole)
    yield "bad utf-8", packed(b'{"a\xff":' + entry.encode() + b"}", whole)
    yield "length of 2^63", struct.pack("<Q", 2**63) + b"{}"
    yield "length past the end", struct.pack("<Q", 10_000) + b"{}"
    yield "length of 100 MB", struct.pack("<Q", 100_000_001) + b"{" + b" " * 1000
    many = ",".join(
        f'"t{number}":{{"dtype":"F16","shape":[0],"data_offsets":[0,0]}}'
        for number in range(200_000)
    )
    yield "200,000 tensors", packed(f"{{{many}}}".encode())
    one = ",".join(
        f'"t{n}":{{"dtype":"U8","shape":[1],"data_offsets":[{n},{n + 1}]}}' for n in range(30_000)
    )
    yield "30,000 tensors", packed(f"{{{one}}}".encode(), bytes(30_000))
    yield "3 MB of metadata", laid_out(pair(), {"ss_tag_frequency": "x" * 3_000_000})
    yield "20 MB of metadata", laid_out(pair(), {"ss_tag_frequency": "x" * 20_000_000})


def _layers() -> Iterator[tuple[str, bytes]]:
    yield "no tensors", laid_out({}, {"ss_base_model_version": "sdxl_base_v1-0"})
    yield "rank 0", laid_out(pair(0))
    yield "rank 30000", laid_out(pair(30_000))
    yield "rank wider than the layer", laid_out(pair(500))
    yield "unequal ranks", laid_out(pair(4) | {f"{LAYER}.lora_up.weight": ("F16", [320, 8])})
    down = f"{LAYER}.lora_down.weight"
    yield "orphan", laid_out({down: ("F16", [4, 768])})
    yield "orphan beside", laid_out(pair() | {"lora_unet_x.lora_down.weight": ("F16", [4, 768])})
    yield "no such layer", laid_out(pair(name="lora_unet_engine_room"))
    yield "foreign width", laid_out({down: ("F16", [4, 99]), f"{LAYER}.lora_up.weight": (
        "F16", [320, 4])})  # fmt: skip
    yield "alpha of three", laid_out(pair() | {f"{LAYER}.alpha": ("F16", [3])})
    yield "a checkpoint", laid_out({"model.diffusion_model.out.2.weight": ("F16", [4, 320, 3, 3])})
    yield "an embedding", laid_out({"emb_params": ("F16", [4, 768])})
    yield "a language model's", laid_out({
        "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": ("F16", [8, 64]),
        "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight": ("F16", [64, 8]),
    })  # fmt: skip


def _numbers() -> Iterator[tuple[str, bytes]]:
    yield "not numbers", laid_out(pair(), fill=b"\x00\x7e")
    yield "infinite", laid_out(pair(), fill=b"\x00\x7c")
    yield "all zero", laid_out(pair(), fill=b"\x00\x00")
    alpha = laid_out({f"{LAYER}.alpha": ("F16", [])} | pair())
    start = 8 + struct.unpack("<Q", alpha[:8])[0]
    for name, number in {"alpha zero": 0.0, "alpha below": -1.0, "alpha infinite": float("inf"),
                         "alpha no number": float("nan")}.items():  # fmt: skip
        yield name, alpha[:start] + struct.pack("<e", number) + alpha[start + 2 :]
