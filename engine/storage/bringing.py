"""Vetted LoRAs that a place brings along into the registry it joins, and takes out again.

Each becomes an entry of its own there: what the joiner has rests as it is. `brought` says which
entry it is of, so that the evidence (its intake with findings and sheet) is shown for it.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Final, Literal

from sqlalchemy import Connection, delete, insert, select

from engine.messages import EntryId, PersonId, SpaceId
from engine.storage.audit import AuditLine, add_line
from engine.storage.entry_rows import change_state, entry_of, index, name_key, selected
from engine.storage.tables import brought, entries

Fate = Literal["comes", "known", "rejected"]
"""It comes along; that very file is there already; that very file was turned down there."""
MOST_NAME_CHARS: Final = 80
LEFT: Final = "the place that it came along with has left"


@dataclass(frozen=True, slots=True)
class Along:
    """A vetted LoRA of a place that joins another."""

    entry: EntryId
    name: str
    fate: Fate
    goes_by: str
    """Its name there: another one where `name` is taken."""


def along(connection: Connection, space: SpaceId, title: str, main: SpaceId) -> tuple[Along, ...]:
    """What would become of each vetted LoRA of a space, by name."""
    theirs = connection.execute(
        select(entries.c.sha256, entries.c.state, entries.c.name_key).where(entries.c.space == main)
    ).all()
    known = {row.sha256 for row in theirs if row.state in ("pending", "approved")}
    rejected = {row.sha256 for row in theirs if row.state == "rejected"} - known
    taken = {row.name_key for row in theirs if row.state in ("pending", "approved")}
    mine = connection.execute(
        select(entries.c.id, entries.c.name, entries.c.sha256)
        .where(entries.c.space == space, entries.c.state == "approved")
        .order_by(entries.c.name_key, entries.c.id)
    )
    found = []
    for row in mine:
        fate: Fate = "comes"
        if row.sha256 in known or row.sha256 in rejected:
            fate = "known" if row.sha256 in known else "rejected"
        goes_by = _free(row.name, title, taken) if fate == "comes" else row.name
        if fate == "comes":
            taken.add(name_key(goes_by))
            known.add(row.sha256)
        found.append(Along(EntryId(row.id), row.name, fate, goes_by))
    return tuple(found)


def bring(
    connection: Connection, space: SpaceId, title: str, main: SpaceId, actor: PersonId,
    now: datetime,
) -> tuple[Along, ...]:  # fmt: skip
    """Bring those that come; returns them all with what became of each."""
    told = along(connection, space, title, main)
    for each in told:
        if each.fate == "comes":
            _bring(connection, each, space, main, actor, now)
    return told


def take_back(connection: Connection, space: SpaceId, actor: PersonId, now: datetime) -> int:
    """Retire what came along with a space that leaves; how many looks that were.

    A moderator there can take the retirement of one back.
    """
    rows = connection.execute(
        select(entries.c.id, entries.c.state)
        .join(brought, brought.c.entry == entries.c.id)
        .where(brought.c.space == space)
    ).all()
    gone = [row.id for row in rows if row.state == "approved"]
    for entry in gone:
        change_state(connection, EntryId(entry), "retired", actor, LEFT, now)
    connection.execute(delete(brought).where(brought.c.space == space))
    return len(gone)


def _bring(
    connection: Connection, each: Along, space: SpaceId, main: SpaceId, actor: PersonId,
    now: datetime,
) -> None:  # fmt: skip
    old = connection.execute(select(entries).where(entries.c.id == each.entry)).mappings().one()
    entry = EntryId(urlsafe_b64encode(token_bytes(9)).decode())
    new = {"id": entry, "space": main, "name": each.goes_by, "name_key": name_key(each.goes_by)}
    connection.execute(insert(entries).values({**old, **new, "replaces": None}))
    connection.execute(insert(brought).values(entry=entry, space=space, origin=each.entry))
    kept = entry_of(connection.execute(selected().where(entries.c.id == entry)).one())
    index(connection, entry, main, kept.card)
    add_line(connection, AuditLine(main, actor, "entry.brought", entry, each.goes_by, now))


def _free(name: str, title: str, taken: set[str]) -> str:
    """A name that nobody has there: with the place it came from, then with a number."""
    if name_key(name) not in taken:
        return name
    base = f"{name[: MOST_NAME_CHARS // 2]} ({title[: MOST_NAME_CHARS // 2 - 10]})"
    names = (base, *(f"{base} {number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if name_key(each) not in taken)
