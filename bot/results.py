"""A job that is over, as a message: pictures and buttons, an apology, or a short word."""

from bot.acts.undoing import undo_buttons, without_button
from bot.buttons import make
from bot.escape import plain, quoted
from bot.figures import number
from bot.messages import Button, Image, Outbound, Shown
from bot.phrases import phrase
from bot.port import Capabilities
from bot.replies import for_failure, reply_to
from bot.texts import say, say_count
from engine.api import Engine
from engine.errors import BlobCorrupt, NotFound
from engine.messages import Delete, Info, Job, Picture, Plan, Reroll, Vary

WORDS_CHARS = 300
MOST_VARY = 4
UNDO = 3
"""Buttons of the first look under a picture; the card of "why this?" holds those of all."""


async def outcome(engine: Engine, job: Job, capabilities: Capabilities) -> Outbound:
    """What is posted when a job is over, whatever its end."""
    if job.state == "done":
        return await _done(engine, job, capabilities)
    again = await make(
        engine, job.owner, "draw", Reroll(job=job.id), say("button.try_again", "try again")
    )
    if job.state == "cancelled":
        words = quoted(job.plan.words, 120)
        text = say("result.cancelled", "Cancelled: {words}", words=words)
        return Outbound(text=text, job=job.id, buttons=(again,))
    buttons = (*await without_button(engine, job), again)
    return for_failure(job).model_copy(update={"buttons": buttons})


def is_deleted(job: Job) -> bool:
    """It was done, and then its pictures were deleted: there is nothing to show any more."""
    return job.state == "done" and not (job.result and job.result.pictures)


async def _done(engine: Engine, job: Job, capabilities: Capabilities) -> Outbound:
    pictures = job.result.pictures if job.result else ()
    if is_deleted(job):
        gone = say("result.deleted", "The pictures of {job} were deleted.", job=job.id)
        return Outbound(text=gone, job=job.id)
    shown = pictures[: max(1, capabilities.images)]
    try:
        images = await images_of(engine, job, len(shown))
    except (NotFound, BlobCorrupt) as error:
        again = await make(
            engine, job.owner, "draw", Reroll(job=job.id), say("button.again", "again")
        )
        text = reply_to(type(error), {**error.facts, "reference": job.id}).text
        return Outbound(text=text, job=job.id, buttons=(again,))
    return Outbound(
        text=_caption(job, len(pictures) - len(shown)),
        images=images,
        buttons=await result_buttons(engine, job, capabilities),
        job=job.id,
    )


async def images_of(engine: Engine, job: Job, most: int) -> tuple[Image, ...]:
    """The first pictures of a job; raises `NotFound` or `BlobCorrupt`."""
    pictures = job.result.pictures if job.result else ()
    return tuple([await _image(engine, job, picture) for picture in pictures[:most]])


async def _image(engine: Engine, job: Job, picture: Picture) -> Image:
    png = await engine.picture(job.owner, job.id, picture.index)
    shown = Shown(job=job.id, index=picture.index, width=picture.width, height=picture.height)
    alt = plain(job.plan.prompt, WORDS_CHARS)
    return Image(name=picture_name(job, picture), png=png, alt=alt, shown=shown)


def picture_name(job: Job, picture: Picture) -> str:
    """The file name that a picture travels under."""
    return f"{job.id}.png" if job.plan.count == 1 else f"{job.id}-{picture.index + 1}.png"


def _caption(job: Job, left_out: int) -> str:
    said = plain(job.plan.words or job.plan.prompt, WORDS_CHARS)
    lines = [f"{said}\n{facts_line(job)}"]
    if left_out:
        lines.append(
            say_count(
                "result.left_out",
                left_out,
                one="{n} more did not fit into one message.",
                other="{n} more did not fit into one message.",
            )
        )
    warned = [reason.why for reason in job.plan.reasons if reason.warns]
    warned += job.result.warnings if job.result else ()
    lines += [plain(phrase(warning), 200) for warning in warned]
    return "\n".join(lines)


def facts_line(job: Job) -> str:
    """The looks used, seed, seconds and id in one short line."""
    seconds = f"{number(job.result.seconds)} s" if job.result else ""
    parts = (
        stack_line(job.plan),
        say("result.seed", "seed {seed}", seed=job.plan.seed),
        seconds,
        job.id,
    )
    return " · ".join(part for part in parts if part)


def stack_line(plan: Plan) -> str:
    """The looks of a plan with their weights: "Zib 0.9 + Neon 0.7"; empty without any."""
    return " + ".join(f"{plain(lora.name, 40)} {lora.weight:g}" for lora in plan.loras)


async def result_buttons(
    engine: Engine, job: Job, capabilities: Capabilities
) -> tuple[Button, ...]:
    """Again, vary, edit, why this, undo of one look, delete; in little room variations go first."""
    owner, room = job.owner, capabilities.buttons
    fixed = 3 + capabilities.has_forms + capabilities.has_originals
    count = max(0, min(MOST_VARY, job.plan.count, room - fixed))
    about = Info(about=job.id)
    wanted = [
        await make(
            engine, owner, "draw", Reroll(job=job.id), say("button.again", "again"), style="primary"
        )
    ]
    for image in range(count):
        label = (
            say("button.vary", "vary")
            if job.plan.count == 1
            else say("button.vary_one", "vary {place}", place=image + 1)
        )
        wanted.append(await make(engine, owner, "draw", Vary(job=job.id, image=image), label))
    if capabilities.has_forms:
        wanted.append(await make(engine, owner, "edit", about, say("button.edit", "edit")))
    wanted.append(await make(engine, owner, "why", about, say("button.why", "why this?")))
    if capabilities.has_originals:
        label = say("button.original", "original")
        wanted.append(await make(engine, owner, "original", about, label))
    undo = await undo_buttons(engine, job, min(UNDO, room - len(wanted) - 1))
    wanted += undo
    if len(wanted) < room - 2:
        wanted.append(await make(engine, owner, "keep", about, say("button.keep", "keep")))
    if capabilities.is_shared and len(wanted) < room - 1:
        label = say("button.report", "report")
        wanted.append(await make(engine, owner, "report", about, label))
    wanted.append(
        await make(
            engine,
            owner,
            "delete",
            Delete(job=job.id),
            say("button.delete", "delete"),
            style="danger",
        )
    )
    return tuple(wanted[:room])
