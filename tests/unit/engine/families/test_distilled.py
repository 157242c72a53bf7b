"""Few-step bases are drawn with as their makers say, and what does not suit them is said."""

import pytest

from engine.director.planner import plan
from engine.director.revision import revise
from engine.director.stock import PlanLimits
from engine.errors import LookDoesNotFit
from engine.families import FAMILIES
from engine.families.distilled import DISTILLED, as_distilled, kind_of, kinds_of, named
from engine.messages import Base, Card, Generate, JobId, LookWish, Plan, Revise, Settings

TURBO = Base(name="sdxl-turbo", family="sdxl", distilled="sdxl-turbo", folder="/turbo")
PLAIN = Base(name="xl", family="sdxl", folder="/xl")
SCHNELL = Base(name="schnell", family="flux1-schnell", folder="/schnell")
LIGHTNING = Card(name="Lightning 4-step", kind="speed", family="sdxl")


def planned(*looks: str, bases: tuple[Base, ...] = (TURBO,), **settings: object) -> Plan:
    wishes = tuple(LookWish(name=name, said=name) for name in looks)
    wish = Generate(
        words="a cat", prompt="a cat", looks=wishes, settings=Settings.model_validate(settings)
    )
    return plan(wish, cards=(LIGHTNING,), bases=bases, families=FAMILIES.all(), seed=1)


def warned(made: Plan) -> list[str]:
    return [reason.why for reason in made.reasons if reason.warns]


@pytest.mark.parametrize(
    ("family", "name", "kind"),
    [
        ("sdxl", "sdxl-turbo", "sdxl-turbo"),
        ("sdxl", "sd_xl_turbo_1.0_fp16", "sdxl-turbo"),
        ("sdxl", "dreamshaperXL_turboDPMSDE", "turbo"),
        ("sdxl", "SDXL-Lightning", "lightning"),
        ("sdxl", "Juggernaut_X_RunDiffusion_Hyper", "hyper"),
        ("sdxl", "HyperRealistic_XL", None),
        ("sdxl", "hyperdetailed", None),
        ("sdxl", "DMD2", "dmd2"),
        ("sdxl", "stable-diffusion-xl-base-1.0", None),
        ("sd2", "sd-turbo", "sd-turbo"),
        ("sd1", "photonLCM_v10", "lcm"),
        ("sd1", "dreamshaper-turbo", None),
        ("sd35-large", "stable-diffusion-3.5-large-turbo", "sd35-turbo"),
        ("flux1", "FLUX.1-dev", None),
    ],
)
def test_a_kind_is_read_in_a_name(family: str, name: str, kind: str | None) -> None:
    found = named(family, (name,))
    assert (found[0].name if found else None) == kind


def test_every_kind_is_within_its_families_limits() -> None:
    for kind in DISTILLED:
        for name in kind.families:
            family = FAMILIES.get(name)
            low, high = family.guidance_range
            assert kind.pace.scheduler in family.schedulers, kind.name
            assert low <= kind.pace.guidance <= kind.most_guidance <= high, kind.name
            assert 1 <= kind.pace.steps <= kind.most_steps <= family.most_steps, kind.name
            size = as_distilled(family, kind.name).size
            assert family.check_size(size.width, size.height) == size
            assert kind.name in kinds_of(name)


def test_a_few_step_base_has_its_own_defaults_and_says_why() -> None:
    made = planned()
    assert (made.steps, made.guidance, made.scheduler) == (4, 1.0, "Euler a SGM Uniform")
    assert (made.width, made.height) == (512, 512)
    (pace,) = [reason for reason in made.reasons if reason.choice == "pace"]
    assert pace.why == "SDXL Turbo draws in few steps by itself"
    usual = planned(bases=(PLAIN,))
    assert (usual.steps, usual.width, usual.reasons) == (FAMILIES.get("sdxl").steps, 1024, ())


def test_many_steps_and_much_guidance_are_drawn_as_asked_and_warned_of() -> None:
    made = planned(steps=30, guidance=7.0)
    assert (made.steps, made.guidance) == (30, 7.0)
    assert warned(made) == [
        "you asked for 30 steps: SDXL Turbo was made for 4, more take longer and may burn the "
        "picture",
        "you asked for guidance 7: SDXL Turbo was made for 1, more may burn the picture",
    ]
    assert warned(planned(steps=2)) == []
    assert warned(planned(bases=(PLAIN,), steps=30)) == []


def test_schnell_is_one_by_its_family() -> None:
    kind = kind_of(SCHNELL.family, SCHNELL.distilled)
    assert kind is not None
    assert warned(planned(bases=(SCHNELL,), steps=20))
    assert not warned(planned(bases=(SCHNELL,), steps=4))


def test_a_speed_look_goes_to_a_base_of_many_steps_or_is_refused_with_the_reason() -> None:
    assert planned(LIGHTNING.name, bases=(TURBO, PLAIN)).base == "xl"
    with pytest.raises(LookDoesNotFit) as refused:
        planned(LIGHTNING.name, bases=(TURBO, PLAIN), base="sdxl-turbo")
    assert refused.value.facts["why"] == "few_steps"
    assert refused.value.facts["fits"] == ("xl",)


def test_many_steps_set_by_hand_are_warned_of_until_they_are_few_again() -> None:
    def revised(made: Plan, steps: int) -> Plan:
        asked = Revise(job=JobId("k7hd2m9q"), settings=Settings(steps=steps))
        return revise(made, asked, (TURBO,), FAMILIES.all(), PlanLimits())

    many = revised(planned(), 30)
    assert len(warned(many)) == 1
    assert warned(revised(many, 30)) == warned(many)
    assert warned(revised(many, 4)) == []
