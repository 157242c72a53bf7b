"""Options of commands: typed, described, parsed from text with errors that say what is valid."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from bot.figures import either, listed
from bot.phrases import phrase
from bot.texts import say
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
                known = listed(tuple(cls.model_fields)) or say(
                    "valid.no_options", "this command has no options"
                )
                only = say("valid.options", "one of the options: {known}", known=known)
                raise BadRequest(name=name, value=value, valid=only)
        try:
            return cls.model_validate(dict(given))
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            name = str(problem["loc"][0]) if problem["loc"] else "options"
            works = valid(cls.model_fields[name])
            if problem["type"] == "string_too_long":
                most = problem["ctx"]["max_length"]
                works = say("valid.chars", "at most {most} characters", most=most)
            raise BadRequest(name=name, value=given.get(name, ""), valid=works) from error


def valid(field: FieldInfo) -> str:
    """What a field takes, in words; a field may bring its own as `json_schema_extra["valid"]`."""
    own = field.json_schema_extra
    if isinstance(own, dict) and "valid" in own:
        return phrase(str(own["valid"]))
    if choices := choices_of(field):
        return either(choices)
    bounds = [getattr(rule, "ge", None) for rule in field.metadata if isinstance(rule, Ge)]
    tops = [getattr(rule, "le", None) for rule in field.metadata if isinstance(rule, Le)]
    if bounds and tops:
        return say("valid.range", "a number from {least} to {most}", least=bounds[0], most=tops[0])
    return field.description or say("valid.else", "something else")


def choices_of(field: FieldInfo) -> tuple[str, ...]:
    """The values that a field may take, where they are few."""
    return _choices(field.annotation)


def _choices(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(str(choice) for choice in get_args(annotation))
    return next((found for part in get_args(annotation) if (found := _choices(part))), ())
