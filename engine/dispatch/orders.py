"""Turns a claimed job into the order a worker sees, checking again what may have changed."""

from typing import Protocol

from engine.errors import BaseBroken, LookNotApproved
from engine.messages import (
    VETTING,
    Base,
    EntryId,
    Job,
    JobId,
    LoraFile,
    PlannedLora,
    Priority,
    SpaceId,
    WorkOrder,
)
from engine.storage.blobs import BlobStore
from engine.storage.entries import EntryStore


class BaseBook(Protocol):
    """Bases by name; `BaseStore` is the real one."""

    async def get(self, name: str, space: SpaceId | None = None) -> Base | None:
        """The version that serves in this space, or None when there is no such base any more."""
        ...


class PreviewBook(Protocol):
    """Which jobs are previews; `IntakeStore` is the real one."""

    async def may_preview(self, job: JobId, entry: EntryId) -> bool:
        """Whether this job is a preview of this entry."""
        ...


class OrderDesk:
    """Writes work orders. No unapproved file passes here, whatever the plan says.

    The one exception is the preview by which a file is judged: it is known by a row that only
    the intake writes, never by anything in the plan.
    """

    def __init__(
        self,
        bases: BaseBook,
        entries: EntryStore,
        blobs: BlobStore,
        previews: PreviewBook,
        preview_every: int,
    ) -> None:
        self._bases = bases
        self._entries = entries
        self._blobs = blobs
        self._previews = previews
        self._preview_every = preview_every

    async def write(self, job: Job) -> WorkOrder:
        """The order of a claimed job.

        Raises `LookNotApproved` when a LoRA was retired, rejected or replaced while the job
        waited, `BaseBroken` when the base is gone, `NotFound` when the file is.
        """
        base = await self._bases.get(job.plan.base, job.owner.space)
        if base is None:
            raise BaseBroken(base=job.plan.base, problem="it is not installed any more")
        loras = [await self._lora(job, lora) for lora in job.plan.loras]
        return WorkOrder(
            job=job.id,
            fence=job.fence,
            plan=job.plan,
            base=base,
            loras=tuple(loras),
            # Nobody watches the pictures that a file is judged by, nor work that runs behind.
            preview_every=0 if job.priority is Priority.BACKGROUND else self._preview_every,
        )

    async def _lora(self, job: Job, lora: PlannedLora) -> LoraFile:
        if lora.entry is None or lora.sha256 is None:
            raise LookNotApproved(name=lora.name, state="not in this space's registry")
        entry = await self._entries.get(lora.entry)
        if entry is None or entry.space != job.owner.space:
            raise LookNotApproved(name=lora.name, state="not in this space's registry")
        if entry.state != "approved" and not (
            entry.state == "pending"
            and job.owner.person == VETTING
            and await self._previews.may_preview(job.id, entry.id)
        ):
            raise LookNotApproved(name=lora.name, state=entry.state)
        if entry.file.sha256 != lora.sha256:
            raise LookNotApproved(name=lora.name, state="replaced by another file")
        path = self._blobs.path(lora.sha256)
        return LoraFile(name=lora.name, sha256=lora.sha256, path=str(path), weight=lora.weight)
