"""`/create`: a picture from a look in words; everything else is decided unless it is given."""

from pydantic import Field

from bot.acts.making import Count, Guidance, Seed, Size, Steps, settings_of
from bot.command import Context, command
from bot.conversation import create
from bot.messages import Outbound
from bot.options import Options

WORDS_CHARS = 2000


class CreateOptions(Options):
    """What can be set on a picture."""

    words: str = Field(
        min_length=1,
        max_length=WORDS_CHARS,
        description="What you want to see, in your own words",
        json_schema_extra={"valid": f"your words, at most {WORDS_CHARS} characters"},
    )
    size: Size = None
    seed: Seed = None
    count: Count = None
    steps: Steps = None
    guidance: Guidance = None
    base: str | None = Field(
        None,
        min_length=1,
        max_length=80,
        description="Name of the base to draw with",
        json_schema_extra={"suggests": "bases"},
    )
    negative: str = Field("", max_length=WORDS_CHARS, description="What should not be in it")


async def handle(context: Context, options: CreateOptions) -> Outbound:
    """Read the words, let the options overrule them, and draw."""
    settings = settings_of(options, base=options.base)
    return await create(context, options.words, settings, options.negative)


CREATE = command(
    name="create",
    summary="Make a picture from a description",
    options=CreateOptions,
    handle=handle,
    positional=("words",),
    takes="A picture to go by",
    about="Only the words are needed. What you don't set, I decide, and “why this?” says why.",
    examples=(
        "/create a red circle on a blue background",
        "/create Zib in neon, looking left count=2",
        "/create a green star size=64x64 seed=7 negative=stripes",
    ),
)
