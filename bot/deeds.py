"""What was done, as lines of the audit tell it, and who did it by name."""

from collections.abc import Mapping

from bot.escape import plain
from bot.phrases import phrase
from bot.texts import Wording, wording
from engine.messages import PersonId

DEEDS: dict[str, Wording] = {
    "settings.changed": wording("audit.settings_changed", "changed the settings"),
    "settings.undone": wording("audit.settings_undone", "undid a change of the settings"),
    "words.blocked": wording("audit.words_blocked", "blocked words"),
    "words.unblocked": wording("audit.words_unblocked", "took back blocked words"),
    "person.paused": wording("audit.person_paused", "paused a person"),
    "person.resumed": wording("audit.person_resumed", "ended a pause"),
    "picture.reported": wording("audit.picture_reported", "reported a picture"),
    "picture.removed": wording("audit.picture_removed", "deleted a picture"),
    "space.link_offered": wording("audit.link_offered", "made a code to link this place"),
    "space.linked": wording("audit.linked", "linked places"),
    "space.unlinked": wording("audit.unlinked", "undid a link"),
    "entry.brought": wording("audit.entry_brought", "brought a look along"),
    "report.done": wording("audit.report_done", "took a report off the list"),
    "report.dismissed": wording("audit.report_dismissed", "found nothing wrong with a picture"),
    "entry.added.pending": wording("audit.entry_added", "handed in a look"),
    "entry.added.approved": wording("audit.entry_added_approved", "added a look"),
    "entry.approved": wording("audit.entry_approved", "approved a look"),
    "entry.rejected": wording("audit.entry_rejected", "turned down a look"),
    "entry.retired": wording("audit.entry_retired", "retired a look"),
    "entry.undone.approved": wording("audit.entry_undone", "took back a decision about a look"),
    "entry.undone.rejected": wording("audit.entry_undone", "took back a decision about a look"),
    "entry.undone.retired": wording("audit.entry_undone", "took back a decision about a look"),
    "entry.edited": wording("audit.entry_edited", "changed the card of a look"),
    "entry.measured": wording("audit.entry_measured", "measured a look"),
    "entry.asked": wording("audit.entry_asked", "asked about a look"),
    "entry.answered": wording("audit.entry_answered", "answered about a look"),
    "entry.deleted": wording("audit.entry_deleted", "deleted a look"),
    "look.added": wording("audit.look_added", "added a look in words"),
    "look.edited": wording("audit.look_edited", "changed a look in words"),
    "look.removed": wording("audit.look_removed", "took away a look in words"),
    "look.undone": wording("audit.look_undone", "undid a change of a look in words"),
    "registry.members_may_add.yes": wording("audit.members_may", "let members bring looks"),
    "registry.members_may_add.no": wording(
        "audit.members_may_not", "let only moderators bring looks"
    ),
}


def deed(what: str) -> str:
    """What somebody did, in words that follow their name."""
    known = DEEDS.get(what)
    return known.say() if known else plain(what, 40)


def because(reason: str, most_chars: int = 200) -> str:
    """The reason of a line, with what leads to it; empty without one."""
    told = plain(phrase(reason), most_chars)
    return f": {told}" if told else ""


def called(names: Mapping[PersonId, str], person: PersonId) -> str:
    """A person by name; by id where they were never seen, or want to be forgotten."""
    if person.startswith("atelier:"):
        return "Atelier"
    return plain(names.get(person, ""), 60) or plain(person, 100)
