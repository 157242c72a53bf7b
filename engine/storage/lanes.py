"""The race of the fair queue as rows: locked, joined, left, moved on. Rules are in `fair.py`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import ColumnElement

from engine.messages import Owner, PersonId, Priority, SpaceId
from engine.storage.fair import Head, LaneStanding, SpaceStanding, Turn
from engine.storage.tables import (
    IS_QUEUED,
    IS_WAITING,
    jobs,
    queue_clock,
    queue_lanes,
    queue_spaces,
)
from engine.storage.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Race:
    """Where the race of the spaces stands, and how many turns were taken or begun."""

    virtual_time: float
    ticks: int


@dataclass(frozen=True, slots=True)
class Lane:
    """The key of a lane."""

    owner: Owner
    priority: int


def lock_race(connection: Connection) -> Race:
    """Read the race and keep it until the transaction ends.

    Everyone who changes the queue comes through here first, so that two claims can't meet:
    a row lock on PostgreSQL, the write lock that the transaction began with on SQLite.
    """
    row = (connection.execute(select(queue_clock).with_for_update())).one()
    return Race(row.virtual_time, row.ticks)


def enter(connection: Connection, race: Race, lane: Lane) -> None:
    """One more job waits in a lane; whoever had none joins the race where it stands."""
    space, person = lane.owner.space, lane.owner.person
    tick = race.ticks + 1
    key = {"space": space, "priority": lane.priority}
    insert = insert_into(connection, queue_spaces).values(
        **key, waiting=1, people=0, virtual_time=race.virtual_time, tick=tick, clock=0.0
    )
    clock = connection.scalar(
        insert.on_conflict_do_update(
            index_elements=["space", "priority"],
            set_=_one_more(queue_spaces.c, race.virtual_time, tick),
        ).returning(queue_spaces.c.clock)
    )
    insert = insert_into(connection, queue_lanes).values(
        **key, person=person, waiting=1, virtual_time=clock, tick=tick
    )
    waiting = connection.scalar(
        insert.on_conflict_do_update(
            index_elements=["space", "person", "priority"],
            set_=_one_more(queue_lanes.c, clock or 0.0, tick),
        ).returning(queue_lanes.c.waiting)
    )
    if waiting == 1:
        connection.execute(
            update(queue_spaces)
            .where(queue_spaces.c.space == space, queue_spaces.c.priority == lane.priority)
            .values(people=queue_spaces.c.people + 1)
        )
        connection.execute(update(queue_clock).values(ticks=tick))


def leave(connection: Connection, lane: Lane) -> None:
    """One job fewer waits in a lane, without a turn."""
    waiting = connection.scalar(
        update(queue_lanes)
        .where(*_is_lane(lane))
        .values(waiting=queue_lanes.c.waiting - 1)
        .returning(queue_lanes.c.waiting)
    )
    connection.execute(
        update(queue_spaces)
        .where(queue_spaces.c.space == lane.owner.space, queue_spaces.c.priority == lane.priority)
        .values(
            waiting=queue_spaces.c.waiting - 1,
            people=queue_spaces.c.people - (1 if waiting == 0 else 0),
        )
    )


def move_on(connection: Connection, race: Race, turn: Turn) -> None:
    """A turn is taken: its lane and its space move forward, and so does the race."""
    owner = Owner(space=turn.lane.space, person=turn.lane.person)
    tick = race.ticks + 1
    waiting = connection.scalar(
        update(queue_lanes)
        .where(*_is_lane(Lane(owner, turn.lane.priority)))
        .values(waiting=queue_lanes.c.waiting - 1, virtual_time=turn.lane_time, tick=tick)
        .returning(queue_lanes.c.waiting)
    )
    connection.execute(
        update(queue_spaces)
        .where(
            queue_spaces.c.space == turn.lane.space,
            queue_spaces.c.priority == turn.lane.priority,
        )
        .values(
            waiting=queue_spaces.c.waiting - 1,
            people=queue_spaces.c.people - (1 if waiting == 0 else 0),
            virtual_time=turn.space_time,
            tick=tick,
            clock=turn.clock,
        )
    )
    connection.execute(update(queue_clock).values(virtual_time=turn.race, ticks=tick))


def refund(connection: Connection, lane: Lane, cost: float, space_charge: float) -> None:
    """Take back what a turn cost, for a job that waits again: it is first among its equals."""
    connection.execute(
        update(queue_lanes)
        .where(*_is_lane(lane))
        .values(virtual_time=queue_lanes.c.virtual_time - cost, tick=0)
    )
    connection.execute(
        update(queue_spaces)
        .where(queue_spaces.c.space == lane.owner.space, queue_spaces.c.priority == lane.priority)
        .values(virtual_time=queue_spaces.c.virtual_time - space_charge, tick=0)
    )


def oldest_by_class(connection: Connection) -> dict[int, datetime]:
    """When the oldest waiting job of each class was asked for."""
    rows = connection.execute(_oldest())
    return {row.priority: row.asked_at for row in rows if row.asked_at is not None}


def foremost_spaces(
    connection: Connection, classes: Collection[int], places: int
) -> list[SpaceStanding]:
    """The spaces furthest behind in the race, at most `places` of them."""
    rows = connection.execute(
        select(queue_spaces)
        .where(queue_spaces.c.priority.in_(classes), queue_spaces.c.waiting > 0)
        .order_by(queue_spaces.c.virtual_time, queue_spaces.c.tick)
        .limit(places)
    )
    return [
        SpaceStanding(row.space, row.priority, row.virtual_time, row.tick, row.people, row.clock)
        for row in rows
    ]


def foremost_lanes(
    connection: Connection, spaces: Collection[SpaceStanding], places: int
) -> list[LaneStanding]:
    """Of each space the lanes furthest behind, at most `places` of each, with their heads."""
    if not spaces:
        return []
    values: dict[str, str | int] = {"places": places}
    for index, space in enumerate(spaces):
        values[f"space_{index}"] = space.space
        values[f"priority_{index}"] = space.priority
    lanes = (connection.execute(_foremost(len(spaces)), values)).all()
    heads = connection.execute(
        select(jobs.c.id, jobs.c.cost, jobs.c.base, jobs.c.loras, jobs.c.passed_over).where(
            jobs.c.id.in_([lane.head for lane in lanes])
        )
    )
    by_id = {row.id: Head(row.id, row.cost, row.base, row.loras, row.passed_over) for row in heads}
    return [
        LaneStanding(
            SpaceId(lane.space),
            PersonId(lane.person),
            lane.priority,
            lane.virtual_time,
            lane.tick,
            by_id[lane.head],
        )
        for lane in lanes
        if lane.head in by_id
    ]


def _is_lane(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    return (
        queue_lanes.c.space == lane.owner.space,
        queue_lanes.c.person == lane.owner.person,
        queue_lanes.c.priority == lane.priority,
    )


def _one_more(
    columns: ReadOnlyColumnCollection[str, Column[Any]], race: float, tick: int
) -> dict[str, ColumnElement[float] | ColumnElement[int]]:
    """`fair.joined` as SQL: who was idle starts where the race is, with a new tick."""
    was_idle = columns.waiting == 0
    is_behind = was_idle & (columns.virtual_time < race)
    return {
        "waiting": columns.waiting + 1,
        "virtual_time": case((is_behind, race), else_=columns.virtual_time),
        "tick": case((was_idle, tick), else_=columns.tick),
    }


@lru_cache(maxsize=1)
def _oldest() -> CompoundSelect[tuple[int, datetime]]:
    return union_all(
        *(
            select(
                literal(int(priority)).label("priority"),
                func.min(jobs.c.asked_at).label("asked_at"),
            ).where(IS_QUEUED, jobs.c.priority == int(priority))
            for priority in Priority
        )
    )


@lru_cache(maxsize=32)
def _foremost(spaces: int) -> Select[tuple[str, str, int, float, int, str]]:
    """One branch a space, so that each is a short walk along an index."""
    branches = [
        select(
            select(
                queue_lanes.c.space,
                queue_lanes.c.person,
                queue_lanes.c.priority,
                queue_lanes.c.virtual_time,
                queue_lanes.c.tick,
            )
            .where(
                IS_WAITING,
                queue_lanes.c.space == bindparam(f"space_{index}"),
                queue_lanes.c.priority == bindparam(f"priority_{index}"),
            )
            .order_by(queue_lanes.c.virtual_time, queue_lanes.c.tick)
            .limit(bindparam("places"))
            .subquery()
        )
        for index in range(spaces)
    ]
    lane = union_all(*branches).subquery("lane")
    head = (
        select(jobs.c.id)
        .where(
            IS_QUEUED,
            jobs.c.space == lane.c.space,
            jobs.c.person == lane.c.person,
            jobs.c.priority == lane.c.priority,
        )
        .order_by(jobs.c.asked_at, jobs.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return select(lane, head.label("head"))
