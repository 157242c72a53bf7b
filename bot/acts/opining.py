"""What a person thinks of a picture: kept, answered, and taken back on request."""

from bot.buttons import make
from bot.command import Context
from bot.escape import paragraphs, plain
from bot.figures import listed
from bot.messages import Button, Outbound
from bot.phrases import phrases
from bot.texts import say
from engine.api import LEARNED, Engine
from engine.messages import Feedback, Job, Unlearn

NAME_CHARS = 16


async def opine(context: Context, said: Feedback, remark: str = "") -> Outbound:
    """Keep an opinion on the newest picture; what it changes is told, with a way back."""
    moved = await context.engine.opine(context.visit, said)
    text = paragraphs(phrases(remark), 2000) or say("opinion.thanks", "Thank you, I noted that.")
    if not moved:
        return Outbound(text=text)
    names = listed([plain(name, 40) for name in moved])
    learned = say("opinion.learned", "I remember it for {looks} when I draw for you.", looks=names)
    buttons = [await _button(context.engine, context, name) for name in moved]
    room = context.capabilities.buttons
    return Outbound(text=f"{text}\n{learned}", buttons=tuple(buttons[:room]))


async def unlearn(context: Context, look: str) -> Outbound:
    """Forget what this person said of a look."""
    count = await context.engine.unlearn(context.owner, look)
    name = plain(look, 80)
    if not count:
        text = say("opinion.nothing", "I remember nothing that you said of {look}.", look=name)
        return Outbound(text=text, private=True)
    text = say(
        "opinion.forgotten",
        "Forgotten: what you said of {look} does not change how I draw it any more.",
        look=name,
    )
    return Outbound(text=text, private=True)


async def unlearn_buttons(context: Context, job: Job, room: int) -> tuple[Button, ...]:
    """For each strength of a plan that was learned: forget it."""
    learned = [reason.value for reason in job.plan.reasons if reason.choice == LEARNED]
    return tuple([await _button(context.engine, context, name) for name in learned[: max(0, room)]])


async def _button(engine: Engine, context: Context, look: str) -> Button:
    label = say("button.unlearn", "forget that about {look}", look=plain(look, NAME_CHARS))
    return await make(engine, context.owner, "draw", Unlearn(look=look), label)
