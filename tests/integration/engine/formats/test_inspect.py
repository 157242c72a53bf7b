"""Whole files: hash, numbers, and that nothing a file may be raises."""

import hashlib
import json
import math
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import BadLoraFile
from engine.formats.header import Header
from engine.formats.identify import identify, modules_of
from engine.formats.inspect import inspect
from tests.stripped.headers import Tensors, header_of, load, write

LORAS = Path(__file__).parents[4] / "engine" / "miniature" / "loras"
NAME = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def small(dtype: str = "F16") -> Header:
    tensors: Tensors = {
        f"{NAME}.alpha": (dtype, ()),
        f"{NAME}.lora_down.weight": (dtype, (4, 96)),
        f"{NAME}.lora_up.weight": (dtype, (64, 4)),
    }
    return header_of(tensors)


def with_numbers(path: Path, dtype: str, alpha: bytes, *, spoilt: bytes = b"") -> Path:
    """The small file with this alpha, ones elsewhere, `spoilt` at the end of the last tensor."""
    one = {"F16": b"\x00\x3c", "BF16": b"\x80\x3f", "F32": struct.pack("<f", 1.0)}[dtype]
    header = small(dtype)
    write(path, header)
    data = path.read_bytes()
    body = alpha + one * (4 * 96 + 64 * 4)
    path.write_bytes(data[: -len(body)] + body[: len(body) - len(spoilt)] + spoilt)
    return path


def test_a_lora_is_accepted_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    path = with_numbers(tmp_path / "zolt.safetensors", "F16", struct.pack("<e", 2.0))
    found = inspect(path)
    assert (found.verdict, found.base, found.format) == (
        "accept",
        "miniature",
        "kohya-diffusers-names",
    )
    assert (found.rank, found.alpha, found.modules, found.algorithm) == (4, 2.0, 1, "lora")
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert json.loads(found.model_dump_json())["file"] == str(path)


@pytest.mark.parametrize(
    ("dtype", "alpha"),
    [
        ("F16", struct.pack("<e", 2.0)),
        ("BF16", struct.pack("<f", 2.0)[2:]),
        ("F32", struct.pack("<f", 2.0)),
    ],
)
def test_alpha_is_read_from_its_tensor(tmp_path: Path, dtype: str, alpha: bytes) -> None:
    assert inspect(with_numbers(tmp_path / "a.safetensors", dtype, alpha)).alpha == 2.0


@pytest.mark.parametrize(
    ("dtype", "alpha", "spoilt"),
    [
        ("F16", struct.pack("<e", 1), struct.pack("<e", math.nan)),
        ("F16", struct.pack("<e", 1), struct.pack("<e", -math.inf)),
        ("BF16", struct.pack("<f", 1)[2:], struct.pack("<f", math.nan)[2:]),
        ("BF16", struct.pack("<f", 1)[2:], struct.pack("<f", -math.inf)[2:]),
        ("F32", struct.pack("<f", 1), struct.pack("<f", math.nan)),
        ("F32", struct.pack("<f", 1), struct.pack("<f", math.inf)),
    ],
)
def test_one_number_that_is_not_finite_is_found(
    tmp_path: Path, dtype: str, alpha: bytes, spoilt: bytes
) -> None:
    path = with_numbers(tmp_path / "nan.safetensors", dtype, alpha, spoilt=spoilt)
    found = inspect(path)
    assert found.verdict == "reject"
    assert "not numbers" in found.problems[0]


@pytest.mark.parametrize("largest", [65504.0, -65504.0, 0.0, 6e-8])
def test_numbers_at_the_edge_of_half_precision_are_finite(tmp_path: Path, largest: float) -> None:
    spoilt = struct.pack("<e", largest)
    path = with_numbers(tmp_path / "a.safetensors", "F16", struct.pack("<e", 1), spoilt=spoilt)
    assert inspect(path).verdict == "accept"


@pytest.mark.parametrize("alpha", [0.0, -1.0, math.nan, math.inf])
def test_an_alpha_that_makes_no_sense_is_refused(tmp_path: Path, alpha: float) -> None:
    found = inspect(with_numbers(tmp_path / "a.safetensors", "F16", struct.pack("<e", alpha)))
    assert found.verdict == "reject"


@pytest.mark.parametrize(
    ("told", "alpha"), [("2.0", 2.0), ("None", 4.0), ("nan", 4.0), ("-1", 4.0), ("", 4.0)]
)
def test_a_file_without_alphas_has_that_of_its_settings_or_its_rank(
    tmp_path: Path, told: str, alpha: float
) -> None:
    tensors: Tensors = {
        f"{NAME}.lora_down.weight": ("F16", (4, 96)),
        f"{NAME}.lora_up.weight": ("F16", (64, 4)),
    }
    path = write(tmp_path / "a.safetensors", header_of(tensors, {"ss_network_alpha": told}))
    assert inspect(path).alpha == alpha


def test_a_lora_of_zeros_is_refused(tmp_path: Path) -> None:
    found = inspect(write(tmp_path / "zero.safetensors", load("sd1-diffusers-dotlora"), b"\0\0"))
    assert found.verdict == "reject"
    assert "zero" in found.problems[0]


def test_what_is_rejected_has_its_hash_too(tmp_path: Path) -> None:
    path = tmp_path / "evil.safetensors"
    path.write_bytes(b"\x80\x04cos\nsystem\n")
    found = inspect(path)
    assert (found.verdict, found.is_lora) == ("reject", False)
    assert "pickle" in found.problems[0]
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_no_kind_of_path_raises(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in (".", "pipe", "loop", "missing", "x" * 300, "nul\0", "\udcff"):
        found = inspect(tmp_path / name)
        assert found.model_dump_json()
        assert (found.verdict, found.is_lora) == ("reject", False)
        assert len(found.problems) == 1
        assert identify(tmp_path / name).verdict == "reject"


def test_a_file_in_memory_gives_its_modules_or_the_reason(tmp_path: Path) -> None:
    data = write(tmp_path / "a.safetensors", small()).read_bytes()
    (module,) = modules_of("a", data)
    assert module.path == "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"
    with pytest.raises(BadLoraFile):
        modules_of("a", data[:-1])
    with pytest.raises(BadLoraFile):
        modules_of("a", b"\x02\0\0\0\0\0\0\0{}")


def test_looking_at_headers_needs_no_heavy_library() -> None:
    code = (
        "import sys, engine.formats.inspect\n"
        "from engine.formats import FORMATS\n"
        "FORMATS.all()\n"
        "assert not {'torch', 'numpy', 'safetensors', 'diffusers'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=LORAS.parents[2])


@pytest.mark.parametrize(
    "path", sorted(LORAS.glob("*.safetensors")), ids=lambda path: str(path.stem)
)
def test_the_demo_loras_are_for_the_miniature(path: Path) -> None:
    found = inspect(path)
    assert (found.verdict, found.base, found.problems) == ("accept", "miniature", ())
