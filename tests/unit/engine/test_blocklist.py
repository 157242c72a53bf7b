"""Blocked words are found whole, however they are written, and nothing else is."""

import pytest

from engine.blocklist import blocked_by

RULES = ("grot", "vile thing", "\u5f71")


@pytest.mark.parametrize(
    "words",
    [
        "a grot in a field",
        "GROT!",
        "gr\u00f6t",
        "g\u200br\u200bo\u200bt",
        "gr\u043et",
        "\uff47\uff52\uff4f\uff54",
        "gr0t",
        "g.r.o.t",
        "a g r o t here",
        "g_r_0_t",
    ],
)
def test_a_blocked_word_is_found_in_disguise(words: str) -> None:
    assert blocked_by(words, RULES) == 1


@pytest.mark.parametrize("words", ["a grotto", "agrot", "an ogre, ten trots", "a vile, good thing"])
def test_only_whole_words_count(words: str) -> None:
    assert blocked_by(words, RULES) is None


def test_several_words_are_one_rule() -> None:
    assert blocked_by("a VILE\n thing", RULES) == 2
    assert blocked_by("a thing", RULES) is None


def test_a_script_without_spaces_has_no_word_ends() -> None:
    assert blocked_by("\u9ed2\u3044\u5f71\u7d75", RULES) == 3


def test_a_rule_of_signs_alone_blocks_nothing() -> None:
    assert blocked_by("anything at all", ("\u200b", "")) is None
