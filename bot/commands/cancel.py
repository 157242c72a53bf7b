"""`/cancel`: stop one of my pictures, or all of them."""

from pydantic import Field

from bot.acts.jobs import cancel
from bot.command import Context, command
from bot.messages import Outbound
from bot.options import Options
from engine.messages import JobId


class CancelOptions(Options):
    """Which job."""

    id: str = Field(
        "",
        max_length=64,
        description="The picture's id; without it, all of yours",
        json_schema_extra={"suggests": "jobs"},
    )


async def handle(context: Context, options: CancelOptions) -> Outbound:
    """Stop it between two steps; what was cancelled costs nothing."""
    return await cancel(context, JobId(options.id.casefold()) if options.id else None)


CANCEL = command(
    name="cancel",
    summary="Stop a picture of yours, or all of them",
    options=CancelOptions,
    handle=handle,
    positional=("id",),
    examples=("/cancel", "/cancel k7hd2m9q"),
)
