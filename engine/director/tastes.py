"""What people said of looks, kept and turned into nudges: behind `tuning.taste.Nudges`."""

from collections.abc import Callable, Mapping
from datetime import datetime

from engine.messages import Feedback, Generate, Job, Owner, Plan, PlannedLora, Verdict
from engine.storage.opinions import KeptOpinion, OpinionStore
from engine.tuning.taste import Nudge, Opinion, nudges

SUBJECTS = frozenset({"character", "object"})
LEAST_CHANGE = 0.03
"""A weight changed by a smaller part of it says nothing."""


class Tastes:
    """Implements `Nudges` from this installation's database; keeps opinions."""

    def __init__(self, store: OpinionStore, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    async def of(self, owner: Owner, looks: tuple[str, ...]) -> Mapping[str, Nudge]:
        """The nudges of these looks for this person in this space."""
        if not looks:
            return {}
        kept = await self._store.on(owner.space, looks)
        said = (Opinion(each.person, each.look, each.verdict, each.at) for each in kept)
        return nudges(said, owner.person, self._clock())

    async def keep(self, owner: Owner, said: Feedback, job: Job) -> tuple[str, ...]:
        """Keep an opinion on a picture; the looks that are drawn otherwise from now on."""
        meant = meant_by(said, job.plan)
        rows = [self._row(owner, lora.name, said.verdict, lora.weight, job) for lora in meant]
        if not rows:
            rows = [self._row(owner, "", said.verdict, None, job)]
        await self._store.add(tuple(rows))
        moved = ("too_strong", "too_weak", "overdone", "not_alike")
        return tuple(lora.name for lora in meant) if said.verdict in moved else ()

    async def notice(self, owner: Owner, change: Generate, before: Job, now: Plan) -> None:
        """An edit that makes a look weaker or stronger says what was thought of it."""
        old = {lora.name: lora.weight for lora in before.plan.loras}
        asked = {look.name for look in change.looks if look.strength is not None}
        rows = [
            self._row(owner, lora.name, verdict, old[lora.name], before)
            for lora in now.loras
            if lora.name in asked and lora.name in old
            if (verdict := _verdict(old[lora.name], lora.weight)) is not None
        ]
        if rows:
            await self._store.add(tuple(rows))

    async def unlearn(self, owner: Owner, look: str) -> int:
        """Forget what a person said of a look in a space; how many opinions that were."""
        return await self._store.unlearn(owner.space, owner.person, look)

    def _row(
        self, owner: Owner, look: str, verdict: Verdict, weight: float | None, job: Job
    ) -> KeptOpinion:
        now = self._clock()
        return KeptOpinion(owner.space, owner.person, look, verdict, weight, job.id, now)


def meant_by(said: Feedback, plan: Plan) -> tuple[PlannedLora, ...]:
    """The LoRAs of a picture that an opinion is about: those named, else those that it can mean."""
    if said.looks:
        return tuple(lora for lora in plan.loras if lora.name in said.looks)
    if said.verdict == "not_alike":
        return tuple(lora for lora in plan.loras if lora.kind in SUBJECTS)
    if said.verdict in ("too_strong", "too_weak"):
        return plan.loras if len(plan.loras) == 1 else ()
    return plan.loras


def _verdict(old: float, new: float) -> Verdict | None:
    if abs(new - old) < LEAST_CHANGE * max(abs(old), 0.1):
        return None
    return "too_strong" if abs(new) < abs(old) else "too_weak"
