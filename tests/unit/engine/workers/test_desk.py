"""The desk sorts what comes in, beats, and never outlives its pool."""

import queue
import socket
from collections.abc import Iterator

import pytest

from engine import wire
from engine.messages import Base, Beat, JobId, Message, Plan, WorkerId, WorkOrder
from engine.wire import CancelOrder, Channel, DrawOrder, Shutdown, Warm
from engine.workers.desk import POOL_GONE, Desk

BEAT = Beat(worker=WorkerId("w1"))
BASE = Base(name="mini", family="miniature", folder="/nowhere")
ORDER = WorkOrder(
    job=JobId("j1"), fence=1, base=BASE,
    plan=Plan(
        base="mini", family="miniature", prompt="", width=8, height=8, steps=1, guidance=1,
        scheduler="ddim", seed=0,
    ),
)  # fmt: skip


class Pool:
    """The pool's end of a channel, and the exit statuses that the desk asked for."""

    def __init__(self, beat_s: float) -> None:
        self.ours, theirs = socket.socketpair()
        self.channel = Channel(theirs)
        self.exits: queue.Queue[int] = queue.Queue()
        self.desk = Desk(self.channel, lambda: BEAT, beat_s, leave=self.exits.put)

    def send(self, *messages: Message) -> None:
        self.ours.sendall(b"".join(wire.pack(message) for message in messages))

    def end(self) -> None:
        self.desk.close()
        self.ours.close()
        self.channel.close()

    def exit_status(self) -> int:
        return self.exits.get(timeout=60)


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(beat_s=3600)
    yield made
    made.end()


def test_work_comes_out_in_its_order(pool: Pool) -> None:
    pool.desk.open()
    pool.send(Warm(base=BASE), DrawOrder(order=ORDER), Shutdown())
    assert [pool.desk.next() for _ in range(3)] == [
        Warm(base=BASE),
        DrawOrder(order=ORDER),
        Shutdown(),
    ]


def test_cancel_is_seen_while_drawing_and_forgotten_with_the_order(pool: Pool) -> None:
    pool.desk.open()
    pool.send(DrawOrder(order=ORDER), CancelOrder(job=ORDER.job), Shutdown())
    pool.desk.next()
    pool.desk.next()
    assert pool.desk.is_cancelled(ORDER.job)
    assert not pool.desk.is_cancelled(JobId("another"))
    pool.desk.forget(ORDER.job)
    assert not pool.desk.is_cancelled(ORDER.job)


def test_closing_asks_to_stop_at_the_next_step(pool: Pool) -> None:
    before = pool.desk.is_leaving
    pool.desk.close()
    assert (before, pool.desk.is_leaving) == (False, True)
    assert pool.desk.next() == Shutdown()


def test_beats_go_out(pool: Pool) -> None:
    beating = Pool(beat_s=0.01)
    beating.desk.open()
    expected = wire.pack(BEAT)
    beating.ours.settimeout(10)
    assert beating.ours.recv(len(expected), socket.MSG_WAITALL) == expected
    beating.end()
    assert beating.exit_status() == POOL_GONE


def test_process_ends_when_the_pool_closes_the_channel(pool: Pool) -> None:
    pool.desk.open()
    pool.ours.close()
    assert pool.exit_status() == POOL_GONE


def test_process_ends_when_the_pool_was_killed_with_reports_unread(pool: Pool) -> None:
    """The unread report makes the kernel reset the connection instead of closing it."""
    pool.desk.tell(BEAT)
    pool.ours.close()
    pool.desk.open()
    assert pool.exit_status() == POOL_GONE


def test_process_ends_when_the_pool_speaks_garbage(pool: Pool) -> None:
    pool.desk.open()
    pool.ours.sendall(b"\xff\xff\xff\xff")
    assert pool.exit_status() == POOL_GONE


def test_process_ends_when_a_report_reaches_nobody(pool: Pool) -> None:
    pool.ours.close()
    pool.desk.tell(BEAT)
    assert pool.exit_status() == POOL_GONE
