"""A crowd before one simulated worker: the real fair queue and foresight, made-up seconds."""

from dataclasses import dataclass, field
from random import Random

from engine.dispatch.eta import EtaBook, Took
from engine.dispatch.foresight import Foresight
from engine.dispatch.pool import WorkerStatus
from engine.dispatch.workload import Workload
from engine.messages import Job, JobId, Sha256, WorkerId
from engine.storage.fair import FairRules, Holds
from tests.fakes.fair_queue import FairQueue
from tests.fakes.jobs import job, later, owner, plan, sha

WORKER = WorkerId("w")
BASE = "miniature"
STEPS = 6
STEP_S, ROW_S = 0.010, 0.018
"""A step takes this, and this for each of its rows."""
BESIDE_S = 0.015
"""Claiming, encoding, decoding and posting take about this each."""
LOAD_S = 0.02
ALONE_S = (STEP_S + ROW_S) * STEPS + 3 * BESIDE_S
LOOKS = 24
PEOPLE = 25


@dataclass(frozen=True)
class Wait:
    """What someone was told, and how it came out."""

    low_s: float
    high_s: float
    waited_s: float


@dataclass
class _Drawing:
    job: Job
    loading_s: float
    left: int = STEPS


@dataclass
class Crowd:
    """People who come by chance; `load` is their work as a share of what one worker does alone."""

    seed: int
    most_rows: int
    load: float
    requests: int
    now: float = 0.0
    waits: list[Wait] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        self._queue, self._workload, self._book = FairQueue(), Workload(), EtaBook()
        self._foresight = Foresight(self._book, self._workload)
        self._drawing: list[_Drawing] = []
        self._held: frozenset[Sha256] = frozenset()
        self._told: dict[JobId, tuple[float, float, float]] = {}

    def run(self) -> list[Wait]:
        """Everybody's waits, those excepted who came before anything was known."""
        coming = self._arrivals()
        while coming or self._drawing or self._queue.waiting():
            if not self._drawing and not self._queue.waiting():
                self.now = max(self.now, coming[0][0])
            while coming and coming[0][0] <= self.now:
                self._ask(*coming.pop(0))
            self._fill()
            self._step()
        return self.waits

    def _arrivals(self) -> list[tuple[float, Job]]:
        at, found = 0.0, []
        for number in range(self.requests):
            at += self._chance.expovariate(self.load / ALONE_S)
            look = min(LOOKS, int(self._chance.paretovariate(0.6)))
            asked = plan(BASE, (sha(look),)).model_copy(update={"steps": STEPS})
            of = owner(f"p:{self._chance.randrange(PEOPLE)}")
            found.append((at, job(f"j{number:04}", of, asked_at=later(at), what=asked)))
        return found

    def _ask(self, at: float, asked: Job) -> None:
        self._queue.admit(asked)
        place = self._queue.position(asked)
        told = self._foresight.tell(asked, place, [self._status()], later(at))
        if told is not None:
            self._told[asked.id] = (at, *told)

    def _status(self) -> WorkerStatus:
        room = self.most_rows - len(self._drawing)
        return WorkerStatus(
            WORKER, "busy" if self._drawing else "idle", base=BASE, loras=self._held, room=room,
            bucket=(BASE, 64, 64) if self._drawing else None,
        )  # fmt: skip

    def _fill(self) -> None:
        while len(self._drawing) < self.most_rows:
            room = self.most_rows - len(self._drawing) if self._drawing else None
            holds = Holds(BASE, self._held, (64, 64), room)
            taken = self._queue.claim(later(self.now), holds, FairRules())
            if taken is None:
                return
            self.now += self._beside()
            self._workload.begin(WORKER, taken, later(self.now))
            files = frozenset(lora.sha256 for lora in taken.plan.loras if lora.sha256)
            loading_s = 0.0 if files <= self._held else LOAD_S
            self._held |= files
            self.now += loading_s + self._beside()
            self._drawing.append(_Drawing(taken, loading_s))

    def _step(self) -> None:
        noise = self._chance.lognormvariate(0, 0.25)
        self.now += (STEP_S + ROW_S * len(self._drawing)) * noise
        for each in tuple(self._drawing):
            each.left -= 1
            self._workload.step(WORKER, each.job.id, 1 - each.left / STEPS, later(self.now))
            if not each.left:
                self._end(each)

    def _end(self, each: _Drawing) -> None:
        self._drawing.remove(each)
        self.now += self._beside()
        name = each.job.id
        took_s = self._workload.end(WORKER, name, later(self.now)) or 0.0
        took = Took(took_s - each.loading_s, each.loading_s, False, each.loading_s > 0)
        self._foresight.drawn(each.job, took, later(self.now))
        posted = self.now + self._beside()
        self._foresight.posted(name, later(posted))
        if name in self._told:
            at, low_s, high_s = self._told[name]
            self.waits.append(Wait(low_s, high_s, posted - at))

    def _beside(self) -> float:
        return BESIDE_S * self._chance.lognormvariate(0, 0.4)
