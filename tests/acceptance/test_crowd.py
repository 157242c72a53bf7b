"""200 requests at once from 40 people while the one worker is busy, and what each costs."""

import asyncio
from pathlib import Path

import pytest

from bot import wiring as bot_wiring
from bot.messages import Words
from engine.settings import QueueSettings
from tests.fakes.engine_room import Room, open_room
from tests.fakes.platform import FakePlatform, inbound
from tests.fakes.transactions import counted

PEOPLE = 40
EACH = 5


async def holds_the_worker(room: Room) -> None:
    await room.draw("wait for it", "somebody")
    events = room.engine.events()
    while not room.pool.orders:
        await anext(events)


async def everyone_asks(bot: bot_wiring.Bot) -> None:
    await asyncio.gather(
        *(
            bot.router.receive(
                inbound(
                    Words(text=f"a red circle number {number}"),
                    id=f"act-{person}-{number}",
                    person=f"person{person}",
                )
            )
            for person in range(PEOPLE)
            for number in range(EACH)
        )
    )


def acknowledged(platform: FakePlatform) -> int:
    return sum(1 for message in platform.messages.values() if message.job is not None)


async def test_everyone_is_acknowledged_while_the_worker_is_busy(tmp_path: Path) -> None:
    platform = FakePlatform()
    async with open_room(tmp_path, queue=QueueSettings(max_waiting_per_space=500)) as room:
        bot = bot_wiring.build(room.engine, {"fake": platform})
        await holds_the_worker(room)
        await everyone_asks(bot)
        assert acknowledged(platform) == PEOPLE * EACH
        counts = await room.engine.stores.jobs.counts()
        assert (sum(counts.waiting.values()), counts.running) == (PEOPLE * EACH, 1)
        await bot.delivery.stop()


async def test_turns_go_round_so_that_nobody_starves(tmp_path: Path) -> None:
    platform = FakePlatform()
    async with open_room(tmp_path, queue=QueueSettings(max_waiting_per_space=500)) as room:
        bot = bot_wiring.build(room.engine, {"fake": platform})
        await holds_the_worker(room)
        await everyone_asks(bot)
        room.pool.release(room.pool.orders[0].job)
        events = room.engine.events()
        while len(room.pool.orders) <= PEOPLE * EACH:
            await anext(events)
        owners = [
            job.owner.person
            for order in room.pool.orders[1:]
            if (job := await room.engine.stores.jobs.get(order.job)) is not None
        ]
        for turn in range(EACH):
            served = owners[turn * PEOPLE : (turn + 1) * PEOPLE]
            assert len(set(served)) == PEOPLE, f"somebody was served twice in turn {turn + 1}"
        await bot.delivery.stop()


async def test_a_full_space_is_told_when_to_come_back(tmp_path: Path) -> None:
    platform = FakePlatform()
    async with open_room(tmp_path, queue=QueueSettings(max_waiting_per_space=50)) as room:
        bot = bot_wiring.build(room.engine, {"fake": platform})
        await holds_the_worker(room)
        await everyone_asks(bot)
        refused = [m.text for m in platform.messages.values() if m.job is None]
        assert acknowledged(platform) == 50
        assert len(refused) == PEOPLE * EACH - 50
        assert all("second" in text or "minute" in text for text in refused), refused[0]
        await bot.delivery.stop()


async def test_a_request_costs_seven_short_transactions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one writer: what a request asks of the database bounds how soon all hear back.

    Whoever needs one more here should know why, and say it in docs/decisions/0003-storage.md.
    """
    monkeypatch.setattr("engine.storage.remembered.monotonic", lambda: 0.0)
    async with open_room(tmp_path) as room:
        bot = bot_wiring.build(room.engine, {"fake": FakePlatform()})
        await holds_the_worker(room)
        # The first act writes a person down, the second reads what their app speaks.
        await bot.router.receive(inbound(Words(text="a red circle"), id="first"))
        await bot.router.receive(inbound(Words(text="a red star"), id="second"))
        with counted() as work:
            await bot.router.receive(inbound(Words(text="a blue circle"), id="third"))
        assert work.by_store == {
            "ConversationStore.turns": 1,
            "QueueStore.admit": 1,
            "JobStore.position": 1,
            "IntentStore.remember": 1,
            "ConversationStore.append": 1,
            "JobStore._one": 1,
            "DeliveryStore.progress_posted": 1,
        }
        assert (work.reads, work.writes) == (3, 4)
        assert work.statements <= 17
        await bot.delivery.stop()
