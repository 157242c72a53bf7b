"""Frames: what is sent comes back whole, and anything else is a clear error."""

import asyncio
import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import wire
from engine.messages import Beat, Drawn, Finished, JobId, WorkerId
from engine.wire import (
    FROM_WORKER,
    TO_WORKER,
    BrokenFrame,
    CancelOrder,
    Channel,
    DevicesFound,
    Shutdown,
)

ME = WorkerId("w1")


def stream_of(data: bytes) -> asyncio.StreamReader:
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    return stream


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Channel]]:
    ours, theirs = socket.socketpair()
    channel = Channel(theirs)
    yield ours, channel
    ours.close()
    channel.close()


async def test_messages_come_back_in_their_order_with_their_bytes() -> None:
    finished = Finished(
        worker=ME, job=JobId("j"), fence=2, seconds=1.5, images=(b"\x89PNG\0\xff", b""),
        drawn=(Drawn(index=0, seed=1, width=8, height=8),),
    )  # fmt: skip
    sent = (Beat(worker=ME), finished, DevicesFound(devices=("cuda:0", "cuda:1")))
    stream = stream_of(b"".join(wire.pack(message) for message in sent))
    for message in sent:
        assert await wire.read(stream, FROM_WORKER) == message
    assert await wire.read(stream, FROM_WORKER) is None


async def test_frame_longer_than_the_streams_buffer_is_read() -> None:
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours, limit=1024)
    finished = Finished(
        worker=ME, job=JobId("j"), fence=1, seconds=0, drawn=(), images=(b"x" * 300_000,)
    )
    sending = asyncio.create_task(asyncio.to_thread(Channel(theirs).send, finished))
    got = await wire.read(reader, FROM_WORKER)
    await sending
    assert got == finished
    writer.close()
    await writer.wait_closed()
    theirs.close()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\0\0", "inside a frame"),
        (struct.pack(">I", 10) + b"short", "inside a frame"),
        (struct.pack(">I", 0), "announces 0 bytes"),
        (b"\xff\xff\xff\xff", "announces 4294967295 bytes"),
        (struct.pack(">I", 5) + b"hello", "not a message"),
        (struct.pack(">I", 2) + b"{}", "not a message"),
        (struct.pack(">I", 20) + b'{"kind":"surprise!"}', "not a message"),
    ],
)
async def test_broken_frame_is_named(data: bytes, problem: str) -> None:
    with pytest.raises(BrokenFrame) as caught:
        await wire.read(stream_of(data), FROM_WORKER)
    assert problem in str(caught.value.facts["problem"])


@given(st.binary(max_size=200))
def test_random_bytes_never_pass_and_never_crash(data: bytes) -> None:
    with pytest.raises(BrokenFrame):
        wire.unpack(data, FROM_WORKER)


def test_error_never_quotes_what_came() -> None:
    with pytest.raises(BrokenFrame) as caught:
        wire.unpack(b'{"kind": "cancel", "job": ["my secret prompt"]}', TO_WORKER)
    assert "secret" not in str(caught.value)


def test_too_long_a_message_is_refused_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "FRAME_BYTES", 10)
    with pytest.raises(BrokenFrame):
        wire.pack(Beat(worker=ME))


def test_channel_receives_orders_and_then_the_end(ends: tuple[socket.socket, Channel]) -> None:
    ours, channel = ends
    ours.sendall(wire.pack(CancelOrder(job=JobId("j"))) + wire.pack(Shutdown()))
    ours.shutdown(socket.SHUT_WR)
    assert channel.receive() == CancelOrder(job=JobId("j"))
    assert channel.receive() == Shutdown()
    assert channel.receive() is None


@pytest.mark.parametrize("data", [b"\0", struct.pack(">I", 9) + b"half", b"\0\0\0\0"])
def test_channel_refuses_broken_frames(ends: tuple[socket.socket, Channel], data: bytes) -> None:
    ours, channel = ends
    ours.sendall(data)
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(BrokenFrame):
        channel.receive()
