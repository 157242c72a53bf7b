"""A space whose id changed: everything that belongs to it moves along, in one transaction."""

from typing import Final

from sqlalchemy import (
    Connection,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from engine.messages import SpaceId
from engine.storage import lanes
from engine.storage.choices import move_place, of_space
from engine.storage.links import JOINS
from engine.storage.locking import hold
from engine.storage.tables import (
    METADATA,
    choices,
    entries,
    links,
    queue_lanes,
    queue_spaces,
    spaces,
    turns,
)

BY_HAND: Final = (queue_lanes, queue_spaces)
"""Their rows hold counts, which are added up."""


def move_space(connection: Connection, old: SpaceId, new: SpaceId) -> None:
    """Give the space `old` the id `new`, which may have been used for a moment already.

    What both have stays as the old one had it. Without the old space nothing changes.
    """
    lanes.lock_race(connection)
    _move_links(connection, old, new)
    row = connection.execute(select(spaces).where(spaces.c.id == old)).mappings().one_or_none()
    if row is None:
        return
    if connection.scalar(select(spaces.c.id).where(spaces.c.id == new)) is None:
        connection.execute(insert(spaces).values(**{**row, "id": new}))
    _retire_doubles(connection, old, new)
    for table in METADATA.sorted_tables:
        if "space" in table.c and table not in BY_HAND:
            _move_rows(connection, table, old, new)
    _move_counts(connection, old, new)
    _move_talk(connection, old, new)
    _move_choices(connection, old, new)
    connection.execute(delete(spaces).where(spaces.c.id == old))


def _retire_doubles(connection: Connection, old: SpaceId, new: SpaceId) -> None:
    """A name may be in use once: what came meanwhile gives way."""
    in_use = entries.c.state.in_(("pending", "approved"))
    names = select(entries.c.name_key).where(entries.c.space == old, in_use)
    connection.execute(
        update(entries)
        .where(entries.c.space == new, in_use, entries.c.name_key.in_(names))
        .values(state="retired")
    )


def _move_rows(connection: Connection, table: Table, old: SpaceId, new: SpaceId) -> None:
    key = [column for column in table.primary_key if column.name != "space"]
    if "space" in table.primary_key:
        held = table.alias()
        same = and_(held.c.space == old, *(held.c[column.name] == column for column in key))
        connection.execute(delete(table).where(table.c.space == new, exists().where(same)))
    connection.execute(update(table).where(table.c.space == old).values(space=new))


def _move_counts(connection: Connection, old: SpaceId, new: SpaceId) -> None:
    """Who waits in both is one lane; a space counts the people that wait in its lanes."""
    for table in BY_HAND:
        key = [column for column in table.primary_key if column.name != "space"]
        for row in connection.execute(select(table).where(table.c.space == old)).mappings().all():
            same = and_(*(column == row[column.name] for column in key))
            waiting = connection.scalar(select(table.c.waiting).where(table.c.space == new, same))
            if waiting is None:
                continue
            connection.execute(delete(table).where(table.c.space == new, same))
            connection.execute(
                update(table)
                .where(table.c.space == old, same)
                .values(waiting=table.c.waiting + waiting)
            )
        connection.execute(update(table).where(table.c.space == old).values(space=new))
    people = (
        select(func.count())
        .select_from(queue_lanes)
        .where(
            queue_lanes.c.space == new,
            queue_lanes.c.priority == queue_spaces.c.priority,
            queue_lanes.c.waiting > 0,
        )
        .scalar_subquery()
    )
    connection.execute(
        update(queue_spaces).where(queue_spaces.c.space == new).values(people=people)
    )


def _move_choices(connection: Connection, old: SpaceId, new: SpaceId) -> None:
    """What the admins chose; of two the old one's, as with all else."""
    was, becomes = of_space(old), of_space(new)
    if connection.scalar(select(choices.c.subject).where(choices.c.subject == was)) is None:
        return
    connection.execute(delete(choices).where(choices.c.subject == becomes))
    connection.execute(update(choices).where(choices.c.subject == was).values(subject=becomes))


def _move_links(connection: Connection, old: SpaceId, new: SpaceId) -> None:
    """What it is linked with and what is linked with it, whether anybody drew there or not."""
    hold(connection, JOINS)
    connection.execute(update(links).where(links.c.main == old).values(main=new))
    joined = connection.scalar(select(links.c.main).where(links.c.space == old))
    if joined is not None:
        move_place(connection, SpaceId(joined), old, new)
    if connection.scalar(select(links.c.space).where(links.c.space == old)) is not None:
        connection.execute(delete(links).where(links.c.space == new))
        connection.execute(update(links).where(links.c.space == old).values(space=new))
    connection.execute(delete(links).where(links.c.space == links.c.main))


def _move_talk(connection: Connection, old: SpaceId, new: SpaceId) -> None:
    """Conversations are named after their space."""
    rest = func.substr(turns.c.conversation, len(old) + 1)
    connection.execute(
        update(turns)
        .where(turns.c.conversation.startswith(f"{old}:", autoescape=True))
        .values(conversation=literal(new).concat(rest))
    )
