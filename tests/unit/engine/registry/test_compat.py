"""Which LoRA acts on which base."""

import pytest

from engine.families import FAMILIES
from engine.messages import Base, Card, LoraKind
from engine.registry.compat import (
    Fits,
    FitsWithWarning,
    Refused,
    acts_as,
    all_suit,
    families_for,
    family_named,
    fits,
    suits,
)
from engine.registry.previews import choose_base

FITS = [
    ("sd1", "sd1"),
    ("sdxl", "sdxl"),
    ("flux1", "flux1"),
    ("flux1", "flux1-dev"),
    ("pony", "pony"),
]
WARNS = [
    ("sdxl", "pony"), ("pony", "sdxl"), ("illustrious", "pony"), ("noobai", "illustrious"),
    ("flux1", "flux1-schnell"), ("flux1", "chroma"), ("chroma", "flux1"),
    ("sd3-medium", "sd35-medium"), ("qwen-image", "qwen-image-edit"),
]  # fmt: skip
REFUSED = [
    ("sd1", "sd2"), ("sd1", "sdxl"), ("sdxl", "sd1"), ("sdxl", "flux1"), ("flux1", "sdxl"),
    ("flux2-klein-4b", "flux1"), ("sd35-large", "sd35-medium"), ("sd3-medium", "sd35-large"),
    ("z-image", "qwen-image"), ("miniature", "sd1"), ("ambiguous:sd1|sd2", "sd1"),
    ("unheard", "sdxl"),
]  # fmt: skip


@pytest.mark.parametrize(("lora", "base"), FITS)
def test_a_lora_fits_its_own_base(lora: str, base: str) -> None:
    assert fits(lora, base) == Fits()


@pytest.mark.parametrize(("lora", "base"), WARNS)
def test_a_relative_takes_it_with_a_warning(lora: str, base: str) -> None:
    verdict = fits(lora, base)

    assert isinstance(verdict, FitsWithWarning)
    assert verdict.warning


@pytest.mark.parametrize(("lora", "base"), REFUSED)
def test_other_bases_refuse_it_and_say_what_would_fit(lora: str, base: str) -> None:
    verdict = fits(lora, base)

    assert isinstance(verdict, Refused)
    assert base not in verdict.fits
    assert verdict.fits == families_for(lora)


def test_every_installed_family_carries_its_own_loras_and_knows_its_relatives() -> None:
    for name, family in FAMILIES.all().items():
        assert fits(name, name) == Fits()
        for relative in family.loads_as:
            assert not isinstance(fits(relative, name), Refused), (relative, name)


def look(family: str, kind: LoraKind = "style") -> Card:
    return Card(name=f"{family} {kind}", kind=kind, family=family)


def test_a_stack_fits_only_where_all_of_it_does() -> None:
    plain = Base(name="plain", family="sdxl", folder="x")
    assert all_suit([look("sdxl"), look("pony")], plain)
    assert not all_suit([look("sdxl"), look("flux1")], plain)
    assert all_suit([], plain)


# The table of the field notes: rows are LoRAs, columns bases; L fits, D with a warning, X refused.
COLUMNS = ("sd1", "sd2", "sdxl", "pony", "noobai", "sd3-medium", "sd35-medium", "sd35-large",
           "flux1", "flux1-schnell", "flux1-kontext", "chroma", "flux2-klein-4b", "z-image",
           "qwen-image")  # fmt: skip
MATRIX = {
    "sd1": "LXXXXXXXXXXXXXX",
    "sd2": "XLXXXXXXXXXXXXX",
    "sdxl": "XXLDDXXXXXXXXXX",
    "pony": "XXDLDXXXXXXXXXX",
    "illustrious": "XXDDDXXXXXXXXXX",
    "sd3-medium": "XXXXXLDXXXXXXXX",
    "flux1": "XXXXXXXXLDDDXXX",
    "chroma": "XXXXXXXXDDDLXXX",
    "flux2-klein-4b": "XXXXXXXXXXXXLXX",
    "z-image": "XXXXXXXXXXXXXLX",
    "qwen-image": "XXXXXXXXXXXXXXL",
}


@pytest.mark.parametrize("lora", MATRIX)
def test_the_table_is_that_of_the_field_notes(lora: str) -> None:
    letters = {Fits: "L", FitsWithWarning: "D", Refused: "X"}
    assert "".join(letters[type(fits(lora, base))] for base in COLUMNS) == MATRIX[lora]


def test_velocity_and_noise_are_told_apart() -> None:
    verdict = fits("illustrious", "noobai-vpred")
    assert isinstance(verdict, FitsWithWarning)
    assert "predicts another way" in verdict.warning


@pytest.mark.parametrize(("lora", "base"), [("sdxl", "sdxl"), ("sdxl", "pony"), ("flux1", "flux1")])
def test_a_speed_lora_goes_with_its_own_steps(lora: str, base: str) -> None:
    verdict = fits(lora, base, "speed")
    assert isinstance(verdict, FitsWithWarning)
    assert "steps" in verdict.warning


def test_a_speed_lora_has_no_place_on_a_fast_base() -> None:
    verdict = fits("flux1", "flux1-schnell", "speed")
    assert isinstance(verdict, Refused)
    assert "flux1" in verdict.fits
    assert "flux1-schnell" not in verdict.fits


@pytest.mark.parametrize(
    ("base", "branch", "named"),
    [("sdxl", "pony", "pony"), ("sdxl", None, "sdxl"), ("wan-14b", "wan2.2-high-noise",
     "wan2.2-high-noise"), ("flux1", "flux1-dev-control", "flux1"), ("sd1", "dreamshaper", "sd1")],
)  # fmt: skip
def test_a_branch_that_the_table_knows_names_the_family(
    base: str, branch: str | None, named: str
) -> None:
    assert family_named(base, branch) == named


def test_a_base_is_known_by_its_branch() -> None:
    base = Base(name="b", family="sdxl", sub_family="illustrious", folder="x")
    assert acts_as(base) == "illustrious"
    assert acts_as(base.model_copy(update={"sub_family": "dreamshaper"})) == "sdxl"


def test_a_preview_is_drawn_on_the_branch_that_a_lora_was_made_for() -> None:
    plain = Base(name="plain", family="sdxl", folder="x")
    pony = Base(name="pony", family="sdxl", sub_family="pony", folder="x")
    assert choose_base(look("pony"), (plain, pony)) == pony
    assert choose_base(look("pony"), (plain,)) == plain
    assert choose_base(look("flux1"), (plain, pony)) is None


TURBO = Base(name="turbo", family="sdxl", distilled="turbo", folder="x")
PLAIN = Base(name="plain", family="sdxl", folder="x")
SCHNELL = Base(name="schnell", family="flux1-schnell", folder="x")


@pytest.mark.parametrize(("base", "family"), [(TURBO, "sdxl"), (SCHNELL, "flux1")])
def test_a_speed_lora_is_refused_by_a_base_that_draws_in_few_steps_by_itself(
    base: Base, family: str
) -> None:
    verdict = suits(look(family, "speed"), base)
    assert isinstance(verdict, Refused)
    assert verdict.why == "few_steps"
    assert family in verdict.fits


def test_a_look_on_a_few_step_base_acts_and_is_warned_of() -> None:
    verdict = suits(look("sdxl"), TURBO)
    assert isinstance(verdict, FitsWithWarning)
    assert "few steps" in verdict.warning
    assert suits(look("sdxl"), PLAIN) == Fits()
    assert suits(look("flux1-schnell"), SCHNELL) == Fits()


def test_a_branch_keeps_its_own_warning_on_a_few_step_base() -> None:
    fast_pony = TURBO.model_copy(update={"sub_family": "pony"})
    verdict = suits(look("illustrious"), fast_pony)
    assert isinstance(verdict, FitsWithWarning)
    assert "pony" in verdict.warning


def test_previews_are_drawn_on_many_steps_where_there_is_a_choice() -> None:
    assert choose_base(look("sdxl"), (TURBO, PLAIN)) == PLAIN
    assert choose_base(look("sdxl"), (TURBO,)) == TURBO
    assert choose_base(look("sdxl", "speed"), (TURBO,)) is None
