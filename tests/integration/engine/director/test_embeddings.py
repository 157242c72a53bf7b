"""The embedding process with the real library: a small random encoder in a folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from engine.director.embedding_process import EmbeddingProcess
from engine.errors import NoAnswer

pytest.importorskip("sentence_transformers", reason="an optional package")
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "neon", "glow", "light", "fox")
WIDTH = 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plain encoder, as the library takes it: it adds the mean over the words itself."""
    place = tmp_path / "encoder"
    place.mkdir()
    vocabulary = {word: at for at, word in enumerate(WORDS)}
    BertTokenizerFast(vocab=vocabulary).save_pretrained(place)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, initializer_range=0.5,
    )  # fmt: skip
    BertModel(config).save_pretrained(place)
    return place


@pytest.fixture
async def embedder(folder: Path) -> AsyncIterator[EmbeddingProcess]:
    process = EmbeddingProcess(str(folder))
    yield process
    await process.close()


async def test_texts_become_vectors_of_length_one(embedder: EmbeddingProcess) -> None:
    same, again, other = await embedder.vectors(("neon glow", "neon glow", "a fox"))
    assert len(same) == WIDTH
    assert sum(each * each for each in same) == pytest.approx(1, abs=1e-3)
    assert same == pytest.approx(again, abs=1e-4)
    assert sum(a * b for a, b in zip(same, other, strict=True)) < 0.999
    assert len(await embedder.vectors(("light",))) == 1


async def test_an_encoder_in_a_pickle_is_not_loaded(
    folder: Path, embedder: EmbeddingProcess
) -> None:
    (folder / "model.safetensors").unlink()
    weights = BertModel(BertConfig.from_pretrained(folder)).state_dict()
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(NoAnswer):
        await embedder.vectors(("neon",))
