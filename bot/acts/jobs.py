"""A person's jobs: the queue, one job shown again, cancelling and deleting."""

from bot.acts.drawing import place
from bot.buttons import make
from bot.command import Context
from bot.escape import quoted
from bot.figures import listed
from bot.linked import owner_of
from bot.messages import Button, File, Level, Line, Outbound
from bot.permissions import allow
from bot.policy import showing
from bot.results import outcome, picture_name
from bot.texts import say
from engine.errors import NotAllowed
from engine.messages import ENDED, Cancel, Delete, Job, JobId

MOST_CANCEL_BUTTONS = 4


async def queue_view(context: Context) -> Outbound:
    """My jobs with their places and times, each with a button to cancel it."""
    view = await context.engine.queue(context.owner)
    busy = say(
        "queue.busy",
        "{waiting} waiting and {running} being drawn in all.",
        waiting=view.waiting,
        running=view.running,
    )
    if not view.mine:
        nothing = say("queue.nothing", "You have nothing in the queue; {busy}", busy=busy)
        return Outbound(text=nothing, private=True)
    lines = tuple(
        Line(
            name=job.id,
            value=(
                say("queue.drawn_now", "being drawn now")
                if job.state == "running"
                else place(ticket)
            )
            + f" {quoted(job.plan.words, 60)}",
        )
        for job, ticket in view.mine
    )
    buttons = await _cancel_buttons(context, tuple(job.id for job, _ in view.mine))
    return Outbound(
        title=say("queue.title", "Your queue"),
        text=busy,
        lines=lines,
        buttons=buttons,
        private=True,
    )


async def _cancel_buttons(context: Context, jobs: tuple[JobId, ...]) -> tuple[Button, ...]:
    shown = jobs[: min(MOST_CANCEL_BUTTONS, max(0, context.capabilities.buttons - 1))]
    buttons = [
        await make(
            context.engine,
            context.owner,
            "cancel",
            Cancel(job=job),
            say("button.cancel_one", "cancel {job}", job=job),
        )
        for job in shown
    ]
    if len(jobs) > 1:
        everything = Cancel()
        buttons.append(
            await make(
                context.engine,
                context.owner,
                "cancel",
                everything,
                say("button.cancel_all", "cancel all"),
                style="danger",
            )
        )
    return tuple(buttons)


async def cancel(context: Context, job: JobId | None) -> Outbound:
    """Stop one job or all of mine; says what was stopped."""
    stopped = await context.engine.cancel(context.owner, job)
    if stopped:
        told = say(
            "queue.cancelled", "Cancelled {jobs}. It cost you nothing.", jobs=listed(stopped)
        )
        return Outbound(text=told, private=True)
    if job is None:
        nothing = say("queue.nothing_to_cancel", "You have nothing in the queue to cancel.")
        return Outbound(text=nothing, private=True)
    over = say(
        "queue.over",
        "{job} is already over, so there is nothing to cancel. /show {job} brings it back.",
        job=job,
    )
    return Outbound(text=over, private=True)


async def show(context: Context, job: JobId) -> Outbound:
    """A job as it is now: its pictures with their buttons, its place, or why it failed."""
    found = await context.engine.show(context.owner, job)
    if found.state in ENDED:
        is_covered = await _is_covered(context, found)
        ended = await outcome(context.engine, found, context.capabilities)
        return ended.model_copy(update={"job": None, "is_covered": is_covered})
    if found.state == "running":
        words = quoted(found.plan.words, 120)
        text = say("queue.job_drawn_now", "{job} is being drawn now: {words}", job=job, words=words)
    else:
        mine = (await context.engine.queue(context.owner)).mine
        ticket = next((ticket for each, ticket in mine if each.id == job), None)
        standing = place(ticket) if ticket else say("queue.waiting", "Waiting in the queue.")
        text = f"{standing} {quoted(found.plan.words, 120)}"
    buttons: tuple[Button, ...] = ()
    if found.owner.person == context.owner.person:
        stop = Cancel(job=job)
        buttons = (
            await make(
                context.engine,
                context.owner,
                "cancel",
                stop,
                say("button.cancel", "cancel"),
                style="danger",
            ),
        )
    return Outbound(text=text, buttons=buttons)


async def keep(context: Context, job: JobId) -> Outbound:
    """Keep a picture for good, or let go of it again."""
    if await context.engine.keep(context.owner, job):
        text = say(
            "keep.kept",
            "Kept: {job} stays however long this place keeps pictures. /me history marks it; press "
            "keep again to let go.",
            job=job,
        )
    else:
        text = say("keep.let_go", "{job} is kept no longer than others.", job=job)
    return Outbound(text=text, private=True)


async def _is_covered(context: Context, job: Job) -> bool:
    """Whether its pictures are covered here; raises `NotHere` where they may not be seen."""
    rating = await context.engine.rating(job)
    allow(context, "see", rating)
    where = context.inbound
    return showing("see", where.author, where.place, context.rules, rating) == "covered"


async def originals(context: Context, job: JobId) -> Outbound:
    """The pictures as files, just as they were drawn, for platforms that show them recompressed."""
    found = await context.engine.show(context.owner, job)
    pictures = found.result.pictures if found.result else ()
    if not pictures:
        text = say("jobs.no_originals", "{job} has no pictures any more.", job=job)
        return Outbound(text=text, private=True)
    await _is_covered(context, found)
    files = [
        File(
            name=picture_name(found, picture),
            media_type="image/png",
            data=await context.engine.picture(context.owner, job, picture.index),
        )
        for picture in pictures
    ]
    return Outbound(text=job, files=tuple(files))


async def ask_delete(context: Context, job: JobId | None) -> Outbound:
    """Ask once more before a picture goes; refuses at once what is somebody else's."""
    if job is None:
        text = say(
            "delete.nothing",
            "There is no picture of yours here to delete. /me shows everything that is kept.",
        )
        return Outbound(text=text, private=True)
    found = await context.engine.show(context.owner, job)
    await _check_may_delete(context, found)
    sure = await make(
        context.engine,
        context.owner,
        "delete",
        Delete(job=job),
        say("button.yes_delete", "yes, delete"),
        style="danger",
        number=1,
    )
    text = say("delete.sure", "Delete the pictures of {job} for good?", job=job)
    return Outbound(text=text, buttons=(sure,), private=True)


async def delete(context: Context, job: JobId) -> Outbound:
    """Delete a job's pictures."""
    found = await context.engine.show(context.owner, job)
    await _check_may_delete(context, found)
    await context.engine.delete(found.owner, job)
    await context.engine.house.close_reports(context.owner.space, job)
    if found.owner.person != context.owner.person:
        space, actor = context.owner.space, context.owner.person
        await context.engine.house.note(space, actor, "picture.removed", job, found.owner.person)
    return Outbound(
        text=say("delete.done", "The pictures of {job} are deleted.", job=job), private=True
    )


async def _check_may_delete(context: Context, job: Job) -> None:
    """Whoever asked for it, and the moderators of the place that it was made in."""
    is_moderator = context.inbound.author.level >= Level.MODERATOR
    made_in = await owner_of(context.engine, job.owner.space, context.owner.person)
    is_here = made_in.space == context.owner.space
    if job.owner.person != context.owner.person and not (is_moderator and is_here):
        raise NotAllowed(
            what=say("right.delete", "delete {job}", job=job.id),
            needs=say("right.asker", "to be the one who asked for it"),
        )
