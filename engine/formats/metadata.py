"""Metadata of a header as data: JSON inside of text, plain words cleaned of tricks."""

import json
import math
import re
import unicodedata
from collections.abc import Mapping

_SPACES = re.compile(r"\s+")


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def json_value(text: str) -> object:
    """The value of a JSON text; None for anything that is not JSON."""
    try:
        found: object = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return found


def json_object(text: str) -> Mapping[str, object]:
    """An object of a JSON text; empty for anything else."""
    found = json_value(text) if text.lstrip().startswith("{") else None
    return found if isinstance(found, dict) else {}


def json_list(text: str) -> list[object]:
    """A list of a JSON text; empty for anything else."""
    found = json_value(text) if text.lstrip().startswith("[") else None
    return found if isinstance(found, list) else []


def clean(text: str) -> str:
    """One line of text without control, formatting, private or unassigned characters."""
    spaced = _SPACES.sub(" ", text)
    kept = (character for character in spaced if unicodedata.category(character)[0] != "C")
    return _SPACES.sub(" ", "".join(kept)).strip()


def said(metadata: Mapping[str, str], key: str) -> str:
    """A value as one clean line of at most 500 characters; empty for the ways to say nothing."""
    value = clean(metadata.get(key, "")[:500])
    return "" if value.lower() in {"none", "null", "unknown", "n/a"} else value


def positive(text: str) -> float | None:
    """A finite positive number in a text; None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < math.inf else None
