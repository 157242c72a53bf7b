"""No hostile file is accepted, none takes long, and each refusal says what would work."""

import json
import random
import struct
import time
from pathlib import Path

import pytest
import safetensors.torch

from engine.errors import BadLoraFile
from engine.formats.inspect import inspect
from tests.stripped.headers import Tensors, header_of, load, write
from tests.stripped.hostile import LAYER, hostile, laid_out, pair
from tests.stripped.mutations import mutated, read_ours


@pytest.mark.parametrize(
    ("name", "data"), [*hostile()], ids=lambda value: value if isinstance(value, str) else ""
)
def test_it_is_refused_soon_and_with_a_reason(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "style.safetensors"
    path.write_bytes(data)
    began = time.process_time()
    found = inspect(path)
    assert time.process_time() - began < 5
    assert found.verdict == "reject", name
    assert found.problems
    assert all(len(problem) < 600 for problem in found.problems)
    assert found.model_dump_json()


@pytest.mark.parametrize("ending", [".pt", ".ckpt", ".bin", ".safetensors"])
def test_a_pickle_is_refused_whatever_its_name_is(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"lora{ending}"
    path.write_bytes(b"\x80\x02}q\x00.")
    found = inspect(path)
    assert (found.verdict, found.is_lora) == ("reject", False)
    assert ".safetensors" in found.problems[0]


@pytest.mark.parametrize(
    "text",
    ["@everyone <@&1>", "[x](http://evil)", "a\u200bb\u202e", "z" * 4000, "\x00\x07", "\n\n# hi"],
)
def test_hostile_words_in_metadata_reach_nobody(text: str, tmp_path: Path) -> None:
    metadata = {
        "modelspec.trigger_phrase": text,
        "modelspec.title": text,
        "ss_output_name": text,
        "ss_sd_model_name": text,
        "ss_base_model_version": text,
        "modelspec.usage_hint": text,
        "ss_tag_frequency": json.dumps({f"10_{text}": {text: 9}}),
        "modelspec.thumbnail": "data:image/svg+xml;base64," + "A" * 1000,
    }
    path = tmp_path / "a.safetensors"
    path.write_bytes(laid_out(pair(), metadata))
    found = inspect(path)
    assert (found.verdict, found.base) == ("accept", "sd1")
    told = " ".join([*found.triggers, *found.problems, *found.evidence])
    assert not any(trick in told for trick in ("@everyone", "http", "\u200b", "\u202e", "\n", "\0"))
    assert all(len(word) <= 100 for word in found.triggers)


def test_a_header_that_lies_about_its_base_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(laid_out(pair(), {"ss_base_model_version": "flux1"}))
    found = inspect(path)
    assert found.base == "sd1"
    assert "flux1" in found.problems[0]


def test_an_fp8_file_is_a_file_like_others(tmp_path: Path) -> None:
    tensors: Tensors = {
        f"{LAYER}.lora_down.weight": ("F8_E4M3", (4, 768)),
        f"{LAYER}.lora_up.weight": ("F8_E4M3", (320, 4)),
        f"{LAYER}.alpha": ("I64", ()),
    }
    path = write(tmp_path / "a.safetensors", header_of(tensors), fill=b"\x01\x00")
    assert (inspect(path).base, inspect(path).verdict) == ("sd1", "accept")


def test_mutated_headers_never_raise_anything_else() -> None:
    rng = random.Random(20)
    for data in mutated(rng, 3000):
        try:
            read_ours(data)
        except BadLoraFile:
            continue
        # What we read, the library reads too: we are never the laxer one.
        safetensors.torch.load(data)


def test_whole_files_with_one_byte_changed_never_raise(tmp_path: Path) -> None:
    rng = random.Random(5)
    path = write(tmp_path / "a.safetensors", load("flux1-diffusers-peft"), b"\x01\x3c")
    data = bytearray(path.read_bytes()[:400_000])
    length = struct.unpack("<Q", data[:8])[0]
    for _ in range(60):
        copy = bytearray(data)
        copy[rng.randrange(8 + length)] = rng.randrange(256)
        path.write_bytes(copy)
        assert inspect(path).verdict in ("accept", "ask", "reject")
