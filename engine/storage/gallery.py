"""The pictures of a space, newest first: searched, filtered, page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.sql import Select

from engine.messages import VETTING, JobId, PersonId, Plan, Sha256, SpaceId
from engine.storage.choices import PERSON
from engine.storage.database import Store, reads
from engine.storage.tables import choices, entries, jobs, members, pictures

Place = tuple[datetime, str, int]


@dataclass(frozen=True, slots=True)
class GalleryQuery:
    """What to look for; every part narrows."""

    space: SpaceId
    words: str = ""
    """All of these words in what was said or drawn, in any case."""
    look: str = ""
    person: PersonId | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Asked before this moment."""
    after: Place | None = None
    """Go on behind this picture: `GalleryPage.next`."""
    limit: int = 40
    seen_by: PersonId | None = None
    """Who looks: their own pictures are there also when they are private."""


@dataclass(frozen=True, slots=True)
class Hung:
    """A picture as it hangs in the gallery."""

    job: JobId
    index: int
    seed: int
    width: int
    height: int
    sha256: Sha256
    plan: Plan
    person: PersonId
    person_name: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """Some pictures, where the next ones begin, and how many there are in all."""

    pictures: tuple[Hung, ...]
    next: Place | None
    total: int


class GalleryStore(Store):
    """Reads pictures of jobs that are done; deleted ones are not there."""

    @reads
    def page(self, connection: Connection, query: GalleryQuery) -> GalleryPage:
        """The newest pictures that fit, from the query's place on."""
        wanted = _wanted(connection, query)
        joined = jobs.join(pictures, pictures.c.job == jobs.c.id)
        total = connection.scalar(select(func.count()).select_from(joined).where(wanted)) or 0
        rows = connection.execute(_selected(wanted, query)).all()
        shown = tuple(_hung(row) for row in rows[: query.limit])
        last = shown[-1] if len(rows) > query.limit else None
        following = (last.asked_at, last.job, -last.index) if last else None
        return GalleryPage(shown, following, total)

    @reads
    def people(self, connection: Connection, space: SpaceId) -> tuple[tuple[PersonId, str], ...]:
        """Who made pictures here, by name."""
        made = select(jobs.c.person).where(jobs.c.space == space, jobs.c.state == "done")
        rows = connection.execute(
            select(members.c.person, members.c.name)
            .where(members.c.space == space, members.c.person.in_(made))
            .order_by(func.lower(members.c.name))
        )
        return tuple((row.person, row.name) for row in rows)


def _wanted(connection: Connection, query: GalleryQuery) -> ColumnElement[bool]:
    plan = type_coerce(jobs.c.plan, JSON)
    rules = [
        jobs.c.space == query.space,
        jobs.c.state == "done",
        jobs.c.person != VETTING,
        pictures.c.is_deleted.is_(False),
        _is_public(query),
    ]
    for word in query.words.split():
        said = [plan[part].as_string() for part in ("prompt", "words")]
        rules.append(or_(*(each.icontains(word, autoescape=True) for each in said)))
    if query.look:
        rules.append(_has_look(connection, query.space, query.look))
    if query.person is not None:
        rules.append(jobs.c.person == query.person)
    if query.since is not None:
        rules.append(jobs.c.asked_at >= query.since)
    if query.until is not None:
        rules.append(jobs.c.asked_at < query.until)
    return and_(*rules)


def _is_public(query: GalleryQuery) -> ColumnElement[bool]:
    """Not of somebody who chose to be private, unless they look at their own."""
    mine = choices.c.subject == literal(PERSON).concat(jobs.c.person)
    is_private = exists().where(mine, choices.c.body["is_private"].as_boolean())
    return or_(not_(is_private), jobs.c.person == (query.seen_by or ""))


def _has_look(connection: Connection, space: SpaceId, name: str) -> ColumnElement[bool]:
    """Jobs with any file that an entry of this name has or had here."""
    files = connection.scalars(
        select(entries.c.sha256).where(
            entries.c.space == space, func.lower(entries.c.name) == name.lower()
        )
    ).all()
    held = cast(type_coerce(jobs.c.loras, JSON), Text)
    return or_(jobs.c.id.is_(None), *(held.contains(file) for file in files))


def _selected(wanted: ColumnElement[bool], query: GalleryQuery) -> Select[*tuple[Any, ...]]:
    backwards = -pictures.c.place
    is_maker = and_(members.c.space == jobs.c.space, members.c.person == jobs.c.person)
    found = (
        select(
            jobs.c.id, jobs.c.plan, jobs.c.person, jobs.c.asked_at, pictures.c.place,
            pictures.c.seed, pictures.c.width, pictures.c.height, pictures.c.sha256,
            members.c.name,
        )
        .join(pictures, pictures.c.job == jobs.c.id)
        .outerjoin(members, is_maker)
        .where(wanted)
        .order_by(jobs.c.asked_at.desc(), jobs.c.id.desc(), backwards.desc())
        .limit(query.limit + 1)
    )  # fmt: skip
    if query.after is None:
        return found
    at, job, place = query.after
    return found.where(
        or_(
            jobs.c.asked_at < at,
            and_(jobs.c.asked_at == at, jobs.c.id < job),
            and_(jobs.c.asked_at == at, jobs.c.id == job, backwards < place),
        )
    )


def _hung(row: Row[*tuple[Any, ...]]) -> Hung:
    kept = row._mapping
    return Hung(
        job=kept["id"],
        index=kept["place"],
        seed=kept["seed"],
        width=kept["width"],
        height=kept["height"],
        sha256=kept["sha256"],
        plan=kept["plan"],
        person=kept["person"],
        person_name=kept["name"] or "",
        asked_at=kept["asked_at"],
    )
