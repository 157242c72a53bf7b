"""`/web`: a one-time link that signs me in on the web page, as the person I am here."""

from bot.command import Context, command
from bot.durations import about
from bot.messages import Outbound
from bot.options import Options
from bot.texts import say
from engine.api import Visitor

LASTS_S = 600.0


class WebOptions(Options):
    """Nothing to set."""


async def handle(context: Context, options: WebOptions) -> Outbound:
    """A link for this person alone; it works once."""
    if context.page_url is None:
        text = say(
            "web.off",
            "The web page is switched off here. The host can switch it on: [http] enabled.",
        )
        return Outbound(text=text, private=True)
    author = context.inbound.author
    # The place itself: once it stands alone again, its people no longer see the other side.
    space = context.inbound.home or context.inbound.space
    here = () if space.kind == "dm" else ((str(space.id), space.title, int(author.level)),)
    visitor = Visitor(person=author.id, name=author.name, level=0, spaces=here)
    token = await context.engine.invite(visitor, LASTS_S)
    text = say(
        "web.link",
        "{link}\nIt works once, within {span}, and signs you in as {name}: keep it to yourself.",
        link=f"{context.page_url}/enter#{token}",
        span=about(LASTS_S),
        name=author.name,
    )
    title = say("web.title", "Your way in to the web page")
    return Outbound(title=title, text=text, private=True)


WEB = command(
    name="web",
    summary="A link that signs you in on the web page",
    options=WebOptions,
    handle=handle,
    examples=("/web",),
    about="There you find the gallery of this place, and a chat with me that needs no app.",
)
