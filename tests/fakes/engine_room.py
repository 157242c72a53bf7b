"""A real engine on real SQLite with a pool in memory: what tests of the whole queue share."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine import wiring
from engine.api import Destination, Visit
from engine.messages import (
    ENDED,
    Base,
    Generate,
    Job,
    JobId,
    Owner,
    PersonId,
    Settings,
    SpaceId,
    Ticket,
)
from engine.service import AtelierEngine
from engine.settings import DatabaseSettings, EngineSettings, QueueSettings, WorkerSettings
from tests.fakes.pool import FakePool

BASE = Base(name="miniature", family="miniature", folder="unused")
HERE = Destination(platform="fake", address="garden")


def visit(person: str = "ada", space: str = "fake:garden") -> Visit:
    """Somebody speaks somewhere."""
    return Visit(
        owner=Owner(space=SpaceId(space), person=PersonId(f"fake:{person}")),
        platform="fake",
        space_title="The garden",
        space_kind="guild",
        person_name=person,
        conversation=f"{space}:{person}",
    )


@dataclass(slots=True)
class Room:
    """The engine, its pool, and words to drive them."""

    engine: AtelierEngine
    pool: FakePool

    async def draw(
        self, words: str, person: str = "ada", *, request: str | None = None, **settings: int
    ) -> Ticket:
        """Ask for a picture."""
        intent = Generate(words=words, prompt=words, settings=Settings.model_validate(settings))
        return await self.engine.draw(visit(person), intent, HERE, request=request)

    async def over(self, job: JobId) -> Job:
        """Wait until a job is over."""
        events = self.engine.events()
        while (found := await self.engine.stores.jobs.get(job)) is None or found.state not in ENDED:
            await anext(events)
        return found


class Template:
    """A migrated database: a copy of it saves every room the migrations."""

    def __init__(self) -> None:
        self._database = b""

    async def furnish(self, folder: Path) -> None:
        """Put it there, unless a former life left its own."""
        file = folder / "atelier.db"
        if file.exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        if self._database:
            file.write_bytes(self._database)
            return
        await wiring.migration.upgrade(f"sqlite:///{file}")
        self._database = file.read_bytes()


TEMPLATE = Template()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what tells nobody, such as an edit on a platform."""
    while not is_so():  # noqa: ASYNC110  # there is no event to wait for
        await asyncio.sleep(0.01)


@asynccontextmanager
async def open_room(
    folder: Path,
    *,
    workers: int = 1,
    most_rows: int = 1,
    queue: QueueSettings | None = None,
    database: DatabaseSettings | None = None,
    clock: Callable[[], datetime] = wiring.utc_now,
) -> AsyncIterator[Room]:
    """An engine that is started, and stopped at the end."""
    settings = EngineSettings(
        data_dir=folder,
        queue=queue or QueueSettings(),
        database=database or DatabaseSettings(),
        workers=WorkerSettings(stop_grace_s=0),
    )
    pool = FakePool(workers, most_rows)
    await TEMPLATE.furnish(folder)
    engine = await wiring.build(settings, pool=pool, clock=clock)
    await engine.open()
    await engine.stores.bases.put(BASE)
    await engine.start()
    try:
        yield Room(engine, pool)
    finally:
        await engine.stop()
