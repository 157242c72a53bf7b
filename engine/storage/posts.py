"""Posts of places that have no platform to remember them: kept, changed, read on from a revision.

Every change of a post gives it the next number of one clock. Whoever has seen everything up to a
revision asks for what came after it and misses nothing, whatever died in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from engine.messages import JobId, PersonId, SpaceId
from engine.storage.database import Store, reads, writes
from engine.storage.tables import post_clock, posts
from engine.storage.upsert import insert_into

Body = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to keep; the same `nonce` again keeps nothing twice."""

    id: str
    space: SpaceId
    nonce: str
    body: Body
    author: PersonId | None = None
    """None: the bot."""
    asked_by: PersonId | None = None
    """Whose act the bot answers: the post goes when this person's data go."""
    seen_by: PersonId | None = None
    """The only person who sees it; None: everyone in the space."""
    job: JobId | None = None
    act: Body | None = None
    """The act of a person that is still to be answered; see `answered`."""


@dataclass(frozen=True, slots=True)
class KeptPost:
    """A post as it is now."""

    id: str
    space: SpaceId
    number: int
    """Its place in the order of its space."""
    revision: int
    author: PersonId | None
    asked_by: PersonId | None
    seen_by: PersonId | None
    job: JobId | None
    body: Body
    act: Body | None
    at: datetime
    edited_at: datetime | None
    is_deleted: bool


class PostStore(Store):
    """Posts by id, in the order of their space, and by revision."""

    @writes
    def add(self, connection: Connection, new: NewPost, now: datetime) -> KeptPost:
        """Keep a post; the post of this nonce when there is one already."""
        known = _one(connection, posts.c.nonce == new.nonce)
        if known is not None:
            return known
        revision = _tick(connection)
        connection.execute(
            insert(posts).values(
                id=new.id, space=new.space, number=revision, revision=revision,
                author=new.author or "", asked_by=new.asked_by or "", seen_by=new.seen_by,
                nonce=new.nonce, job=new.job, body=dict(new.body),
                act=None if new.act is None else dict(new.act), at=now, is_deleted=False,
            )
        )  # fmt: skip
        return _kept(connection, posts.c.id == new.id)

    @writes
    def change(self, connection: Connection, post: str, body: Body, now: datetime) -> bool:
        """Give a post another body; False when it is gone."""
        changed = connection.execute(
            update(posts)
            .where(posts.c.id == post, posts.c.is_deleted.is_(False))
            .values(body=dict(body), edited_at=now, revision=_tick(connection))
        )
        return changed.rowcount > 0

    @writes
    def take_down(self, connection: Connection, post: str, person: PersonId) -> bool:
        """Delete a post that this person wrote or that only they see; False when there is none."""
        theirs = or_(posts.c.author == person, posts.c.seen_by == person)
        return _empty(connection, (posts.c.id == post) & theirs) > 0

    @writes
    def answered(self, connection: Connection, post: str) -> None:
        """The act of a post was dealt with; nothing that people see changes."""
        connection.execute(update(posts).where(posts.c.id == post).values(act=None))

    @reads
    def unanswered(self, connection: Connection, since: datetime) -> tuple[KeptPost, ...]:
        """Posts whose act was not dealt with, oldest first."""
        query = select(posts).where(posts.c.act.is_not(None), posts.c.at >= since)
        return tuple(_of(row) for row in connection.execute(query.order_by(posts.c.number)))

    @reads
    def get(self, connection: Connection, post: str) -> KeptPost | None:
        """One post, whoever may see it."""
        return _one(connection, posts.c.id == post)

    @reads
    def by_nonce(self, connection: Connection, nonce: str) -> KeptPost | None:
        """The post that was kept under a nonce."""
        return _one(connection, posts.c.nonce == nonce)

    @reads
    def page(
        self,
        connection: Connection,
        space: SpaceId,
        person: PersonId,
        before: str | None,
        limit: int,
    ) -> tuple[KeptPost, ...]:
        """The newest posts of a space that a person may see (before another post), oldest first."""
        query = select(posts).where(
            posts.c.space == space, _seen_by(person), posts.c.is_deleted.is_(False)
        )
        if before is not None:
            older = select(posts.c.number).where(posts.c.id == before).scalar_subquery()
            query = query.where(posts.c.number < older)
        rows = connection.execute(query.order_by(posts.c.number.desc()).limit(limit))
        return tuple(reversed([_of(row) for row in rows]))

    @reads
    def since(
        self, connection: Connection, revision: int, limit: int, spaces: Sequence[SpaceId] = ()
    ) -> tuple[KeptPost, ...]:
        """Posts that came or changed after a revision, in that order (of all spaces if none)."""
        query = select(posts).where(posts.c.revision > revision)
        if spaces:
            query = query.where(posts.c.space.in_(spaces))
        rows = connection.execute(query.order_by(posts.c.revision).limit(limit))
        return tuple(_of(row) for row in rows)

    @reads
    def revision(self, connection: Connection) -> int:
        """Where the clock stands."""
        return connection.scalar(select(func.max(post_clock.c.revision))) or 0


def forget_posts(connection: Connection, person: PersonId) -> int:
    """Empty what a person said and what was answered to them; who looks sees it go."""
    theirs = (posts.c.author == person) | (posts.c.asked_by == person)
    private = connection.execute(delete(posts).where(posts.c.seen_by == person))
    return private.rowcount + _empty(connection, theirs)


def _empty(connection: Connection, which: ColumnElement[bool]) -> int:
    """Take the content out of posts, one revision each."""
    gone = connection.scalars(
        select(posts.c.id).where(which, posts.c.is_deleted.is_(False)).order_by(posts.c.number)
    ).all()
    for post in gone:
        connection.execute(
            update(posts)
            .where(posts.c.id == post)
            .values(
                is_deleted=True, body={}, act=None, author="", asked_by="", job=None,
                revision=_tick(connection),
            )
        )  # fmt: skip
    return len(gone)


def _tick(connection: Connection) -> int:
    """The next revision; the row stays locked until the transaction ends."""
    start = insert_into(connection, post_clock).values(id=1, revision=0)
    connection.execute(start.on_conflict_do_nothing(index_elements=["id"]))
    forward = update(post_clock).values(revision=post_clock.c.revision + 1)
    revision: int = connection.execute(forward.returning(post_clock.c.revision)).scalar_one()
    return revision


def _seen_by(person: PersonId) -> ColumnElement[bool]:
    return or_(posts.c.seen_by.is_(None), posts.c.seen_by == person)


def _one(connection: Connection, which: ColumnElement[bool]) -> KeptPost | None:
    row = connection.execute(select(posts).where(which)).one_or_none()
    return None if row is None else _of(row)


def _kept(connection: Connection, which: ColumnElement[bool]) -> KeptPost:
    return _of(connection.execute(select(posts).where(which)).one())


def _of(row: Row[*tuple[Any, ...]]) -> KeptPost:
    kept = row._mapping
    return KeptPost(
        id=kept["id"],
        space=kept["space"],
        number=kept["number"],
        revision=kept["revision"],
        author=kept["author"] or None,
        asked_by=kept["asked_by"] or None,
        seen_by=kept["seen_by"],
        job=kept["job"],
        body=kept["body"],
        act=kept["act"],
        at=kept["at"],
        edited_at=kept["edited_at"],
        is_deleted=kept["is_deleted"],
    )
