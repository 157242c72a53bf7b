"""Everything of a person is told and deleted, whatever table it is in."""

from typing import Any

import pytest
from sqlalchemy import Boolean, Connection, Float, Integer, String, Table, insert, select
from sqlalchemy.types import JSON

from engine.messages import Cancel, PersonId, SpaceId
from engine.storage import tables
from engine.storage.choices import ChoiceStore
from engine.storage.columns import Stores, UtcDateTime
from engine.storage.conversations import ConversationStore
from engine.storage.database import Database
from engine.storage.personal import KEPT, RECORDS
from engine.storage.tables import METADATA, PLACE
from tests.fakes.jobs import NOON
from tests.fakes.jobs import plan as a_plan

ANN, BOB = PersonId("p:ann"), PersonId("p:bob")
PLACES = frozenset({"space", "main", "conversation", "key"})
"""Columns of that length that hold no person."""
WITH_THEIR_STORES = frozenset({"jobs.person", "turns.person", "queue_lanes.person"})
"""Told as requests and conversation; lanes hold a place in the queue and nothing to tell."""
GIVEN: dict[str, dict[str, Any]] = {
    "jobs": {"state": "done", "plan": a_plan(), "loras": frozenset(), "priority": 1},
    "entries": {"state": "approved", "kind": "style"},
    "intents": {"intent": Cancel()},
    "queue_lanes": {"waiting": 0},
}


def person_columns() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.c
        if column.type is PLACE and column.name not in PLACES and table.name != "spaces"
    }


def test_every_column_with_a_person_is_told_and_deleted_or_kept_for_a_reason() -> None:
    told = {f"{record.table.name}.{record.whose}" for record in RECORDS.values()}
    seen_by = {"posts.seen_by"}  # an answer for them alone is one that they asked for
    named = told | WITH_THEIR_STORES | set(KEPT) | seen_by
    assert person_columns() - named == set()
    for record in RECORDS.values():
        assert set(record.told) <= set(record.table.c.keys())


def row(table: Table, person: PersonId, number: int) -> dict[str, Any]:
    """Something for every column, with the person wherever one may be."""
    given = GIVEN.get(table.name, {})
    filled: dict[str, Any] = {}
    for column in table.c:
        if column.name in given:
            filled[column.name] = given[column.name]
        elif f"{table.name}.{column.name}" in person_columns():
            filled[column.name] = person
        elif not column.nullable:
            filled[column.name] = value(column.type, column.name, number)
    return filled


def value(kind: Any, name: str, number: int) -> Any:
    if isinstance(kind, UtcDateTime):
        return NOON
    if isinstance(kind, Stores | JSON):
        return () if name in ("aliases", "tags", "triggers", "findings") else {}
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return number + 1
    assert isinstance(kind, String)
    return f"id {number}"


def places_of(connection: Connection, person: PersonId) -> set[str]:
    """Every column of every table in which the person's id still stands."""
    return {
        f"{table.name}.{column}"
        for table in METADATA.sorted_tables
        for each in connection.execute(select(table)).mappings()
        for column, held in each.items()
        if person in str(held)
    }


@pytest.fixture(params=["dm", "guild"])
async def filled(database: Database, request: pytest.FixtureRequest) -> Database:
    """Two people, each with a row in every table, in a space of their own or of many."""

    def work(connection: Connection) -> None:
        for number, person in enumerate((ANN, BOB)):
            own = {"id": f"s:of {person[2:]}", "kind": request.param}
            spaces = {"platform": "p", "title": "x", "first_seen": NOON, "last_seen": NOON}
            connection.execute(insert(tables.spaces).values(**own, **spaces))
            sha = f"sha {number}"
            put(connection, person, number, SpaceId(own["id"]), sha)

    await database.write(work)
    await ChoiceStore(database).change_wishes(ANN, lambda held: held, NOON)
    return database


def put(connection: Connection, person: PersonId, number: int, space: SpaceId, sha: str) -> None:
    """A row of every table that has a person in it, and of those it refers to."""
    fixed = {"space": space, "sha256": sha, "job": f"job {number}", "entry": f"entry {number}"}
    wanted = {name.partition(".")[0] for name in person_columns()} | {"lora_files", "sign_ins"}
    for table in METADATA.sorted_tables:
        if table.name not in wanted:
            continue
        cells = {**row(table, person, number), **GIVEN.get(table.name, {})}
        cells |= {name: held for name, held in fixed.items() if name in table.c}
        if table.name in ("jobs", "entries"):
            cells["id"] = fixed["job" if table.name == "jobs" else "entry"]
        if table.name == "sign_ins":
            cells["visitor"] = {"person": person}
        if table.name == "audit":
            said = {**cells, "what": "picture.reported", "reason": f"it shows {person}"}
            connection.execute(insert(table).values(**{**said, "id": 100 + number}))
        if table.name in ("intakes", "posts", "upload_links"):
            cells.pop("entry", None)
        connection.execute(insert(table).values(**cells))


async def test_an_export_tells_all_of_it_and_deleting_leaves_nothing_else(
    filled: Database,
) -> None:
    talk = ConversationStore(filled)
    told = await talk.records(ANN)
    assert set(told) == set(RECORDS)
    assert len(await talk.of_person(ANN)) == 1
    bobs = await filled.read(lambda connection: places_of(connection, BOB))
    await talk.forget(ANN)
    await ChoiceStore(filled).drop(ANN)
    left = await filled.read(lambda connection: places_of(connection, ANN))
    reported = await filled.read(
        lambda connection: connection.scalars(select(tables.audit.c.reason)).all()
    )
    assert f"it shows {ANN}" not in reported
    assert left <= set(KEPT)
    assert set(await talk.records(ANN)) <= {"acts_in_the_audit"}
    assert await filled.read(lambda connection: places_of(connection, BOB)) == bobs
