"""What can be set on a picture, by command or in a form: said once for both."""

from typing import Annotated, Any

from pydantic import Field

from bot.options import Options, Pixels
from engine.messages import Settings

Size = Annotated[
    Pixels | None,
    Field(description="Width and height", json_schema_extra={"valid": "like 64x64, or 64"}),
]
Seed = Annotated[
    int | None,
    Field(
        ge=0,
        lt=2**63,
        description="The same seed and words give the same picture",
        json_schema_extra={"valid": "a whole number, 0 or more"},
    ),
]
Count = Annotated[int | None, Field(ge=1, le=16, description="How many pictures")]
Steps = Annotated[int | None, Field(ge=1, le=150, description="More steps, more care, more time")]
Guidance = Annotated[
    float | None, Field(ge=0, le=30, description="How closely to follow the words")
]
SETTINGS = frozenset({"seed", "count", "steps", "guidance"})


def settings_of(options: Options, **more: Any) -> Settings:
    """Options with those fields, as the engine takes them."""
    told = options.model_dump(include={*SETTINGS, "size"})
    width, height = told.pop("size") or (None, None)
    return Settings.model_validate({**told, "width": width, "height": height, **more})
