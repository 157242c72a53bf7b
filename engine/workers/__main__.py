"""A worker process: `python -m engine.workers`, started by a pool, never by hand."""

import argparse
import ctypes
import os
import signal
import socket
import sys
from types import FrameType

import structlog

from engine.messages import WorkerId, WorkerReady
from engine.wire import Channel, DevicesFound, DrawOrder, Shutdown, Warm
from engine.workers import devices
from engine.workers.desk import POOL_GONE, Desk
from engine.workers.studio import Studio, Unclean

UNCLEAN = 71
"""Exit status when the base could not be proved clean after a failure."""
PR_SET_PDEATHSIG = 1
"""<linux/prctl.h>"""


def main() -> None:
    """Draw until told to leave."""
    asked = _arguments()
    channel = Channel(socket.socket(fileno=asked.channel_fd))
    _die_with(asked.parent)
    _log_plainly()
    worker = WorkerId(asked.worker)
    name = asked.device
    if name == "auto":
        here = devices.found()
        channel.send(DevicesFound(devices=here))
        name = here[0]
    device = devices.opened(name, asked.threads)
    studio = Studio(worker, device, asked.most_rows, compiles=asked.compile)
    desk = Desk(channel, studio.beat, asked.beat_s)

    def leave(_signal: int, _frame: FrameType | None) -> None:
        desk.close()

    signal.signal(signal.SIGTERM, leave)
    desk.tell(WorkerReady(worker=worker, device=name, memory_bytes=devices.memory_bytes(device)))
    desk.open()
    code = _work(studio, desk)
    sys.stderr.flush()
    # Nothing is left to save, and torch takes seconds to be taken down.
    os._exit(code)


def _log_plainly() -> None:
    """One JSON line an event on stderr, which the pool passes on to the log."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _work(studio: Studio, desk: Desk) -> int:
    """Until told to go; the exit status. Orders join what is being drawn, between two steps."""
    try:
        while not desk.is_leaving:
            work = desk.next() if studio.is_idle else desk.look()
            if isinstance(work, Shutdown):
                break
            if isinstance(work, Warm):
                studio.warm(work.base)
            elif isinstance(work, DrawOrder):
                studio.take(work.order)
            else:
                studio.advance(desk)
    except Unclean:
        return UNCLEAN
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engine.workers", description=__doc__)
    parser.add_argument("--worker", required=True, help="the name to report under")
    parser.add_argument("--device", required=True, help="auto, cpu, mps, cuda:0, ...")
    parser.add_argument("--channel-fd", type=int, required=True, help="the socket to the pool")
    parser.add_argument("--beat-s", type=float, default=1.0, help="seconds between two beats")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads, 0: torch decides")
    parser.add_argument("--most-rows", type=int, default=8, help="pictures of one forward")
    parser.add_argument("--compile", action="store_true", help="compile the denoiser")
    parser.add_argument("--parent", type=int, default=0, help="the pool's process id")
    return parser.parse_args()


def _die_with(parent: int) -> None:
    """Linux ends us with the pool even when a native call holds every thread of ours.

    Elsewhere the closed channel does it, as soon as a thread of ours can run.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent and os.getppid() != parent:
        sys.exit(POOL_GONE)


if __name__ == "__main__":
    main()
