"""A few-step base is told by its layers, its scheduler and its names, in this order."""

from pathlib import Path

import pytest

from engine.bases.distilling import GUIDANCE_INPUT, distilled
from engine.bases.looking import Sight

TRAILING: dict[str, object] = {"timestep_spacing": "trailing", "prediction_type": "epsilon"}


def sight(name: str = "base", scheduler: dict[str, object] | None = None, *tensors: str) -> Sight:
    return Sight(
        Path(f"/bases/{name}"), "X", shapes=dict.fromkeys(tensors, (256, 4)),
        scheduler=scheduler or {},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("family", "seen", "kind", "evidence"),
    [
        ("sd1", sight("x", None, GUIDANCE_INPUT), "lcm-guided", "takes guidance as an input"),
        ("sdxl", sight("x", {"_class_name": "LCMScheduler"}), "lcm", "scheduler is LCMScheduler"),
        ("sdxl", sight("x", {"_class_name": "TCDScheduler"}), "hyper", "TCDScheduler"),
        ("sdxl", sight("My_Lightning.safetensors"), "lightning", "called My_Lightning"),
        ("flux1-schnell", sight("x"), "schnell", "layers"),
        ("sdxl", sight("lightning", {"_class_name": "LCMScheduler"}), "lcm", "LCMScheduler"),
    ],
)
def test_what_tells_it_is_said(family: str, seen: Sight, kind: str, evidence: str) -> None:
    found = distilled(family, seen, ())
    assert found.name == kind
    assert evidence in found.note


@pytest.mark.parametrize(
    ("family", "seen"),
    [
        ("sdxl", sight("dreamshaper", {"_class_name": "EulerDiscreteScheduler"})),
        ("miniature", sight("lightning", TRAILING)),
        ("sdxl", sight("vpred", {**TRAILING, "prediction_type": "v_prediction"})),
        ("sdxl", sight("zsnr", {**TRAILING, "rescale_betas_zero_snr": True})),
    ],
)
def test_an_ordinary_base_is_none(family: str, seen: Sight) -> None:
    assert distilled(family, seen, ()) == distilled(family, seen, (), "no")


def test_a_scheduler_that_only_hints_makes_a_question_and_no_answer() -> None:
    found = distilled("sdxl", sight("dreamy", TRAILING), ())
    assert found.name == ""
    assert "--distilled" in found.note
    assert "turbo" in found.note
