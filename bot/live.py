"""Progress messages: edited no more often than a platform bears, coalesced, never after the end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot.messages import Button, Outbound
from bot.port import CannotPost, Platform
from bot.texts import current, say, speaking
from engine.api import Destination
from engine.messages import Event, Job, JobId, Progress, Queued, Started

log = structlog.get_logger(__name__)
Pause = Callable[[float], Awaitable[None]]
"""Waits for some seconds; `asyncio.sleep` in real life."""


@dataclass(slots=True)
class _Live:
    platform: Platform
    address: str
    message_id: str
    shown: Outbound
    locale: str
    is_waiting: bool = False
    """Nobody has begun it: the message says its place."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    editing: asyncio.Task[None] | None = None


class LiveMessages:
    """The progress messages of jobs that are not over, each with its own editor task."""

    def __init__(self, pause: Pause = asyncio.sleep) -> None:
        self._pause = pause
        self._followed: dict[JobId, _Live] = {}
        self._expected: dict[JobId, tuple[Outbound, str]] = {}

    def __contains__(self, job: object) -> bool:
        return job in self._followed

    def follow(
        self,
        job: JobId,
        platform: Platform,
        where: Destination,
        shown: Outbound,
        *,
        is_stale: bool = False,
        is_waiting: bool = False,
    ) -> None:
        """Keep the message `where` up to date from now on.

        A stale one says something else yet; one that waits tells its place in its last line.
        """
        if not platform.capabilities.can_edit or where.message_id is None:
            return
        live = _Live(platform, where.address, where.message_id, shown, current(), is_waiting)
        if is_stale:
            live.changed.set()
        self._followed[job] = live
        live.editing = asyncio.create_task(self._keep(live))

    def expect(self, job: JobId, shown: Outbound) -> None:
        """A message of this job is being posted: what happens meanwhile is remembered."""
        self._expected[job] = shown, current()

    def expected(self, job: JobId) -> Outbound:
        """What that message should show by now; it is not expected any more."""
        return self._expected.pop(job)[0]

    def tell(self, event: Event) -> None:
        """Take in an event; what was not shown yet is replaced by what is newer."""
        waiting = self._expected.get(event.job)
        if waiting is not None:
            shown, locale = waiting
            with speaking(locale):
                self._expected[event.job] = after(shown, event) or shown, locale
        live = self._followed.get(event.job)
        if live is None:
            return
        with speaking(live.locale):
            told = after(live.shown, event)
        if told is not None:
            live.shown = told
            live.is_waiting = False
            live.changed.set()

    def waiting(self, least_every_s: float) -> tuple[JobId, ...]:
        """Jobs whose messages say a place in the queue, where edits so often are welcome."""
        return tuple(
            job
            for job, live in self._followed.items()
            if live.is_waiting and live.platform.capabilities.progress_every_s <= least_every_s
        )

    def move_up(self, job: JobId, place: Callable[[], str]) -> None:
        """Say another place in the queue: the last line of a message that waits."""
        live = self._followed.get(job)
        if live is None or not live.is_waiting:
            return
        with speaking(live.locale):
            standing = place()
        before, line_break, _ = live.shown.text.rpartition("\n")
        text = f"{before}{line_break}{standing}"
        if text != live.shown.text:
            live.shown = live.shown.model_copy(update={"text": text})
            live.changed.set()

    async def close(self, job: JobId) -> None:
        """No edit of this message happens any more once this returns."""
        live = self._followed.pop(job, None)
        if live is not None and live.editing is not None:
            live.editing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await live.editing

    async def close_all(self) -> None:
        """End every editor."""
        for job in tuple(self._followed):
            await self.close(job)

    async def _keep(self, live: _Live) -> None:
        every_s = live.platform.capabilities.progress_every_s
        while True:
            await self._pause(every_s)
            await live.changed.wait()
            live.changed.clear()
            try:
                await live.platform.edit(live.address, live.message_id, live.shown)
            except CannotPost as error:
                log.info("progress.not_shown", why=str(error), final=error.final)
                if error.final:
                    return
                await self._pause(error.retry_in_s or every_s)


def again(job: Job, stop: Button) -> Outbound:
    """The progress message of a job that is not over, for a process that did not post it."""
    text = (
        say("progress.drawing", "Drawing.")
        if job.state == "running"
        else say("progress.restarted", "I was restarted; this is in line again.")
    )
    return Outbound(text=text, job=job.id, progress=0.0, buttons=(stop,))


def after(shown: Outbound, event: Event) -> Outbound | None:
    """The progress message after an event; None when the event changes nothing that shows."""
    match event:
        case Queued(attempt=attempt) if attempt > 0:
            text = say("progress.again", "Something stopped; trying again.")
            told = {"text": text, "progress": 0.0, "preview": None}
        case Started():
            told = {"text": say("progress.drawing", "Drawing."), "progress": 0.0}
        case Progress():
            told = {
                "text": say(
                    "progress.step",
                    "Drawing: step {step} of {steps}.",
                    step=event.step,
                    steps=event.steps,
                ),
                "progress": min(1.0, event.step / max(1, event.steps)),
                "preview": event.preview or shown.preview,
            }
        case _:
            return None
    return shown.model_copy(update=told)
