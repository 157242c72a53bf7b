"""What pydantic finds wrong with a field, in the engine's own words of what would be right."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

OTHER = "another value"
WORDS = {
    "missing": "to be given",
    "string_type": "words",
    "int_type": "a number",
    "int_parsing": "a number",
    "float_type": "a number",
    "float_parsing": "a number",
}


def first_problem(error: ValidationError) -> tuple[str, str, str]:
    """The field that is wrong, what it was given, and what it takes."""
    problem = error.errors(include_url=False)[0]
    names = [each for each in problem["loc"] if isinstance(each, str)]
    given = problem.get("input", "")
    value = ", ".join(map(str, given)) if isinstance(given, list | tuple) else str(given)
    value = "" if problem["type"] == "missing" else value
    return (names[-1] if names else ""), value[:80], takes(problem["type"], problem.get("ctx", {}))


def takes(kind: str, facts: Mapping[str, Any]) -> str:
    """What a field takes that failed in this way."""
    match kind:
        case "string_too_long":
            return f"at most {facts['max_length']} characters"
        case "too_long":
            return f"at most {facts['max_length']}"
        case "string_too_short" | "too_short":
            return f"at least {facts['min_length']}"
        case "greater_than_equal":
            return f"at least {facts['ge']}"
        case "less_than_equal":
            return f"at most {facts['le']}"
        case "literal_error":
            return ", ".join(str(facts["expected"]).replace("'", "").split(" or "))
        case _:
            return WORDS.get(kind, OTHER)
