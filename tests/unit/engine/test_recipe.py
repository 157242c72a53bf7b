"""The recipe in a picture: readable for other programs, exact for us."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import recipe
from engine.messages import Plan, PlannedLora, Sha256, Variation

PLAN = Plan(
    base="miniature", family="miniature", prompt="zolt style, a red circle",
    negative_prompt="blurry, green", width=64, height=48, steps=12, guidance=4.0,
    scheduler="DPM++ 2M", seed=7,
    loras=(
        PlannedLora(name="Zolt", weight=0.8, reason="asked", sha256=Sha256("ab" * 32)),
        PlannedLora(name="a<b>:c", weight=-0.25, reason="asked"),
    ),
)  # fmt: skip


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    return recipe.SIGNATURE + b"".join(chunks) + chunk(b"IEND", b"")


def with_plan(text: bytes) -> bytes:
    return png(chunk(b"iTXt", b"atelier\0\0\0\0\0" + text))


def test_text_is_laid_out_as_other_programs_read_it() -> None:
    assert recipe.parameters_text(PLAN).splitlines() == [
        "zolt style, a red circle <lora:Zolt:0.8> <lora:a b  c:-0.25>",
        "Negative prompt: blurry, green",
        "Steps: 12, Sampler: DPM++ 2M, CFG scale: 4, Seed: 7, Size: 64x48, Model: miniature, "
        'Lora hashes: "Zolt: abababababab", Version: Atelier',
    ]


def test_variation_is_told() -> None:
    plan = PLAN.model_copy(update={"variation": Variation(seed=3, strength=0.2)})
    assert "Variation seed: 3, Variation seed strength: 0.2" in recipe.parameters_text(plan)


def test_bare_plan_has_two_lines() -> None:
    plan = PLAN.model_copy(update={"negative_prompt": "", "loras": ()})
    assert len(recipe.parameters_text(plan).splitlines()) == 2


def test_plan_is_read_back_exactly() -> None:
    assert recipe.read_recipe(with_plan(recipe.plan_text(PLAN).encode())) == PLAN


def test_other_texts_in_the_picture_are_passed_over() -> None:
    other = chunk(b"tEXt", b"parameters\0Steps: 3") + chunk(b"iTXt", b"title\0\0\0\0\0hello")
    mine = chunk(b"iTXt", b"atelier\0\0\0\0\0" + recipe.plan_text(PLAN).encode())
    assert recipe.read_recipe(png(other, mine)) == PLAN


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        recipe.SIGNATURE,
        png(),
        with_plan(b"{}"),
        with_plan(b'{"base": 3'),
        with_plan(b"[" * 5000),
        with_plan(recipe.plan_text(PLAN).encode())[:-40],
        png(chunk(b"iTXt", b"atelier\0\1\0\0\0" + zlib.compress(b"x"))),
        recipe.SIGNATURE + b"\xff\xff\xff\xffiTXt",
        with_plan(b" " * (recipe.PLAN_BYTES + 1) + recipe.plan_text(PLAN).encode()),
    ],
    ids=range(11),
)
def test_what_cannot_be_believed_is_no_recipe(data: bytes) -> None:
    assert recipe.read_recipe(data) is None


@given(st.binary(max_size=300))
def test_random_bytes_are_no_recipe(data: bytes) -> None:
    assert recipe.read_recipe(recipe.SIGNATURE + data) is None


def test_seeds_stay_in_what_a_plan_may_hold() -> None:
    last = PLAN.model_copy(update={"seed": recipe.SEEDS - 1, "count": 2})
    assert recipe.plan_of_image(last, 1).seed == 0


def test_weights_and_clip_skip_travel_in_the_recipe() -> None:
    prompt = r"a (((house:1.3)) [on] a hill, saber \(fate\) BREAK (sun:0.8)"
    told = PLAN.model_copy(update={"prompt": prompt, "clip_skip": 2})
    text = recipe.parameters_text(told)
    assert text.startswith(prompt)
    assert "Clip skip: 2" in text
    assert Plan.model_validate_json(recipe.plan_text(told)) == told
    assert "Clip skip" not in recipe.parameters_text(PLAN)
