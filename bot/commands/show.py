"""`/show ID`: a picture again, with its buttons, for ever."""

from pydantic import Field

from bot.acts.jobs import show
from bot.command import Context, command
from bot.messages import Outbound
from bot.options import Options
from engine.messages import JobId


class ShowOptions(Options):
    """Which job."""

    id: str = Field(
        min_length=1,
        max_length=64,
        description="The id that stands under the picture",
        json_schema_extra={"valid": "the id that stands under a picture, like k7hd2m9q"},
    )


async def handle(context: Context, options: ShowOptions) -> Outbound:
    """The job as it is now."""
    return await show(context, JobId(options.id.strip("#").casefold()))


SHOW = command(
    name="show",
    summary="Bring a picture back by its id, with fresh buttons",
    options=ShowOptions,
    handle=handle,
    positional=("id",),
    about="Works for pictures of this place, and for your own from anywhere.",
    examples=("/show k7hd2m9q",),
)
