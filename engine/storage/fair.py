"""The rules of the fair queue: who is next, what a turn costs, where a job stands. Pure.

Start-time fair queueing on two levels (Goyal, Vin, Cheng 1996). Every space, and inside it every
person, runs a race in virtual time: a turn moves the runner forward by its cost, and the one
furthest behind goes next. Whoever joins starts where the race is now, so idling earns nothing
and an earlier feast is still owed. All priority classes share one race, so a class that was left
out for long joins it like anyone else: it neither owes nor owns the time that it waited.

Affinity may take a job before its turn, on credit: nobody gets further ahead of those who wait
than `affinity_places` of their turns. So what two people of a space get while both always wait
differs, in cost, by at most 2 (`affinity_places` + 1) times the dearest job.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.messages import JobId, PersonId, Sha256, SpaceId

MOST_PEOPLE_COUNTED = 8
"""A space's share grows with the people waiting in it, up to this many."""


@dataclass(frozen=True, slots=True)
class FairRules:
    """What a host may turn: how far affinity may move a job, when waiting lifts a class."""

    affinity_places: int = 4
    """Heads looked at for one that a worker holds ready, how often a job may be passed, and how
    many turns anybody may be ahead and still go before their turn."""
    ageing_s: float = 300.0
    """Seconds of waiting that lift a class by one."""


@dataclass(frozen=True, slots=True)
class Holds:
    """What a worker has loaded."""

    base: str | None = None
    loras: frozenset[Sha256] = frozenset()
    size: tuple[int, int] | None = None
    """Of what it draws now: pictures of one size share its steps."""
    room: int | None = None
    """Pictures that may join what it draws; None when it is idle and takes anything."""


@dataclass(frozen=True, slots=True)
class SpaceStanding:
    """A space with waiting jobs in one priority class."""

    space: SpaceId
    priority: int
    virtual_time: float
    tick: int
    """Grows with every turn taken: among equals, who was served longer ago goes first."""
    people: int
    clock: float
    """Where the race of its people stands."""

    @property
    def key(self) -> tuple[str, int]:
        """Space and class."""
        return self.space, self.priority


@dataclass(frozen=True, slots=True)
class Head:
    """The oldest waiting job of a lane."""

    job: JobId
    cost: float
    base: str
    loras: frozenset[Sha256] = frozenset()
    passed_over: int = 0
    size: tuple[int, int] = (0, 0)
    count: int = 1
    is_tried: bool = False
    """It was begun before and lost its worker or its room: it is drawn alone from then on."""


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """One person's waiting jobs in one space and class."""

    space: SpaceId
    person: PersonId
    priority: int
    virtual_time: float
    tick: int
    head: Head


@dataclass(frozen=True, slots=True)
class Turn:
    """A choice, and what it does to the race."""

    lane: LaneStanding
    space: SpaceStanding
    passed: tuple[JobId, ...]
    """Heads that were before it in fair order."""
    race: float
    """Where the race of the spaces stands now."""
    clock: float
    """Where the race of the people of this space stands now."""
    lane_time: float
    space_time: float
    """Virtual times of the person and of the space after this turn."""
    space_charge: float


def joined(own: float, race: float) -> float:
    """Where someone starts who has waiting work again."""
    return max(own, race)


def share(cost: float, people: int) -> float:
    """What a turn costs a space in which so many people wait."""
    return cost / min(max(people, 1), MOST_PEOPLE_COUNTED)


def competing(oldest: Mapping[int, datetime], now: datetime, ageing_s: float) -> tuple[int, ...]:
    """The classes in the race: the best one, and those whose oldest job waited long enough."""
    if not oldest:
        return ()
    best = min(oldest)
    return tuple(
        priority
        for priority, asked_at in sorted(oldest.items())
        if priority == best or (now - asked_at).total_seconds() > ageing_s * (priority - best)
    )


def fair_order(
    spaces: Iterable[SpaceStanding], lanes: Iterable[LaneStanding], race: float, places: int
) -> list[LaneStanding]:
    """The first lanes in fair order, each with its head, as if the turns were taken one by one.

    `spaces` and `lanes` need only hold the `places` foremost spaces and, of each, the `places`
    foremost people: nobody further back can come first.
    """
    waiting: dict[tuple[str, int], list[LaneStanding]] = {}
    for lane in lanes:
        waiting.setdefault((lane.space, lane.priority), []).append(lane)
    for queue in waiting.values():
        queue.sort(key=lambda lane: (lane.virtual_time, lane.tick, lane.person))
    runners = {space.key: space for space in spaces if space.key in waiting}
    times = {key: joined(space.virtual_time, race) for key, space in runners.items()}
    order: list[LaneStanding] = []
    while runners and len(order) < places:
        key = min(
            runners,
            key=lambda k: (times[k], runners[k].virtual_time, runners[k].tick, k),
        )
        lane = waiting[key].pop(0)
        order.append(lane)
        times[key] += share(lane.head.cost, runners[key].people)
        if not waiting[key]:
            del runners[key]
    return order


def overdrawn(
    order: Sequence[LaneStanding],
    spaces: Mapping[tuple[str, int], SpaceStanding],
    lanes: Iterable[LaneStanding],
    race: float,
    places: int,
) -> frozenset[int]:
    """Those in the order who are too far ahead to go before their turn once more."""
    foremost: dict[tuple[str, int], float] = {}
    for lane in lanes:
        key = lane.space, lane.priority
        foremost[key] = min(lane.virtual_time, foremost.get(key, lane.virtual_time))
    times = {key: joined(space.virtual_time, race) for key, space in spaces.items()}
    found = set()
    for index, lane in enumerate(order):
        key = lane.space, lane.priority
        credit = places * lane.head.cost
        in_space = lane.virtual_time - foremost[key]
        of_space = times[key] - times[order[0].space, order[0].priority]
        if in_space >= credit or of_space >= share(credit, spaces[key].people):
            found.add(index)
    return frozenset(found)


def choose(
    order: Sequence[LaneStanding],
    holds: Holds,
    places: int,
    too_far: Collection[int] = (),
) -> int | None:
    """Which of the first heads a worker takes: the first, or one that it is readier for.

    An idle worker prefers what it holds; one that draws takes only what can join it, of its size
    if it may choose, and None when that is nothing. A job that was tried before joins nobody: it
    may be what killed its worker, or have been killed by what was drawn beside it. A job is never
    passed over more than `places` times: one that was stands like a wall. Those `too_far` ahead
    pass nobody.
    """
    reach: dict[int, Head] = {}
    for index, lane in enumerate(order):
        if index == 0 or index not in too_far:
            reach[index] = lane.head
        if lane.head.passed_over >= places:
            break
    if holds.room is None:
        return next((index for index, head in reach.items() if _is_held(head, holds)), 0)
    may = [index for index, head in reach.items() if _may_join(head, holds.base, holds.room)]
    alike = [index for index in may if reach[index].size == holds.size]
    return next(iter(alike or may), None)


def _may_join(head: Head, base: str | None, room: int) -> bool:
    return head.base == base and head.count <= room and not head.is_tried


def _is_held(head: Head, holds: Holds) -> bool:
    return head.base == holds.base and head.loras <= holds.loras


def next_turn(
    spaces: Sequence[SpaceStanding],
    lanes: Sequence[LaneStanding],
    race: float,
    holds: Holds,
    rules: FairRules,
) -> Turn | None:
    """Who is next, and the virtual times after it; None when nobody waits."""
    order = fair_order(spaces, lanes, race, max(1, rules.affinity_places))
    if not order:
        return None
    by_key = {space.key: space for space in spaces}
    too_far = overdrawn(order, by_key, lanes, race, rules.affinity_places)
    index = choose(order, holds, rules.affinity_places, too_far)
    if index is None:
        return None
    lane = order[index]
    space = by_key[(lane.space, lane.priority)]
    first_of_all = by_key[(order[0].space, order[0].priority)]
    first_of_space = min(
        other.virtual_time
        for other in lanes
        if (other.space, other.priority) == (lane.space, lane.priority)
    )
    charge = share(lane.head.cost, space.people)
    return Turn(
        lane=lane,
        space=space,
        passed=tuple(passed.head.job for passed in order[:index]),
        race=joined(first_of_all.virtual_time, race),
        clock=joined(first_of_space, space.clock),
        lane_time=joined(lane.virtual_time, space.clock) + lane.head.cost,
        space_time=joined(space.virtual_time, race) + charge,
        space_charge=charge,
    )


@dataclass(frozen=True, slots=True)
class Rivals:
    """Lanes that look alike from a waiting job: their class, jobs waiting in each, how many."""

    priority: int
    waiting: int
    is_ahead: bool
    """Whether they take their next turn before the lane of the job takes its own."""
    lanes: int = 1


def position(own_place: int, priority: int, rivals: Iterable[Rivals]) -> int:
    """About how many turns until a job is taken; 1 is next.

    `own_place` is its place in its own lane, from 1. Lanes of its class take turns with its
    own, so each goes before it once for every own turn, as far as it has jobs; a better class
    goes first altogether, a worse one later. Shares of spaces, costs and affinity are left out.
    """
    before = 0
    for rival in rivals:
        if rival.priority < priority:
            before += rival.waiting * rival.lanes
        elif rival.priority == priority:
            rounds = own_place if rival.is_ahead else own_place - 1
            before += min(rival.waiting, rounds) * rival.lanes
    return own_place + before
