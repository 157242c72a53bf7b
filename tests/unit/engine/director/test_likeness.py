"""Searches by meaning: they order what words found, and never stand in the way."""

import asyncio
import sys
from dataclasses import dataclass, field

import pytest
from pydantic import ValidationError

from engine.director import likeness as module
from engine.director.embedding_process import EmbeddingProcess
from engine.director.likeness import Likeness, Vector, likeness
from engine.errors import NoAnswer
from engine.messages import Card
from engine.settings import DirectorSettings

FOG = Card(name="Foggy", family="sdxl", description="mist")
SUN = Card(name="Sunny", family="sdxl", description="light")
SEA = Card(name="Sea", family="sdxl", description="waves")
CARDS = (FOG, SUN, SEA)
MEANS: dict[str, Vector] = {"mist": (1, 0, 0), "light": (0, 1, 0), "waves": (0, 0, 1)}


@dataclass
class Fake:
    """Implements `Embedder`: a text means the known words in it."""

    fails: Exception | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def vectors(self, texts: tuple[str, ...]) -> tuple[Vector, ...]:
        self.asked.append(texts)
        if self.fails is not None:
            raise self.fails
        return tuple(self._of(text) for text in texts)

    async def close(self) -> None:
        self.asked.clear()

    def _of(self, text: str) -> Vector:
        found = [vector for word, vector in MEANS.items() if word in text]
        return tuple(float(sum(each)) for each in zip(*found, strict=True)) or (0.0, 0.0, 0.0)


async def test_what_the_words_found_comes_likest_first() -> None:
    found = await Likeness(Fake()).sharpened("waves", (FOG, SUN, SEA), CARDS)

    assert found == (SEA, FOG, SUN)


async def test_what_no_word_found_is_found_by_meaning_when_it_is_near() -> None:
    assert await Likeness(Fake()).sharpened("a misty mist", (), CARDS) == (FOG,)
    assert await Likeness(Fake()).sharpened("nothing of the kind", (), CARDS) == ()


async def test_looks_are_embedded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake()
    sharper = Likeness(fake)
    await sharper.sharpened("waves", CARDS, CARDS)
    await sharper.sharpened("mist", CARDS, CARDS)
    assert [len(texts) for texts in fake.asked] == [4, 1]

    monkeypatch.setattr(module, "MOST_KEPT", 1)
    await sharper.sharpened("mist", CARDS, CARDS)
    await sharper.sharpened("mist", CARDS, CARDS)
    assert len(fake.asked[-1]) == 3


async def test_without_an_answer_everything_stays_as_it_is() -> None:
    assert await Likeness(Fake(NoAnswer(why="down"))).sharpened("waves", CARDS, CARDS) == CARDS


async def test_a_slow_embedder_is_not_waited_for() -> None:
    class Slow(Fake):
        async def vectors(self, texts: tuple[str, ...]) -> tuple[Vector, ...]:
            await asyncio.Event().wait()
            return ()

    assert await Likeness(Slow(), waited_s=0.01).sharpened("waves", CARDS, CARDS) == CARDS


def test_likeness_is_a_cosine() -> None:
    assert likeness((1, 0), (2, 0)) == 1
    assert likeness((1, 0), (0, 0)) == 0


ECHO = """
import json, sys
for line in sys.stdin:
    vectors = [[len(text)] for text in json.loads(line)["texts"]]
    print(json.dumps({"vectors": vectors}), flush=True)
"""


async def test_a_process_answers_line_by_line() -> None:
    embedder = EmbeddingProcess("any", (sys.executable, "-c", ECHO))
    try:
        assert await embedder.vectors(("ab", "c")) == ((2.0,), (1.0,))
        assert await embedder.vectors(("abc",)) == ((3.0,),)
    finally:
        await embedder.close()


@pytest.mark.parametrize("code", ["", "print('nonsense')", "print('{\"vectors\": []}')"])
async def test_a_process_that_fails_is_no_answer(code: str) -> None:
    embedder = EmbeddingProcess("any", (sys.executable, "-c", code))
    with pytest.raises(NoAnswer):
        await embedder.vectors(("a",))
    await embedder.close()


def test_without_the_library_the_setting_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.settings.find_spec", lambda name: None)
    with pytest.raises(ValidationError, match="pip install sentence-transformers"):
        DirectorSettings(embeddings=True)
