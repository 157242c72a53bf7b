"""Plain-language turns: words are read, acted upon, answered and remembered."""

from contextlib import suppress

from bot.acts.perform import perform
from bot.acts.recipe import is_picture, no_recipe, recipe_card, shown_recipe
from bot.buttons import make
from bot.command import Context
from bot.escape import paragraphs
from bot.messages import Outbound
from bot.phrases import phrases
from bot.port import CannotPost
from bot.texts import say, wording
from engine.api import Recipe
from engine.errors import PersonError
from engine.messages import Generate, Reading, Settings

REPLY_CHARS = 1000
MOST_PICTURES = 4
PICTURE_BYTES = 16 << 20
EMPTY = wording("talk.empty", "Describe a picture, or type /help.")
NO_REFERENCE = wording(
    "talk.no_reference", "I can't look at pictures yet, so I went by your words alone."
)


async def converse(context: Context, words: str) -> Outbound:
    """One turn: whatever the words ask for."""
    words = paragraphs(words)
    shown = await shown_recipe(context)
    if not words:
        return await _without_words(context, shown)
    pictures = await _pictures(context) if shown is None else ()
    about = shown.plan if shown else None
    reading = await context.engine.read(context.visit, words, about, pictures)
    has_pictures = any(is_picture(each) for each in context.inbound.attachments)
    if shown is None and has_pictures and not reading.has_seen:
        reading = reading.model_copy(
            update={"reply": f"{reading.reply} {NO_REFERENCE.english}".strip()}
        )
    return await _turn(context, words, reading)


async def _pictures(context: Context) -> tuple[bytes, ...]:
    """The pictures shown with the words, where somebody looks at them; unreadable ones are left."""
    if not context.engine.sees_pictures:
        return ()
    found: list[bytes] = []
    for attachment in context.inbound.attachments:
        if is_picture(attachment) and len(found) < MOST_PICTURES:
            with suppress(CannotPost):
                found.append(await context.fetch(attachment, PICTURE_BYTES))
    return tuple(found)


async def _without_words(context: Context, shown: Recipe | None) -> Outbound:
    if shown is not None:
        return await recipe_card(context, shown)
    if context.inbound.attachments:
        return no_recipe(context)
    return Outbound(text=EMPTY.say(), private=True)


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
        context.engine,
        context.owner,
        "draw",
        reading.intent,
        say("button.anyway", "draw it without choosing"),
    )
    return Outbound(text=paragraphs(phrases(reading.reply), REPLY_CHARS), buttons=(anyway,))
