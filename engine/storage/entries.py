"""LoRA entries of a space and their files: added, vetted, edited, listed; all of it audited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection, Select, select, update
from sqlalchemy.exc import IntegrityError

from engine.errors import BadRequest, NotFound
from engine.messages import Card, EntryId, PersonId, Sha256, SpaceId
from engine.storage.audit import AuditLine, add_line
from engine.storage.database import Database, Store, reads, writes
from engine.storage.entry_rows import (
    NEXT_STATES,
    Entry,
    EntryState,
    FileFacts,
    NewEntry,
    add_entry,
    card_columns,
    change_state,
    drop_entry,
    entry_of,
    index,
    name_key,
    selected,
    taken,
)
from engine.storage.remembered import Remembered
from engine.storage.tables import entries, jobs, space_choices
from engine.storage.upsert import insert_into

__all__ = [
    "NEXT_STATES", "Edit", "Entry", "EntryState", "EntryStore", "FileFacts", "NewEntry", "name_key",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """What a moderator set by hand; `family` only where the file leaves a choice."""

    card: Card
    licence: str
    consent: str
    creator: str
    source: str
    answers: Mapping[str, JsonValue]
    family: str | None = None


class EntryStore(Store):
    """Entries and their states: pending -> approved or rejected, approved -> retired."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._remembered: Remembered[SpaceId, tuple[Card, ...]] = Remembered(self._cards)

    def changed(self) -> None:
        """Look again."""
        self._remembered.forget()

    @writes
    def add(
        self, connection: Connection, space: SpaceId, new: NewEntry, actor: PersonId, now: datetime
    ) -> EntryId:
        """Add an entry; its file's facts are kept once however many entries use it.

        Raises `BadRequest` when a pending or approved entry of the space has that name.
        """
        return add_entry(connection, space, new, actor, now)

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
        change_state(connection, entry, state, actor, reason, now)

    @writes
    def edit(
        self,
        connection: Connection,
        entry: EntryId,
        edit: Edit,
        actor: PersonId,
        now: datetime,
        reason: str = "",
    ) -> None:
        """Set what is told of an entry; raises `NotFound`, `BadRequest` for a name that is taken.

        The line in the log names what changed, and why where that was said.
        """
        row = connection.execute(
            selected().where(entries.c.id == entry).with_for_update(of=entries)
        ).one_or_none()
        if row is None:
            raise NotFound(what="entry", name=entry)
        before = entry_of(row)
        try:
            connection.execute(update(entries).where(entries.c.id == entry).values(_edited(edit)))
        except IntegrityError as error:
            raise taken(edit.card.name) from error
        index(connection, entry, before.space, edit.card)
        what = "; ".join(changes(before, edit)) or "nothing"
        what = f"{what} ({reason})" if reason else what
        add_line(connection, AuditLine(before.space, actor, "entry.edited", entry, what, now))

    @writes
    def propose_weight(
        self,
        connection: Connection,
        entry: EntryId,
        weight: float,
        actor: PersonId,
        why: str,
        now: datetime,
    ) -> None:
        """Set the weight of a pending entry that still has everybody's, with the reason."""
        whose = (entries.c.id == entry) & (entries.c.state == "pending") & (entries.c.weight == 1.0)
        changed = update(entries).where(whose, entries.c.weight != weight).values(weight=weight)
        space = connection.scalar(changed.returning(entries.c.space))
        if space is not None:
            add_line(connection, AuditLine(space, actor, "entry.measured", entry, why[:500], now))

    @writes
    def put_answers(
        self, connection: Connection, entry: EntryId, answers: Mapping[str, JsonValue]
    ) -> None:
        """Set what was asked and answered of the people and brands in it."""
        which = update(entries).where(entries.c.id == entry)
        connection.execute(which.values(answers=dict(answers)))

    async def cards(self, space: SpaceId) -> tuple[Card, ...]:
        """The approved entries of a space, by name: all that the director may see.

        Remembered for a moment. What a worker gets is checked again by `get`.
        """
        return await self._remembered.get(space)

    async def _cards(self, space: SpaceId) -> tuple[Card, ...]:
        found = await self._find(
            selected()
            .where(entries.c.space == space, entries.c.state == "approved")
            .order_by(entries.c.name_key)
        )
        return tuple(entry.card for entry in found)

    async def get(self, entry: EntryId) -> Entry | None:
        """One entry, whatever its state, as it is now."""
        found = await self._find(selected().where(entries.c.id == entry))
        return found[0] if found else None

    async def by_name(self, space: SpaceId, name: str) -> Entry | None:
        """The entry that goes by a name now; the newest one when all of them are past."""
        found = await self._find(
            selected()
            .where(entries.c.space == space, entries.c.name_key == name_key(name))
            .order_by(
                entries.c.state.in_(("pending", "approved")).desc(), entries.c.added_at.desc()
            )
            .limit(1)
        )
        return found[0] if found else None

    @reads
    def approved_with(self, connection: Connection, sha256: Sha256) -> tuple[EntryId, ...]:
        """Entries of every space that can be used now and are this file."""
        wanted = select(entries.c.id).where(
            entries.c.sha256 == sha256, entries.c.state == "approved"
        )
        return tuple(EntryId(entry) for entry in connection.scalars(wanted))

    async def in_state(self, space: SpaceId, state: EntryState) -> tuple[Entry, ...]:
        """Entries of a space in one state, oldest first."""
        return await self._find(
            selected()
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

    @writes
    def drop(
        self, connection: Connection, entry: EntryId, actor: PersonId, reason: str, now: datetime
    ) -> None:
        """Delete an entry that is past; its file's facts go when nothing else names them.

        The bytes go with a later sweep, once no job needs them. Raises `NotFound`, `BadRequest`.
        """
        row = connection.execute(select(entries).where(entries.c.id == entry)).one_or_none()
        if row is None:
            raise NotFound(what="entry", name=entry)
        if row.state in ("pending", "approved"):
            raise BadRequest(
                name="state", value=row.state, valid="an entry that was rejected or retired"
            )
        drop_entry(connection, entry, row.sha256)
        line = AuditLine(row.space, actor, "entry.deleted", entry, f"{row.name}: {reason}", now)
        add_line(connection, line)

    # --- what the space chose -------------------------------------------------------------------

    @reads
    def members_may_add(self, connection: Connection, space: SpaceId) -> bool:
        """Whether members may bring LoRAs, or moderators only."""
        chosen = connection.scalar(
            select(space_choices.c.members_may_add).where(space_choices.c.space == space)
        )
        return bool(chosen)

    @writes
    def let_members_add(
        self, connection: Connection, space: SpaceId, may: bool, actor: PersonId, now: datetime
    ) -> None:
        """Choose who may bring LoRAs."""
        statement = insert_into(connection, space_choices).values(space=space, members_may_add=may)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["space"], set_={"members_may_add": may})
        )
        what = f"registry.members_may_add.{'yes' if may else 'no'}"
        add_line(connection, AuditLine(space, actor, what, space, "", now))

    @reads
    def _find(
        self, connection: Connection, query: Select[*tuple[object, ...]]
    ) -> tuple[Entry, ...]:
        return tuple(entry_of(row) for row in connection.execute(query))


def changes(before: Entry, edit: Edit) -> list[str]:
    """What an edit sets differently, by name."""
    old, new = before.card.model_dump(), edit.card.model_dump()
    unlike = [name for name in old if name not in ("entry", "sha256") and old[name] != new[name]]
    told = ("licence", "consent", "creator", "source", "answers")
    return unlike + [name for name in told if getattr(before, name) != getattr(edit, name)]


def _edited(edit: Edit) -> dict[str, object]:
    values = {
        **card_columns(edit.card),
        "licence": edit.licence,
        "consent": edit.consent,
        "creator": edit.creator,
        "source": edit.source,
        "answers": dict(edit.answers),
    }
    return values if edit.family is None else {**values, "family": edit.family}
