"""Sizes that a family takes."""

import pytest

from engine.errors import BadRequest
from engine.families import FAMILIES
from engine.families.facts import Size


@pytest.mark.parametrize(("width", "height"), [(64, 64), (32, 96), (96, 96), (40, 56)])
def test_the_miniature_takes_small_sizes(width: int, height: int) -> None:
    assert FAMILIES.get("miniature").check_size(width, height) == Size(width, height)


@pytest.mark.parametrize(("width", "height"), [(24, 64), (104, 64), (60, 64), (288, 32), (0, 0)])
def test_the_miniature_refuses_others_and_says_what_works(width: int, height: int) -> None:
    with pytest.raises(BadRequest) as refusal:
        FAMILIES.get("miniature").check_size(width, height)
    assert refusal.value.facts["valid"] == "64x64"
    assert refusal.value.facts["value"] == f"{width}x{height}"


def test_more_pixels_than_a_base_can_fill_are_refused() -> None:
    with pytest.raises(BadRequest):
        FAMILIES.get("sd1").check_size(2048, 2048)
