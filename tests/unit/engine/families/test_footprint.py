"""What bases and rows take, and how a base is held on cards of every size."""

from dataclasses import replace

import pytest

from engine.families import FAMILIES
from engine.families.footprint import (
    GIB,
    MOST_ROWS,
    Fit,
    decode_bytes,
    fit_for,
    needs,
    row_bytes,
    rows_within,
    weights_bytes,
)

HALF = Fit("bf16")


@pytest.mark.parametrize(
    ("family", "billions"), [("sd1", 0.86), ("sdxl", 2.57), ("sd3-medium", 2.02), ("flux1", 11.9)]
)
def test_a_denoiser_weighs_what_is_known_of_it(family: str, billions: float) -> None:
    facts = FAMILIES.get(family)
    weights = weights_bytes(facts, "bf16")[facts.denoiser]
    assert weights / 2e9 == pytest.approx(billions, rel=0.02)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_more_of_anything_takes_more(family: str) -> None:
    facts = FAMILIES.get(family)
    size = {"width": facts.size.width, "height": facts.size.height}
    one = needs(facts, HALF, **size)
    assert needs(facts, HALF, **size, rows=20) > one
    assert needs(facts, HALF, **size, rows=20, stack_bytes=GIB) >= GIB + one
    assert needs(facts, replace(HALF, numbers="fp32"), **size) > one
    assert needs(facts, replace(HALF, tiles_vae=True), **size) <= one
    assert needs(facts, replace(HALF, offload="model", tiles_vae=True), **size) <= one
    larger = {"width": 2 * facts.size.width, "height": 2 * facts.size.height}
    assert row_bytes(facts, **larger, numbers="bf16") == 4 * row_bytes(
        facts, **size, numbers="bf16"
    )
    width, height = facts.size.width, facts.size.height
    assert decode_bytes(2 * width, 2 * height, "bf16") == 4 * decode_bytes(width, height, "bf16")


@pytest.mark.parametrize(
    ("family", "gib", "numbers", "offload"),
    [
        ("sd1", 4, "bf16", "none"),
        ("sdxl", 6, "bf16", "sequential"),
        ("sdxl", 8, "bf16", "model"),
        ("sdxl", 12, "bf16", "none"),
        ("sdxl", 24, "bf16", "none"),
        ("sd3-medium", 12, "bf16", "model"),
        ("flux1", 8, "bf16", "sequential"),
        ("flux1", 24, "fp8", "model"),
        ("flux1", 80, "bf16", "none"),
    ],
)
def test_small_cards_get_what_they_can_bear(
    family: str, gib: int, numbers: str, offload: str
) -> None:
    fit = fit_for(FAMILIES.get(family), gib * GIB)
    assert (fit.numbers, fit.offload) == (numbers, offload)
    assert fit.needs_bytes <= gib * GIB
    assert 1 <= fit.rows <= MOST_ROWS


def test_the_hosts_choice_of_numbers_is_kept() -> None:
    assert fit_for(FAMILIES.get("flux1"), 24 * GIB, asked="bf16").numbers == "bf16"
    assert fit_for(FAMILIES.get("sdxl"), 80 * GIB, asked="fp32").numbers == "fp32"
    assert fit_for(FAMILIES.get("sdxl"), None).numbers == "fp32"


def test_a_quantised_file_takes_what_it_takes() -> None:
    small = fit_for(FAMILIES.get("flux1"), 24 * GIB, denoiser_bytes=7 * GIB)
    assert (small.numbers, small.offload) == ("bf16", "none")


def test_a_large_card_takes_more_rows_than_a_small_one() -> None:
    facts = FAMILIES.get("sdxl")
    size = {"width": 1024, "height": 1024}
    counts = [rows_within(facts, HALF, gib * GIB, **size) for gib in (2, 9, 11, 80)]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (1, MOST_ROWS)
    assert rows_within(facts, HALF, 12 * GIB, **size, stack_bytes=3 * GIB) < rows_within(
        facts, HALF, 12 * GIB, **size
    )


def test_a_fit_is_told_in_words() -> None:
    told = fit_for(FAMILIES.get("sdxl"), 8 * GIB).told
    assert told.startswith("bf16, parts come and go, pictures decoded in tiles, ")
