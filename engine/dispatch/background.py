"""Work of the engine's own on the queue, behind everybody's: previews of files that are vetted."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from engine.dispatch.admission import cost
from engine.messages import VETTING, Job, JobId, Owner, Plan, Priority, SpaceId
from engine.storage.queue import Admission, Caps, QueueStore

NO_CAPS: Final = Caps(person=1 << 30, space=1 << 30, everyone=1 << 30)
"""People's caps are not the engine's: whoever calls limits how much it asks for."""


class BackgroundQueue:
    """Implements `engine.registry.queue.PreviewQueue` on the queue of all jobs."""

    def __init__(
        self, queue: QueueStore, clock: Callable[[], datetime], wake: Callable[[], None]
    ) -> None:
        self._queue = queue
        self._clock = clock
        self._wake = wake

    async def admit(self, job: JobId, space: SpaceId, plan: Plan) -> None:
        """Put a job into the queue under an id chosen before; the same again changes nothing."""
        now = self._clock()
        asked = Job(
            id=job,
            owner=Owner(space=space, person=VETTING),
            plan=plan,
            priority=Priority.BACKGROUND,
            cost=cost(plan),
            asked_at=now,
        )
        await self._queue.admit(Admission(asked, request=f"preview:{job}"), NO_CAPS, now)
        self._wake()

    async def cancel(self, job: JobId) -> None:
        """Nobody waits for it any more; one that runs may end by itself."""
        await self._queue.ask_cancel(job, self._clock())
