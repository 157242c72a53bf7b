"""Plain text stays plain on Discord."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.markup import escaped, units
from tests.emulators.discord.world import shown


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a_b *c* ~~d~~ `e` ||f||", r"a\_b \*c\* \~\~d\~\~ \`e\` \|\|f\|\|"),
        ("# big\n> quote\n- item\n1. one", "\\# big\n\\> quote\n\\- item\n1\\. one"),
        ("<@1> <t:0> <:x:1>", r"\<@1> \<t:0> \<:x:1>"),
        ("@everyone and @here, a@b.c", r"\@everyone and \@here, a@b.c"),
        ("[text](https://a.b)", r"\[text\](https://a.b)"),
        ("see https://a.b/c_d#e_f_g now", "see https://a.b/c_d#e_f_g now"),
        ("3.5 - 4 = 0", "3.5 - 4 = 0"),
        (r"back\slash", r"back\\slash"),
    ],
)
def test_markup_is_made_visible(text: str, sent: str) -> None:
    assert escaped(text, 200) == sent


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_it_fits_and_no_escape_is_cut(text: str, most: int) -> None:
    sent = escaped(text, most)
    assert len(sent) <= most
    kept = sent.removesuffix("\u2026")
    assert (len(kept) - len(kept.rstrip("\\"))) % 2 == 0


@given(st.text(alphabet="ab *_~`|<>[]()#-+@.1\n\\"))
def test_people_read_what_was_written(text: str) -> None:
    assert shown(escaped(text, 10_000)) == text


def test_a_number_that_ends_a_sentence_is_no_list() -> None:
    assert escaped("Drawing: step 6 of 12.\nThen more", 100) == "Drawing: step 6 of 12.\nThen more"
    assert escaped("12. is a list", 100) == "12\\. is a list"


def test_length_is_counted_as_browsers_count() -> None:
    assert units("a\N{GRINNING FACE}") == 3
    assert units(escaped("\N{GRINNING FACE}" * 100, 41)) <= 41
