"""Files on their way in, from the first byte to the decision; each step is taken exactly once."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from typing import Any, Final, Literal

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, Row, delete, func, or_, select, update
from sqlalchemy.sql import Select

from engine.errors import BadRequest, NotFound
from engine.messages import EntryId, IntakeId, JobId, PersonId, Sha256, SpaceId
from engine.storage.audit import AuditLine, add_line
from engine.storage.database import Database, Store, reads, writes
from engine.storage.entries import EntryStore
from engine.storage.entry_rows import (
    UNDONE,
    EntryState,
    NewEntry,
    add_entry,
    change_state,
    drop_entry,
    name_key,
    put_file,
    replace_older,
)
from engine.storage.notices import add_notice
from engine.storage.tables import entries, intakes, lora_files, pictures, previews
from engine.storage.upsert import insert_into

IntakeState = Literal[
    "fetching", "received", "checked", "identified", "previewing",
    "waiting", "approved", "rejected", "retired", "refused", "known",
]  # fmt: skip
OPEN: Final[tuple[IntakeState, ...]] = (
    "fetching", "received", "checked", "identified", "previewing",
)  # fmt: skip
"""The engine still has something to do."""
UNDECIDED: Final[tuple[IntakeState, ...]] = (*OPEN, "waiting")
Road = Literal["chat", "upload", "folder", "link", "host", "training"]
MOST_NAMES = 99
MOST_FINDINGS = 40
MODERATORS = PersonId("atelier:moderators")
"""Whom a card in their channel is for: nobody in particular."""
MOST_SHOWN = 5
"""Cards in the moderators' channel while nobody decides."""
ATELIER: Final = PersonId("atelier:registry")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who brought a file, into which space, and where they are told what becomes of it."""

    space: SpaceId
    person: PersonId
    name: str
    platform: str = ""
    """Empty: nobody is told."""
    address: str = ""


@dataclass(frozen=True, slots=True)
class NewIntake:
    """A file that was brought, or a link to one; the same `request` again is the same intake."""

    sender: Sender
    road: Road
    state: IntakeState
    file_name: str
    request: str | None = None
    source: str = ""
    sha256: Sha256 | None = None
    size_bytes: int | None = None
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    beside: Mapping[str, JsonValue] = field(default_factory=dict)
    """What files beside it say (`engine.registry.beside`)."""


@dataclass(frozen=True, slots=True)
class Intake:
    """One of them as it is now."""

    id: IntakeId
    sender: Sender
    road: Road
    state: IntakeState
    file_name: str
    source: str
    sha256: Sha256 | None
    size_bytes: int | None
    facts: Mapping[str, JsonValue]
    beside: Mapping[str, JsonValue]
    inspection: Mapping[str, JsonValue]
    findings: tuple[str, ...]
    why: str
    entry: EntryId | None
    sheet: Sha256 | None
    tries: int
    at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A job that shows an unapproved file, and what it stands for on the sheet."""

    place: int
    job: JobId
    entry: EntryId
    cell: Mapping[str, JsonValue]


class IntakeStore(Store):
    """Intakes and their previews; what happens to an entry with them is one transaction."""

    def __init__(self, database: Database, entries: EntryStore) -> None:
        super().__init__(database)
        self._entries = entries

    def changed(self) -> None:
        """An entry may have changed, too."""
        self._entries.changed()

    @writes
    def add(self, connection: Connection, new: NewIntake, now: datetime) -> Intake:
        """Write one down; the intake of this request when there is one already."""
        known = new.request and _one(connection, intakes.c.request == new.request)
        if known:
            return known
        intake = IntakeId(f"i{urlsafe_b64encode(token_bytes(9)).decode()}")
        sender = new.sender
        statement = insert_into(connection, intakes).values(
            id=intake, space=sender.space, person=sender.person, person_name=sender.name,
            platform=sender.platform, address=sender.address, road=new.road, state=new.state,
            request=new.request, file_name=new.file_name, source=new.source, sha256=new.sha256,
            size_bytes=new.size_bytes, facts=dict(new.facts), beside=dict(new.beside),
            inspection={}, findings=(), why="", tries=0, at=now, changed_at=now,
        )  # fmt: skip
        connection.execute(statement.on_conflict_do_nothing(index_elements=["request"]))
        which = intakes.c.request == new.request if new.request else intakes.c.id == intake
        return _of(connection.execute(select(intakes).where(which)).one())

    @writes
    def move(
        self,
        connection: Connection,
        /,
        intake: IntakeId,
        before: IntakeState,
        after: IntakeState,
        now: datetime,
        *,
        notice: Mapping[str, JsonValue] | None = None,
        desk: tuple[str, str] | None = None,
        **values: Any,
    ) -> bool:
        """Take a step and say so, once; False when somebody took it already.

        `desk` is where moderators are shown a file that waits for them from now on.
        """
        is_moved = _move(connection, intake, before, after, now, notice, values)
        if is_moved and desk is not None:
            _show_moderators(connection, intake, desk, now)
        return is_moved

    @writes
    def tried(self, connection: Connection, intake: IntakeId, now: datetime) -> int:
        """A step failed and will be tried again; how often that was by now."""
        more = update(intakes).where(intakes.c.id == intake)
        more = more.values(tries=intakes.c.tries + 1, changed_at=now)
        return connection.scalar(more.returning(intakes.c.tries)) or 0

    @writes
    def enter(
        self, connection: Connection, intake: IntakeId, new: NewEntry, now: datetime
    ) -> EntryId | None:
        """Make the pending entry of a checked file under a free name, or find the one it has.

        A file that this space has already (or gets at this moment) gives no second entry: the
        intake ends as `known`, and its sender is told. None when the step was taken already.
        """
        row = _one(connection, intakes.c.id == intake)
        if row is None or row.state != "checked":
            return None
        space = row.sender.space
        put_file(connection, new.file, now)
        there = connection.execute(
            select(entries.c.id, entries.c.name, entries.c.state).where(
                entries.c.space == space,
                entries.c.sha256 == new.file.sha256,
                entries.c.state.in_(("pending", "approved")),
            )
        ).first()
        if there is not None:
            notice = _notice(row, "known", name=there.name, state=there.state)
            _move(connection, intake, "checked", "known", now, notice, {"entry": there.id})
            return EntryId(there.id)
        named = new.card.model_copy(
            update={"name": free_name(new.card.name, _names(connection, space))}
        )
        fresh = NewEntry(
            card=named, file=new.file, licence=new.licence, consent=new.consent,
            creator=new.creator, source=new.source, family=new.family, answers=new.answers,
            replaces=new.replaces,
        )  # fmt: skip
        entry = add_entry(connection, space, fresh, row.sender.person, now)
        _move(connection, intake, "checked", "identified", now, None, {"entry": entry})
        return entry

    @writes
    def plan_previews(
        self,
        connection: Connection,
        intake: IntakeId,
        cells: Iterable[Mapping[str, JsonValue]],
        jobs: Iterable[JobId],
        now: datetime,
        first: int = 0,
    ) -> tuple[PreviewRow, ...]:
        """Which jobs will show this file; planned once, whoever asks again gets the same ones.

        Their time begins `now`; places are counted from `first`.
        """
        row = _one(connection, intakes.c.id == intake)
        if row is None or row.entry is None:
            raise NotFound(what="upload", name=intake)
        fresh = 0
        for place, (cell, job) in enumerate(zip(cells, jobs, strict=True), first):
            statement = insert_into(connection, previews).values(
                intake=intake, place=place, job=job, entry=row.entry, cell=dict(cell)
            )
            once = statement.on_conflict_do_nothing(index_elements=["intake", "place"])
            fresh += connection.execute(once).rowcount
        if fresh:
            which = update(intakes).where(intakes.c.id == intake)
            connection.execute(which.values(changed_at=now))
        return _previews(connection, intake)

    @reads
    def previews(self, connection: Connection, intake: IntakeId) -> tuple[PreviewRow, ...]:
        """The preview jobs of an intake, in the sheet's order."""
        return _previews(connection, intake)

    @reads
    def may_preview(self, connection: Connection, job: JobId, entry: EntryId) -> bool:
        """Whether this job is a preview of this entry: then it may use the file unapproved."""
        found = connection.scalar(
            select(previews.c.entry).where(previews.c.job == job, previews.c.entry == entry)
        )
        return found is not None

    @writes
    def decide(
        self,
        connection: Connection,
        entry: EntryId,
        state: EntryState,
        actor: PersonId,
        reason: str,
        now: datetime,
        *,
        undo: bool = False,
    ) -> None:
        """Move an entry on (or back), with its intake and the word to its sender, at once.

        A newer version that is approved retires the older one and takes its name.

        Raises `NotFound`, or `BadRequest` naming what is open.
        """
        change_state(connection, entry, state, actor, reason, now, undo=undo)
        if state == "approved" and not undo:
            replace_older(connection, entry, actor, now)
        row = _one(connection, (intakes.c.entry == entry) & (intakes.c.state != "known"))
        if row is None:
            return
        becomes: IntakeState = "waiting" if state == "pending" else state
        name = connection.scalar(select(entries.c.name).where(entries.c.id == entry)) or ""
        told = "undone" if undo else state
        notice = _notice(row, told, name=name, reason=reason)
        _move(connection, row.id, row.state, becomes, now, notice, {"why": reason})

    @writes
    def tell(
        self, connection: Connection, intake: IntakeId, body: Mapping[str, JsonValue], now: datetime
    ) -> None:
        """Say something to the sender of an intake."""
        row = _one(connection, intakes.c.id == intake)
        if row is not None:
            _tell(connection, row, body, now)

    @writes
    def add_finding(
        self, connection: Connection, intake: IntakeId, words: str, now: datetime
    ) -> None:
        """Something more that moderators should know."""
        row = _one(connection, intakes.c.id == intake)
        if row is not None:
            more = (*row.findings, words)[-MOST_FINDINGS:]
            changed = update(intakes).where(intakes.c.id == intake)
            connection.execute(changed.values(findings=more, changed_at=now))

    @writes
    def drop_rejected(self, connection: Connection, before: datetime, now: datetime) -> int:
        """Delete entries that were rejected longer ago, with their intakes and previews.

        What was refused at the door or known already is forgotten after the same time.
        """
        over = intakes.c.state.in_(("refused", "known")) & (intakes.c.changed_at < before)
        connection.execute(delete(intakes).where(over))
        rows = connection.execute(
            select(intakes.c.id, entries.c.id.label("entry"), entries.c.sha256, entries.c.space)
            .join(entries, entries.c.id == intakes.c.entry)
            .where(intakes.c.state == "rejected", intakes.c.changed_at < before)
        ).all()
        for row in rows:
            connection.execute(delete(intakes).where(intakes.c.id == row.id))
            drop_entry(connection, EntryId(row.entry), Sha256(row.sha256))
            why = "rejected, and its time to be taken back is over"
            line = AuditLine(row.space, ATELIER, "entry.deleted", row.entry, why, now)
            add_line(connection, line)
        return len(rows)

    @reads
    def shown_enough(
        self, connection: Connection, before: datetime, limit: int = 500
    ) -> tuple[JobId, ...]:
        """Preview jobs that still have pictures, of files decided longer ago; oldest first."""
        is_over = intakes.c.state.in_(("approved", "rejected", "retired"))
        found = connection.scalars(
            select(previews.c.job)
            .join(intakes, intakes.c.id == previews.c.intake)
            .join(pictures, pictures.c.job == previews.c.job)
            .where(is_over, intakes.c.changed_at < before, pictures.c.is_deleted.is_(False))
            .group_by(previews.c.job, intakes.c.changed_at)
            .order_by(intakes.c.changed_at)
            .limit(limit)
        )
        return tuple(JobId(job) for job in found)

    # --- reading ------------------------------------------------------------------------------

    @reads
    def get(self, connection: Connection, intake: IntakeId) -> Intake | None:
        """One of them."""
        return _one(connection, intakes.c.id == intake)

    @reads
    def is_known(self, connection: Connection, request: str | None) -> bool:
        """Whether this act has brought something already."""
        return request is not None and _one(connection, intakes.c.request == request) is not None

    @reads
    def of_entry(self, connection: Connection, entry: EntryId) -> Intake | None:
        """The intake that an entry came by."""
        return _one(connection, (intakes.c.entry == entry) & (intakes.c.state != "known"))

    @reads
    def open(self, connection: Connection) -> tuple[Intake, ...]:
        """Those the engine still has something to do for, oldest first."""
        query = select(intakes).where(intakes.c.state.in_(OPEN)).order_by(intakes.c.at)
        return _all(connection, query)

    @reads
    def of_space(
        self,
        connection: Connection,
        space: SpaceId,
        states: Iterable[IntakeState],
        limit: int,
        skip: int = 0,
    ) -> tuple[Intake, ...]:
        """Those of a space in these states, oldest first."""
        query = (
            select(intakes)
            .where(intakes.c.space == space, intakes.c.state.in_(tuple(states)))
            .order_by(intakes.c.at, intakes.c.id)
        )
        return _all(connection, query.limit(limit).offset(skip))

    @reads
    def count(
        self,
        connection: Connection,
        space: SpaceId,
        states: Iterable[IntakeState],
        person: PersonId | None = None,
    ) -> int:
        """How many of a space (and a person) are in these states."""
        query = select(func.count()).select_from(intakes)
        query = query.where(intakes.c.space == space, intakes.c.state.in_(tuple(states)))
        if person is not None:
            query = query.where(intakes.c.person == person)
        return connection.scalar(query) or 0

    @reads
    def pulse(self, connection: Connection, space: SpaceId) -> tuple[int, int, str]:
        """How many wait for a moderator and how many for the engine, and the last change."""
        is_waiting, is_open = intakes.c.state == "waiting", intakes.c.state.in_(OPEN)
        row = connection.execute(
            select(
                func.count().filter(is_waiting),
                func.count().filter(is_open),
                func.max(intakes.c.changed_at),
            ).where(intakes.c.space == space)
        ).one()
        return row[0], row[1], str(row[2])

    @reads
    def is_file_wanted(self, connection: Connection, sha256: Sha256) -> bool:
        """Whether an entry or an intake that is not over names a file."""
        is_open = (intakes.c.sha256 == sha256) & intakes.c.state.in_(UNDECIDED)
        named = select(lora_files.c.sha256).where(lora_files.c.sha256 == sha256)
        return bool(
            connection.scalar(
                select(or_(named.exists(), select(intakes.c.id).where(is_open).exists()))
            )
        )


def free_name(name: str, names: set[str]) -> str:
    """The name, with the first number that makes it free where it is taken: "Neon 2"."""
    if name_key(name) not in names:
        return name
    for number in range(2, MOST_NAMES):
        ending = f" {number}"
        candidate = f"{name[: 80 - len(ending)]}{ending}"
        if name_key(candidate) not in names:
            return candidate
    raise BadRequest(name="name", value=name, valid="another name: this one is taken many times")


def undone(state: EntryState) -> EntryState | None:
    """Where taking the last decision back leads; None where there is none to take back."""
    return UNDONE.get(state)


def _names(connection: Connection, space: SpaceId) -> set[str]:
    """Names and aliases of what a space has or weighs."""
    rows = connection.execute(
        select(entries.c.name, entries.c.aliases).where(
            entries.c.space == space, entries.c.state.in_(("pending", "approved"))
        )
    )
    return {name_key(name) for row in rows for name in (row.name, *row.aliases)}


def _move(
    connection: Connection,
    intake: IntakeId,
    before: IntakeState,
    after: IntakeState,
    now: datetime,
    notice: Mapping[str, JsonValue] | None,
    values: Mapping[str, object],
) -> bool:
    moved = connection.execute(
        update(intakes)
        .where(intakes.c.id == intake, intakes.c.state == before)
        .values(state=after, tries=0, changed_at=now, **values)
        .returning(intakes)
    ).one_or_none()
    if moved is not None and notice is not None:
        _tell(connection, _of(moved), notice, now)
    return moved is not None


def _tell(
    connection: Connection, intake: Intake, body: Mapping[str, JsonValue], now: datetime
) -> None:
    sender = intake.sender
    if sender.platform:
        told = {"intake": intake.id, "file": intake.file_name, **body}
        add_notice(connection, sender.platform, sender.address, sender.person, told, now)


def _show_moderators(
    connection: Connection, intake: IntakeId, desk: tuple[str, str], now: datetime
) -> None:
    """A card for each of the first few that wait; of more it is told once that there are more."""
    row = connection.execute(select(intakes).where(intakes.c.id == intake)).one()
    waits = select(func.count()).where(intakes.c.space == row.space, intakes.c.state == "waiting")
    before = (connection.scalar(waits) or 0) - 1
    if before > MOST_SHOWN:
        return
    kind = "to_vet" if before < MOST_SHOWN else "more_to_vet"
    body = {"kind": kind, "intake": intake, "space": row.space}
    add_notice(connection, *desk, MODERATORS, body, now)


def _notice(intake: Intake, kind: str, **facts: JsonValue) -> dict[str, JsonValue]:
    return {"kind": kind, "intake": intake.id, **facts}


def _previews(connection: Connection, intake: IntakeId) -> tuple[PreviewRow, ...]:
    rows = connection.execute(
        select(previews).where(previews.c.intake == intake).order_by(previews.c.place)
    )
    return tuple(
        PreviewRow(row.place, JobId(row.job), EntryId(row.entry), row.cell) for row in rows
    )


def _one(connection: Connection, which: ColumnElement[bool]) -> Intake | None:
    row = connection.execute(select(intakes).where(which).order_by(intakes.c.at.desc())).first()
    return None if row is None else _of(row)


def _all(connection: Connection, query: Select[*tuple[Any, ...]]) -> tuple[Intake, ...]:
    return tuple(_of(row) for row in connection.execute(query))


def _of(row: Row[*tuple[Any, ...]]) -> Intake:
    kept = row._mapping
    sender = Sender(
        space=kept["space"], person=kept["person"], name=kept["person_name"],
        platform=kept["platform"], address=kept["address"],
    )  # fmt: skip
    same = (
        "id", "road", "state", "file_name", "source", "sha256", "size_bytes", "facts",
        "beside", "inspection", "findings", "why", "entry", "sheet", "tries", "at", "changed_at",
    )  # fmt: skip
    return Intake(sender=sender, **{name: kept[name] for name in same})
