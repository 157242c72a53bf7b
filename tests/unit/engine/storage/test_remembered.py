"""What is remembered is never older than promised, and never older than our own changes."""

import asyncio

from engine.storage.remembered import MOST, Remembered


class Shelf:
    """Something that changes, and counts how often it is looked at."""

    def __init__(self) -> None:
        self.value = "old"
        self.readings = 0
        self.now = 0.0
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def read(self, key: str) -> str:
        self.readings += 1
        found = f"{key} {self.value}"
        await self.go_on.wait()
        return found

    def remembered(self) -> Remembered[str, str]:
        return Remembered(self.read, keep_s=1.0, clock=lambda: self.now)


async def test_a_crowd_reads_once() -> None:
    shelf = Shelf()
    remembered = shelf.remembered()
    found = await asyncio.gather(*(remembered.get("a") for _ in range(50)))
    assert (set(found), shelf.readings) == ({"a old"}, 1)


async def test_what_somebody_else_changed_shows_after_a_moment() -> None:
    shelf = Shelf()
    remembered = shelf.remembered()
    await remembered.get("a")
    shelf.value = "new"
    shelf.now = 0.9
    before = await remembered.get("a")
    shelf.now = 1.0
    assert (before, await remembered.get("a")) == ("a old", "a new")


async def test_what_we_changed_shows_at_once() -> None:
    shelf = Shelf()
    remembered = shelf.remembered()
    await remembered.get("a")
    shelf.value = "new"
    remembered.forget()
    assert await remembered.get("a") == "a new"


async def test_what_was_being_read_during_a_change_is_not_kept() -> None:
    """The race: a reader saw the row before the writer's commit and comes back after it."""
    shelf = Shelf()
    remembered = shelf.remembered()
    shelf.go_on.clear()
    reading = asyncio.create_task(remembered.get("a"))
    await asyncio.sleep(0)
    shelf.value = "new"
    remembered.forget()
    shelf.go_on.set()
    assert await reading == "a old"
    assert await remembered.get("a") == "a new"


async def test_a_reader_that_is_cancelled_leaves_the_others_theirs() -> None:
    shelf = Shelf()
    remembered = shelf.remembered()
    shelf.go_on.clear()
    first = asyncio.create_task(remembered.get("a"))
    second = asyncio.create_task(remembered.get("a"))
    await asyncio.sleep(0)
    first.cancel()
    shelf.go_on.set()
    assert await second == "a old"


async def test_only_so_many_keys_are_kept() -> None:
    shelf = Shelf()
    remembered = shelf.remembered()
    for number in range(MOST + 1):
        await remembered.get(str(number))
    await remembered.get(str(MOST))
    assert shelf.readings == MOST + 1
    await remembered.get("0")
    assert shelf.readings == MOST + 2
