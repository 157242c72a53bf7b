"""The fair queue in memory: the same rules as the rows, without a database."""

from dataclasses import dataclass, field
from datetime import datetime

from engine.messages import Job, JobId, PersonId, SpaceId
from engine.storage.fair import (
    FairRules,
    Head,
    Holds,
    LaneStanding,
    Rivals,
    SpaceStanding,
    competing,
    joined,
    next_turn,
    position,
)

LaneKey = tuple[str, str, int]
SpaceKey = tuple[str, int]


@dataclass
class FairQueue:
    """Jobs by lane, and where everybody stands in the race."""

    jobs: dict[LaneKey, list[Job]] = field(default_factory=dict)
    lanes: dict[LaneKey, tuple[float, int]] = field(default_factory=dict)
    """Virtual time and tick."""
    spaces: dict[SpaceKey, tuple[float, int, float]] = field(default_factory=dict)
    """Virtual time, tick, clock of its people."""
    charges: dict[JobId, float] = field(default_factory=dict)
    race: float = 0.0
    ticks: int = 0

    def admit(self, job: Job) -> None:
        lane = _lane(job)
        space = (lane[0], lane[2])
        tick = self.ticks + 1
        if not any(self.jobs.get(key) for key in self._lanes_of(space)):
            own, _, clock = self.spaces.get(space, (self.race, 0, 0.0))
            self.spaces[space] = (joined(own, self.race), tick, clock)
        if not self.jobs.get(lane):
            clock = self.spaces[space][2]
            own = self.lanes.get(lane, (clock, 0))[0]
            self.lanes[lane] = (joined(own, clock), tick)
            self.ticks = tick
        queue = self.jobs.setdefault(lane, [])
        queue.append(job)
        queue.sort(key=lambda waiting: (waiting.asked_at, waiting.id))

    def claim(self, now: datetime, holds: Holds, rules: FairRules) -> Job | None:
        waiting = {key: queue for key, queue in self.jobs.items() if queue}
        oldest: dict[int, datetime] = {}
        for (_, _, priority), queue in waiting.items():
            oldest[priority] = min(oldest.get(priority, queue[0].asked_at), queue[0].asked_at)
        classes = competing(oldest, now, rules.ageing_s)
        lanes = [_standing(key, self.lanes[key], waiting[key][0]) for key in waiting]
        turn = next_turn(
            [self._space(key) for key in self._waiting_spaces() if key[1] in classes],
            [lane for lane in lanes if lane.priority in classes],
            self.race,
            holds,
            rules,
        )
        if turn is None:
            return None
        lane = (turn.lane.space, turn.lane.person, turn.lane.priority)
        self.ticks += 1
        self.lanes[lane] = (turn.lane_time, self.ticks)
        self.spaces[turn.space.key] = (turn.space_time, self.ticks, turn.clock)
        self.race = turn.race
        for queue in waiting.values():
            for index, job in enumerate(queue):
                if job.id in turn.passed:
                    queue[index] = job.model_copy(update={"passed_over": job.passed_over + 1})
        taken = self.jobs[lane].pop(0)
        self.charges[taken.id] = turn.space_charge
        return taken

    def give_back(self, job: Job) -> None:
        self.admit(job)
        lane = _lane(job)
        space = (lane[0], lane[2])
        self.lanes[lane] = (self.lanes[lane][0] - job.cost, 0)
        time, _, clock = self.spaces[space]
        self.spaces[space] = (time - self.charges[job.id], 0, clock)

    def cancel(self, job: Job) -> None:
        queue = self.jobs[_lane(job)]
        queue[:] = [waiting for waiting in queue if waiting.id != job.id]

    def position(self, job: Job) -> int:
        """About how many turns until a waiting job is taken, as `JobStore.position`."""
        own, mine = _lane(job), [each.id for each in self.jobs[_lane(job)]]
        rivals = [
            Rivals(key[2], len(queue), self.lanes[key] < self.lanes[own])
            for key, queue in self.jobs.items()
            if queue and key != own
        ]
        return position(mine.index(job.id) + 1, own[2], rivals)

    def waiting(self) -> list[Job]:
        return [job for queue in self.jobs.values() for job in queue]

    def _lanes_of(self, space: SpaceKey) -> list[LaneKey]:
        return [key for key in self.jobs if (key[0], key[2]) == space]

    def _waiting_spaces(self) -> set[SpaceKey]:
        return {(key[0], key[2]) for key, queue in self.jobs.items() if queue}

    def _space(self, key: SpaceKey) -> SpaceStanding:
        time, tick, clock = self.spaces[key]
        people = sum(1 for lane in self._lanes_of(key) if self.jobs[lane])
        return SpaceStanding(SpaceId(key[0]), key[1], time, tick, people, clock)


def _lane(job: Job) -> LaneKey:
    return job.owner.space, job.owner.person, int(job.priority)


def _standing(key: LaneKey, place: tuple[float, int], head: Job) -> LaneStanding:
    loras = frozenset(lora.sha256 for lora in head.plan.loras if lora.sha256 is not None)
    return LaneStanding(
        SpaceId(key[0]),
        PersonId(key[1]),
        key[2],
        *place,
        Head(
            head.id,
            head.cost,
            head.plan.base,
            loras,
            head.passed_over,
            (head.plan.width, head.plan.height),
            head.plan.count,
            head.attempts > 0,
        ),
    )
