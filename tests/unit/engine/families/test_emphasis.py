"""Weights in prompts are read as the A1111 web UI reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.families.emphasis import MOST, escaped, is_weighted, pieces, plain


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("normal text", [("normal text", 1.0)]),
        ("an (important) word", [("an ", 1.0), ("important", 1.1), (" word", 1.0)]),
        ("(unbalanced", [("unbalanced", 1.1)]),
        (r"\(literal\]", [("(literal]", 1.0)]),
        ("(unnecessary)(parens)", [("unnecessaryparens", 1.1)]),
        (
            "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
            [("a ", 1.0), ("house", 1.573), (" ", 1.1), ("on", 1.0), (" a ", 1.1), ("hill", 0.55),
             (", sun, ", 1.1), ("sky", 1.4641), (".", 1.1)],
        ),
        ("((red))", [("red", 1.21)]),
        ("[[red]]", [("red", 1 / 1.21)]),
        ("a:b (c: d) e:1.2)", [("a:b ", 1.0), ("c: d", 1.1), (" e:1.2)", 1.0)]),
        ("(less:-0.5)", [("less", -0.5)]),
        (r"saber \(fate\), (smile:1.2)", [("saber (fate), ", 1.0), ("smile", 1.2)]),
        ("", []),
    ],
)  # fmt: skip
def test_weights_are_read(prompt: str, told: list[tuple[str, float]]) -> None:
    found = pieces(prompt)
    assert [piece.words for piece in found] == [words for words, _ in told]
    assert [piece.weight for piece in found] == pytest.approx([weight for _, weight in told])


def test_a_break_begins_a_new_chunk_and_keeps_its_weight() -> None:
    found = pieces("sky BREAK (sea BREAK sand:1.2)")
    assert [(piece.words, piece.breaks) for piece in found] == [
        ("sky", False), ("", True), ("sea", False), ("sand", True),
    ]  # fmt: skip
    assert found[-1].weight == 1.2


def test_plain_words_have_no_marks() -> None:
    assert plain(r"a (((house:1.3)) [on] a hill\) BREAK sun") == "a house on a hill) sun"


@given(st.text(max_size=60))
def test_escaped_words_are_read_as_they_are(words: str) -> None:
    told = "".join(piece.words for piece in pieces(escaped(words)) if not piece.breaks)
    if "BREAK" not in words:
        assert told == words
        assert not is_weighted(escaped(words))


@given(st.text(alphabet="()[]\\:1.9aB ", max_size=80))
def test_nothing_a_stranger_types_breaks_it(words: str) -> None:
    assert all(abs(piece.weight) <= MOST for piece in pieces(words))


def test_weights_are_bounded_however_deep_they_are() -> None:
    assert pieces("(" * 900 + "a" + ":99)" * 900)[0].weight == MOST
