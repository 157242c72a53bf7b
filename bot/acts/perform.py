"""Any intent to its act: the one place where intents meet what the bot does about them."""

from bot.acts import jobs
from bot.acts.drawing import draw
from bot.acts.helping import help_page
from bot.acts.looks import look_card, looks_page
from bot.acts.why import why_card
from bot.command import Context
from bot.escape import paragraphs
from bot.messages import Outbound
from engine.errors import NotFound
from engine.messages import (
    Cancel,
    Chat,
    Delete,
    Generate,
    Help,
    Info,
    Intent,
    JobId,
    Replay,
    Reroll,
    Search,
    Status,
    Vary,
)

HELLO = "I make pictures. Describe one, such as: a red circle on a blue background. /help has more."


async def perform(context: Context, intent: Intent, remark: str = "") -> Outbound:
    """Do what the intent asks; `remark` is what the reader wants said beside it."""
    match intent:
        case Generate() | Reroll() | Vary() | Replay():
            return await draw(context, intent, remark)
        case Search():
            return await looks_page(context, intent.query)
        case Info():
            return await info(context, intent.about)
        case Status():
            return await jobs.queue_view(context)
        case Cancel():
            return await jobs.cancel(context, intent.job)
        case Delete():
            return await jobs.ask_delete(context, intent.job)
        case Help():
            return help_page(context, intent.topic)
        case Chat():
            return Outbound(text=paragraphs(remark, 2000) or HELLO)


async def info(context: Context, about: str) -> Outbound:
    """What made this picture, or what is this look? Raises `NotFound` when it is neither."""
    try:
        return why_card(await context.engine.show(context.owner, JobId(about)))
    except NotFound:
        return await look_card(context, about)
