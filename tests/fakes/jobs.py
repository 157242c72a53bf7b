"""Jobs and plans for tests: only what matters to a test needs saying."""

from datetime import UTC, datetime, timedelta

from engine.messages import (
    Job,
    JobId,
    Owner,
    PersonId,
    Picture,
    Plan,
    PlannedLora,
    Priority,
    Result,
    Sha256,
    SpaceId,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def later(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def sha(number: int) -> Sha256:
    """A hash that stands for file or picture `number`."""
    return Sha256(f"{number:064x}")


def owner(person: str = "p:ann", space: str = "s:guild") -> Owner:
    """Someone somewhere."""
    return Owner(space=SpaceId(space), person=PersonId(person))


def plan(base: str = "miniature", loras: tuple[Sha256, ...] = ()) -> Plan:
    """A small plan."""
    return Plan(
        base=base,
        family="miniature",
        prompt="a red circle",
        loras=tuple(
            PlannedLora(name=f"look {index}", weight=1.0, reason="asked for", sha256=sha256)
            for index, sha256 in enumerate(loras)
        ),
        width=64,
        height=64,
        steps=20,
        guidance=4.0,
        scheduler="ddim",
        seed=7,
    )


def job(
    name: str,
    of: Owner | None = None,
    *,
    asked_at: datetime = NOON,
    priority: Priority = Priority.INTERACTIVE,
    cost: float = 1.0,
    what: Plan | None = None,
) -> Job:
    """A job that waits to be admitted."""
    return Job(
        id=JobId(name),
        owner=of or owner(),
        plan=what or plan(),
        priority=priority,
        cost=cost,
        asked_at=asked_at,
    )


def result(*pictures: int) -> Result:
    """A result with these pictures."""
    return Result(
        pictures=tuple(
            Picture(
                sha256=sha(number), index=index, seed=index, width=64, height=64, size_bytes=900
            )
            for index, number in enumerate(pictures)
        ),
        seconds=1.5,
    )
