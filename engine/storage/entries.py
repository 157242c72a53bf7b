"""LoRA entries of a space and their files: added, vetted, listed. Every change is audited."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from types import MappingProxyType
from typing import Final, Literal

from pydantic import JsonValue
from sqlalchemy import Connection, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.errors import BadRequest, NotFound
from engine.messages import Card, EntryId, PersonId, Sha256, SpaceId
from engine.storage.audit import AuditLine, add_line
from engine.storage.database import Store, reads, writes
from engine.storage.tables import entries, jobs, lora_files
from engine.storage.upsert import insert_into

EntryState = Literal["pending", "approved", "rejected", "retired"]
NEXT_STATES: Final[Mapping[EntryState, frozenset[EntryState]]] = MappingProxyType(
    {
        "pending": frozenset({"approved", "rejected"}),
        "approved": frozenset({"retired"}),
        "rejected": frozenset(),
        "retired": frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a LoRA file; the bytes are the blob of that hash."""

    sha256: Sha256
    size_bytes: int
    format: str
    algorithm: str
    family: str
    header: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be; of `card` the ids are set here and the family follows from the file."""

    card: Card
    file: FileFacts
    state: EntryState = "pending"
    licence: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A LoRA of a space; `card` carries the entry's id and its file's hash."""

    id: EntryId
    space: SpaceId
    card: Card
    file: FileFacts
    state: EntryState
    licence: str
    consent: str
    added_by: PersonId
    added_at: datetime


class EntryStore(Store):
    """Entries and their states: pending -> approved or rejected, approved -> retired."""

    @writes
    def add(
        self, connection: Connection, space: SpaceId, new: NewEntry, actor: PersonId, now: datetime
    ) -> EntryId:
        """Add an entry; its file's facts are kept once however many entries use it.

        Raises `BadRequest` when a pending or approved entry of the space has that name.
        """
        entry = EntryId(urlsafe_b64encode(token_bytes(9)).decode())
        _put_file(connection, new.file, now)
        try:
            connection.execute(
                insert(entries).values(
                    id=entry, space=space, added_by=actor, added_at=now, **_row_of(new)
                )
            )
        except IntegrityError as error:
            raise BadRequest(
                name="name", value=new.card.name, valid="a name not taken in this space"
            ) from error
        add_line(
            connection,
            AuditLine(space, actor, f"entry.added.{new.state}", entry, new.card.name, now),
        )
        return entry

    @writes
    def set_state(
        self,
        connection: Connection,
        entry: EntryId,
        state: EntryState,
        actor: PersonId,
        reason: str,
        now: datetime,
    ) -> None:
        """Move an entry on; raises `NotFound`, or `BadRequest` naming the states open to it."""
        row = (
            connection.execute(
                select(entries.c.space, entries.c.state)
                .where(entries.c.id == entry)
                .with_for_update()
            )
        ).one_or_none()
        if row is None:
            raise NotFound(what="entry", name=entry)
        before: EntryState = row.state
        if state not in NEXT_STATES[before]:
            valid = ", ".join(sorted(NEXT_STATES[before])) or f"nothing: it is {before}"
            raise BadRequest(name="state", value=state, valid=valid)
        connection.execute(update(entries).where(entries.c.id == entry).values(state=state))
        add_line(connection, AuditLine(row.space, actor, f"entry.{state}", entry, reason, now))

    async def cards(self, space: SpaceId) -> tuple[Card, ...]:
        """The approved entries of a space, by name: all that the director may see."""
        found = await self._find(
            _entries()
            .where(entries.c.space == space, entries.c.state == "approved")
            .order_by(entries.c.name_key)
        )
        return tuple(entry.card for entry in found)

    async def get(self, entry: EntryId) -> Entry | None:
        """One entry, whatever its state."""
        found = await self._find(_entries().where(entries.c.id == entry))
        return found[0] if found else None

    async def by_name(self, space: SpaceId, name: str) -> Entry | None:
        """The entry that goes by a name now; the newest one when all of them are past."""
        found = await self._find(
            _entries()
            .where(entries.c.space == space, entries.c.name_key == name_key(name))
            .order_by(
                entries.c.state.in_(("pending", "approved")).desc(), entries.c.added_at.desc()
            )
            .limit(1)
        )
        return found[0] if found else None

    async def in_state(self, space: SpaceId, state: EntryState) -> tuple[Entry, ...]:
        """Entries of a space in one state, oldest first."""
        return await self._find(
            _entries()
            .where(entries.c.space == space, entries.c.state == state)
            .order_by(entries.c.added_at, entries.c.id)
        )

    @reads
    def files_in_use(self, connection: Connection) -> set[Sha256]:
        """Files that an entry or a job that is not over refers to."""
        used = set(connection.scalars(select(entries.c.sha256).distinct()))
        open_jobs = connection.scalars(
            select(jobs.c.loras).where(jobs.c.state.in_(("queued", "running")))
        )
        for loras in open_jobs:
            used |= loras
        return {Sha256(sha256) for sha256 in used}

    @reads
    def _find(
        self, connection: Connection, query: Select[*tuple[object, ...]]
    ) -> tuple[Entry, ...]:
        return tuple(_entry_of(row) for row in connection.execute(query))


def name_key(name: str) -> str:
    """Names are compared without case and without space around them."""
    return " ".join(name.casefold().split())


def _put_file(connection: Connection, file: FileFacts, now: datetime) -> None:
    statement = insert_into(connection, lora_files).values(
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        format=file.format,
        algorithm=file.algorithm,
        family=file.family,
        header=dict(file.header),
        added_at=now,
    )
    connection.execute(statement.on_conflict_do_nothing(index_elements=["sha256"]))


def _entries() -> Select[*tuple[object, ...]]:
    file = (
        lora_files.c.size_bytes,
        lora_files.c.format,
        lora_files.c.algorithm,
        lora_files.c.family,
        lora_files.c.header,
    )
    return select(entries, *file).join(lora_files, lora_files.c.sha256 == entries.c.sha256)


def _row_of(new: NewEntry) -> dict[str, object]:
    card = new.card
    return {
        "name": card.name,
        "name_key": name_key(card.name),
        "aliases": card.aliases,
        "kind": card.kind,
        "tags": card.tags,
        "description": card.description,
        "licence": new.licence,
        "consent": new.consent,
        "rating": card.rating,
        "triggers": card.triggers,
        "weight": card.weight,
        "state": new.state,
        "sha256": new.file.sha256,
    }


def _entry_of(row: Row[*tuple[object, ...]]) -> Entry:
    kept = row._mapping
    card = Card(
        **{
            name: kept[name]
            for name in (
                "name",
                "aliases",
                "kind",
                "family",
                "triggers",
                "tags",
                "description",
                "weight",
                "rating",
                "sha256",
            )
        },
        entry=kept["id"],
    )
    file = FileFacts(
        **{
            name: kept[name]
            for name in ("sha256", "size_bytes", "format", "algorithm", "family", "header")
        }
    )
    return Entry(
        id=kept["id"],
        space=kept["space"],
        card=card,
        file=file,
        state=kept["state"],
        licence=kept["licence"],
        consent=kept["consent"],
        added_by=kept["added_by"],
        added_at=kept["added_at"],
    )
