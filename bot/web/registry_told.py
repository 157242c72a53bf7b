"""Entries and files on their way in, as the page gets them: plain data, texts never markup."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from bot.escape import plain
from bot.phrases import phrase
from bot.replies import told_questions
from engine.api import AuditLine, Entry, Intake, Shown, ShownPicture, Standing, open_questions
from engine.messages import Displacement, IntakeId, PersonId, SpaceId

NAME_CHARS, WORDS_CHARS = 80, 500
FOR_MODERATORS = frozenset({"sha256", "consent", "answers", "added_by", "questions"})
"""What people said of consent and of themselves, and which file it is."""


def entry_told(
    entry: Entry, intake: Intake | None, *, is_vetting: bool, choices: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An entry with a picture of it where there is one; `choices` are bases that may be said."""
    told: dict[str, Any] = {
        **entry.card.model_dump(mode="json", exclude={"entry"}),
        "id": entry.id,
        "state": entry.state,
        "licence": entry.licence,
        "consent": entry.consent,
        "creator": entry.creator,
        "source": entry.source,
        "answers": dict(entry.answers),
        "added_by": entry.added_by,
        "added_at": entry.added_at.isoformat(),
        "file": {
            "size_bytes": entry.file.size_bytes,
            "format": entry.file.format,
            "algorithm": entry.file.algorithm,
            "family": entry.file.family,
        },
        "sample": None,
        "choices": list(choices),
        "questions": _questions(entry),
    }
    if intake is not None and intake.sheet is not None:
        told["sample"] = _url(intake.id, "sample.png", entry.space)
    if is_vetting:
        return told
    return {name: value for name, value in told.items() if name not in FOR_MODERATORS}


def _questions(entry: Entry) -> list[dict[str, str]]:
    """What an approval waits for, each in words."""
    if entry.state != "pending":
        return []
    asked = str(entry.answers.get("asked") or "")
    return [
        {"about": each, "text": told_questions([each], asked)} for each in open_questions(entry)
    ]


def brief(intake: Intake) -> dict[str, Any]:
    """An intake for whoever brought it."""
    return {
        "id": intake.id,
        "state": intake.state,
        "file_name": plain(intake.file_name, 120),
        "why": plain(intake.why, WORDS_CHARS),
        "size_bytes": intake.size_bytes,
    }


def intake_told(intake: Intake, entry: Mapping[str, Any] | None) -> dict[str, Any]:
    """An intake for moderators."""
    sender = intake.sender
    return {
        **brief(intake),
        "road": intake.road,
        "source": intake.source,
        "findings": [plain(each, WORDS_CHARS) for each in intake.findings],
        "findings_said": [plain(phrase(each), WORDS_CHARS) for each in intake.findings],
        "sender": {"id": sender.person, "name": plain(sender.name, NAME_CHARS) or "somebody"},
        "sheet": sheet_url(intake),
        "entry": entry,
        "at": intake.at.isoformat(),
        "changed_at": intake.changed_at.isoformat(),
    }


def cells_told(cells: Iterable[Shown], intake: Intake) -> list[dict[str, Any]]:
    """The preview's pictures by row and weight; no weight is the base alone."""
    space = intake.sender.space
    return [
        {
            "row": cell.row,
            "title": cell.title,
            "weight": cell.weight,
            "is_over": cell.is_over,
            "pictures": [
                {
                    "url": _url(intake.id, f"cells/{cell.place}/{index}.png", space, size="small"),
                    "full": _full(intake, cell.place, index, picture),
                    "width": picture.width,
                    "height": picture.height,
                }
                for index, picture in enumerate(cell.pictures)
            ],
        }
        for cell in cells
    ]


def line_told(line: AuditLine, names: Mapping[PersonId, str]) -> dict[str, str]:
    """A line of an entry's history."""
    return {
        "what": line.what,
        "actor": line.actor,
        "actor_name": plain(names.get(line.actor, ""), NAME_CHARS) or "somebody",
        "reason": plain(line.reason, WORDS_CHARS),
        "at": line.at.isoformat(),
    }


def upload_told(
    where: Standing, piece_bytes: int, name: str = "", drawn: tuple[int, int] | None = None
) -> dict[str, Any]:
    """How far an upload is, and what became of its file: what it is called here, and its preview
    as far as it is drawn.
    """
    link, intake = where.link, where.intake
    offset = where.offset if intake is None else link.size_bytes
    return {
        "offset": offset,
        "name": link.file_name,
        "size_bytes": link.size_bytes,
        "cap_bytes": link.cap_bytes,
        "piece_bytes": piece_bytes,
        "expires_at": link.expires_at.isoformat(),
        "place": link.sender.space,
        "intake": None if intake is None else {**brief(intake), "name": name},
        "drawn": None if drawn is None else {"done": drawn[0], "of": drawn[1]},
    }


def sheet_url(intake: Intake) -> str | None:
    """Where a file's contact sheet is."""
    return None if intake.sheet is None else _url(intake.id, "sheet.png", intake.sender.space)


def _full(intake: Intake, place: int, index: int, picture: ShownPicture) -> str | None:
    """Where it is in its own size, as long as it is kept so."""
    if picture.sha256 is None:
        return None
    return _url(intake.id, f"cells/{place}/{index}.png", intake.sender.space)


def measured_told(found: Iterable[tuple[str, Displacement]]) -> list[dict[str, Any]]:
    """How far a file moves each base, weight by weight."""
    return [{"base": base, **each.model_dump()} for base, each in found]


def _url(intake: IntakeId, part: str, space: SpaceId, **more: str) -> str:
    asked = urlencode({"place": space, **more})
    return f"/api/registry/intakes/{quote(intake, safe='')}/{part}?{asked}"
