"""Who stands foremost in the fair queue: a few short walks along indexes, built once."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import (
    JSON,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)

from engine.messages import PersonId, Priority, SpaceId
from engine.storage.fair import Head, LaneStanding, SpaceStanding
from engine.storage.tables import IS_QUEUED, IS_WAITING, jobs, queue_lanes, queue_spaces

OLDEST: Final[CompoundSelect[int, datetime]] = union_all(
    *(
        select(
            literal(int(priority)).label("priority"),
            func.min(jobs.c.asked_at).label("asked_at"),
        ).where(IS_QUEUED, jobs.c.priority == int(priority))
        for priority in Priority
    )
)
SPACES: Final = (
    select(queue_spaces)
    .where(
        queue_spaces.c.priority.in_(bindparam("classes", expanding=True)),
        queue_spaces.c.waiting > 0,
    )
    .order_by(queue_spaces.c.virtual_time, queue_spaces.c.tick)
    .limit(bindparam("places"))
)
PLAN: Final = type_coerce(jobs.c.plan, JSON)
HEADS: Final = select(
    jobs.c.id,
    jobs.c.cost,
    jobs.c.base,
    jobs.c.loras,
    jobs.c.passed_over,
    jobs.c.attempts,
    PLAN["width"].as_integer().label("width"),
    PLAN["height"].as_integer().label("height"),
    PLAN["count"].as_integer().label("count_"),
).where(jobs.c.id.in_(bindparam("heads", expanding=True)))


def oldest_by_class(connection: Connection) -> dict[int, datetime]:
    """When the oldest waiting job of each class was asked for."""
    rows = connection.execute(OLDEST)
    return {row.priority: row.asked_at for row in rows if row.asked_at is not None}


def foremost_spaces(
    connection: Connection, classes: Collection[int], places: int
) -> list[SpaceStanding]:
    """The spaces furthest behind in the race, at most `places` of them."""
    rows = connection.execute(SPACES, {"classes": list(classes), "places": places})
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
    lanes = connection.execute(_lanes_of(len(spaces)), values).all()
    rows = connection.execute(HEADS, {"heads": [lane.head for lane in lanes]})
    heads = {
        row.id: Head(
            row.id,
            row.cost,
            row.base,
            row.loras,
            row.passed_over,
            (row.width, row.height),
            row.count_,
            row.attempts > 0,
        )
        for row in rows
    }
    return [
        LaneStanding(
            SpaceId(lane.space),
            PersonId(lane.person),
            lane.priority,
            lane.virtual_time,
            lane.tick,
            heads[lane.head],
        )
        for lane in lanes
        if lane.head in heads
    ]


@lru_cache(maxsize=32)
def _lanes_of(spaces: int) -> Select[str, str, int, float, int, str]:
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
