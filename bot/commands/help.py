"""`/help [topic]`: how this works."""

from pydantic import Field

from bot.acts.helping import help_page
from bot.command import Context, command
from bot.messages import Outbound
from bot.options import Options


class HelpOptions(Options):
    """About what."""

    topic: str = Field("", max_length=40, description="A topic or a command; empty for all")


async def handle(context: Context, options: HelpOptions) -> Outbound:
    """The overview, a topic, or a command."""
    return help_page(context, options.topic)


HELP = command(
    name="help",
    summary="How this works, and all commands",
    options=HelpOptions,
    handle=handle,
    positional=("topic",),
    examples=("/help", "/help words", "/help create"),
)
