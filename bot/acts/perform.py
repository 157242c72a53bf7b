"""Any intent to its act: the one place where intents meet what the bot does about them."""

from bot.acts import jobs
from bot.acts.drawing import draw
from bot.acts.helping import help_page
from bot.acts.looks import look_card, looks_page
from bot.acts.opining import opine, unlearn, unlearn_buttons
from bot.acts.own_looks import undo_look
from bot.acts.undoing import undo_buttons
from bot.acts.vetting import vet
from bot.acts.why import why_card
from bot.command import Context
from bot.escape import paragraphs
from bot.messages import Outbound
from bot.phrases import phrases
from bot.texts import wording
from engine.errors import NotFound
from engine.messages import (
    Cancel,
    Chat,
    Delete,
    Feedback,
    Generate,
    Help,
    Info,
    Intent,
    JobId,
    Replay,
    Reroll,
    Revise,
    Search,
    Status,
    UndoLook,
    Unlearn,
    Vary,
    Vet,
)

HELLO = wording(
    "talk.hello",
    "I make pictures. Describe one, such as: a red circle on a blue background. /help has more.",
)

NOT_YET = wording(
    "talk.not_yet",
    "I can't do that yet. I can draw, change, re-roll and vary pictures: /help has more.",
)


async def perform(context: Context, intent: Intent, remark: str = "") -> Outbound:
    """Do what the intent asks; `remark` is what the reader wants said beside it."""
    match intent:
        case Generate() | Reroll() | Vary() | Replay() | Revise():
            return await draw(context, intent, remark)
        case Search():
            return await looks_page(context, intent)
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
        case Vet():
            return await vet(context, intent)
        case _:
            return await _learn_or_talk(context, intent, remark)


async def _learn_or_talk(context: Context, intent: Intent, remark: str) -> Outbound:
    """Opinions, own looks, and what is answered in words alone."""
    match intent:
        case Feedback():
            return await opine(context, intent, remark)
        case Unlearn():
            return await unlearn(context, intent.look)
        case UndoLook():
            return await undo_look(context, intent.name)
        case _:
            otherwise = HELLO if isinstance(intent, Chat) else NOT_YET
            return Outbound(text=paragraphs(phrases(remark), 2000) or otherwise.say())


async def info(context: Context, about: str) -> Outbound:
    """What made this picture, or what is this look? Raises `NotFound` when it is neither."""
    try:
        job = await context.engine.show(context.owner, JobId(about))
        room = context.capabilities.buttons
        learned = await unlearn_buttons(context, job, room)
        undo = await undo_buttons(context.engine, job, room - len(learned))
        return why_card(job).model_copy(update={"buttons": (*learned, *undo)})
    except NotFound:
        return await look_card(context, about)
