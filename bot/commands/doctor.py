"""`/doctor`: is all well here, for admins: database, blobs, workers, the queue; no secrets."""

from bot.command import Context, command
from bot.escape import plain
from bot.figures import listed
from bot.messages import Level, Line, Outbound
from bot.options import Options
from bot.phrases import phrase
from bot.texts import say


class DoctorOptions(Options):
    """Nothing to set."""


async def handle(context: Context, options: DoctorOptions) -> Outbound:
    """One line for each thing that was looked at, with its cure when it is not well."""
    engine = context.engine
    checks = await engine.checks()
    lines = [
        Line(
            name=plain(phrase(check.name), 40),
            value=" ".join(
                part for part in (_mark(check.ok), plain(phrase(check.detail), 200),
                    plain(phrase(check.cure), 200),)
                if part
            ),
        )
        for check in checks
    ]  # fmt: skip
    lines += [
        Line(name=f"{plain(each.worker, 40)} ({plain(each.device, 40)})", value=phrase(each.state))
        for each in engine.workers()
    ]
    waiting = sum((await engine.waiting()).values())
    lines.append(Line(name=say("doctor.waiting", "waiting"), value=str(waiting)))
    bases = tuple(plain(base.name, 60) for base in await engine.bases())
    lines.append(Line(name=say("doctor.bases", "bases"), value=listed(bases)))
    text = (
        say("doctor.well", "All is well.")
        if all(check.ok for check in checks)
        else say("doctor.ill", "Something is wrong; the host's `atelier doctor` says more.")
    )
    title = say("doctor.title", "How Atelier is")
    return Outbound(title=title, text=text, lines=tuple(lines), private=True)


def _mark(is_ok: bool) -> str:
    return "\u2713" if is_ok else "\u2717"


DOCTOR = command(
    name="doctor",
    summary="Whether all is well: database, workers, bases",
    options=DoctorOptions,
    handle=handle,
    level=Level.ADMIN,
    examples=("/doctor",),
)
