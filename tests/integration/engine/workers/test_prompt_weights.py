"""Weighted and long prompts equal a written-out reference; other bases say what was left out."""

from typing import Any

import pytest
import torch

from engine.workers.pipelines.pipeline import Words
from engine.workers.prompt_weights import Chunk, ClipText, weighted
from tests.integration.engine.workers.conftest import layout, miniature

LONG = ", ".join(["a red circle on a blue background"] * 12)


def words(prompt: str, negative: str = "", clip_skip: int = 1, guidance: float = 4.0) -> Words:
    return Words(prompt, negative, 64, 64, guidance, clip_skip)


def text() -> ClipText:
    parts = miniature().parts
    return ClipText(parts.tokenizer, parts.text_encoder)


@torch.inference_mode()
def states(told: Words, pipeline: Any = None) -> torch.Tensor:
    found: torch.Tensor = (pipeline or miniature()).encode(told).positive["encoder_hidden_states"]
    return found


@torch.inference_mode()
def test_a_weight_multiplies_its_tokens_and_the_mean_is_put_back() -> None:
    parts = miniature().parts
    plain = states(words("a red circle"))
    tokens = parts.tokenizer("a red circle", add_special_tokens=False).input_ids
    red = parts.tokenizer("red", add_special_tokens=False).input_ids
    at = 1 + tokens.index(red[0])
    expected = plain.clone()
    expected[:, at : at + len(red)] *= 1.3
    expected *= plain.mean() / expected.mean()
    torch.testing.assert_close(states(words("a (red:1.3) circle")), expected)
    assert not torch.equal(plain, expected)


def test_brackets_are_the_weights_they_stand_for() -> None:
    for short, long in (("((red)) circle", "(red:1.21) circle"), (r"\(red\)", r"(\(red\):1.0)")):
        torch.testing.assert_close(states(words(short)), states(words(long)))


@torch.inference_mode()
def test_a_long_prompt_is_encoded_in_chunks() -> None:
    reader = text()
    chunks = reader.chunks(LONG)
    assert len(chunks) > 2
    found = states(words(LONG))
    assert found.shape[1] == len(chunks) * (reader.room + 2)
    pad = reader.tokenizer.pad_token_id
    for place, chunk in enumerate(chunks):
        ids = [reader.tokenizer.bos_token_id, *chunk.tokens, reader.tokenizer.eos_token_id]
        ids += [pad] * (reader.room + 2 - len(ids))
        alone = reader.encoder(torch.tensor([ids]))[0]
        torch.testing.assert_close(found[:, place * len(ids) : (place + 1) * len(ids)], alone)
    whole = reader.tokenizer(LONG, add_special_tokens=False, verbose=False).input_ids
    assert [token for chunk in chunks for token in chunk.tokens] == whole


def test_a_chunk_ends_at_a_comma_that_is_near() -> None:
    reader = text()
    comma = reader.tokenizer(",", add_special_tokens=False).input_ids
    assert len(comma) == 1
    for chunk in reader.chunks(LONG)[:-1]:
        assert chunk.tokens[-1] == comma[0]


def test_a_break_fills_its_chunk() -> None:
    assert len(text().chunks("red BREAK blue")) == 2
    assert len(text().chunks("red break blue")) == 1


@torch.inference_mode()
def test_both_prompts_have_as_many_chunks() -> None:
    for pipeline in (miniature(), layout("sdxl")):
        for told in (words(LONG, "blurry"), words("red", LONG), words(LONG)):
            found = pipeline.encode(told)
            assert found.negative is not None
            assert {name: value.shape for name, value in found.positive.items()} == {
                name: value.shape for name, value in found.negative.items()
            }


@torch.inference_mode()
def test_clip_skip_leaves_out_the_last_layers() -> None:
    parts = layout("sd1").parts
    length = parts.text_encoder.config.max_position_embeddings
    ids = parts.tokenizer(
        "a red circle", padding="max_length", max_length=length, return_tensors="pt"
    ).input_ids
    hidden = parts.text_encoder(ids, output_hidden_states=True).hidden_states
    for skip in (1, 2, 3):
        inner = getattr(parts.text_encoder, "text_model", parts.text_encoder)
        told = words("a red circle", clip_skip=skip)
        torch.testing.assert_close(
            states(told, layout("sd1")), inner.final_layer_norm(hidden[-skip])
        )


@torch.inference_mode()
def test_clip_skip_of_sdxl_counts_on_from_the_layer_it_uses() -> None:
    pipeline = layout("sdxl")
    for skip in (1, 2):
        expected = pipeline.parts.encode_prompt(
            "a red circle", do_classifier_free_guidance=False, clip_skip=skip - 1
        )
        told = words("a red circle", clip_skip=skip, guidance=1.0)
        torch.testing.assert_close(states(told, pipeline), expected[0])


@pytest.mark.parametrize("name", ["sd3", "flux"])
def test_bases_without_weights_read_plain_words_and_say_so(name: str) -> None:
    pipeline = layout(name)
    found = pipeline.encode(words("a (red:1.3) circle", guidance=1.0))
    same = pipeline.encode(words("a red circle", guidance=1.0))
    assert found.notes == ("this base knows no weights: the prompt was read as plain words",)
    assert same.notes == ()
    for key, value in same.positive.items():
        torch.testing.assert_close(found.positive[key], value)


@pytest.mark.parametrize(("name", "longest"), [("sd3", 256), ("flux", 512)])
def test_a_prompt_beyond_the_encoder_is_cut_and_told(name: str, longest: int) -> None:
    (note,) = layout(name).encode(words(LONG * 6, guidance=1.0)).notes
    assert f"this base reads {longest}: the rest was cut" in note


def test_without_weights_the_states_are_not_touched() -> None:
    given = torch.randn(1, 4, 3)
    assert weighted(given, Chunk([5, 6], [1.0, 1.0]).weights) is given


def test_a_mean_of_zero_is_left_alone() -> None:
    given = torch.tensor([[[1.0], [1.0], [-1.0], [0.0]]])
    assert torch.isfinite(weighted(given, [-1.0])).all()
