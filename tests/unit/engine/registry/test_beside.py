"""What files that come along with a LoRA propose, and what they may not."""

import json
from pathlib import Path

import pytest

from engine.errors import BadRequest
from engine.registry.beside import is_beside, read_beside, stem_of, texts_beside

CIVITAI = {
    "modelId": 77, "name": "v1.0", "baseModel": "Illustrious", "trainedWords": ["zolt"],
    "description": "<p>Bold <b>ink</b>, weight < 1 is enough</p>",
    "model": {"name": "Zolt ink", "type": "LORA", "nsfw": False, "poi": True},
}  # fmt: skip
MANAGER = {
    "file_name": "zolt", "model_name": "Zolt ink", "base_model": "Illustrious",
    "tags": ["style", "ink"], "preview_nsfw_level": 4, "modelDescription": "Bold ink",
    "usage_tips": '{"strength": 0.7}',
    "civitai": {"modelId": 77, "trainedWords": ["zolt"], "creator": {"username": "ada"},
                "model": {"allowNoCredit": False, "allowCommercialUse": ["None"],
                          "allowDerivatives": True}},
}  # fmt: skip
A1111 = {"description": "ink", "activation text": "zolt", "preferred weight": 0.8, "notes": "n"}


def test_a_civitai_file_proposes_what_its_page_says() -> None:
    card, found = read_beside({"zolt.civitai.info": json.dumps(CIVITAI)})
    assert card is None
    assert found.facts == {
        "name": "Zolt ink",
        "description": "Bold ink , weight < 1 is enough",
        "source": "https://civitai.com/models/77",
        "real_person": "yes",
    }
    assert found.words["sidecar.triggers"] == "zolt"
    (line,) = found.told
    assert line.startswith("zolt.civitai.info says: trigger zolt; base Illustrious")


def test_lora_manager_proposes_rating_creator_licence_and_tags() -> None:
    _, found = read_beside({"zolt.metadata.json": json.dumps(MANAGER)})
    assert found.facts["rating"] == "mature"
    assert found.facts["creator"] == "ada"
    assert found.facts["licence"] == "credit needed; no commercial use; derivatives allowed"
    assert found.facts["tags"] == ["style", "ink"]
    assert found.words["sidecar.weight"] == "0.7"


def test_a1111s_own_file_is_not_taken_for_a_card_of_ours() -> None:
    card, found = read_beside({"zolt.json": json.dumps(A1111)})
    assert card is None
    assert found.facts == {"description": "ink"}
    assert found.words == {"sidecar.triggers": "zolt", "sidecar.weight": "0.8"}


def test_a_card_of_ours_is_read_and_a_wrong_one_named() -> None:
    card, found = read_beside({"neon.json": '{"name": "Neon", "kind": "style", "figures": []}'})
    assert card is not None
    assert card.name == "Neon"
    assert not found.facts
    with pytest.raises(BadRequest) as refusal:
        read_beside({"neon.json": '{"name": "Neon", "weight": 9}'})
    assert refusal.value.facts["name"] == "weight of neon.json"


def test_the_first_kind_that_says_something_counts() -> None:
    texts = {"z.json": json.dumps(A1111), "z.civitai.info": json.dumps(CIVITAI)}
    _, found = read_beside(texts)
    assert str(found.facts["description"]).startswith("Bold")
    assert found.words["sidecar.weight"] == "0.8"
    assert len(found.told) == 2


def test_nothing_in_it_speaks_in_more_than_its_line() -> None:
    hostile = {**A1111, "description": "x\n@everyone\u202e" + "y" * 9000, "tags": ["t\n" * 50] * 99}
    _, found = read_beside({"a\nb.json": json.dumps(hostile)})
    assert len(str(found.facts["description"])) <= 2000
    assert all("\n" not in line and "\u202e" not in line and len(line) < 700 for line in found.told)


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "[" * 9000, "\x00"])
def test_another_programs_nonsense_says_nothing(text: str) -> None:
    assert read_beside({"z.civitai.info": text})[1].facts == {}


def test_a_page_that_shows_a_minor_is_refused() -> None:
    told = {"trainedWords": [], "model": {"nsfw": True, "minor": True}}
    assert "minor" in read_beside({"z.civitai.info": json.dumps(told)})[1].refusal


def test_names_meet_whatever_a_platform_made_of_them() -> None:
    assert stem_of("Zolt ink v1.safetensors") == stem_of("Zolt_ink_v1.civitai.info")
    assert is_beside("Zolt.METADATA.JSON")
    assert not is_beside("zolt.safetensors")


def test_a_link_beside_a_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}", encoding="utf-8")
    (tmp_path / "z.json").symlink_to(tmp_path / "secret")
    (tmp_path / "z.civitai.info").write_text("{}", encoding="utf-8")
    assert list(texts_beside(tmp_path / "z.safetensors")) == ["z.civitai.info"]
