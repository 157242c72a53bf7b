"""A person's jobs: the queue, one job shown again, cancelling and deleting."""

from bot.acts.drawing import place
from bot.buttons import make
from bot.command import Context
from bot.escape import quoted
from bot.messages import Button, Line, Outbound
from bot.results import outcome
from engine.errors import NotAllowed
from engine.messages import ENDED, Cancel, Delete, JobId

MOST_CANCEL_BUTTONS = 4


async def queue_view(context: Context) -> Outbound:
    """My jobs with their places and times, each with a button to cancel it."""
    view = await context.engine.queue(context.owner)
    busy = f"{view.waiting} waiting and {view.running} being drawn in all."
    if not view.mine:
        return Outbound(text=f"You have nothing in the queue; {busy}", private=True)
    lines = tuple(
        Line(
            name=job.id,
            value=("being drawn now" if job.state == "running" else place(ticket))
            + f" {quoted(job.plan.words, 60)}",
        )
        for job, ticket in view.mine
    )
    buttons = await _cancel_buttons(context, tuple(job.id for job, _ in view.mine))
    return Outbound(title="Your queue", text=busy, lines=lines, buttons=buttons, private=True)


async def _cancel_buttons(context: Context, jobs: tuple[JobId, ...]) -> tuple[Button, ...]:
    shown = jobs[: min(MOST_CANCEL_BUTTONS, max(0, context.capabilities.buttons - 1))]
    buttons = [
        await make(context.engine, context.owner, "cancel", Cancel(job=job), f"cancel {job}")
        for job in shown
    ]
    if len(jobs) > 1:
        everything = Cancel()
        buttons.append(
            await make(
                context.engine, context.owner, "cancel", everything, "cancel all", style="danger"
            )
        )
    return tuple(buttons)


async def cancel(context: Context, job: JobId | None) -> Outbound:
    """Stop one job or all of mine; says what was stopped."""
    stopped = await context.engine.cancel(context.owner, job)
    if stopped:
        told = ", ".join(stopped)
        return Outbound(text=f"Cancelled {told}. It cost you nothing.", private=True)
    if job is None:
        return Outbound(text="You have nothing in the queue to cancel.", private=True)
    return Outbound(
        text=f"{job} is already over, so there is nothing to cancel. /show {job} brings it back.",
        private=True,
    )


async def show(context: Context, job: JobId) -> Outbound:
    """A job as it is now: its pictures with their buttons, its place, or why it failed."""
    found = await context.engine.show(context.owner, job)
    if found.state in ENDED:
        ended = await outcome(context.engine, found, context.capabilities)
        return ended.model_copy(update={"job": None})
    if found.state == "running":
        text = f"{job} is being drawn now: {quoted(found.plan.words, 120)}"
    else:
        mine = (await context.engine.queue(context.owner)).mine
        ticket = next((ticket for each, ticket in mine if each.id == job), None)
        standing = place(ticket) if ticket else "Waiting in the queue."
        text = f"{standing} {quoted(found.plan.words, 120)}"
    buttons: tuple[Button, ...] = ()
    if found.owner.person == context.owner.person:
        stop = Cancel(job=job)
        buttons = (
            await make(context.engine, context.owner, "cancel", stop, "cancel", style="danger"),
        )
    return Outbound(text=text, buttons=buttons)


async def ask_delete(context: Context, job: JobId) -> Outbound:
    """Ask once more before a picture goes; refuses at once what is somebody else's."""
    found = await context.engine.show(context.owner, job)
    if found.owner.person != context.owner.person:
        raise NotAllowed(what=f"delete {job}", needs="to be the one who asked for it")
    sure = await make(
        context.engine,
        context.owner,
        "delete",
        Delete(job=job),
        "yes, delete",
        style="danger",
        number=1,
    )
    text = f"Delete the pictures of {job} for good?"
    return Outbound(text=text, buttons=(sure,), private=True)


async def delete(context: Context, job: JobId) -> Outbound:
    """Delete a job's pictures."""
    await context.engine.delete(context.owner, job)
    return Outbound(text=f"The pictures of {job} are deleted.", private=True)
