"""Errors and failures as words people see: one ordered ladder, each rung with its cure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.durations import about
from bot.errors import (
    BadSettings,
    LinkUsed,
    NotFromThePage,
    NotHere,
    PortTaken,
    SignInFirst,
    TooOften,
)
from bot.escape import plain, quoted
from bot.figures import listed
from bot.messages import Outbound
from bot.phrases import phrase
from bot.texts import say, wording
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
    return plain(listed(value) if isinstance(value, tuple) else str(value), 300)


def _sentence(facts: Facts, name: str, otherwise: str = "") -> str:
    """A fact that is a sentence of ours: said in the language at hand."""
    value = facts.get(name)
    if isinstance(value, tuple):
        return plain(listed([phrase(each) for each in value]), 300)
    return plain(phrase(str(value)), 300) if value else otherwise


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
    name = _told(facts, "name", say("refusal.bad_request.that", "that"))
    value = _named(facts, "value", "")
    what = (
        say("refusal.bad_request.value", "I can't use {value} for {name}.", value=value, name=name)
        if value
        else say("refusal.bad_request.what", "I can't use that {name}.", name=name)
    )
    works = _sentence(facts, "valid", say("refusal.bad_request.another", "another value"))
    if facts.get("name") == "state":
        works = listed([phrase(each) for each in str(facts.get("valid")).split(", ")])
    return Reply(what, say("refusal.bad_request.cure", "What works: {works}.", works=works))


NOT_FOUND = {
    "job": wording("refusal.not_found.job", "I know no picture called {name} here."),
    "picture": wording("refusal.not_found.picture", "I know no picture called {name} here."),
    "look": wording("refusal.not_found.look", "I know no look called {name} here."),
    "base": wording("refusal.not_found.base", "I know no base called {name} here."),
    "command": wording("refusal.not_found.command", "I know no command called {name} here."),
    "topic": wording("refusal.not_found.topic", "I know no topic called {name} here."),
    "rule": wording("refusal.not_found.rule", "I know no rule called {name} here."),
    "link": wording("refusal.not_found.link", "This place is linked with no other."),
    "joined place": wording("refusal.not_found.joined", "No place called {name} joined this one."),
    "change": wording("refusal.not_found.change", "Nothing was changed here yet."),
    "entry": wording("refusal.not_found.entry", "I know no LoRA called {name} here."),
    "upload": wording("refusal.not_found.upload", "I know no upload called {name} here."),
    "upload link": wording(
        "refusal.not_found.upload_link", "That upload link is not known, or too old."
    ),
    "preview": wording("refusal.not_found.preview", "That preview is not there any more."),
    "look in words": wording(
        "refusal.not_found.in_words", "I know no look in words called {name} here."
    ),
    "recipe": wording("refusal.not_found.recipe", "That picture holds no recipe of mine."),
    "file": wording("refusal.not_found.file", "I know no file called {name} here."),
    "place": wording("refusal.not_found.place", "I know no place called {name}."),
    "blob": wording("refusal.not_found.blob", "The bytes of {name} are not stored here any more."),
    "family": wording("refusal.not_found.family", "I know no base family called {name}."),
    "pause": wording("refusal.not_found.pause", "{name} is not paused here."),
    "button": wording(
        "refusal.not_found.button",
        "That button belongs to another place, or to something that was deleted.",
    ),
}
NOT_FOUND_CURES = {
    "job": wording(
        "refusal.not_found.cure.job",
        "Its id is under every picture, and /queue lists what you have waiting.",
    ),
    "picture": wording(
        "refusal.not_found.cure.picture", "It may have been deleted; /create makes a new one."
    ),
    "look": wording("refusal.not_found.cure.look", "/looks shows what there is."),
    "base": wording(
        "refusal.not_found.cure.base", "Leave the base out and I choose one that fits."
    ),
    "button": wording(
        "refusal.not_found.cure.button",
        "Type what you want instead, or use /show with the picture's id for fresh buttons.",
    ),
    "command": wording("refusal.not_found.cure.command", "/help lists all commands."),
    "topic": wording("refusal.not_found.cure.topic", "/help lists all topics."),
    "rule": wording("refusal.not_found.cure.rule", "/moderation lists all rules and pauses."),
    "link": wording("refusal.not_found.cure.link", "/settings link joins another place."),
    "joined place": wording("refusal.not_found.cure.joined", "/settings lists those that did."),
    "pause": wording("refusal.not_found.cure.rule", "/moderation lists all rules and pauses."),
}
ANYTHING = wording("refusal.not_found.thing", "I know no {kind} called {name} here.")
ANY_CURE = wording("refusal.not_found.cure.thing", "/help shows what I can do.")


def _not_found(facts: Facts) -> Reply:
    kind = _told(facts, "what", "thing")
    name = _named(facts, "name", say("refusal.not_found.that", "that"))
    what = NOT_FOUND.get(kind, ANYTHING).say(kind=kind, name=name)
    near = _told(facts, "near")
    cure = NOT_FOUND_CURES.get(kind, ANY_CURE).say()
    if near:
        mean = say("refusal.not_found.near", "Did you mean {near}?", near=near)
        cure = f"{mean} {cure}"
    return Reply(what, cure)


def _not_allowed(facts: Facts) -> Reply:
    what = _sentence(facts, "what", say("refusal.not_allowed.that", "do that"))
    needs = _sentence(facts, "needs", say("refusal.not_allowed.more", "somebody with more rights"))
    return Reply(
        say("refusal.not_allowed.what", "You can't {what}.", what=what),
        say("refusal.not_allowed.cure", "You would need {needs}.", needs=needs),
    )


def _cannot_link(facts: Facts) -> Reply:
    names = _told(facts, "names", say("refusal.cannot_link.another", "another place"))
    if _told(facts, "why") == "linked":
        return Reply(
            say(
                "refusal.cannot_link.linked", "This place is one with {names} already.", names=names
            ),
            say("refusal.cannot_link.unlink", "/settings unlink ends that; then this works."),
        )
    return Reply(
        say(
            "refusal.cannot_link.joined",
            "{names} joined this place, and would be moved without being asked.",
            names=names,
        ),
        say(
            "refusal.cannot_link.turn_round",
            "Let the other place join this one: /settings link here gives a code for it. Or put "
            "the joined ones out first: /settings lists them.",
        ),
    )


def _not_here(facts: Facts) -> Reply:
    what = say(
        "refusal.not_allowed.what",
        "You can't {what}.",
        what=_sentence(facts, "what", say("refusal.not_allowed.that", "do that")),
    )
    match _told(facts, "rule"):
        case "visited":
            cure = say(
                "refusal.not_here.visited",
                "Not where I am only a visitor: it works where I was added as a member, and in a "
                "direct conversation with me.",
            )
        case "channel":
            cure = say(
                "refusal.not_here.channel",
                "The admins chose other channels for that; a direct conversation with me works.",
            )
        case "role":
            cure = say(
                "refusal.not_here.role",
                "It takes a role that the admins chose: ask them for it.",
            )
        case _ if not facts.get("has_age_flags"):
            cure = say(
                "refusal.not_here.settings",
                "It is rated stronger than this place takes; the admins set that: "
                "/settings rating.",
            )
        case _:
            cure = say(
                "refusal.not_here.rating",
                "It is rated stronger than this place takes: try it in an age-restricted channel.",
            )
    return Reply(what, cure)


def _quota_spent(facts: Facts) -> Reply:
    limit = _told(facts, "limit")
    match _told(facts, "scope"):
        case "hour":
            what = say(
                "refusal.quota.hour", "You had your {limit} pictures of this hour.", limit=limit
            )
        case "day":
            what = say(
                "refusal.quota.day", "You had your {limit} pictures of the last 24 hours.",
                limit=limit,
            )  # fmt: skip
        case _:
            what = say(
                "refusal.quota.at_once",
                "You already have {limit} requests at work, which is your limit here.",
                limit=limit,
            )
    span = about(_number(facts, "retry_in_s") or 60)
    cure = say(
        "refusal.quota.cure",
        "Please ask again in {span}. What fails or is cancelled does not count.",
        span=span,
    )
    return Reply(what, cure)


def _words_blocked(facts: Facts) -> Reply:
    return Reply(
        say(
            "refusal.words_blocked.what",
            "This place doesn't draw some of those words (rule {rule}).",
            rule=_told(facts, "rule"),
        ),
        say(
            "refusal.words_blocked.cure",
            "Ask again in other words; a moderator can tell you what the rule is about.",
        ),
    )


def _paused(facts: Facts) -> Reply:
    left, reason = _number(facts, "for_s"), _told(facts, "reason")
    what = say("refusal.paused.what", "A moderator paused you here.")
    if reason:
        what += " " + say("refusal.paused.reason", "The reason: {reason}.", reason=reason)
    cure = (
        say(
            "refusal.paused.ended",
            "You can ask again after that: talk to the moderators of this place to end it.",
        )
        if left is None
        else say(
            "refusal.paused.wait",
            "Please ask again in {span}; the moderators of this place can end it sooner.",
            span=about(max(1.0, left)),
        )
    )
    return Reply(what, cure)


def _already_running(facts: Facts) -> Reply:
    folder = _told(facts, "folder", say("refusal.already_running.here", "this folder"))
    return Reply(
        say(
            "refusal.already_running.what", "Another Atelier is at work in {folder}.", folder=folder
        ),
        say(
            "refusal.already_running.cure",
            "Stop that one first, or choose another folder with --data-dir.",
        ),
    )


def _queue_full(facts: Facts) -> Reply:
    limit = _told(facts, "limit") or say("refusal.queue_full.many", "many")
    match _told(facts, "scope"):
        case "person":
            whose = say(
                "refusal.queue_full.person",
                "You already have {limit} pictures waiting.",
                limit=limit,
            )
        case "space":
            whose = say(
                "refusal.queue_full.space",
                "This place already has {limit} pictures waiting.",
                limit=limit,
            )
        case _:
            whose = say("refusal.queue_full.what", "The queue is full right now.")
    span = about(_number(facts, "retry_in_s") or 60)
    return Reply(
        whose,
        say(
            "refusal.queue_full.cure",
            "Please ask again in {span}; /queue shows what waits, and can cancel it.",
            span=span,
        ),
    )


STATES = {
    "pending": wording(
        "refusal.look_not_approved.pending",
        "The look {name} is still waiting for a moderator's approval.",
    ),
    "rejected": wording(
        "refusal.look_not_approved.rejected", "The look {name} was not approved for this place."
    ),
    "retired": wording("refusal.look_not_approved.retired", "The look {name} was retired here."),
    "rated": wording(
        "refusal.look_not_approved.rated",
        "The look {name} has a rating that this place does not allow.",
    ),
}
ANY_STATE = wording("refusal.look_not_approved.what", "The look {name} is not approved here.")


def _look_not_approved(facts: Facts) -> Reply:
    name = _named(facts, "name", say("refusal.look_not_approved.that", "you asked for"))
    return Reply(
        STATES.get(_told(facts, "state"), ANY_STATE).say(name=name),
        say(
            "refusal.look_not_approved.cure",
            "Ask again without it, or choose another one from /looks.",
        ),
    )


OPEN_QUESTIONS = {
    "person": wording("question.person", "nobody said whether it shows a real person"),
    "consent": wording(
        "question.consent", "it shows a real person, and nobody said who allowed it"
    ),
    "brand": wording(
        "question.brand", "it shows a brand, and nobody said under which licence it may be used"
    ),
    "asked": wording("question.asked", "the question {asked} is not answered"),
}
OPEN_ANSWERS = {
    "person": "person=no",
    "consent": 'consent="..."',
    "brand": 'licence="..."',
    "asked": 'licence="..."',
}
"""What answers each, as it is typed: options keep their English names in every language."""


def told_questions(questions: Iterable[str], asked: str = "") -> str:
    """What is not answered yet, in words."""
    shown = quoted(asked, 120)
    return "; ".join(OPEN_QUESTIONS[each].say(asked=shown) for each in questions)


def _open_questions(facts: Facts) -> Reply:
    name, questions = _told(facts, "name"), facts.get("questions")
    named = questions if isinstance(questions, tuple) else ()
    how = OPEN_ANSWERS[named[0]] if named else ""
    return Reply(
        say(
            "refusal.questions.what",
            "{name} can't be approved yet: {questions}.",
            name=_named(facts, "name", say("refusal.questions.that", "that look")),
            questions=told_questions(named, _told(facts, "asked")),
        ),
        say(
            "refusal.questions.cure",
            "What works: whoever brought it answers ({answer}), or you record it with your reason "
            "({record}).",
            answer=f'/lora answer "{name}" {how}',
            record=f'/lora edit "{name}" {how} reason="..."',
        ),
    )


def _look_does_not_fit(facts: Facts) -> Reply:
    name = _named(facts, "name", say("refusal.look_does_not_fit.that", "that"))
    family = _told(facts, "family", say("refusal.look_does_not_fit.family", "another base"))
    base = _told(facts, "base")
    what = (
        say(
            "refusal.look_does_not_fit.speed",
            "The look {name} makes a base draw in few steps, and {base} does so by itself.",
            name=name,
            base=base,
        )
        if facts.get("why") == "few_steps"
        else say(
            "refusal.look_does_not_fit.base",
            "The look {name} was made for {family} and can't work on {base}.",
            name=name,
            family=family,
            base=base,
        )
        if base
        else say(
            "refusal.look_does_not_fit.what",
            "The look {name} was made for {family}.",
            name=name,
            family=family,
        )
    )
    fits = _told(facts, "fits")
    cure = (
        say("refusal.look_does_not_fit.fits", "It would fit: {fits}.", fits=fits)
        if fits
        else say("refusal.not_found.cure.base", "Leave the base out and I choose one that fits.")
    )
    without = say(
        "refusal.look_does_not_fit.without", "Or ask without it: /looks shows the others."
    )
    return Reply(what, f"{cure} {without}")


DECISIONS = frozenset({"ask", "reject", "a damaged safetensors file"})
"""Verdicts that say nothing beside the problems."""


def _bad_lora_file(facts: Facts) -> Reply:
    file = _named(facts, "file", say("refusal.bad_lora_file.that", "That file"))
    verdict, problems = _sentence(facts, "verdict"), _sentence(facts, "problems")
    if facts.get("verdict") in DECISIONS and problems:
        verdict = ""
    told = "; ".join(part for part in (verdict, problems) if part)
    what = (
        say(
            "refusal.bad_lora_file.why",
            "{file} is not a LoRA that I can use: {told}.",
            file=file,
            told=told,
        )
        if told
        else say("refusal.bad_lora_file.what", "{file} is not a LoRA that I can use.", file=file)
    )
    return Reply(
        what,
        say(
            "refusal.bad_lora_file.cure",
            "Send the LoRA itself as a .safetensors file, as it came from its author or trainer.",
        ),
    )


def _bad_base(facts: Facts) -> Reply:
    base = _named(facts, "base", say("refusal.bad_base.that", "these files"))
    problem = _sentence(facts, "problem")
    what = (
        say(
            "refusal.bad_base.why",
            "No base can be made of {base}: {problem}.",
            base=base,
            problem=problem,
        )
        if problem
        else say("refusal.bad_base.what", "No base can be made of {base}.", base=base)
    )
    otherwise = say("refusal.bad_base.help", "`atelier base add --help` shows what works")
    return Reply(what, f"{_sentence(facts, 'cure', otherwise)}.")


def _person(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.person.what", "I can't do it that way."),
        say("refusal.person.cure", "/help shows what works."),
    )


def _bad_settings(facts: Facts) -> Reply:
    problems = _told(
        facts, "problems", say("refusal.bad_settings.range", "a value is out of range")
    )
    return Reply(
        say(
            "refusal.bad_settings.what",
            "These settings can't be used: {problems}.",
            problems=problems,
        ),
        say("refusal.bad_settings.cure", "deploy/atelier.example.toml explains every setting."),
    )


def _port_taken(facts: Facts) -> Reply:
    port = round(_number(facts, "port") or 0)
    host = _told(facts, "host", say("refusal.port_taken.here", "this machine"))
    return Reply(
        say(
            "refusal.port_taken.what",
            "Port {port} on {host} is used by another program.",
            port=port,
            host=host,
        ),
        say(
            "refusal.port_taken.cure",
            "Stop that program, or choose another port: ATELIER_HTTP__PORT={other}.",
            other=port + 1,
        ),
    )


def _sign_in_first(facts: Facts) -> Reply:
    if _told(facts, "how") == "open":
        return Reply(
            say("refusal.sign_in_first.open", "This browser is not known here yet."),
            say("refusal.sign_in_first.reload", "Reload the page to come in."),
        )
    return Reply(
        say("refusal.sign_in_first.what", "You need a link to come in."),
        say(
            "refusal.sign_in_first.cure",
            "Type /web to me where we know each other, or ask the host for one: atelier web link.",
        ),
    )


def _link_used(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.link_used.what", "That link was used already, or it is too old."),
        say(
            "refusal.link_used.cure",
            "Each works once: type /web again, or ask the host for a new one.",
        ),
    )


def _not_from_the_page(facts: Facts) -> Reply:
    why = _told(facts, "why", say("refusal.not_from_the_page.why", "it came from another site"))
    return Reply(
        say("refusal.not_from_the_page.what", "I didn't take that request: {why}.", why=why),
        say("refusal.not_from_the_page.cure", "Open the page itself and try again."),
    )


def _too_often(facts: Facts) -> Reply:
    span = about(max(1.0, _number(facts, "retry_in_s") or 1))
    return Reply(
        say("refusal.too_often.what", "That's faster than I can follow."),
        say("refusal.too_often.cure", "Please wait {span}.", span=span),
    )


# --- try again --------------------------------------------------------------------------------


def _store_busy(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.store_busy.what", "I'm busy writing something down."),
        say("refusal.store_busy.cure", "Please try again in a few seconds."),
    )


def _disk_full(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.disk_full.what", "There is no room left to keep pictures."),
        say(
            "refusal.disk_full.cure",
            "Please tell the host to free some space, then ask again; your words are not lost.",
        ),
    )


def _store_read_only(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.store_read_only.what", "I can't write anything down at the moment."),
        say(
            "refusal.store_read_only.cure",
            "Please tell the host to run `atelier doctor`, then ask again.",
        ),
    )


def _worker_lost(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.worker_lost.what", "The machine that was drawing this stopped several times."),
        say(
            "refusal.worker_lost.cure",
            "Please ask again; if it stops once more, a smaller size or fewer pictures may help.",
        ),
    )


def _out_of_memory(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.out_of_memory.what", "This picture is too big for the memory here."),
        say(
            "refusal.out_of_memory.cure",
            "Please ask for a smaller size or fewer pictures at once.",
        ),
    )


def _no_worker(_facts: Facts) -> Reply:
    return Reply(
        say(
            "refusal.no_worker.what",
            "Nothing can draw right now: all machines are down or starting.",
        ),
        say(
            "refusal.no_worker.cure",
            "Please try again in a minute; the host sees the reason with `atelier doctor`.",
        ),
    )


def _no_answer(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.no_answer.what", "The language model gave no answer that I could use."),
        say(
            "refusal.no_answer.cure",
            "Please try again, or say it more plainly: name the picture and the looks.",
        ),
    )


def _try_again(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.try_again.what", "That didn't work this time."),
        say("refusal.try_again.cure", "Please try again in a minute."),
    )


# --- ours -------------------------------------------------------------------------------------


def _blob_corrupt(_facts: Facts) -> Reply:
    return Reply(
        say(
            "refusal.blob_corrupt.what",
            "Sorry: the stored picture is damaged, so I won't show it.",
        ),
        say(
            "refusal.blob_corrupt.cure",
            "Asking again draws it anew: the same seed gives the same picture.",
        ),
    )


def _database_newer(_facts: Facts) -> Reply:
    return Reply(
        say(
            "refusal.database_newer.what",
            "Sorry: my database was written by a newer version of me.",
        ),
        say(
            "refusal.database_newer.cure",
            "The host can install the newest Atelier, or restore the backup from before the "
            "upgrade.",
        ),
    )


def _database_outdated(_facts: Facts) -> Reply:
    return Reply(
        say(
            "refusal.database_outdated.what",
            "Sorry: my database is from an older version of me.",
        ),
        say(
            "refusal.database_outdated.cure",
            "The host can run `atelier db upgrade` (after a backup), then start me again.",
        ),
    )


def _base_broken(facts: Facts) -> Reply:
    base = _named(facts, "base", say("refusal.base_broken.that", "it was meant for"))
    return Reply(
        say("refusal.base_broken.what", "Sorry: the base {base} can't be loaded.", base=base),
        say(
            "refusal.base_broken.cure",
            "Try another base; the host sees what is missing with `atelier doctor`.",
        ),
    )


def _stack_not_applied(facts: Facts) -> Reply:
    name = _named(facts, "name", say("refusal.stack_not_applied.that", "in this plan"))
    return Reply(
        say(
            "refusal.stack_not_applied.what",
            "Sorry: the look {name} did not take hold on this base, so I stopped rather than draw "
            "without it.",
            name=name,
        ),
        say(
            "refusal.stack_not_applied.cure",
            "Ask again without it, and please tell a moderator so that it is checked.",
        ),
    )


def _not_finite(_facts: Facts) -> Reply:
    return Reply(
        say("refusal.not_finite.what", "Sorry: the picture fell apart while it was being drawn."),
        say(
            "refusal.not_finite.cure",
            "Please ask again, perhaps with fewer looks or a lower strength.",
        ),
    )


def _look_poisoned(facts: Facts) -> Reply:
    return Reply(
        say(
            "refusal.look_poisoned.what",
            "Sorry: the look {name} has broken numbers in its file, so it was taken out of use.",
            name=_named(facts, "name", say("refusal.look_poisoned.one", "in this plan")),
        ),
        say(
            "refusal.look_poisoned.cure",
            "Ask again without it; a moderator finds the reason with it and can bring a sound "
            "copy of the file.",
        ),
    )


def _misregistered(facts: Facts) -> Reply:
    return Reply(
        say(
            "refusal.misregistered.what",
            "This installation is incomplete: row {row} of the table {table}: {problem}.",
            row=_named(facts, "row", "?"),
            table=_told(facts, "table", say("refusal.misregistered.table", "of parts")),
            problem=_told(facts, "problem", say("refusal.misregistered.problem", "is wrong")),
        ),
        say(
            "refusal.misregistered.cure",
            "The host can install Atelier again, or take that row out.",
        ),
    )


def _broken(facts: Facts) -> Reply:
    reference = _told(facts, "reference")
    cure = (
        say(
            "refusal.broken.noted",
            "It is noted with the reference {reference}; please try again, and tell the host if "
            "it stays.",
            reference=reference,
        )
        if reference
        else say(
            "refusal.broken.cure",
            "It is noted; please try again, and tell the host if it stays.",
        )
    )
    return Reply(say("refusal.broken.what", "Sorry, that went wrong on our side."), cure)


LADDER: tuple[tuple[type[AtelierError], Callable[[Facts], Reply]], ...] = (
    (errors.BadRequest, _bad_request),
    (errors.NotFound, _not_found),
    (errors.NotAllowed, _not_allowed),
    (NotHere, _not_here),
    (errors.AlreadyRunning, _already_running),
    (errors.CannotLink, _cannot_link),
    (errors.WordsBlocked, _words_blocked),
    (errors.Paused, _paused),
    (errors.QueueFull, _queue_full),
    (errors.QuotaSpent, _quota_spent),
    (errors.LookNotApproved, _look_not_approved),
    (errors.OpenQuestions, _open_questions),
    (errors.LookDoesNotFit, _look_does_not_fit),
    (errors.BadLoraFile, _bad_lora_file),
    (errors.BadBase, _bad_base),
    (BadSettings, _bad_settings),
    (PortTaken, _port_taken),
    (SignInFirst, _sign_in_first),
    (LinkUsed, _link_used),
    (NotFromThePage, _not_from_the_page),
    (TooOften, _too_often),
    (errors.PersonError, _person),
    (errors.StoreBusy, _store_busy),
    (errors.DiskFull, _disk_full),
    (errors.StoreReadOnly, _store_read_only),
    (errors.WorkerLost, _worker_lost),
    (errors.OutOfMemory, _out_of_memory),
    (errors.NoWorker, _no_worker),
    (errors.Ungrounded, _no_answer),
    (errors.NoAnswer, _no_answer),
    (errors.TryAgain, _try_again),
    (errors.BlobCorrupt, _blob_corrupt),
    (errors.DatabaseNewer, _database_newer),
    (errors.DatabaseOutdated, _database_outdated),
    (errors.BaseBroken, _base_broken),
    (errors.StackNotApplied, _stack_not_applied),
    (errors.NotFinite, _not_finite),
    (errors.LookPoisoned, _look_poisoned),
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
        noted = plain(reference, 40)
        told_host = say("refusal.reference", "(Reference for the host: {noted}.)", noted=noted)
        text += f" {told_host}"
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
    cost = say(
        "refusal.failed.cost",
        "It cost you nothing. Job {job}: {words}",
        job=job.id,
        words=quoted(job.plan.words, 120),
    )
    return Outbound(
        title=say("refusal.failed.title", "That picture didn't work out"),
        text=f"{reply.text}\n{cost}",
        job=job.id,
    )


def tree(root: type[AtelierError] = AtelierError) -> Iterator[type[AtelierError]]:
    """Every class of the error tree, deepest first."""
    for child in root.__subclasses__():
        yield from tree(child)
    yield root
