"""Entries as rows: what they hold, and the statements that stores share in one transaction."""

import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from types import MappingProxyType
from typing import Final, Literal

from pydantic import JsonValue
from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.errors import BadRequest, NotFound
from engine.messages import Card, EntryId, PersonId, Sha256, SpaceId
from engine.storage.audit import AuditLine, add_line
from engine.storage.tables import entries, entry_words, intakes, lora_files
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
UNDONE: Final[Mapping[EntryState, EntryState]] = MappingProxyType(
    {"approved": "pending", "rejected": "pending", "retired": "approved"}
)
"""Where an entry goes back to when the last decision is taken back."""
CARD_COLUMNS: Final = (
    "name", "aliases", "kind", "family", "triggers", "tags", "description", "weight", "rating",
    "sha256",
)  # fmt: skip


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
    """An entry to be; of `card` the ids are set here, `family` only where the file leaves a choice.

    `answers` are what people said of real people and brands in it.
    """

    card: Card
    file: FileFacts
    state: EntryState = "pending"
    licence: str = ""
    consent: str = ""
    creator: str = ""
    source: str = ""
    family: str | None = None
    answers: Mapping[str, JsonValue] = field(default_factory=dict)
    replaces: EntryId | None = None


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
    creator: str = ""
    source: str = ""
    answers: Mapping[str, JsonValue] = field(default_factory=dict)
    replaces: EntryId | None = None
    """The entry whose newer version this is."""


def name_key(name: str) -> str:
    """Names are compared without case and without space around them."""
    return " ".join(name.casefold().split())


def folded(texts: Iterable[str]) -> str:
    """Words as they are searched: without case, accents and signs, a space between each."""
    plain = unicodedata.normalize("NFKD", " ".join(texts).casefold())
    kept = (char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join("".join(kept).split())


# --- statements inside somebody's transaction -------------------------------------------------


def put_file(connection: Connection, file: FileFacts, now: datetime) -> None:
    """Keep a file's facts, once; its row stays locked, so two of one file come one by one."""
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
    connection.execute(
        select(lora_files.c.sha256).where(lora_files.c.sha256 == file.sha256).with_for_update()
    )


def add_entry(
    connection: Connection, space: SpaceId, new: NewEntry, actor: PersonId, now: datetime
) -> EntryId:
    """Add an entry with its file, its words and its line; `BadRequest` for a name that is taken."""
    entry = EntryId(urlsafe_b64encode(token_bytes(9)).decode())
    put_file(connection, new.file, now)
    values = {**_columns(new), "id": entry, "space": space, "added_by": actor, "added_at": now}
    try:
        connection.execute(insert(entries).values(values))
    except IntegrityError as error:
        raise taken(new.card.name) from error
    index(connection, entry, space, new.card)
    add_line(
        connection, AuditLine(space, actor, f"entry.added.{new.state}", entry, new.card.name, now)
    )
    return entry


def change_state(
    connection: Connection,
    entry: EntryId,
    state: EntryState,
    actor: PersonId,
    reason: str,
    now: datetime,
    *,
    undo: bool = False,
) -> SpaceId:
    """Move an entry on (or back, for `undo`) and write the line; returns its space.

    Raises `NotFound`, or `BadRequest` naming the states open to it.
    """
    row = connection.execute(
        select(entries.c.space, entries.c.state, entries.c.name)
        .where(entries.c.id == entry)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(what="entry", name=entry)
    before: EntryState = row.state
    allowed = (
        frozenset({UNDONE[before]} if before in UNDONE else ()) if undo else NEXT_STATES[before]
    )
    if state not in allowed:
        valid = ", ".join(sorted(allowed)) or f"nothing: it is {before}"
        raise BadRequest(name="state", value=state, valid=valid)
    try:
        connection.execute(update(entries).where(entries.c.id == entry).values(state=state))
    except IntegrityError as error:
        raise taken(row.name) from error
    what = f"entry.undone.{before}" if undo else f"entry.{state}"
    add_line(connection, AuditLine(row.space, actor, what, entry, reason, now))
    return SpaceId(row.space)


def replace_older(connection: Connection, entry: EntryId, actor: PersonId, now: datetime) -> None:
    """Retire the look that this one is a newer version of, and go by its name."""
    older = entries.alias("older")
    old = connection.execute(
        select(older.c.id, older.c.name)
        .join(entries, entries.c.replaces == older.c.id)
        .where(entries.c.id == entry, older.c.state == "approved", older.c.space == entries.c.space)
    ).one_or_none()
    if old is None:
        return
    change_state(connection, EntryId(old.id), "retired", actor, "a newer version is here", now)
    named = update(entries).where(entries.c.id == entry)
    connection.execute(named.values(name=old.name, name_key=name_key(old.name)))
    new = entry_of(connection.execute(selected().where(entries.c.id == entry)).one())
    index(connection, entry, new.space, new.card)


def index(connection: Connection, entry: EntryId, space: SpaceId, card: Card) -> None:
    """Make an entry findable by what its card says now."""
    names = folded((card.name, *card.aliases, *(trigger.word for trigger in card.triggers)))
    told = folded((*card.tags, card.kind, card.description[:2_000]))
    statement = insert_into(connection, entry_words).values(
        entry=entry, space=space, names=names, told=told
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["entry"], set_={"names": names, "told": told}
        )
    )


def drop_entry(connection: Connection, entry: EntryId, sha256: Sha256) -> None:
    """Delete an entry, and the facts of its file when no other entry has it."""
    connection.execute(update(intakes).where(intakes.c.entry == entry).values(entry=None))
    connection.execute(delete(entries).where(entries.c.id == entry))
    others = select(entries.c.id).where(entries.c.sha256 == sha256)
    connection.execute(delete(lora_files).where(lora_files.c.sha256 == sha256, ~others.exists()))


def taken(name: str) -> BadRequest:
    """The refusal of a name that a LoRA of the space has."""
    return BadRequest(name="name", value=name, valid="a name not taken in this space")


def selected() -> Select[*tuple[object, ...]]:
    """Entries with their files; a family that somebody chose stands for the file's own."""
    file = (
        lora_files.c.size_bytes,
        lora_files.c.format,
        lora_files.c.algorithm,
        lora_files.c.family.label("file_family"),
        lora_files.c.header,
    )
    columns = [column for column in entries.c if column.name != "family"]
    family = func.coalesce(entries.c.family, lora_files.c.family).label("family")
    joined = lora_files.c.sha256 == entries.c.sha256
    return select(*columns, family, *file).join(lora_files, joined)


def entry_of(row: Row[*tuple[object, ...]]) -> Entry:
    """The entry that a row of `selected` holds."""
    kept = row._mapping
    card = Card(**{name: kept[name] for name in CARD_COLUMNS}, entry=kept["id"])
    facts = {name: kept[name] for name in ("sha256", "size_bytes", "format", "algorithm", "header")}
    same = (
        "id", "space", "state", "licence", "consent", "added_by", "added_at", "creator", "source",
        "answers", "replaces",
    )  # fmt: skip
    return Entry(
        card=card,
        file=FileFacts(family=kept["file_family"], **facts),
        **{name: kept[name] for name in same},
    )


def card_columns(card: Card) -> dict[str, object]:
    """What a card changes in its row; family and file are not the card's to say."""
    return {
        "name": card.name,
        "name_key": name_key(card.name),
        "aliases": card.aliases,
        "kind": card.kind,
        "tags": card.tags,
        "description": card.description,
        "rating": card.rating,
        "triggers": card.triggers,
        "weight": card.weight,
    }


def _columns(new: NewEntry) -> dict[str, object]:
    return {
        **card_columns(new.card),
        "licence": new.licence,
        "consent": new.consent,
        "creator": new.creator,
        "source": new.source,
        "family": new.family,
        "answers": dict(new.answers),
        "replaces": new.replaces,
        "state": new.state,
        "sha256": new.file.sha256,
    }
