"""What files beside a LoRA say of it."""

import json
from pathlib import Path

import pytest

from engine.formats.inspect import inspect
from engine.formats.sidecars import told_beside, told_by
from tests.stripped.hostile import laid_out, pair

CIVITAI = {
    "id": 1, "baseModel": "SD 1.5", "trainedWords": ["zolt style, red", "zib"],
    "model": {"name": "Zolt", "type": "LORA"},
}  # fmt: skip
MANAGER = {
    "model_name": "Zolt", "base_model": "Illustrious", "usage_tips": '{"strength": 0.7}',
    "civitai": {"trainedWords": ["zolt"], "baseModel": "Illustrious"},
}  # fmt: skip
A1111 = {"description": "x", "sd version": "SD1", "activation text": "zolt, zib",
         "preferred weight": 0.8, "notes": ""}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "base", "triggers", "weight"),
    [
        (CIVITAI, "SD 1.5", "zolt style, red\nzib", None),
        (MANAGER, "Illustrious", "zolt", "0.7"),
        (A1111, "SD 1.5", "zolt, zib", "0.8"),
        ({"usage_tips": '{"strength_min": 0.5, "strength_max": 0.9}'}, None, None, "0.7"),
        ({"preferred weight": 0}, None, None, None),
        ({"preferred weight": True, "trainedWords": [1, None], "baseModel": 7}, None, None, None),
    ],
)
def test_each_kind_is_understood(
    data: object, base: str | None, triggers: str | None, weight: str | None
) -> None:
    told = told_by(json.dumps(data))
    assert told.get("sidecar.base") == base
    assert told.get("sidecar.triggers") == triggers
    assert told.get("sidecar.weight") == weight


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "[" * 9000, '{"civitai": 1}', "\x00"])
def test_nonsense_says_nothing(text: str) -> None:
    assert told_by(text) == {}


def test_a_file_beside_gives_triggers_weight_and_branch(tmp_path: Path) -> None:
    lora = tmp_path / "zolt.safetensors"
    lora.write_bytes(laid_out(pair()))
    (tmp_path / "zolt.json").write_text(json.dumps(A1111), encoding="utf-8")
    found = inspect(lora)
    assert found.triggers == ("zolt", "zib")
    assert found.recommended_weight == 0.8


def test_a_file_beside_that_lies_is_overruled_by_the_layers(tmp_path: Path) -> None:
    lora = tmp_path / "zolt.safetensors"
    lora.write_bytes(laid_out(pair()))
    (tmp_path / "zolt.civitai.info").write_text('{"baseModel": "Flux.1 D"}', encoding="utf-8")
    found = inspect(lora)
    assert found.base == "sd1"
    assert "Flux.1 D" in found.problems[0]


def test_the_first_kind_that_says_something_counts(tmp_path: Path) -> None:
    (tmp_path / "a.civitai.info").write_text(json.dumps(CIVITAI), encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps(A1111), encoding="utf-8")
    told = told_beside(tmp_path / "a.safetensors")
    assert told["sidecar.triggers"].startswith("zolt style")
    assert told["sidecar.weight"] == "0.8"


def test_what_can_not_be_read_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "a.civitai.info").mkdir()
    (tmp_path / "a.metadata.json").write_text("{" + " " * 2_000_000, encoding="utf-8")
    assert told_beside(tmp_path / "a.safetensors") == {}
