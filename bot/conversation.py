"""Plain-language turns: words are read, acted upon, answered and remembered."""

from bot.acts.perform import perform
from bot.buttons import make
from bot.command import Context
from bot.escape import paragraphs
from bot.messages import Outbound
from engine.errors import PersonError
from engine.messages import Generate, Reading, Settings

REPLY_CHARS = 1000
EMPTY = "Describe a picture, or type /help."


async def converse(context: Context, words: str) -> Outbound:
    """One turn: whatever the words ask for."""
    words = paragraphs(words)
    if not words:
        return Outbound(text=EMPTY, private=True)
    reading = await context.engine.read(context.visit, words)
    return await _turn(context, words, reading)


async def create(
    context: Context, words: str, settings: Settings, negative_prompt: str = ""
) -> Outbound:
    """One turn that always draws: the words choose, the settings given by hand overrule them."""
    words = paragraphs(words)
    reading = await context.engine.read(context.visit, words)
    intent = reading.intent
    if not isinstance(intent, Generate):
        reading = Reading(intent=Generate(words=words, prompt=words))
        intent = Generate(words=words, prompt=words)
    merged = intent.model_copy(
        update={
            "settings": intent.settings.model_copy(update=settings.model_dump(exclude_none=True)),
            "negative_prompt": ", ".join(
                part for part in (intent.negative_prompt, negative_prompt) if part
            ),
        }
    )
    return await _turn(context, words, reading.model_copy(update={"intent": merged}))


async def _turn(context: Context, words: str, reading: Reading) -> Outbound:
    """Act and remember; a refusal is remembered too, so that "then without it" is understood."""
    try:
        if is_question(reading):
            answer = await _ask(context, reading)
        else:
            answer = await perform(context, reading.intent, reading.reply)
    except PersonError:
        await context.engine.talk(context.visit, words, reading.reply[:REPLY_CHARS], None)
        raise
    reply = reading.reply or ("" if answer.job else answer.text)
    await context.engine.talk(context.visit, words, reply[:REPLY_CHARS], answer.job)
    return answer


def is_question(reading: Reading) -> bool:
    """The words leave a choice that matters: nothing is drawn until it is made."""
    return isinstance(reading.intent, Generate) and reading.reply.rstrip().endswith("?")


async def _ask(context: Context, reading: Reading) -> Outbound:
    anyway = await make(
        context.engine, context.owner, "draw", reading.intent, "draw it without choosing"
    )
    return Outbound(text=paragraphs(reading.reply, REPLY_CHARS), buttons=(anyway,))
