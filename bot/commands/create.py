"""`/create`: a picture from a look in words; everything else is decided unless it is given."""

from pydantic import Field

from bot.command import Context, command
from bot.conversation import create
from bot.messages import Outbound
from bot.options import Options, Pixels
from engine.messages import Settings

WORDS_CHARS = 2000


class CreateOptions(Options):
    """What can be set on a picture."""

    words: str = Field(
        min_length=1,
        max_length=WORDS_CHARS,
        description="What you want to see, in your own words",
        json_schema_extra={"valid": f"your words, at most {WORDS_CHARS} characters"},
    )
    size: Pixels | None = Field(
        None, description="Width and height", json_schema_extra={"valid": "like 64x64, or 64"}
    )
    seed: int | None = Field(
        None,
        ge=0,
        lt=2**63,
        description="The same seed and words give the same picture",
        json_schema_extra={"valid": "a whole number, 0 or more"},
    )
    count: int | None = Field(None, ge=1, le=16, description="How many pictures")
    steps: int | None = Field(None, ge=1, le=150, description="More steps, more care, more time")
    guidance: float | None = Field(None, ge=0, le=30, description="How closely to follow the words")
    base: str | None = Field(
        None, min_length=1, max_length=80, description="Name of the base to draw with"
    )
    negative: str = Field("", max_length=WORDS_CHARS, description="What should not be in it")


async def handle(context: Context, options: CreateOptions) -> Outbound:
    """Read the words, let the options overrule them, and draw."""
    width, height = options.size or (None, None)
    settings = Settings(
        width=width,
        height=height,
        seed=options.seed,
        count=options.count,
        steps=options.steps,
        guidance=options.guidance,
        base=options.base,
    )
    return await create(context, options.words, settings, options.negative)


CREATE = command(
    name="create",
    summary="Make a picture from a description",
    options=CreateOptions,
    handle=handle,
    positional=("words",),
    about="Only the words are needed. What you don't set, I decide, and “why this?” says why.",
    examples=(
        "/create a red circle on a blue background",
        "/create Zib in neon, looking left count=2",
        "/create a green star size=64x64 seed=7 negative=stripes",
    ),
)
