"""The queue of jobs, as far as vetting needs it: a port that the dispatcher fills."""

from typing import Protocol

from engine.messages import JobId, Plan, SpaceId


class PreviewQueue(Protocol):
    """The queue of jobs, as far as previews need it."""

    async def admit(self, job: JobId, space: SpaceId, plan: Plan) -> None:
        """Put a job in, behind everybody's; the same id again changes nothing."""
        ...

    async def cancel(self, job: JobId) -> None:
        """Take it out."""
        ...
