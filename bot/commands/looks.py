"""`/looks`: browse and search the looks of this place."""

from pydantic import Field

from bot.acts.looks import looks_page
from bot.command import Context, command
from bot.messages import Outbound
from bot.options import Options


class LooksOptions(Options):
    """What to look for."""

    query: str = Field("", max_length=200, description="A name, a kind or a mood; empty for all")
    page: int = Field(1, ge=1, le=999, description="Which page")


async def handle(context: Context, options: LooksOptions) -> Outbound:
    """One page, with buttons for the others."""
    return await looks_page(context, options.query, options.page)


LOOKS = command(
    name="looks",
    summary="Browse or search the looks of this place",
    options=LooksOptions,
    handle=handle,
    positional=("query",),
    about="You never have to name one: describe the picture, and I choose among these.",
    examples=("/looks", "/looks neon", "/looks character page=2"),
)
