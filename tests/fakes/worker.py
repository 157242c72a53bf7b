"""A worker without torch that speaks the wire protocol; the words of the prompt tell it how to act.

`crash`, `killed`, `freeze` (no beats), `stall` (beats, no steps), `garbage` (a broken frame),
`chatter` (prints rubbish, then draws), `no room` (gives up), `wait` (until cancelled),
`orphan` (leaves a grandchild, then crashes); anything else is drawn at once.
"""

import argparse
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from types import FrameType

from engine.messages import (
    Beat,
    Drawn,
    Failure,
    Finished,
    GaveUp,
    JobId,
    StepDone,
    Stopped,
    WorkerId,
    WorkerReady,
    WorkOrder,
)
from engine.wire import CancelOrder, Channel, DevicesFound, DrawOrder, Shutdown, Warm

PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND\xaeB`\x82"


class Double:
    """The worker's state: an inbox, what is cancelled, what it holds."""

    def __init__(self, worker: WorkerId, channel: Channel, beat_s: float) -> None:
        self.worker = worker
        self.channel = channel
        self.beat_s = beat_s
        self.inbox: queue.SimpleQueue[DrawOrder | Warm | Shutdown] = queue.SimpleQueue()
        self.interrupted: dict[JobId, threading.Event] = {}
        self.frozen = threading.Event()
        self.leaving = False
        self.base: str | None = None

    def listen(self) -> None:
        try:
            while (message := self.channel.receive()) is not None:
                if isinstance(message, CancelOrder):
                    self.interrupted.setdefault(message.job, threading.Event()).set()
                else:
                    if isinstance(message, DrawOrder):
                        self.interrupted[message.order.job] = threading.Event()
                    self.inbox.put(message)
        finally:
            # Also when the pool was killed with reports unread, which resets the connection.
            os._exit(0)

    def beat(self) -> None:
        while not self.frozen.wait(self.beat_s):
            self.channel.send(Beat(worker=self.worker, base=self.base))

    def leave(self, _signal: int, _frame: FrameType | None) -> None:
        self.leaving = True
        for interrupted in tuple(self.interrupted.values()):
            interrupted.set()
        self.inbox.put(Shutdown())

    def run(self) -> None:
        while not isinstance(message := self.inbox.get(), Shutdown):
            if isinstance(message, Warm):
                self.base = message.base.name
                self.channel.send(Beat(worker=self.worker, base=self.base))
            elif isinstance(message, DrawOrder):
                threading.Thread(target=self.draw, args=(message.order,), daemon=True).start()

    def draw(self, order: WorkOrder) -> None:
        words = order.plan.prompt
        self.base = order.base.name
        self.channel.send(Beat(worker=self.worker, jobs=(order.job,), base=self.base))
        steps, interrupted = order.plan.steps, self.interrupted[order.job]
        for step in range(1, steps + 1):
            self.step(order, step, steps)
            if step == 1:
                self.act(words, interrupted)
            if self.leaving:
                return
            if interrupted.is_set():
                self.channel.send(Stopped(worker=self.worker, job=order.job, fence=order.fence))
                return
        self.report(order)

    def act(self, words: str, interrupted: threading.Event) -> None:
        """Misbehave as the words ask."""
        if "crash" in words:
            os._exit(3)
        if "killed" in words:
            os.kill(os.getpid(), signal.SIGKILL)
        if "orphan" in words:
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            sys.stdout.write(f"orphan {child.pid}\n")
            sys.stdout.flush()
            os._exit(4)
        if "garbage" in words:
            self.channel._connection.sendall(b"\xff\xff\xff\xffnonsense")
        if "freeze" in words:
            self.frozen.set()
        if "chatter" in words:
            sys.stdout.write("x" * 300_000 + "\n\x00\xff not a frame\n")
            sys.stderr.write('{"kind": "finished"}\n')
            sys.stdout.flush()
        if any(word in words for word in ("freeze", "stall", "wait", "garbage")):
            interrupted.wait()

    def step(self, order: WorkOrder, step: int, steps: int) -> None:
        self.channel.send(
            StepDone(worker=self.worker, job=order.job, fence=order.fence, step=step, steps=steps)
        )

    def report(self, order: WorkOrder) -> None:
        plan = order.plan
        if "no room" in plan.prompt:
            failure = Failure(code="out_of_memory", facts={"device": "cpu"})
            self.channel.send(
                GaveUp(
                    worker=self.worker, job=order.job, fence=order.fence, failure=failure,
                    retry=True,
                )
            )  # fmt: skip
            return
        drawn = tuple(
            Drawn(index=i, seed=plan.seed + i, width=plan.width, height=plan.height)
            for i in range(plan.count)
        )
        self.channel.send(
            Finished(
                worker=self.worker, job=order.job, fence=order.fence, drawn=drawn,
                images=(PIXEL,) * plan.count, seconds=0.0,
            )
        )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--beat-s", type=float, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--channel-fd", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--most-rows", type=int, required=True)
    parser.add_argument("--devices-here", default="cpu")
    parser.add_argument("--at-start", choices=("ready", "crash", "silence"), default="ready")
    asked = parser.parse_args()
    channel = Channel(socket.socket(fileno=asked.channel_fd))
    double = Double(WorkerId(asked.worker), channel, asked.beat_s)
    signal.signal(signal.SIGTERM, double.leave)
    threading.Thread(target=double.listen, daemon=True).start()
    if asked.at_start == "crash":
        os._exit(7)
    if asked.at_start == "silence":
        threading.Event().wait()
    device = asked.device
    if device == "auto":
        found = tuple(asked.devices_here.split(","))
        channel.send(DevicesFound(devices=found))
        device = found[0]
    channel.send(WorkerReady(worker=double.worker, device=device))
    threading.Thread(target=double.beat, daemon=True).start()
    double.run()


if __name__ == "__main__":
    main()
