"""`/report`: tell the moderators of a picture."""

from pydantic import Field

from bot.acts.reporting import report
from bot.command import Context, command
from bot.messages import Outbound
from bot.options import Options
from engine.messages import JobId


class ReportOptions(Options):
    """Which picture, and why."""

    id: str = Field(
        min_length=1,
        max_length=64,
        description="The id that stands under the picture",
        json_schema_extra={"valid": "the id that stands under a picture, like k7hd2m9q"},
    )
    reason: str = Field("", max_length=500, description="What is wrong with it")


async def handle(context: Context, options: ReportOptions) -> Outbound:
    """Only the moderators hear of it."""
    return await report(context, JobId(options.id.strip("#").casefold()), options.reason)


REPORT = command(
    name="report",
    summary="Tell the moderators of a picture that should not be here",
    options=ReportOptions,
    handle=handle,
    positional=("id", "reason"),
    examples=("/report k7hd2m9q it shows somebody I know",),
)
