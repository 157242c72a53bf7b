"""Words of people made harmless."""

from hypothesis import given
from hypothesis import strategies as st

from bot.escape import paragraphs, plain, quoted


def test_invisible_and_control_characters_are_gone() -> None:
    assert plain("a\x00b\u200bc\u202ed\ufeffe\x1b[31m") == "abcde[31m"


def test_line_breaks_become_spaces() -> None:
    assert plain("one\r\ntwo\n\n three\tfour") == "one two three four"


def test_paragraphs_keep_line_breaks() -> None:
    assert paragraphs("one\ntwo\n\n\n\nthree") == "one\ntwo\n\nthree"


def test_joined_emoji_stay_whole() -> None:
    assert plain("👩\u200d🎨 draws") == "👩\u200d🎨 draws"


def test_towers_of_marks_are_cut_down() -> None:
    assert len(plain("Z" + "\u0301" * 50)) == 4


def test_a_cut_is_shown() -> None:
    assert plain("abcdef", 4) == "abc…"


def test_quotation_marks_inside_cannot_close_ours() -> None:
    assert quoted("say “hi” now") == '“say "hi" now”'


@given(st.text(), st.integers(1, 50))
def test_anything_becomes_short_and_visible(words: str, most: int) -> None:
    shown = plain(words, most)
    assert len(shown) <= most
    assert "\n" not in shown
    assert plain(shown, most) == shown
