"""A picture that somebody shows: if it was made here, what made it, and a way to draw it again."""

from bot.acts.why import plan_lines
from bot.buttons import make
from bot.command import Context
from bot.escape import plain, quoted
from bot.messages import Attachment, Button, Outbound
from bot.port import CannotPost
from bot.texts import say
from engine.api import Recipe
from engine.errors import BadRequest
from engine.messages import Info, Plan, Replay

MOST_BYTES = 32 << 20
"""A picture with its recipe; larger files are not even fetched."""


async def shown_recipe(context: Context) -> Recipe | None:
    """The recipe in the first attached picture that holds one; None when none does."""
    for attachment in context.inbound.attachments:
        if is_picture(attachment):
            found = await context.engine.recipe(context.owner, await _fetch(context, attachment))
            if found is not None:
                return found
    return None


async def recipe_card(context: Context, recipe: Recipe) -> Outbound:
    """What made the picture, with a button that draws the very same again."""
    job = recipe.job
    origin = (
        say("recipe.here", "It was made here: {job}.", job=job.id)
        if job
        else say("recipe.elsewhere", "It was made by an Atelier, not in here.")
    )
    return Outbound(
        title=say("recipe.title", "The recipe of this picture"),
        text=origin,
        lines=plan_lines(recipe.plan),
        buttons=await recipe_buttons(context, recipe),
        private=True,
    )


async def recipe_buttons(context: Context, recipe: Recipe) -> tuple[Button, ...]:
    """Draw it again, exactly; and its reasons when the job is known here."""
    replay = Replay(plan=_bare(recipe.plan))
    buttons = [
        await make(
            context.engine,
            context.owner,
            "draw",
            replay,
            say("button.draw_again", "draw it again"),
            style="primary",
        )
    ]
    if recipe.job is not None:
        about = Info(about=recipe.job.id)
        buttons.append(
            await make(context.engine, context.owner, "why", about, say("button.why", "why this?"))
        )
    return tuple(buttons)


def no_recipe(context: Context) -> Outbound:
    """The answer to a picture without words that holds no recipe."""
    name = next((each.name for each in context.inbound.attachments), "")
    name = quoted(name, 60) if name else say("recipe.that", "that picture")
    text = say(
        "recipe.nothing",
        "I find no recipe in {name}. It was not made by me, or the chat it came through took the "
        "details out; the original file still has them. Tell me in words what you want to see.",
        name=name,
    )
    return Outbound(text=text, private=True)


def is_picture(attachment: Attachment) -> bool:
    """By what the platform says; the bytes are checked when they are read."""
    return attachment.media_type.startswith("image/")


def _bare(plan: Plan) -> Plan:
    """A plan from a file is a stranger's: what it says about people's words stays behind."""
    return plan.model_copy(update={"words": plain(plan.words, 500), "wish": None})


async def _fetch(context: Context, attachment: Attachment) -> bytes:
    try:
        return await context.fetch(attachment, MOST_BYTES)
    except CannotPost as error:
        raise BadRequest(
            name=say("recipe.attachment", "attachment"),
            value=attachment.name[:80],
            valid=say(
                "recipe.valid",
                "a picture of at most {most} MB that is still there",
                most=MOST_BYTES >> 20,
            ),
        ) from error
