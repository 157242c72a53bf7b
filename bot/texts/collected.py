"""Every sentence there is in English, by key: read from the code and from the command table."""

import ast
import json
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot import menu
from bot.acts.editing import EditOptions
from bot.acts.vetting import EDITED
from bot.command import Command

CALLS = frozenset({"say", "wording", "say_count"})
"""Functions whose key and English are literals (a count has its forms by name)."""


_STRING = r'"(?:[^"\\]|\\.)*"'
_IN_PAGE = re.compile(
    rf"""(?<![\w.])(?:t|mixed)\(\s*"(?P<key>page[\w.]*)",\s*(?P<texts>{_STRING})"""
    rf"""|(?<![\w.])tn\(\s*"(?P<key_n>page[\w.]*)",\s*[\w.]+,\s*(?P<texts_n>{_STRING},\s*{_STRING})"""
)


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence in English and where it is written."""

    key: str
    forms: Mapping[str, str]
    """By plural category; a sentence without a number has the form `other` alone."""
    where: str

    @property
    def is_counted(self) -> bool:
        return "one" in self.forms

    @property
    def facts(self) -> frozenset[str]:
        """The names that are filled in."""
        return placeholders(*self.forms.values())


@dataclass(frozen=True, slots=True)
class Collected:
    """What was found, and what could not be read."""

    sources: Mapping[str, Source]
    problems: tuple[str, ...]


def placeholders(*templates: str) -> frozenset[str]:
    """The names in braces; raises `ValueError` for what is no template."""
    parsed = [part for each in templates for part in string.Formatter().parse(each)]
    return frozenset(name for _, name, _, _ in parsed if name is not None)


def collect(folder: Path, commands: Mapping[str, Command]) -> Collected:
    """All sentences of the Python files below a folder and of these commands."""
    found: dict[str, Source] = {}
    problems: list[str] = []
    sources: list[Source | str] = [
        Source(key, {"other": english}, "bot/commands")
        for key, english in (menu.texts(commands) | form_texts()).items()
    ]
    for file in sorted(folder.rglob("*.py")):
        if file.parent != Path(__file__).parent:
            where = file.relative_to(folder.parent).as_posix()
            sources += in_code(file.read_text(encoding="utf-8"), where)
    for file in sorted(folder.rglob("*.js")):
        where = file.relative_to(folder.parent).as_posix()
        sources += in_page(file.read_text(encoding="utf-8"), where)
    for source in sources:
        if isinstance(source, str):
            problems.append(source)
            continue
        other = found.setdefault(source.key, source)
        if other.forms != source.forms:
            problems.append(f"{source.where}: {source.key} says something else in {other.where}")
    return Collected(found, tuple(problems))


def form_texts() -> dict[str, str]:
    """What the fields of forms are called in English, and what they hold, by key."""
    helps = {
        f"form.help.{name}": field.description or ""
        for name, field in EditOptions.model_fields.items()
    }
    return helps | {f"form.label.{name}": name.capitalize() for name in EDITED}


def in_code(code: str, where: str) -> Iterator[Source | str]:
    """The sentences of one file, and a line for each call that can't be read."""
    nodes = tuple(ast.walk(ast.parse(code)))
    imported = {
        name.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "bot.texts"
        for name in node.names
    }
    for node in nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in CALLS & imported:
            yield _source(node, node.func.id, f"{where}:{node.lineno}")


def in_page(code: str, where: str) -> Iterator[Source]:
    """The sentences of a script of the web page, which calls `t`, `tn` and `mixed`."""
    for found in _IN_PAGE.finditer(code):
        texts = [
            str(json.loads(text))
            for text in re.findall(_STRING, found["texts"] or found["texts_n"])
        ]
        forms = dict(zip(("one", "other"), texts, strict=True)) if len(texts) > 1 else None
        line = code.count("\n", 0, found.start()) + 1
        yield Source(
            found["key"] or found["key_n"], forms or {"other": texts[0]}, f"{where}:{line}"
        )


def _source(call: ast.Call, name: str, where: str) -> Source | str:
    key = _literal(call.args[0]) if call.args else None
    if name == "say_count":
        given = {word.arg: _literal(word.value) for word in call.keywords}
        forms = {form: given.get(form) for form in ("one", "other")}
    else:
        forms = {"other": _literal(call.args[1]) if len(call.args) > 1 else None}
    told = {form: english for form, english in forms.items() if english is not None}
    if key is None or len(told) < len(forms):
        return f"{where}: key and English of {name}() must be literals"
    return Source(key, told, where)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
