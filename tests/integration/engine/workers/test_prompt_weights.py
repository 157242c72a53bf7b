"""Weighted and long prompts equal a written-out reference; other bases say what was left out."""

from typing import Any

import pytest
import torch

from engine.workers.pipelines.pipeline import Words
from engine.workers.prompt_weights import Chunk, ClipText, weighted
from tests.integration.engine.workers.conftest import layout, miniature

pytestmark = pytest.mark.filterwarnings("ignore:`FluxPosEmbed` is deprecated:FutureWarning")
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


MARKED = " ".join(f"circle{number}" for number in range(1, 700))


@pytest.mark.parametrize(
    ("name", "tokenizer", "longest"),
    [
        ("sd3", "tokenizer_3", 256),
        ("flux", "tokenizer_2", 512),
        ("chroma", "tokenizer", 512),
        ("pixart", "tokenizer", 300),
    ],
)
def test_a_prompt_beyond_the_encoder_is_cut_and_the_words_are_told(
    name: str, tokenizer: str, longest: int
) -> None:
    pipeline = layout(name)
    note = pipeline.encode(words(MARKED, guidance=1.0)).notes[0]
    assert f"this base reads {longest}: it was cut at “circle" in note
    first = int(note.partition("“circle")[2].partition(" ")[0])
    count = getattr(pipeline.parts, tokenizer)
    kept = " ".join(MARKED.split()[: first - 1])
    assert len(count(kept).input_ids) <= longest < len(count(f"{kept} circle{first}").input_ids)


@pytest.mark.parametrize("name", ["sd3", "flux", "chroma", "pixart"])
def test_a_short_prompt_is_read_whole_and_nothing_is_told(name: str) -> None:
    assert layout(name).encode(words("a red circle", "blue")).notes == ()


@pytest.mark.parametrize("name", ["sd3", "chroma", "pixart"])
def test_a_negative_prompt_is_told_apart_where_it_is_read(name: str) -> None:
    told = layout(name).encode(words("a red circle", MARKED)).notes
    assert told
    assert all(note.startswith("the negative prompt has") for note in told)
    assert layout(name).encode(words("a red circle", MARKED, guidance=1.0)).notes == ()


def test_where_some_encoders_stop_early_the_words_are_told() -> None:
    pipeline = layout("sd3")
    longest = pipeline.parts.tokenizer_max_length
    prompt = " ".join(["a"] * (longest + 4) + ["blue"])
    (note,) = pipeline.encode(words(prompt, guidance=1.0)).notes
    assert f"two of three encoders stop at {longest}" in note
    assert "“a a a a a a …”" in note
    fits = " ".join(["a"] * (longest - 2))
    assert pipeline.encode(words(fits, guidance=1.0)).notes == ()


def test_without_t5_what_clip_does_not_read_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = layout("sd3")
    monkeypatch.setattr(pipeline.parts, "text_encoder_3", None)
    longest = pipeline.parts.tokenizer_max_length
    prompt = " ".join(["circle"] * (longest - 2) + ["blue", "background"])
    (note,) = pipeline.encode(words(prompt, guidance=1.0)).notes
    assert note.endswith(f"this base reads {longest}: it was cut at “blue background”")


@pytest.mark.parametrize("name", ["sd1", "sdxl"])
def test_a_base_that_reads_in_chunks_loses_nothing_and_tells_nothing(name: str) -> None:
    assert layout(name).encode(words(LONG, guidance=1.0)).notes == ()


def test_without_weights_the_states_are_not_touched() -> None:
    given = torch.randn(1, 4, 3)
    assert weighted(given, Chunk([5, 6], [1.0, 1.0]).weights) is given


def test_a_mean_of_zero_is_left_alone() -> None:
    given = torch.tensor([[[1.0], [1.0], [-1.0], [0.0]]])
    assert torch.isfinite(weighted(given, [-1.0])).all()
