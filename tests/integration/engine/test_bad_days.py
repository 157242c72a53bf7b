"""A disk that is full, a database that is locked, a worker that sends rubbish: nothing is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot import wiring as bot_wiring
from bot.messages import Words
from engine.errors import BlobCorrupt, DiskFull, StoreBusy
from engine.messages import Drawn, Finished, Queued, WorkOrder
from engine.settings import DatabaseSettings
from engine.storage.blobs import Blob, FolderBlobs
from tests.fakes.engine_room import Room, open_room, until, visit
from tests.fakes.platform import FakePlatform, inbound
from tests.fakes.pool import tiny_png
from tests.fakes.transactions import counted

BRIEF = DatabaseSettings(busy_timeout_s=0.5)
CUT_OFF = tiny_png(64, 64, 1)[:-6]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another process holds the database's write lock."""
    with closing(sqlite3.connect(folder / "atelier.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def begun(room: Room) -> WorkOrder:
    events = room.engine.events()
    while not room.pool.orders:
        await anext(events)
    return room.pool.orders[-1]


class FullDisk:
    """Stands before `FolderBlobs.put`: the disk is full for so many tries."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tries: int) -> None:
        self.left = tries
        put = FolderBlobs.put

        async def full(blobs: FolderBlobs, data: bytes, cap_bytes: int) -> Blob:
            if self.left > 0:
                self.left -= 1
                raise DiskFull(folder="blobs", free_bytes=0)
            return await put(blobs, data, cap_bytes)

        monkeypatch.setattr(FolderBlobs, "put", full)


# --- the disk -----------------------------------------------------------------------------------


async def test_a_picture_waits_for_room_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, 2)
    async with open_room(tmp_path) as room:
        job = await room.over((await room.draw("a red circle")).job)
        assert (job.state, job.attempts, disk.left) == ("done", 1, 0)


async def test_a_disk_that_stays_full_is_told_and_the_next_job_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, 1000)
    async with open_room(tmp_path) as room:
        lost = await room.over((await room.draw("a red circle")).job)
        assert lost.state == "failed"
        assert lost.failure is not None
        assert lost.failure.code == "disk_full"
        disk.left = 0
        assert (await room.over((await room.draw("a blue circle")).job)).state == "done"


async def test_a_damaged_picture_is_never_given_out(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        job = await room.over((await room.draw("a red circle")).job)
        assert job.result is not None
        room.engine.picture_path(job.result.pictures[0]).write_bytes(b"rust")
        with pytest.raises(BlobCorrupt):
            await room.engine.picture(visit().owner, job.id, 0)


# --- the database -------------------------------------------------------------------------------


async def test_a_result_waits_for_a_locked_database(tmp_path: Path) -> None:
    async with open_room(tmp_path, database=BRIEF) as room:
        ticket = await room.draw("wait for it")
        await begun(room)
        with locked(tmp_path), counted() as work:
            room.pool.release(ticket.job)
            await until(lambda: work.by_store["QueueStore.finish"] > 1)
            found = await room.engine.show(visit().owner, ticket.job)
            assert found.state == "running"
        job = await room.over(ticket.job)
        assert (job.state, job.attempts) == ("done", 1)


async def test_a_request_to_a_locked_database_is_refused_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    async with open_room(tmp_path, database=BRIEF) as room:
        with locked(tmp_path), pytest.raises(StoreBusy):
            await room.draw("a red circle")
        assert (await room.engine.queue(visit().owner)).mine == ()
        assert (await room.over((await room.draw("a blue circle")).job)).state == "done"


async def test_people_are_told_that_a_locked_database_is_busy(tmp_path: Path) -> None:
    platform = FakePlatform()
    async with open_room(tmp_path, database=BRIEF) as room:
        bot = bot_wiring.build(room.engine, {"fake": platform})
        with locked(tmp_path):
            await bot.router.receive(inbound(Words(text="a red circle")))
        assert "again" in platform.newest.text
        assert platform.newest.job is None
        await bot.delivery.stop()


# --- workers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("images", "pictures"),
    [((b"rubbish",), 1), ((CUT_OFF,), 1), ((), 1), ((tiny_png(64, 64, 1),), 2), ((), 0)],
    ids=["no PNG", "cut off", "none", "one of two", "nothing at all"],
)
async def test_rubbish_instead_of_pictures_is_a_lost_try(
    tmp_path: Path, images: tuple[bytes, ...], pictures: int
) -> None:
    async with open_room(tmp_path) as room:
        ticket = await room.draw("wait for it")
        order = await begun(room)
        drawn = tuple(Drawn(index=i, seed=i, width=64, height=64) for i in range(pictures))
        rubbish = Finished(
            worker=room.pool.workers()[0].worker, job=order.job, fence=order.fence,
            drawn=drawn, images=images, seconds=0.1,
        )  # fmt: skip
        events = room.engine.events()
        room.pool.report(rubbish)
        while not isinstance(await anext(events), Queued):
            continue
        found = await room.engine.show(visit().owner, ticket.job)
        assert (found.state, found.result) == ("queued", None)
