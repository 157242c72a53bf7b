"""Which LoRA acts on which base."""

import pytest

from engine.families import FAMILIES
from engine.registry.compat import (
    Fits,
    FitsWithWarning,
    Refused,
    families_for,
    fits,
    fits_all,
)

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


def test_a_stack_fits_only_where_all_of_it_does() -> None:
    assert fits_all(["sdxl", "pony"], "sdxl")
    assert not fits_all(["sdxl", "flux1"], "sdxl")
    assert fits_all([], "anything")
