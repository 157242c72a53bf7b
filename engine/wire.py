"""Messages between a pool and its worker as frames on a byte stream.

A frame is a 4-byte big-endian length and that many bytes of JSON. Bytes inside a message (PNG
files) travel as base64. Whatever can't be read as a frame raises `BrokenFrame`; who catches it
ends the connection, because a stream has no way to find the next frame again.
"""

import asyncio
import socket
import struct
import threading
from typing import Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from engine.errors import Broken
from engine.messages import Base, JobId, Message, Report, WorkOrder

FRAME_BYTES = 256 * 1024 * 1024
"""The longest frame: a dozen large PNG files in base64."""
_LENGTH = struct.Struct(">I")


class BrokenFrame(Broken):
    """What came is no frame of ours. Facts: `problem`."""

    code = "broken_frame"


class DrawOrder(Message):
    """Draw this; refused by nobody, because only an idle worker gets one."""

    kind: Literal["draw"] = "draw"
    order: WorkOrder


class CancelOrder(Message):
    """Stop drawing this job at the next step; nothing happens when it is not being drawn."""

    kind: Literal["cancel"] = "cancel"
    job: JobId


class Warm(Message):
    """Load this base now, so that the first order need not wait for it."""

    kind: Literal["warm"] = "warm"
    base: Base


class Shutdown(Message):
    """Leave when the order in hand is done."""

    kind: Literal["shutdown"] = "shutdown"


class DevicesFound(Message):
    """The answer to `--device auto`: every device here; this worker takes the first."""

    kind: Literal["devices"] = "devices"
    devices: tuple[str, ...] = Field(min_length=1, max_length=64)


ToWorker = Annotated[
    DrawOrder | CancelOrder | Warm | Shutdown, Field(discriminator="kind")
]  # fmt: skip
FromWorker = Annotated[Report | DevicesFound, Field(discriminator="kind")]

TO_WORKER: TypeAdapter[ToWorker] = TypeAdapter(ToWorker)
FROM_WORKER: TypeAdapter[FromWorker] = TypeAdapter(FromWorker)
Kind = TypeVar("Kind")


def pack(message: Message) -> bytes:
    """The frame of a message; raises `BrokenFrame` when it is longer than `FRAME_BYTES`."""
    body = message.model_dump_json().encode()
    if len(body) > FRAME_BYTES:
        raise BrokenFrame(problem=f"a frame of {len(body)} bytes, more than {FRAME_BYTES}")
    return _LENGTH.pack(len(body)) + body


def length_of(head: bytes) -> int:
    """The length that a frame's first four bytes announce; raises `BrokenFrame`."""
    (size,) = _LENGTH.unpack(head)
    if not 0 < size <= FRAME_BYTES:
        raise BrokenFrame(problem=f"announces {size} bytes, allowed are 1 to {FRAME_BYTES}")
    return int(size)


def unpack(body: bytes, adapter: TypeAdapter[Kind]) -> Kind:
    """The message in a frame's body; raises `BrokenFrame`, which never quotes the body."""
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BrokenFrame(problem=f"not a message: {first['type']} at {where!r}") from None


async def read(stream: asyncio.StreamReader, adapter: TypeAdapter[Kind]) -> Kind | None:
    """The next message, or None when the other side closed between two frames."""
    try:
        head = await stream.readexactly(_LENGTH.size)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BrokenFrame(problem="the stream ended inside a frame") from None
        return None
    try:
        body = await stream.readexactly(length_of(head))
    except asyncio.IncompleteReadError:
        raise BrokenFrame(problem="the stream ended inside a frame") from None
    return unpack(body, adapter)


async def write(stream: asyncio.StreamWriter, message: Message) -> None:
    """Send one message and wait until the stream has room again."""
    stream.write(pack(message))
    await stream.drain()


class Channel:
    """The worker's side: blocking, one reader thread, any number of writers."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._writing = threading.Lock()

    def send(self, message: Message) -> None:
        """Send one message whole; raises `OSError` when the pool is gone."""
        frame = pack(message)
        with self._writing:
            self._connection.sendall(frame)

    def receive(self) -> ToWorker | None:
        """Wait for the next message; None when the pool closed the channel."""
        head = self._exactly(_LENGTH.size)
        if head is None:
            return None
        body = self._exactly(length_of(head))
        if body is None:
            raise BrokenFrame(problem="the stream ended inside a frame")
        return unpack(body, TO_WORKER)

    def close(self) -> None:
        """Close the channel."""
        self._connection.close()

    def _exactly(self, size: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < size:
            part = self._connection.recv(min(size - len(parts), 1 << 20))
            if not part:
                if parts:
                    raise BrokenFrame(problem="the stream ended inside a frame")
                return None
            parts += part
        return bytes(parts)
