"""`/queue`: what I have waiting, when it comes, and a way to stop it."""

from bot.acts.jobs import queue_view
from bot.command import Context, command
from bot.messages import Outbound
from bot.options import Options


class QueueOptions(Options):
    """Nothing to set."""


async def handle(context: Context, options: QueueOptions) -> Outbound:
    """My jobs with places, times and buttons."""
    return await queue_view(context)


QUEUE = command(
    name="queue",
    summary="Your pictures in the queue: places, times, cancel",
    options=QueueOptions,
    handle=handle,
    examples=("/queue",),
)
