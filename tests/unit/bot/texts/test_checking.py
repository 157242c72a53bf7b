"""The check of translations: it finds what is missing, stale or wrong."""

import pytest

from bot.texts import Template, flattened
from bot.texts.checking import check
from bot.texts.collected import Source, in_code

CODE = """
from bot.texts import say, say_count, wording
HELLO = wording("hello", "Hello")
def greet(name, count):
    return say("greet", "Hello " "{name}", name=name) + say_count(
        "bricks", count, one="{n} brick", other="{n} bricks"
    )
"""


def sources() -> dict[str, Source]:
    found = [each for each in in_code(CODE, "bot/hello.py") if isinstance(each, Source)]
    return {each.key: each for each in found}


def test_sentences_are_read_out_of_the_code() -> None:
    assert {key: dict(each.forms) for key, each in sources().items()} == {
        "hello": {"other": "Hello"},
        "greet": {"other": "Hello {name}"},
        "bricks": {"one": "{n} brick", "other": "{n} bricks"},
    }


@pytest.mark.parametrize(
    "code",
    ["say(key, 'Hello')", "say('greet', f'Hello {name}')", "say_count('n', 1, one='x')"],
)
def test_what_can_not_be_read_is_named(code: str) -> None:
    told = list(in_code(f"from bot.texts import say, say_count\n{code}", "bot/hello.py"))
    assert isinstance(told[0], str)
    assert told[0].startswith("bot/hello.py:2:")


def test_a_function_of_the_same_name_is_not_ours() -> None:
    assert not list(in_code("from rich import say\nsay(1)", "bot/hello.py"))


@pytest.mark.parametrize(
    ("translated", "wrong"),
    [
        ({"greet": "Hallo {nome}"}, "greet"),
        ({"greet": "Hallo"}, "greet"),
        ({"greet": "Hallo {"}, "greet"),
        ({"bricks": {"one": "ein Stein", "other": "Steine"}}, "bricks"),
        ({"bricks": {"few": "{n} kameny", "other": "{n} kamenů"}}, "bricks"),
        ({"hello": {"one": "Hallo", "other": "Hallo"}}, "hello"),
    ],
)
def test_what_would_not_fit_is_wrong(translated: dict[str, Template], wrong: str) -> None:
    assert [line.partition(":")[0] for line in check(sources(), translated).wrong] == [wrong]


def test_missing_and_stale_keys_are_told() -> None:
    found = check(
        sources(),
        {
            "greet": "Hallo {name}",
            "bricks": {"one": "ein Stein", "other": "{n} Steine"},
            "bye": "x",
        },
    )
    assert found.missing == ("hello",)
    assert found.stale == ("bye",)
    assert not found.wrong


def test_what_a_menu_has_no_room_for_is_wrong() -> None:
    menu = {"command.x.summary": Source("command.x.summary", {"other": "x"}, "")}
    assert check(menu, {"command.x.summary": "x" * 101}).wrong
    assert not check(menu, {"command.x.summary": "x" * 100}).wrong


def test_a_file_is_tables_of_sentences() -> None:
    assert flattened({"a": {"b": "x", "n": {"one": "1", "other": "2"}}}) == {
        "a.b": "x",
        "a.n": {"one": "1", "other": "2"},
    }
