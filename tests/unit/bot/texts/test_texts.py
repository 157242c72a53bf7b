"""Speaking: the right language, the right form, and English whenever something is amiss."""

from collections.abc import Iterator, Mapping

import pytest
from structlog.testing import capture_logs

from bot import texts
from bot.texts import Template, chosen, known, localised, say, say_count, speaking, wording

GERMAN: dict[str, Template] = {
    "place": "Nummer {place} in der Reihe",
    "pictures": {"one": "ein Bild", "other": "{n} Bilder"},
    "broken.fact": "Hallo {nobody}",
    "broken.brace": "Hallo {",
    "menu": "Ein Bild machen",
}
FRENCH: dict[str, Template] = {"pictures": {"one": "{n} image", "other": "{n} images"}}
JAPANESE: dict[str, Template] = {"pictures": {"other": "{n} 枚"}}


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept: Mapping[str, Mapping[str, Template]] = {"de": GERMAN, "fr": FRENCH, "ja": JAPANESE}
    monkeypatch.setattr(texts, "translations", lambda locale: kept.get(locale, {}))
    texts._complain.cache_clear()
    yield
    texts._complain.cache_clear()


def test_a_sentence_is_said_in_the_language_at_hand() -> None:
    assert say("place", "Number {place} in line", place=3) == "Number 3 in line"
    with speaking("de"):
        assert say("place", "Number {place} in line", place=3) == "Nummer 3 in der Reihe"
    assert texts.current() == "en"


def test_a_table_is_said_in_the_language_of_when_it_is_said() -> None:
    named = wording("place", "Number {place} in line")
    with speaking("de"):
        assert named.say(place=1) == "Nummer 1 in der Reihe"


def test_a_missing_sentence_is_said_in_english() -> None:
    with speaking("es"):
        assert say("place", "Number {place} in line", place=3) == "Number 3 in line"


@pytest.mark.parametrize("key", ["broken.fact", "broken.brace"])
def test_a_broken_sentence_is_said_in_english_and_logged_once(key: str) -> None:
    with speaking("de"), capture_logs() as logs:
        assert texts.translated(key, "Hello {name}", name="Ada") == "Hello Ada"
        assert texts.translated(key, "Hello {name}", name="Bob") == "Hello Bob"
    assert [(line["event"], line["key"]) for line in logs] == [("text.broken", key)]


def test_braces_in_facts_are_letters() -> None:
    hostile = "{place.__class__} {0} {nobody} {{}}"
    with speaking("de"):
        assert hostile in say("place", "Number {place} in line", place=hostile)
    assert hostile in say("place", "Number {place} in line", place=hostile)


@pytest.mark.parametrize(
    ("locale", "count", "said"),
    [
        ("en", 1, "1 picture"),
        ("en", 0, "0 pictures"),
        ("de", 1, "ein Bild"),
        ("de", 2, "2 Bilder"),
        ("fr", 0, "0 image"),
        ("fr", 2, "2 images"),
        ("ja", 1, "1 枚"),
        ("ja", 7, "7 枚"),
        ("pt-BR", 0, "0 pictures"),
    ],
)
def test_each_language_counts_in_its_own_way(locale: str, count: int, said: str) -> None:
    with speaking(locale):
        assert say_count("pictures", count, one="{n} picture", other="{n} pictures") == said


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("en-GB", "en"),
        ("es-419", "es"),
        ("es_MX", "es"),
        ("ja", "ja"),
        ("pt", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("ko", None),
        ("", None),
    ],
)
def test_codes_of_platforms_are_understood(code: str, ours: str | None) -> None:
    assert known(code) == ours


def test_a_persons_choice_goes_before_their_app_and_the_place() -> None:
    assert chosen("fr", "de", "ja") == "fr"
    assert chosen("", "de-DE", "ja") == "de"
    assert chosen("", "ko", "ja") == "ja"
    assert chosen("", "", "") == "en"


def test_menus_get_every_language_that_there_is() -> None:
    assert localised("menu", "Make a picture") == {"de": "Ein Bild machen"}
