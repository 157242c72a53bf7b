"""The race of the fair queue as rows: locked, joined, left, moved on. Rules are in `fair.py`.

The statements are built once: the queue is the busiest part of the database, and most of the
time of a short statement goes into putting it together.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Column, Connection, bindparam, case, select, update
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.elements import ColumnElement

from engine.messages import Owner
from engine.storage.fair import Turn
from engine.storage.tables import queue_clock, queue_lanes, queue_spaces
from engine.storage.upsert import insert_for

SPACE_KEY: Final = ("space", "priority")
LANE_KEY: Final = ("space", "person", "priority")
IS_SPACE: Final = tuple(queue_spaces.c[name] == bindparam(f"key_{name}") for name in SPACE_KEY)
IS_LANE: Final = tuple(queue_lanes.c[name] == bindparam(f"key_{name}") for name in LANE_KEY)

LOCK: Final = select(queue_clock).with_for_update()
TICK: Final = update(queue_clock).values(ticks=bindparam("new_tick"))
MOVE_RACE: Final = update(queue_clock).values(
    virtual_time=bindparam("new_time"), ticks=bindparam("new_tick")
)
ONE_PERSON_MORE: Final = (
    update(queue_spaces).where(*IS_SPACE).values(people=queue_spaces.c.people + 1)
)
LEAVE_LANE: Final = (
    update(queue_lanes)
    .where(*IS_LANE)
    .values(waiting=queue_lanes.c.waiting - 1)
    .returning(queue_lanes.c.waiting)
)
LEAVE_SPACE: Final = (
    update(queue_spaces)
    .where(*IS_SPACE)
    .values(
        waiting=queue_spaces.c.waiting - 1,
        people=queue_spaces.c.people - bindparam("people_fewer"),
    )
)
MOVE_LANE: Final = LEAVE_LANE.values(virtual_time=bindparam("new_time"), tick=bindparam("new_tick"))
MOVE_SPACE: Final = LEAVE_SPACE.values(
    virtual_time=bindparam("new_time"),
    tick=bindparam("new_tick"),
    clock=bindparam("new_clock"),
)
REFUND_LANE: Final = (
    update(queue_lanes)
    .where(*IS_LANE)
    .values(virtual_time=queue_lanes.c.virtual_time - bindparam("cost"), tick=0)
)
REFUND_SPACE: Final = (
    update(queue_spaces)
    .where(*IS_SPACE)
    .values(virtual_time=queue_spaces.c.virtual_time - bindparam("cost"), tick=0)
)


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

    @property
    def space_key(self) -> dict[str, str | int]:
        """Of its space, as the statements want it."""
        return {"key_space": self.owner.space, "key_priority": self.priority}

    @property
    def key(self) -> dict[str, str | int]:
        """Of the lane itself."""
        return {**self.space_key, "key_person": self.owner.person}


def lock_race(connection: Connection) -> Race:
    """Read the race and keep it until the transaction ends.

    Everyone who changes the queue comes through here first, so that two claims can't meet:
    a row lock on PostgreSQL, the write lock that the transaction began with on SQLite.
    """
    row = connection.execute(LOCK).one()
    return Race(row.virtual_time, row.ticks)


def enter(connection: Connection, race: Race, lane: Lane) -> None:
    """One more job waits in a lane; whoever had none joins the race where it stands."""
    dialect = connection.dialect.name
    tick = race.ticks + 1
    joins = {**lane.key, "race": race.virtual_time, "new_tick": tick}
    clock = connection.execute(_enter_space(dialect), joins).scalar_one()
    joins["race"] = clock
    if connection.execute(_enter_lane(dialect), joins).scalar_one() == 1:
        connection.execute(ONE_PERSON_MORE, lane.space_key)
        connection.execute(TICK, {"new_tick": tick})


def leave(connection: Connection, lane: Lane) -> None:
    """One job fewer waits in a lane, without a turn."""
    waiting = connection.execute(LEAVE_LANE, lane.key).scalar_one()
    connection.execute(LEAVE_SPACE, {**lane.space_key, "people_fewer": int(waiting == 0)})


def move_on(connection: Connection, race: Race, turn: Turn) -> None:
    """A turn is taken: its lane and its space move forward, and so does the race."""
    lane = Lane(Owner(space=turn.lane.space, person=turn.lane.person), turn.lane.priority)
    tick = race.ticks + 1
    waiting = connection.execute(
        MOVE_LANE, {**lane.key, "new_time": turn.lane_time, "new_tick": tick}
    ).scalar_one()
    connection.execute(
        MOVE_SPACE,
        {
            **lane.space_key,
            "people_fewer": int(waiting == 0),
            "new_time": turn.space_time,
            "new_tick": tick,
            "new_clock": turn.clock,
        },
    )
    connection.execute(MOVE_RACE, {"new_time": turn.race, "new_tick": tick})


def refund(connection: Connection, lane: Lane, cost: float, space_charge: float) -> None:
    """Take back what a turn cost, for a job that waits again: it is first among its equals."""
    connection.execute(REFUND_LANE, {**lane.key, "cost": cost})
    connection.execute(REFUND_SPACE, {**lane.space_key, "cost": space_charge})


@lru_cache(maxsize=2)
def _enter_space(dialect: str) -> ReturningInsert[float]:
    statement = insert_for(dialect, queue_spaces).values(
        **{name: bindparam(f"key_{name}") for name in SPACE_KEY},
        waiting=1,
        people=0,
        virtual_time=bindparam("race"),
        tick=bindparam("new_tick"),
        clock=0.0,
    )
    joined = statement.on_conflict_do_update(
        index_elements=SPACE_KEY, set_=_one_more(queue_spaces.c)
    )
    return joined.returning(queue_spaces.c.clock)


@lru_cache(maxsize=2)
def _enter_lane(dialect: str) -> ReturningInsert[int]:
    statement = insert_for(dialect, queue_lanes).values(
        **{name: bindparam(f"key_{name}") for name in LANE_KEY},
        waiting=1,
        virtual_time=bindparam("race"),
        tick=bindparam("new_tick"),
    )
    joined = statement.on_conflict_do_update(index_elements=LANE_KEY, set_=_one_more(queue_lanes.c))
    return joined.returning(queue_lanes.c.waiting)


def _one_more(
    columns: ReadOnlyColumnCollection[str, Column[Any]],
) -> dict[str, ColumnElement[float] | ColumnElement[int]]:
    """`fair.joined` as SQL: who was idle starts where the race is, with a new tick."""
    race = bindparam("race", type_=columns.virtual_time.type)
    tick = bindparam("new_tick", type_=columns.tick.type)
    was_idle = columns.waiting == 0
    return {
        "waiting": columns.waiting + 1,
        "virtual_time": case(
            (was_idle & (columns.virtual_time < race), race), else_=columns.virtual_time
        ),
        "tick": case((was_idle, tick), else_=columns.tick),
    }
