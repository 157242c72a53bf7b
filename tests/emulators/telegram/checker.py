"""Holds requests, answers and updates to the published description of the Bot API.

Without the document nothing is checked, and `is_there` says so.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.emulators.documents import document

ARRAY = "Array of "
FIXED = re.compile(r"(?:must be|always) [\u201c\"]?([a-z_]+)[\u201d\"]?")
ALLOWED_EXTRA: frozenset[tuple[str, str]] = frozenset()
"""(method or type, field) that the service takes although the document does not tell."""
KINDS: dict[str, tuple[type, ...]] = {
    "Integer": (int,), "String": (str,), "Boolean": (bool,), "Float": (int, float), "True": (bool,),
}  # fmt: skip


class Checker:
    """Findings are collected; a test fails when there is any."""

    def __init__(self, document: Mapping[str, Any] | None) -> None:
        self._methods = document["methods"] if document else {}
        self._types = document["types"] if document else {}
        self.is_there = document is not None

    def request(self, method: str, given: Mapping[str, Any], files: set[str]) -> list[str]:
        """What is wrong with a request; parameters are as they came, texts or JSON in texts."""
        if not self.is_there:
            return []
        described = self._methods.get(method)
        if described is None:
            return [f"{method}: no such method"]
        fields = {field["name"]: field for field in described.get("fields", ())}
        found = [
            f"{method}: {name} is required"
            for name, field in fields.items()
            if field["required"] and name not in given and name not in files
        ]
        for name, value in given.items():
            if name not in fields:
                if (method, name) not in ALLOWED_EXTRA:
                    found.append(f"{method}: no parameter {name}")
                continue
            found += self._any(f"{method}.{name}", fields[name]["types"], value, files)
        return found

    def result(self, method: str, result: Any) -> list[str]:
        """What is wrong with an answer."""
        if not self.is_there or method not in self._methods:
            return []
        return self._any(f"{method} -> ", self._methods[method]["returns"], result, set())

    def update(self, update: Mapping[str, Any]) -> list[str]:
        """What is wrong with an update."""
        return self._one("update", "Update", update, set()) if self.is_there else []

    def _any(self, where: str, kinds: list[str], value: Any, files: set[str]) -> list[str]:
        """The findings of the kind that fits best."""
        found = [self._one(where, kind, value, files) for kind in kinds]
        return min(found, key=len)

    def _one(self, where: str, kind: str, value: Any, files: set[str]) -> list[str]:
        if kind.startswith(ARRAY):
            if not isinstance(value, list):
                return [f"{where}: not a list"]
            inner = kind.removeprefix(ARRAY)
            return [
                problem
                for place, each in enumerate(value)
                for problem in self._one(f"{where}[{place}]", inner, each, files)
            ]
        if kind in KINDS:
            is_bool = isinstance(value, bool)
            fits = isinstance(value, KINDS[kind]) and is_bool == (kind in ("Boolean", "True"))
            return [] if fits else [f"{where}: {value!r} is no {kind}"]
        if kind == "InputFile":
            name = str(value).removeprefix("attach://")
            return [] if name in files else [f"{where}: no file {name} came along"]
        return self._object(where, kind, value, files)

    def _object(self, where: str, kind: str, value: Any, files: set[str]) -> list[str]:
        described = self._types.get(kind)
        if described is None:
            return [f"{where}: unknown type {kind}"]
        if "subtypes" in described:
            return self._any(where, described["subtypes"], value, files)
        if not isinstance(value, dict):
            return [f"{where}: not an object of {kind}"]
        fields = {field["name"]: field for field in described.get("fields", ())}
        found = [
            f"{where}: {kind}.{name} is missing"
            for name, field in fields.items()
            if field["required"] and name not in value
        ]
        for name, inner in value.items():
            if name not in fields:
                found.append(f"{where}: {kind} has no {name}")
                continue
            field = fields[name]
            found += self._any(f"{where}.{name}", field["types"], inner, files)
            fixed = FIXED.search(field["description"])
            if name in ("type", "status", "source") and fixed and inner != fixed[1]:
                found.append(f"{where}: {kind}.{name} is {inner!r}, not {fixed[1]!r}")
            if isinstance(inner, str) and inner.startswith("attach://"):
                found += self._one(f"{where}.{name}", "InputFile", inner, files)
        return found

    def decoded(self, method: str, given: Mapping[str, str]) -> dict[str, Any]:
        """Form fields as what they stand for: whatever is no String is JSON."""
        fields = {
            field["name"]: field["types"]
            for field in self._methods.get(method, {}).get("fields", ())
        }
        return {name: _decoded(value, fields.get(name, ["Guess"])) for name, value in given.items()}


def _decoded(value: str, kinds: list[str]) -> Any:
    if kinds == ["String"]:
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return value
    if "String" in kinds and not isinstance(found, int | dict | list):
        return value
    return found


@cache
def load() -> Checker:
    """The checker of the document, when it is there."""
    return Checker(document("telegram-bot-api-*.json"))
