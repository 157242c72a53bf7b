"""A LoRA whose numbers are none is taken out of use wherever it is approved, with the reason."""

from collections.abc import Callable
from datetime import datetime

import structlog

from engine.errors import BadRequest, NotFound
from engine.messages import EntryId, Failure, Job, PersonId, Sha256
from engine.storage.stores import Stores

log = structlog.get_logger(__name__)
BROKEN_BY = PersonId("atelier:worker")
"""Who the audit log names."""


class Quarantine:
    """Retires what a worker proved to be broken; its sender and the moderators are told."""

    def __init__(self, stores: Stores, clock: Callable[[], datetime]) -> None:
        self._stores = stores
        self._clock = clock

    async def take_out(self, job: Job, failure: Failure) -> int:
        """Retire the file that a job failed by, in every space; returns how many entries it was."""
        name = failure.facts.get("name", "")
        sha256 = next((lora.sha256 for lora in job.plan.loras if lora.name == name), None)
        if sha256 is None:
            return 0
        return await self._retire(sha256, failure.facts.get("where", "")[:200])

    async def _retire(self, sha256: Sha256, where: str) -> int:
        reason, count = f"broken numbers (NaN or infinity) in {where or 'the file'}", 0
        for entry in await self._stores.entries.approved_with(sha256):
            try:
                await self._stores.intakes.decide(
                    entry, "retired", BROKEN_BY, reason, self._clock()
                )
            except (BadRequest, NotFound):
                # Somebody decided meanwhile: it is out of use, or gone.
                continue
            log.error("lora.quarantined", entry=entry, sha256=sha256)
            await self._tell_moderators(entry, where)
            count += 1
        return count

    async def _tell_moderators(self, entry: EntryId, where: str) -> None:
        """In the channel where reports go, if the space has one."""
        found = await self._stores.entries.get(entry)
        rules = await self._stores.choices.rules(found.space) if found else None
        if found is None or rules is None or rules.desk is None:
            return
        name, space = found.card.name, found.space
        body = {"kind": "quarantined", "name": name, "where": where, "space": space}
        await self._stores.notices.tell(*rules.desk, BROKEN_BY, body, self._clock())
