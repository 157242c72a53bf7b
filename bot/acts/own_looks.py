"""A place's own looks in words: added, edited and taken away by its moderators, with an undo."""

from pydantic import JsonValue

from bot.acts.looks import words_card
from bot.buttons import make
from bot.command import Context
from bot.escape import plain
from bot.messages import Button, Level, Outbound
from bot.permissions import require
from bot.texts import say
from engine.api import WordLook
from engine.messages import UndoLook

Parts = dict[str, JsonValue]


def require_moderator(context: Context) -> None:
    """Raises `NotAllowed` for members."""
    what = say("right.own_looks", "change the looks of this place")
    require(context.inbound.author, Level.MODERATOR, what)


async def add_look(context: Context, parts: Parts) -> Outbound:
    """A new look in words; raises `BadRequest` naming the part that is wrong."""
    require_moderator(context)
    look = await context.engine.own_looks.add(context.owner, parts)
    return await _shown(context, look, say("own_look.added", "Added. Everybody here can use it."))


async def edit_look(context: Context, name: str, parts: Parts) -> Outbound:
    """Some of its parts otherwise."""
    require_moderator(context)
    look = await context.engine.own_looks.edit(context.owner, name, parts)
    return await _shown(context, look, say("own_look.edited", "Changed."))


async def remove_look(context: Context, name: str) -> Outbound:
    """Take one away."""
    require_moderator(context)
    await context.engine.own_looks.remove(context.owner, name)
    text = say("own_look.removed", "{look} is gone.", look=plain(name, 80))
    return Outbound(text=text, buttons=await _undo(context, name))


async def undo_look(context: Context, name: str) -> Outbound:
    """Back to before its last change."""
    require_moderator(context)
    look = await context.engine.own_looks.undo(context.owner, name)
    if look is None:
        text = say("own_look.gone_again", "Undone: {look} is gone.", look=plain(name, 80))
        return Outbound(text=text, buttons=await _undo(context, name))
    return await _shown(context, look, say("own_look.undone", "Undone: this is how it is now."))


async def _shown(context: Context, look: WordLook, said: str) -> Outbound:
    card = words_card(look)
    text = f"{said} {card.text}"
    return card.model_copy(update={"text": text, "buttons": await _undo(context, look.name)})


async def _undo(context: Context, name: str) -> tuple[Button, ...]:
    label = say("button.undo", "undo")
    return (await make(context.engine, context.owner, "draw", UndoLook(name=name), label),)
