"""JSON Schema, as far as the published documents use it: what is wrong with a value, in words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

Rules = Mapping[str, Any]
KINDS: Mapping[str, Callable[[object], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas of one document; `is_exact` refuses names that it does not list."""

    document: Rules
    is_exact: bool = False
    allowed: frozenset[str] = frozenset()
    """Names that real programs send all the same."""

    def wrong(self, value: object, rules: Rules, at: str = "$") -> list[str]:
        """Everything that is wrong, empty when nothing is."""
        if "$ref" in rules:
            return self.wrong(value, self.named(str(rules["$ref"])), at)
        found = [*self._of_kind(value, rules, at), *self._chosen(value, rules, at)]
        if isinstance(value, str):
            found += _of_text(value, rules, at)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found += _of_number(value, rules, at)
        elif isinstance(value, list):
            found += self._of_list(value, rules, at)
        elif isinstance(value, dict):
            found += self._of_object(value, rules, at)
        return found

    def named(self, reference: str) -> Rules:
        """The schema behind a reference."""
        here: Any = self.document
        for part in reference.removeprefix("#/").split("/"):
            here = here[unquote(part)]
        found: Rules = here
        return found

    def _of_kind(self, value: object, rules: Rules, at: str) -> list[str]:
        kinds = rules.get("type")
        if kinds is None:
            return []
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if any(KINDS[kind](value) for kind in kinds):
            return []
        return [f"{at}: {_short(value)} is no {' or '.join(kinds)}"]

    def _chosen(self, value: object, rules: Rules, at: str) -> list[str]:
        found: list[str] = []
        if "enum" in rules and value not in rules["enum"]:
            found.append(f"{at}: {_short(value)} is none of {_short(rules['enum'])}")
        if "const" in rules and value != rules["const"]:
            found.append(f"{at}: {_short(value)} is not {_short(rules['const'])}")
        if "not" in rules and not self.wrong(value, rules["not"], at):
            found.append(f"{at}: {_short(value)} may not be there")
        for each in rules.get("allOf", ()):
            found += self.wrong(value, each, at)
        for word in ("anyOf", "oneOf"):
            if options := rules.get(word):
                # One of several is enough: services read "exactly one" by the first that fits.
                tried = [self.wrong(value, each, at) for each in options]
                best: list[str] = min(tried, key=len)
                found += best
        return found

    def _of_list(self, value: list[object], rules: Rules, at: str) -> list[str]:
        found: list[str] = []
        if not rules.get("minItems", 0) <= len(value) <= rules.get("maxItems", len(value)):
            found.append(f"{at}: {len(value)} items")
        items = rules.get("items")
        if isinstance(items, Mapping):
            for place, each in enumerate(value):
                found += self.wrong(each, items, f"{at}[{place}]")
        return found

    def _of_object(self, value: dict[str, object], rules: Rules, at: str) -> list[str]:
        known: Rules = rules.get("properties", {})
        more = rules.get("additionalProperties")
        found = [
            f"{at}: {name} is missing" for name in rules.get("required", ()) if name not in value
        ]
        for name, each in value.items():
            if name in known:
                found += self.wrong(each, known[name], f"{at}.{name}")
            elif isinstance(more, Mapping):
                found += self.wrong(each, more, f"{at}.{name}")
            elif self.is_exact and known and more is not True and name not in self.allowed:
                found.append(f"{at}: {name} is unknown")
        return found


def _of_text(value: str, rules: Rules, at: str) -> list[str]:
    found: list[str] = []
    if not rules.get("minLength", 0) <= len(value) <= rules.get("maxLength", len(value)):
        found.append(f"{at}: {len(value)} characters")
    if "pattern" in rules and not re.search(rules["pattern"], value):
        found.append(f"{at}: {_short(value)} does not look like {rules['pattern']}")
    return found


def _of_number(value: float, rules: Rules, at: str) -> list[str]:
    if rules.get("minimum", value) <= value <= rules.get("maximum", value):
        return []
    return [f"{at}: {value} is out of bounds"]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
