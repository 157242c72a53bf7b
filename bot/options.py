"""Options of commands: typed, described, parsed from text with errors that say what is valid."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from engine.errors import BadRequest

_SIZE = re.compile(r"^\s*(\d{1,5})(?:\s*[xX\u00d7*]\s*(\d{1,5}))?\s*$")


def _pixels(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _SIZE.match(value)
    if not found:
        raise ValueError("not a size")
    width = int(found[1])
    return width, int(found[2] or width)


Pixels = Annotated[tuple[int, int], BeforeValidator(_pixels)]
"""Width and height, typed as `64x64`, or `64` for a square."""


class Options(BaseModel):
    """Base of every command's options: frozen, exact; every field carries a description."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @classmethod
    def from_text(cls, given: Mapping[str, str]) -> Self:
        """Parse what was typed; raises `BadRequest` naming the option and what would do."""
        for name, value in given.items():
            if name not in cls.model_fields:
                known = ", ".join(cls.model_fields) or "this command has no options"
                raise BadRequest(name=name, value=value, valid=f"one of the options: {known}")
        try:
            return cls.model_validate(dict(given))
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            name = str(problem["loc"][0]) if problem["loc"] else "options"
            raise BadRequest(
                name=name, value=given.get(name, ""), valid=valid(cls.model_fields[name])
            ) from error


def valid(field: FieldInfo) -> str:
    """What a field takes, in words; a field may bring its own as `json_schema_extra["valid"]`."""
    own = field.json_schema_extra
    if isinstance(own, dict) and "valid" in own:
        return str(own["valid"])
    if choices := _choices(field.annotation):
        return _or(choices)
    bounds = [getattr(rule, "ge", None) for rule in field.metadata if isinstance(rule, Ge)]
    tops = [getattr(rule, "le", None) for rule in field.metadata if isinstance(rule, Le)]
    if bounds and tops:
        return f"a number from {bounds[0]} to {tops[0]}"
    return field.description or "something else"


def _choices(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(str(choice) for choice in get_args(annotation))
    return next((found for part in get_args(annotation) if (found := _choices(part))), ())


def _or(choices: tuple[str, ...]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"
