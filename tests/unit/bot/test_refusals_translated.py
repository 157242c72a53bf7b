"""Facts of errors that are sentences: each is known in another language, wherever it is raised."""

import ast
from functools import cache
from pathlib import Path

import engine
from bot.phrases import phrase
from bot.replies import NOT_FOUND, reply_to, tree
from bot.texts import speaking

ROOT = Path(engine.__file__).parents[1]
SENTENCES = {
    "BadRequest": ("valid",),
    "NotAllowed": ("what", "needs"),
    "BadBase": ("problem", "cure"),
}
ENGLISH = (
    "bot/cli/",  # the host's command line speaks English
    "engine/director/batch.py",  # lines of `atelier plan`, which answers a program in English
    "engine/director/cards.py",
    "engine/workers/displacement.py",  # the worker's own requests
)
SAME_EVERYWHERE = frozenset({"1 to 150", "0 to 30"})


def literal(node: ast.expr) -> str | None:
    """A text as it is written, with something in the place of each fact."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [
            str(part.value) if isinstance(part, ast.Constant) else "zz9" for part in node.values
        ]
        return "".join(parts)
    return None


@cache
def calls() -> tuple[tuple[str, str, dict[str, str]], ...]:
    """Where, which class, and its facts that are literal."""
    found = []
    for package in ("engine", "bot"):
        for file in sorted((ROOT / package).rglob("*.py")):
            where = file.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    told = {word.arg or "": literal(word.value) for word in node.keywords}
                    given = {name: text for name, text in told.items() if text is not None}
                    found.append((f"{where}:{node.lineno}", node.func.id, given))
    return tuple(found)


def test_every_kind_of_thing_that_is_not_found_has_its_sentence() -> None:
    kinds = {told["what"] for _, name, told in calls() if name == "NotFound" and "what" in told}
    assert kinds - set(NOT_FOUND) == set()


def test_every_sentence_in_an_error_is_known() -> None:
    english = []
    with speaking("de"):
        for where, name, told in calls():
            if where.startswith(ENGLISH):
                continue
            for fact in SENTENCES.get(name, ()):
                said = told.get(fact, "")
                has_words = any(word.isalpha() and word != "zz9" for word in said.split())
                if has_words and said not in SAME_EVERYWHERE and phrase(said) == said:
                    english.append(f"{where}: {said}")
    assert english == []


def test_every_error_is_told_in_other_words_than_in_english() -> None:
    for kind in tree():
        english = reply_to(kind, {})
        with speaking("de"):
            german = reply_to(kind, {})
        assert {english.what, english.cure}.isdisjoint({german.what, german.cure}), kind.code
