"""The measured strength of a file on its way in: asked for, kept, and a weight proposed by it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from engine.families import FAMILIES
from engine.families.distilled import as_distilled
from engine.formats.inspect import Inspection
from engine.messages import ENDED, Base, Displacement, Job, JobId, PersonId
from engine.registry import findings
from engine.registry.previews import choose_base, probe
from engine.registry.queue import PreviewQueue
from engine.storage.entries import Entry
from engine.storage.intakes import Intake, PreviewRow
from engine.storage.stores import Stores
from engine.tuning.strength import Proposal, is_gauged, propose, target

PROBE_PLACE: Final = 1_000
"""Places from here on are measurements; those below are pictures of the sheet."""
ATELIER: Final = PersonId("atelier:registry")


@dataclass(frozen=True, slots=True)
class Gauged:
    """What is known of a file's strength on the base it is previewed on."""

    found: Displacement | None
    proposal: Proposal | None = None
    failed: Job | None = None
    """The job that should have measured it."""


class Gauge:
    """Asks workers how far a file moves its base, and what weight follows from that."""

    def __init__(
        self,
        stores: Stores,
        queue: PreviewQueue,
        new_job: Callable[[], JobId],
        clock: Callable[[], datetime],
    ) -> None:
        self._stores = stores
        self._queue = queue
        self._new_job = new_job
        self._clock = clock

    async def plan(self, intake: Intake, entry: Entry, base: Base) -> None:
        """Choose the job that measures it, unless it was measured or can't be."""
        if not is_gauged(entry.card.kind) or await self._known(entry, base) is not None:
            return
        cell: dict[str, JsonValue] = {"base": base.name, "version": base.version}
        await self._stores.intakes.plan_previews(
            intake.id, [cell], [self._new_job()], self._clock(), PROBE_PLACE
        )

    async def is_over(
        self, intake: Intake, entry: Entry, rows: Sequence[PreviewRow], *, is_late: bool
    ) -> bool:
        """Whether it is measured, or will not be; asks for the job when nobody did.

        Then a weight is proposed where nobody named one.
        """
        for row in rows:
            job = await self._stores.jobs.get(row.job)
            if job is None and not is_late:
                await self._ask_for(intake, entry, row)
                return False
            if job is None:  # its base is gone
                continue
            if job.state not in ENDED and not is_late:
                return False
            await self._take(entry, row, job)
        gauged = await self.gauged(intake, entry)
        if gauged.proposal is not None and named_weight(intake) is None:
            why = findings.of_strength(entry.card, gauged.proposal, None)
            weight = gauged.proposal.weight
            await self._stores.entries.propose_weight(entry.id, weight, ATELIER, why, self._clock())
        return True

    async def gauged(self, intake: Intake, entry: Entry) -> Gauged:
        """What is known now."""
        base = choose_base(entry.card, await self._stores.bases.all())
        if base is None or not is_gauged(entry.card.kind):
            return Gauged(None)
        found = await self._known(entry, base)
        if found is None:
            return Gauged(None, failed=await self._failed(intake))
        approved = await self._stores.displacements.approved(base.name, entry.card.kind)
        return Gauged(found, propose(found, target(base.family, entry.card.kind, approved)))

    async def told(self, intake: Intake, entry: Entry) -> tuple[str, ...]:
        """The same in words for moderators."""
        gauged = await self.gauged(intake, entry)
        if gauged.failed is not None:
            return (findings.not_measured(gauged.failed),)
        if gauged.found is None:
            return ()
        return findings.of_displacement(
            entry.card, gauged.found, gauged.proposal, named_weight(intake)
        )

    async def _known(self, entry: Entry, base: Base) -> Displacement | None:
        return await self._stores.displacements.get(entry.file.sha256, base.name, base.version)

    async def _failed(self, intake: Intake) -> Job | None:
        rows = await self._stores.intakes.previews(intake.id)
        probes = [row for row in rows if row.place >= PROBE_PLACE]
        return await self._stores.jobs.get(probes[0].job) if probes else None

    async def _ask_for(self, intake: Intake, entry: Entry, row: PreviewRow) -> None:
        base = await self._stores.bases.get(str(row.cell["base"]))
        if base is not None:
            family = as_distilled(FAMILIES.get(base.family), base.distilled)
            plan = probe(entry.card, base, family)
            await self._queue.admit(row.job, intake.sender.space, plan)

    async def _take(self, entry: Entry, row: PreviewRow, job: Job) -> None:
        """Keep what a job measured; one that takes too long is not waited for."""
        if job.state not in ENDED:
            await self._queue.cancel(job.id)
        found = job.result.displacement if job.result is not None else None
        if found is not None:
            base, version = str(row.cell["base"]), int(str(row.cell["version"]))
            await self._stores.displacements.put(
                entry.file.sha256, base, version, found, self._clock()
            )


def named_weight(intake: Intake) -> float | None:
    """The weight that who brought it, its page or the file itself names."""
    said = intake.facts.get("weight")
    if isinstance(said, int | float):
        return float(said)
    return Inspection.model_validate(intake.inspection).recommended_weight
