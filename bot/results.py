"""A job that is over, as a message: pictures and buttons, an apology, or a short word."""

from bot.buttons import make
from bot.escape import plain, quoted
from bot.messages import Button, Image, Outbound
from bot.port import Capabilities
from bot.replies import for_failure, reply_to
from engine.api import Engine
from engine.errors import BlobCorrupt, NotFound
from engine.messages import Delete, Info, Job, Picture, Plan, Reroll, Vary

WORDS_CHARS = 300
MOST_VARY = 4


async def outcome(engine: Engine, job: Job, capabilities: Capabilities) -> Outbound:
    """What is posted when a job is over, whatever its end."""
    if job.state == "done":
        return await _done(engine, job, capabilities)
    again = await make(engine, job.owner, "draw", Reroll(job=job.id), "try again")
    if job.state == "cancelled":
        text = f"Cancelled: {quoted(job.plan.words, 120)}"
        return Outbound(text=text, job=job.id, buttons=(again,))
    return for_failure(job).model_copy(update={"buttons": (again,)})


async def _done(engine: Engine, job: Job, capabilities: Capabilities) -> Outbound:
    pictures = job.result.pictures if job.result else ()
    if not pictures:
        return Outbound(text=f"The pictures of {job.id} were deleted.", job=job.id)
    shown = pictures[: max(1, capabilities.images)]
    try:
        images = tuple([await _image(engine, job, picture) for picture in shown])
    except (NotFound, BlobCorrupt) as error:
        again = await make(engine, job.owner, "draw", Reroll(job=job.id), "again")
        text = reply_to(type(error), {**error.facts, "reference": job.id}).text
        return Outbound(text=text, job=job.id, buttons=(again,))
    return Outbound(
        text=_caption(job, len(pictures) - len(shown)),
        images=images,
        buttons=await _buttons(engine, job, capabilities.buttons),
        job=job.id,
    )


async def _image(engine: Engine, job: Job, picture: Picture) -> Image:
    png = await engine.picture(job.owner, job.id, picture.index)
    return Image(name=picture_name(job, picture), png=png, alt=plain(job.plan.prompt, WORDS_CHARS))


def picture_name(job: Job, picture: Picture) -> str:
    """The file name that a picture travels under."""
    return f"{job.id}.png" if job.plan.count == 1 else f"{job.id}-{picture.index + 1}.png"


def _caption(job: Job, left_out: int) -> str:
    said = plain(job.plan.words or job.plan.prompt, WORDS_CHARS)
    lines = [f"{said}\n{facts_line(job)}"]
    if left_out:
        lines.append(f"{left_out} more did not fit into one message.")
    lines += [plain(warning, 200) for warning in (job.result.warnings if job.result else ())]
    return "\n".join(lines)


def facts_line(job: Job) -> str:
    """The looks used, seed, seconds and id in one short line."""
    seconds = f"{job.result.seconds:.1f} s" if job.result else ""
    parts = (stack_line(job.plan), f"seed {job.plan.seed}", seconds, job.id)
    return " · ".join(part for part in parts if part)


def stack_line(plan: Plan) -> str:
    """The looks of a plan with their weights: "Zib 0.9 + Neon 0.7"; empty without any."""
    return " + ".join(f"{plain(lora.name, 40)} {lora.weight:g}" for lora in plan.loras)


async def _buttons(engine: Engine, job: Job, room: int) -> tuple[Button, ...]:
    """Again, vary, why this, delete; where room is short, some of the variations go first."""
    owner = job.owner
    count = max(0, min(MOST_VARY, job.plan.count, room - 3))
    wanted = [await make(engine, owner, "draw", Reroll(job=job.id), "again", style="primary")]
    for image in range(count):
        label = "vary" if job.plan.count == 1 else f"vary {image + 1}"
        wanted.append(await make(engine, owner, "draw", Vary(job=job.id, image=image), label))
    wanted.append(await make(engine, owner, "why", Info(about=job.id), "why this?"))
    wanted.append(await make(engine, owner, "delete", Delete(job=job.id), "delete", style="danger"))
    return tuple(wanted[:room])
