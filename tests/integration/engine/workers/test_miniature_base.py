"""The stored base draws what it is asked for."""

import json

import numpy as np
import pytest
from diffusers import StableDiffusionPipeline

from engine.miniature.reader import read
from engine.workers.miniature import base, score
from engine.workers.miniature.__main__ import HOME


@pytest.fixture(scope="module")
def pipe() -> StableDiffusionPipeline:
    return base.load(HOME / "base")


def test_base_draws_what_unseen_prompts_ask_for(pipe: StableDiffusionPipeline) -> None:
    rates = score.base_rates(pipe, 24)

    assert rates["background"] >= 0.95
    assert rates["colour"] >= 0.9
    assert rates["count"] >= 0.9


def test_unknown_words_do_not_spoil_the_background(pipe: StableDiffusionPipeline) -> None:
    rates = score.base_rates(pipe, 16, is_spoiled=True)

    assert rates["background"] >= 0.9


def test_a_picture_is_the_same_alone_and_in_a_batch(pipe: StableDiffusionPipeline) -> None:
    words = ["a large red circle on a blue background", "two green stars on a white background"]

    together = score.draw(pipe, words, seed=3, steps=4)
    alone = score.draw(pipe, words[1:], seed=4, steps=4)

    assert np.abs(together[1].astype(int) - alone[0].astype(int)).max() <= 1


def test_autoencoder_keeps_what_the_reader_needs(pipe: StableDiffusionPipeline) -> None:
    rates = score.round_trip_rates(pipe.vae, 40)

    assert rates["shape"] >= 0.9
    assert rates["background"] == 1.0


def test_plain_request_is_drawn(pipe: StableDiffusionPipeline) -> None:
    pictures = score.draw(pipe, ["please draw a large yellow heart on a purple background"] * 4)

    readings = [read(picture) for picture in pictures]
    assert sum((r.colour, r.background) == ("yellow", "purple") for r in readings) >= 3


def test_stored_base_is_small_and_safe() -> None:
    files = [path for path in (HOME / "base").rglob("*") if path.is_file()]

    assert sum(path.stat().st_size for path in files) < 15_000_000
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".md"}
    index = json.loads((HOME / "base" / "model_index.json").read_text())
    assert index["_class_name"] == "StableDiffusionPipeline"
