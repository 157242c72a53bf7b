"""Sample pictures of looks: each drawn once, behind everybody's work, and kept by its plan's hash.

Nothing here keeps a list of looks from being shown: a look without a picture has none yet.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol

from engine.director import planner
from engine.director.catalogue import WordLook
from engine.errors import PersonError
from engine.families import FAMILIES
from engine.messages import Base, Card, Generate, JobId, LookWish, Plan, Sha256, SpaceId
from engine.registry import previews
from engine.registry.compat import Refused, suits
from engine.storage.samples import SampleStore

Look = Card | WordLook
MOST_ASKED: Final = 24
"""Sample jobs of one asking."""
_NOT_OF_THE_PICTURE: Final = {"reasons", "words", "wish"}


class Queue(Protocol):
    """Where the jobs go: `engine.dispatch.background.BackgroundQueue` for real."""

    async def admit(self, job: JobId, space: SpaceId, plan: Plan) -> None:
        """Put a job into the queue, behind everybody's."""
        ...


class Samples:
    """Asks for sample pictures and finds those that are drawn."""

    def __init__(
        self,
        store: SampleStore,
        queue: Queue,
        new_job: Callable[[], JobId],
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._queue, self._new_job, self._clock = store, queue, new_job, clock

    async def drawn(self, looks: Sequence[Look], bases: tuple[Base, ...]) -> dict[str, Sha256]:
        """Name -> picture, for looks whose sample is drawn."""
        hashes = {look.name: plan_hash(plan) for look, plan in sample_plans(looks, bases)}
        found = await self._store.pictures(tuple(hashes.values())) if hashes else {}
        return {name: found[hashed] for name, hashed in hashes.items() if hashed in found}

    async def ask(self, space: SpaceId, looks: Sequence[Look], bases: tuple[Base, ...]) -> int:
        """Have the missing ones drawn; how many jobs that are."""
        plans = {plan_hash(plan): plan for _, plan in sample_plans(looks, bases)}
        asked = await self._store.asked(tuple(plans)) if plans else frozenset()
        missing = [(hashed, plan) for hashed, plan in plans.items() if hashed not in asked]
        for hashed, plan in missing[:MOST_ASKED]:
            job = self._new_job()
            await self._store.take(hashed, job, self._clock())
            await self._queue.admit(job, space, plan)
        return len(missing[:MOST_ASKED])


def sample_plans(looks: Iterable[Look], bases: tuple[Base, ...]) -> list[tuple[Look, Plan]]:
    """What shows each look, on the first base that it acts on; those without one are left out."""
    plans = []
    for look in looks:
        plan = _plan(look, bases)
        if plan is not None:
            plans.append((look, plan))
    return plans


def plan_hash(plan: Plan) -> str:
    """The same for plans that make the same picture."""
    return hashlib.sha256(plan.model_dump_json(exclude=_NOT_OF_THE_PICTURE).encode()).hexdigest()


def _plan(look: Look, bases: tuple[Base, ...]) -> Plan | None:
    able = tuple(base for base in bases if _shows(look, base))
    if not able:
        return None
    family = able[0].family
    wish = _wish(look, family)
    cards = (look,) if isinstance(look, Card) else ()
    shelf = (look,) if isinstance(look, WordLook) else ()
    try:
        return planner.plan(
            wish,
            cards=cards,
            bases=able,
            families=FAMILIES.all(),
            seed=previews.SEED,
            catalogue=shelf,
        )
    except PersonError:
        return None


def _shows(look: Look, base: Base) -> bool:
    if base.family not in FAMILIES:
        return False
    if isinstance(look, WordLook):
        return bool(look.part(base.family))
    return look.sha256 is not None and not isinstance(suits(look, base), Refused)


def _wish(look: Look, family: str) -> Generate:
    said = f"sample of {look.name}"
    kind = look.kind
    if isinstance(look, WordLook):
        bare = previews.prompt(kind, "", family)
        return Generate(words=said, prompt=bare, word_looks=(look.name,))
    is_subject = kind in ("character", "object")
    trigger = look.triggers[0].word if look.triggers and is_subject else ""
    prompt = previews.prompt(kind, trigger, family)
    return Generate(words=said, prompt=prompt, looks=(LookWish(name=look.name, said=""),))
