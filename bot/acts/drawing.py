"""Asking for a picture: plan, admit, and the message that will follow its progress."""

from bot.buttons import make
from bot.command import Context
from bot.durations import between
from bot.escape import paragraphs
from bot.messages import Outbound
from bot.permissions import allow
from bot.phrases import phrases
from bot.texts import say
from engine.messages import Cancel, Drawing, Ticket


async def draw(context: Context, intent: Drawing, remark: str = "") -> Outbound:
    """Admit a job; the answer is its progress message (`job` and `progress` are set).

    The inbound's id goes along as the request, so that a redelivered act draws nothing twice.
    """
    allow(context, "create")
    ticket = await context.engine.draw(
        context.visit, intent, context.destination, request=context.inbound.id
    )
    stop = await make(
        context.engine,
        context.owner,
        "cancel",
        Cancel(job=ticket.job),
        say("button.cancel", "cancel"),
        style="danger",
    )
    text = place(ticket)
    if remark:
        text = f"{paragraphs(phrases(remark), 500)}\n{text}"
    return Outbound(text=text, job=ticket.job, progress=0.0, buttons=(stop,))


def place(ticket: Ticket) -> str:
    """Where a job stands, and for how long it will: "Third in line, about 20 to 40 seconds"."""
    eta = between(ticket.eta_low_s, ticket.eta_high_s)
    if ticket.position <= 1:
        if not eta:
            return say("drawing.next", "Up next.")
        return say("drawing.next_in", "Up next, {eta}.", eta=eta)
    place = ticket.position
    if not eta:
        return say("drawing.place", "Number {place} in line.", place=place)
    return say("drawing.place_in", "Number {place} in line, {eta}.", place=place, eta=eta)
