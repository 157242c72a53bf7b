"""Progress messages: edited no more often than a platform bears, coalesced, never after the end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot.messages import Outbound
from bot.port import CannotPost, Platform
from engine.messages import Event, JobId, Progress, Queued, Started

log = structlog.get_logger(__name__)
Pause = Callable[[float], Awaitable[None]]
"""Waits for some seconds; `asyncio.sleep` in real life."""


@dataclass(slots=True)
class _Live:
    platform: Platform
    address: str
    message_id: str
    shown: Outbound
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    editing: asyncio.Task[None] | None = None


class LiveMessages:
    """The progress messages of jobs that are not over, each with its own editor task."""

    def __init__(self, pause: Pause = asyncio.sleep) -> None:
        self._pause = pause
        self._followed: dict[JobId, _Live] = {}

    def __contains__(self, job: object) -> bool:
        return job in self._followed

    def follow(
        self, job: JobId, platform: Platform, address: str, message_id: str, shown: Outbound
    ) -> None:
        """Keep this message up to date from now on."""
        if not platform.capabilities.can_edit:
            return
        live = _Live(platform, address, message_id, shown)
        self._followed[job] = live
        live.editing = asyncio.create_task(self._keep(live))

    def tell(self, event: Event) -> None:
        """Take in an event; what was not shown yet is replaced by what is newer."""
        live = self._followed.get(event.job)
        if live is not None and (shown := after(live.shown, event)) is not None:
            live.shown = shown
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


def after(shown: Outbound, event: Event) -> Outbound | None:
    """The progress message after an event; None when the event changes nothing that shows."""
    match event:
        case Queued(attempt=attempt) if attempt > 0:
            told = {"text": "Something stopped; trying again.", "progress": 0.0, "preview": None}
        case Started():
            told = {"text": "Drawing.", "progress": 0.0}
        case Progress():
            told = {
                "text": f"Drawing: step {event.step} of {event.steps}.",
                "progress": min(1.0, event.step / max(1, event.steps)),
                "preview": event.preview or shown.preview,
            }
        case _:
            return None
    return shown.model_copy(update=told)
