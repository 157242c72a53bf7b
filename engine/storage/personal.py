"""What is kept of a person, table by table: told in an export, and gone when they say so.

`RECORDS` and `KEPT` name every column that holds a person's id; a test holds them to the tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue
from pydantic_core import to_jsonable_python
from sqlalchemy import Column, Connection, Table, delete, select, update

from engine.messages import PersonId, SpaceId
from engine.storage.choices import of_space
from engine.storage.entry_rows import drop_entry
from engine.storage.senders import FORGOTTEN
from engine.storage.tables import (
    audit,
    choices,
    entries,
    intakes,
    intents,
    keeps,
    members,
    notices,
    opinions,
    own_looks,
    posts,
    reports,
    sessions,
    sign_ins,
    space_choices,
    spaces,
    upload_links,
    uploads,
)

MOST: Final = 10_000
"""Rows of one kind that an export tells, the first ones."""


@dataclass(frozen=True, slots=True)
class Record:
    """Rows of a table that are a person's own, and the columns of them that an export tells."""

    table: Table
    whose: str
    told: tuple[str, ...]

    @property
    def column(self) -> Column[str]:
        """The column that holds the person."""
        found: Column[str] = self.table.c[self.whose]
        return found


RECORDS: Final[Mapping[str, Record]] = MappingProxyType(
    {
        "places": Record(members, "person", ("space", "name", "level", "locale", "last_seen")),
        "files": Record(
            intakes, "person",
            ("space", "person_name", "road", "state", "file_name", "source", "size_bytes", "why",
             "at"),
        ),
        "looks": Record(
            entries, "added_by",
            ("space", "name", "kind", "state", "description", "licence", "consent", "answers",
             "added_at"),
        ),
        "looks_in_words": Record(
            own_looks, "changed_by", ("space", "name", "facts", "changed_at")
        ),
        "opinions": Record(
            opinions, "person", ("space", "look", "verdict", "weight", "job", "at")
        ),
        "sent_files": Record(
            uploads, "person", ("space", "name", "media_type", "size_bytes", "at")
        ),
        "said_on_the_page": Record(posts, "author", ("space", "body", "at")),
        "told_on_the_page": Record(posts, "asked_by", ("space", "body", "at")),
        "reports": Record(reports, "person", ("space", "job", "name", "reason", "at", "done_at")),
        "upload_links": Record(
            upload_links, "person", ("space", "file_name", "size_bytes", "expires_at")
        ),
        "waiting_words": Record(notices, "person", ("platform", "body", "due_at")),
        "buttons": Record(intents, "person", ("space", "intent")),
        "kept_pictures": Record(keeps, "person", ("job", "at")),
        "browsers": Record(sessions, "person", ("visitor", "expires_at")),
        "acts_in_the_audit": Record(audit, "actor", ("space", "what", "subject", "reason", "at")),
    }
)  # fmt: skip
"""What an export tells beside requests with their pictures, conversations and choices."""
KEPT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "audit.actor": "who decided what in a place stays told, by the platform's id alone",
        "audit.subject": "and so does whom a moderator paused",
        "choices.body": "a pause by a moderator of a place outlasts the person's own wish",
    }
)
"""Where a person's id stays after they had everything deleted, and why."""


def records_of(
    connection: Connection, person: PersonId
) -> Mapping[str, tuple[Mapping[str, JsonValue], ...]]:
    """Everything of a person by kind; kinds without a row are left out."""
    found = {}
    for kind, record in RECORDS.items():
        columns = [record.table.c[name] for name in record.told]
        query = select(*columns).where(record.column == person).limit(MOST)
        rows = connection.execute(query).mappings().all()
        if rows:
            found[kind] = tuple(to_jsonable_python(dict(row)) for row in rows)
    return found


def forget_records(connection: Connection, person: PersonId) -> int:
    """Delete what no other store forgets: one's own spaces, ways in and what one is named under.

    A look in words belongs to its place by now and stays there, without the name of who made it;
    that a picture was reported stays told as well, without who said so and why.
    """
    mine = select(spaces.c.id).where(
        spaces.c.kind == "dm",
        spaces.c.id.in_(select(members.c.space).where(members.c.person == person)),
    )
    gone = sum(_forget_space(connection, SpaceId(each)) for each in connection.scalars(mine).all())
    connection.execute(
        update(own_looks).where(own_looks.c.changed_by == person).values(changed_by=FORGOTTEN)
    )
    told = (audit.c.actor == person) & (audit.c.what == "picture.reported")
    connection.execute(update(audit).where(told).values(actor=FORGOTTEN, reason=""))
    gone += connection.execute(delete(keeps).where(keeps.c.person == person)).rowcount
    ways_in = connection.execute(select(sign_ins.c.token, sign_ins.c.visitor)).all()
    tokens = [row.token for row in ways_in if row.visitor.get("person") == person]
    return gone + connection.execute(delete(sign_ins).where(sign_ins.c.token.in_(tokens))).rowcount


def _forget_space(connection: Connection, space: SpaceId) -> int:
    """Delete a direct conversation's registry, looks and choices: nobody else was ever there."""
    theirs = connection.execute(
        select(entries.c.id, entries.c.sha256).where(entries.c.space == space)
    ).all()
    for row in theirs:
        drop_entry(connection, row.id, row.sha256)
    gone = len(theirs)
    for table in (intakes, own_looks, space_choices, audit):
        gone += connection.execute(delete(table).where(table.c.space == space)).rowcount
    gone += connection.execute(delete(choices).where(choices.c.subject == of_space(space))).rowcount
    connection.execute(delete(spaces).where(spaces.c.id == space))
    return gone
