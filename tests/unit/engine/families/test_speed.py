"""Speed LoRAs are drawn with as their makers say, where people say nothing else."""

import pytest

from engine.director.planner import plan
from engine.families import FAMILIES
from engine.families.speed import PACES, pace_of
from engine.messages import Base, Card, Generate, LookWish, Settings


@pytest.mark.parametrize(
    ("name", "family", "told"),
    [
        ("SDXL Lightning 8-step", "sdxl", (8, 1.0, "Euler SGM Uniform")),
        ("LCM LoRA", "sd1", (6, 1.5, "LCM")),
        ("hyper-sd15", "sd1", (8, 1.0, "DDIM SGM Uniform")),
        ("Hyper FLUX 16steps", "flux1", (16, 3.5, "Flow Euler")),
        ("FLUX turbo alpha", "flux1", (8, 3.5, "Flow Euler")),
        ("dmd2 4step", "sdxl", (4, 1.0, "LCM")),
    ],
)
def test_a_speed_lora_is_known_by_its_name(
    name: str, family: str, told: tuple[int, float, str]
) -> None:
    pace = pace_of((name,), FAMILIES.get(family))
    assert pace is not None
    assert (pace.steps, pace.guidance, pace.scheduler) == told


def test_every_pace_is_within_its_families_limits() -> None:
    for _, families, pace in PACES:
        for family in (FAMILIES.get(name) for name in families if name in FAMILIES):
            assert pace.scheduler in family.schedulers
            assert family.guidance_range[0] <= pace.guidance <= family.guidance_range[1]


def wished(**settings: object) -> Generate:
    return Generate(
        words="a cat, lightning", prompt="a cat",
        looks=(LookWish(name="Lightning 4-step", said="lightning"),),
        settings=Settings.model_validate(settings),
    )  # fmt: skip


def test_a_plan_takes_its_pace_and_says_why() -> None:
    cards = (Card(name="Lightning 4-step", kind="speed", family="sdxl"),)
    bases = (Base(name="xl", family="sdxl", folder="/xl"),)
    made = plan(wished(), cards=cards, bases=bases, families=FAMILIES.all(), seed=1)
    assert (made.steps, made.guidance, made.scheduler) == (4, 1.0, "Euler SGM Uniform")
    assert any(reason.choice == "pace" for reason in made.reasons)
    said = wished(steps=6, scheduler="euler a")
    own = plan(said, cards=cards, bases=bases, families=FAMILIES.all(), seed=1)
    assert (own.steps, own.guidance, own.scheduler) == (6, 1.0, "Euler a")
