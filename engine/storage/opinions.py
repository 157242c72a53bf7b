"""What people thought of looks in pictures: bounded, one row for each look that was meant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select

from engine.messages import JobId, PersonId, SpaceId, Verdict
from engine.storage.database import Store, reads, writes
from engine.storage.tables import opinions

MOST_OF_ONE: Final = 500
"""Newest opinions of one person in one space that are kept."""
MOST_OF_SPACE: Final = 20_000
MOST_READ: Final = 2_000


@dataclass(frozen=True, slots=True)
class KeptOpinion:
    """One opinion: whose, where, on which look of which picture; no look is the whole picture."""

    space: SpaceId
    person: PersonId
    look: str
    verdict: Verdict
    weight: float | None
    job: JobId | None
    at: datetime


class OpinionStore(Store):
    """Opinions by space and person."""

    @writes
    def add(self, connection: Connection, said: tuple[KeptOpinion, ...]) -> None:
        """Keep opinions; the oldest beyond the bounds go. About a job the last one counts."""
        for each in said:
            same = (
                (opinions.c.space == each.space)
                & (opinions.c.person == each.person)
                & (opinions.c.look == each.look)
                & (opinions.c.job == each.job)
            )
            if each.job is not None:
                connection.execute(delete(opinions).where(same))
            connection.execute(
                insert(opinions).values(
                    space=each.space,
                    person=each.person,
                    look=each.look,
                    verdict=each.verdict,
                    weight=each.weight,
                    job=each.job,
                    at=each.at,
                )
            )
        for space, person in {(each.space, each.person) for each in said}:
            here = opinions.c.space == space
            _drop_old(connection, here & (opinions.c.person == person), MOST_OF_ONE)
            _drop_old(connection, here, MOST_OF_SPACE)

    @reads
    def on(
        self, connection: Connection, space: SpaceId, looks: tuple[str, ...]
    ) -> tuple[KeptOpinion, ...]:
        """The newest opinions of a space on these looks, newest first."""
        query = select(opinions).where(opinions.c.space == space, opinions.c.look.in_(looks))
        rows = connection.execute(query.order_by(opinions.c.id.desc()).limit(MOST_READ))
        return tuple(_opinion(row) for row in rows)

    @reads
    def of_person(self, connection: Connection, person: PersonId) -> tuple[KeptOpinion, ...]:
        """Everything a person said, in every space, oldest first."""
        query = select(opinions).where(opinions.c.person == person).order_by(opinions.c.id)
        return tuple(_opinion(row) for row in connection.execute(query))

    @writes
    def unlearn(self, connection: Connection, space: SpaceId, person: PersonId, look: str) -> int:
        """Forget what a person said of a look in a space; how many opinions that were."""
        gone = delete(opinions).where(
            opinions.c.space == space, opinions.c.person == person, opinions.c.look == look
        )
        return connection.execute(gone).rowcount


def forget_opinions(connection: Connection, person: PersonId) -> int:
    """Delete all that a person said; how many rows went."""
    return connection.execute(delete(opinions).where(opinions.c.person == person)).rowcount


def _drop_old(connection: Connection, which: ColumnElement[bool], most: int) -> None:
    oldest = select(opinions.c.id).where(which).order_by(opinions.c.id.desc()).offset(most).limit(1)
    last = connection.scalar(oldest)
    if last is not None:
        connection.execute(delete(opinions).where(which, opinions.c.id <= last))


def _opinion(row: Row[*tuple[object, ...]]) -> KeptOpinion:
    kept = row._mapping
    return KeptOpinion(
        kept["space"], kept["person"], kept["look"], kept["verdict"], kept["weight"],
        kept["job"], kept["at"],
    )  # fmt: skip
