"""Buttons that undo a choice of a plan: without a look, weaker, stronger, another instead."""

from bot.buttons import make
from bot.command import Context
from bot.escape import plain
from bot.messages import Button, Outbound
from bot.texts import Wording, say, wording
from engine.api import Adjustment, Engine, adjusted, alternatives, swapped
from engine.errors import NotFound
from engine.messages import Info, Job, JobId

NAME_CHARS = 16
LABELS: dict[Adjustment, Wording] = {
    "without": wording("button.without", "without {look}"),
    "weaker": wording("button.weaker", "less {look}"),
    "stronger": wording("button.stronger", "more {look}"),
}


async def undo_buttons(engine: Engine, job: Job, room: int) -> tuple[Button, ...]:
    """For each look, styles first: without, less, more, swap; as many as there is room for."""
    cards = await engine.looks(job.owner.space) if job.plan.loras and room > 0 else ()
    bases = await engine.bases() if cards else ()
    made: list[Button] = []
    numbered = sorted(
        enumerate(job.plan.loras, start=1), key=lambda pair: pair[1].kind in ("character", "object")
    )
    for place, lora in numbered:
        name = plain(lora.name, NAME_CHARS)
        for how, label in LABELS.items():
            if len(made) < room:
                wish = adjusted(job.plan, lora.name, how, cards)
                made.append(await make(engine, job.owner, "draw", wish, label.say(look=name)))
        if len(made) < room and alternatives(job.plan, lora.name, cards, bases):
            about = Info(about=job.id)
            swap = say("button.swap", "swap {look}", look=name)
            made.append(await make(engine, job.owner, "swap", about, swap, number=place))
    return tuple(made)


async def without_button(engine: Engine, job: Job) -> tuple[Button, ...]:
    """For a job that one look kept from being drawn: the same plan without it."""
    name = job.failure.facts.get("name") if job.failure else None
    if name not in {lora.name for lora in job.plan.loras}:
        return ()
    wish = adjusted(job.plan, str(name), "without", await engine.looks(job.owner.space))
    label = LABELS["without"].say(look=plain(str(name), NAME_CHARS))
    return (await make(engine, job.owner, "draw", wish, label, style="primary"),)


async def offer_swaps(context: Context, job_id: str, place: int) -> Outbound:
    """Looks that could take the place of one, each a button that draws."""
    job = await context.engine.show(context.owner, JobId(job_id))
    loras = job.plan.loras
    if not 1 <= place <= len(loras):
        raise NotFound(what="look", name=str(place), near=tuple(lora.name for lora in loras))
    look = loras[place - 1].name
    cards = await context.engine.looks(context.owner.space)
    bases = await context.engine.bases()
    others = alternatives(job.plan, look, cards, bases)[: context.capabilities.buttons]
    if not others:
        text = say(
            "swap.nothing",
            "No other look of that kind fits where {look} was used.",
            look=plain(look, 80),
        )
        return Outbound(text=text, private=True)
    buttons = [
        await make(
            context.engine,
            context.owner,
            "draw",
            swapped(job.plan, look, other.name, cards),
            plain(other.name, NAME_CHARS),
        )
        for other in others
    ]
    text = say("swap.what", "What instead of {look}? Everything else stays.", look=plain(look, 80))
    return Outbound(text=text, buttons=tuple(buttons), private=True)
