"""How far LoRAs move the miniature, by real forwards, and the weights that follow from it."""

import hashlib
import json
from itertools import pairwise
from typing import Any

import pytest

from engine.families import FAMILIES
from engine.messages import Finished, GaveUp, LoraFile, Probe, Sha256, WorkOrder
from engine.registry.demo import MINIATURE as STORED
from engine.registry.facts import facts_from_json
from engine.registry.previews import probe
from engine.registry.shelf import card_of
from engine.tuning.strength import propose, target
from engine.workers.studio import Studio
from tests.integration.engine.workers.conftest import CPU, MINIATURE, order
from tests.integration.engine.workers.test_studio import ME, TestDesk

LORAS = STORED / "loras"


@pytest.fixture(scope="module")
def studio() -> Studio:
    made = Studio(ME, CPU)
    made.warm(MINIATURE)
    return made


def file_of(name: str) -> LoraFile:
    path = LORAS / f"{name}.safetensors"
    sha256 = Sha256(hashlib.sha256(path.read_bytes()).hexdigest())
    return LoraFile(name=name, sha256=sha256, path=str(path), weight=1.0)


def probing(name: str, **changes: Any) -> WorkOrder:
    text = (LORAS / f"{name}.json").read_text(encoding="utf-8")
    card = card_of(facts_from_json(text, name), "miniature")
    plan = probe(card, MINIATURE, FAMILIES.get("miniature"))
    plan = plan.model_copy(update={"count": 1, **changes})
    return order().model_copy(update={"plan": plan, "loras": (file_of(name),)})


def measured(studio: Studio, asked: WorkOrder) -> Finished:
    desk = TestDesk()
    studio.draw(asked, desk)
    (told,) = desk.outcomes
    assert isinstance(told, Finished), told
    return told


def concept(name: str, weight: float) -> float:
    """The share of pictures in which the concept was read at a weight, by the card's figures."""
    rows = json.loads((LORAS / f"{name}.json").read_text(encoding="utf-8"))["figures"]
    woken = sorted((row["weight"], row["concept"]) for row in rows if row["has_trigger"])
    for (low, before), (high, after) in pairwise(woken):
        if weight <= high:
            return float(before + (after - before) * (weight - low) / (high - low))
    raise AssertionError(weight)


@pytest.mark.parametrize("name", ["zib", "neon", "golden-hour"])
def test_the_weight_that_follows_is_one_at_which_the_concept_is_read(
    studio: Studio, name: str
) -> None:
    text = (LORAS / f"{name}.json").read_text(encoding="utf-8")
    kind = facts_from_json(text, name).kind
    told = measured(studio, probing(name))
    assert (told.images, told.drawn) == ((), ())
    assert told.displacement is not None
    found = propose(told.displacement, target("miniature", kind, ()))
    assert found is not None
    assert found.weight == pytest.approx(json.loads(text)["weight"], abs=0.2)
    assert concept(name, found.weight) >= 0.6


def test_a_trigger_that_is_needed_is_told_from_one_that_is_not(studio: Studio) -> None:
    zib = measured(studio, probing("zib")).displacement
    assert zib is not None
    (at_one,) = [each for each in zib.moved if each.weight == 1.0]
    assert at_one.woken is not None
    assert at_one.bare < 0.6 * at_one.woken


def test_nothing_moves_at_no_weight_and_the_base_is_left_clean(studio: Studio) -> None:
    asked = Probe(weights=(0.0, 1.0), prompts=("a red circle",), times=(0.5,))
    told = measured(studio, probing("mosaic", probe=asked, steps=2))
    assert told.displacement is not None
    still, moved = told.displacement.moved
    assert (still.bare, still.woken) == (0.0, None)
    assert moved.bare > 0.3
    (loaded,) = studio._bases.held
    assert loaded.seams.is_clean()


def test_a_probe_stops_between_two_forwards_when_it_is_cancelled(studio: Studio) -> None:
    desk = TestDesk()
    asked = probing("zib")
    desk._cancelled.add(asked.job)
    studio.draw(asked, desk)
    assert [type(each).__name__ for each in desk.outcomes] == ["Stopped"]


def test_a_probe_without_a_lora_is_given_up_with_its_reason(studio: Studio) -> None:
    desk = TestDesk()
    studio.draw(probing("zib").model_copy(update={"loras": ()}), desk)
    (told,) = desk.outcomes
    assert isinstance(told, GaveUp)
    assert told.failure.code == "bad_request"
