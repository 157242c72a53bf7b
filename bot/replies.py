"""Errors and failures as words people see: one ordered ladder, each rung with its cure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.durations import about
from bot.errors import BadSettings, PortTaken
from bot.escape import plain, quoted
from bot.messages import Outbound
from engine import errors
from engine.errors import AtelierError, Fact
from engine.messages import Job

Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Reply:
    """What happened, and what would help."""

    what: str
    cure: str

    @property
    def text(self) -> str:
        """Both, as one message."""
        return f"{self.what} {self.cure}"


# --- facts as words: they may come from people and files, so they are escaped here -----------


def _told(facts: Facts, name: str, otherwise: str = "") -> str:
    value = facts.get(name)
    if value is None or value == ():
        return otherwise
    return plain(", ".join(value) if isinstance(value, tuple) else str(value), 300)


def _named(facts: Facts, name: str, otherwise: str) -> str:
    value = facts.get(name)
    return otherwise if value in (None, "") else quoted(str(value))


def _number(facts: Facts, name: str) -> float | None:
    try:
        return float(str(facts.get(name)))
    except ValueError:
        return None


# --- the person can fix it --------------------------------------------------------------------


def _bad_request(facts: Facts) -> Reply:
    name = _told(facts, "name", "that")
    value = _named(facts, "value", "")
    what = f"I can't use {value} for {name}." if value else f"I can't use that {name}."
    return Reply(what, f"What works: {_told(facts, 'valid', 'another value')}.")


NOT_FOUND_CURES = {
    "job": "Its id is under every picture, and /queue lists what you have waiting.",
    "picture": "It may have been deleted; /create makes a new one.",
    "look": "/looks shows what there is.",
    "base": "Leave the base out and I choose one that fits.",
    "button": "Type what you want instead, or use /show with the picture's id for fresh buttons.",
    "command": "/help lists all commands.",
    "topic": "/help lists all topics.",
}


def _not_found(facts: Facts) -> Reply:
    kind = _told(facts, "what", "thing")
    what = f"I know no {kind} called {_named(facts, 'name', 'that')} here."
    if kind == "button":
        what = "That button belongs to another place, or to something that was deleted."
    near = _told(facts, "near")
    cure = NOT_FOUND_CURES.get(kind, "/help shows what I can do.")
    return Reply(what, f"Did you mean {near}? {cure}" if near else cure)


def _not_allowed(facts: Facts) -> Reply:
    what = f"You can't {_told(facts, 'what', 'do that')}."
    return Reply(what, f"You would need {_told(facts, 'needs', 'somebody with more rights')}.")


def _already_running(facts: Facts) -> Reply:
    what = f"Another Atelier is at work in {_told(facts, 'folder', 'this folder')}."
    return Reply(what, "Stop that one first, or choose another folder with --data-dir.")


def _queue_full(facts: Facts) -> Reply:
    limit = _told(facts, "limit")
    whose = {
        "person": f"You already have {limit or 'many'} pictures waiting.",
        "space": f"This place already has {limit or 'many'} pictures waiting.",
    }.get(_told(facts, "scope"), "The queue is full right now.")
    retry_in_s = _number(facts, "retry_in_s")
    when = f"in {about(retry_in_s)}" if retry_in_s else "in a minute"
    return Reply(whose, f"Please ask again {when}; /queue shows what waits, and can cancel it.")


STATES = {
    "pending": "is still waiting for a moderator's approval",
    "rejected": "was not approved for this place",
    "retired": "was retired here",
}


def _look_not_approved(facts: Facts) -> Reply:
    state = STATES.get(_told(facts, "state"), "is not approved here")
    what = f"The look {_named(facts, 'name', 'you asked for')} {state}."
    return Reply(what, "Ask again without it, or choose another one from /looks.")


def _look_does_not_fit(facts: Facts) -> Reply:
    name, family = _named(facts, "name", "that"), _told(facts, "family", "another base")
    what = f"The look {name} was made for {family}"
    what += f" and can't work on {base}." if (base := _told(facts, "base")) else "."
    fits = _told(facts, "fits")
    cure = f"It would fit: {fits}." if fits else "Leave the base out and I choose one that fits."
    return Reply(what, f"{cure} Or ask without it: /looks shows the others.")


def _bad_lora_file(facts: Facts) -> Reply:
    what = f"{_named(facts, 'file', 'That file')} is not a LoRA that I can use"
    verdict, problems = _told(facts, "verdict"), _told(facts, "problems")
    told = "; ".join(part for part in (verdict, problems) if part)
    cure = "Send the LoRA itself as a .safetensors file, as it came from its author or trainer."
    return Reply(f"{what}: {told}." if told else f"{what}.", cure)


def _person(_facts: Facts) -> Reply:
    return Reply("I can't do it that way.", "/help shows what works.")


def _bad_settings(facts: Facts) -> Reply:
    problems = _told(facts, "problems", "a value is out of range")
    return Reply(
        f"These settings can't be used: {problems}.",
        "deploy/atelier.example.toml explains every setting.",
    )


def _port_taken(facts: Facts) -> Reply:
    port = _number(facts, "port") or 0
    return Reply(
        f"Port {port:.0f} on {_told(facts, 'host', 'this machine')} is used by another program.",
        f"Stop that program, or choose another port: ATELIER_HTTP__PORT={port + 1:.0f}.",
    )


# --- try again --------------------------------------------------------------------------------


def _store_busy(_facts: Facts) -> Reply:
    return Reply("I'm busy writing something down.", "Please try again in a few seconds.")


def _disk_full(_facts: Facts) -> Reply:
    return Reply(
        "There is no room left to keep pictures.",
        "Please tell the host to free some space, then ask again; your words are not lost.",
    )


def _store_read_only(_facts: Facts) -> Reply:
    return Reply(
        "I can't write anything down at the moment.",
        "Please tell the host to run `atelier doctor`, then ask again.",
    )


def _worker_lost(_facts: Facts) -> Reply:
    return Reply(
        "The machine that was drawing this stopped several times.",
        "Please ask again; if it stops once more, a smaller size or fewer pictures may help.",
    )


def _out_of_memory(_facts: Facts) -> Reply:
    return Reply(
        "This picture is too big for the memory here.",
        "Please ask for a smaller size or fewer pictures at once.",
    )


def _no_worker(_facts: Facts) -> Reply:
    return Reply(
        "Nothing can draw right now: all machines are down or starting.",
        "Please try again in a minute; the host sees the reason with `atelier doctor`.",
    )


def _try_again(_facts: Facts) -> Reply:
    return Reply("That didn't work this time.", "Please try again in a minute.")


# --- ours -------------------------------------------------------------------------------------


def _blob_corrupt(_facts: Facts) -> Reply:
    return Reply(
        "Sorry: the stored picture is damaged, so I won't show it.",
        "Asking again draws it anew: the same seed gives the same picture.",
    )


def _database_newer(_facts: Facts) -> Reply:
    return Reply(
        "Sorry: my database was written by a newer version of me.",
        "The host can install the newest Atelier, or restore the backup from before the upgrade.",
    )


def _database_outdated(_facts: Facts) -> Reply:
    return Reply(
        "Sorry: my database is from an older version of me.",
        "The host can run `atelier db upgrade` (after a backup), then start me again.",
    )


def _base_broken(facts: Facts) -> Reply:
    return Reply(
        f"Sorry: the base {_named(facts, 'base', 'it was meant for')} can't be loaded.",
        "Try another base; the host sees what is missing with `atelier doctor`.",
    )


def _stack_not_applied(facts: Facts) -> Reply:
    return Reply(
        f"Sorry: the look {_named(facts, 'name', 'in this plan')} did not take hold on this base, "
        "so I stopped rather than draw without it.",
        "Ask again without it, and please tell a moderator so that it is checked.",
    )


def _not_finite(_facts: Facts) -> Reply:
    return Reply(
        "Sorry: the picture fell apart while it was being drawn.",
        "Please ask again, perhaps with fewer looks or a lower strength.",
    )


def _misregistered(facts: Facts) -> Reply:
    return Reply(
        f"This installation is incomplete: row {_named(facts, 'row', '?')} of the table "
        f"{_told(facts, 'table', 'of parts')}: {_told(facts, 'problem', 'is wrong')}.",
        "The host can install Atelier again, or take that row out.",
    )


def _broken(facts: Facts) -> Reply:
    reference = _told(facts, "reference")
    noted = f" with the reference {reference}" if reference else ""
    return Reply(
        "Sorry, that went wrong on our side.",
        f"It is noted{noted}; please try again, and tell the host if it stays.",
    )


LADDER: tuple[tuple[type[AtelierError], Callable[[Facts], Reply]], ...] = (
    (errors.BadRequest, _bad_request),
    (errors.NotFound, _not_found),
    (errors.NotAllowed, _not_allowed),
    (errors.AlreadyRunning, _already_running),
    (errors.QueueFull, _queue_full),
    (errors.LookNotApproved, _look_not_approved),
    (errors.LookDoesNotFit, _look_does_not_fit),
    (errors.BadLoraFile, _bad_lora_file),
    (BadSettings, _bad_settings),
    (PortTaken, _port_taken),
    (errors.PersonError, _person),
    (errors.StoreBusy, _store_busy),
    (errors.DiskFull, _disk_full),
    (errors.StoreReadOnly, _store_read_only),
    (errors.WorkerLost, _worker_lost),
    (errors.OutOfMemory, _out_of_memory),
    (errors.NoWorker, _no_worker),
    (errors.TryAgain, _try_again),
    (errors.BlobCorrupt, _blob_corrupt),
    (errors.DatabaseNewer, _database_newer),
    (errors.DatabaseOutdated, _database_outdated),
    (errors.BaseBroken, _base_broken),
    (errors.StackNotApplied, _stack_not_applied),
    (errors.NotFinite, _not_finite),
    (errors.Misregistered, _misregistered),
    (errors.Broken, _broken),
    (errors.AtelierError, _broken),
)
"""Most special first: the first rung whose class fits speaks."""


def reply_to(kind: type[AtelierError], facts: Facts) -> Reply:
    """The words of the first rung that fits."""
    return next(words(facts) for rung, words in LADDER if issubclass(kind, rung))


def for_error(error: AtelierError, reference: str = "") -> Outbound:
    """An error as a message only the person sees; `reference` finds it in the log."""
    told = {**error.facts, "reference": reference or error.facts.get("job")}
    text = reply_to(type(error), told).text
    is_ours = isinstance(error, errors.Broken)
    if is_ours and reference and reference not in text:
        text += f" (Reference for the host: {plain(reference, 40)}.)"
    return Outbound(text=text, private=True)


def for_crash(reference: str) -> Outbound:
    """An exception that nobody foresaw."""
    return Outbound(text=_broken({"reference": reference}).text, private=True)


def for_failure(job: Job) -> Outbound:
    """A job that ended without a picture: its stored code finds the rung."""
    code = job.failure.code if job.failure else "broken"
    facts: dict[str, Fact] = dict(job.failure.facts) if job.failure else {}
    kind = next((each for each in tree() if each.code == code), errors.Broken)
    reply = reply_to(kind, {**facts, "reference": job.id})
    return Outbound(
        title="That picture didn't work out",
        text=f"{reply.text}\nIt cost you nothing. Job {job.id}: {quoted(job.plan.words, 120)}",
        job=job.id,
    )


def tree(root: type[AtelierError] = AtelierError) -> Iterator[type[AtelierError]]:
    """Every class of the error tree, deepest first."""
    for child in root.__subclasses__():
        yield from tree(child)
    yield root
