"""The rules of the fair queue, tried on crowds that chance makes up."""

from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages import Job, PersonId, Priority, SpaceId
from engine.storage.fair import (
    FairRules,
    Head,
    Holds,
    LaneStanding,
    Rivals,
    choose,
    competing,
    joined,
    position,
    share,
)
from tests.fakes.fair_queue import FairQueue
from tests.fakes.jobs import job, later, owner, plan

NOTHING = Holds()
IN_ORDER = FairRules(affinity_places=0, ageing_s=300)
PEOPLE = [f"p:{number}" for number in range(5)]


def head_lane(name: str, base: str = "small", passed_over: int = 0) -> LaneStanding:
    head = Head(job(name).id, 1.0, base, frozenset(), passed_over)
    return LaneStanding(SpaceId("s"), PersonId(name), 0, 0.0, 0, head)


@dataclass
class Wait:
    """What a person saw served while the head of their own lane waited."""

    person: str
    served: Counter[str] = field(default_factory=Counter)


# --- people of one space ----------------------------------------------------------------------


@given(arrivals=st.lists(st.one_of(st.none(), st.sampled_from(PEOPLE)), max_size=80))
@settings(max_examples=150, deadline=None)
def test_nobody_waits_for_more_than_one_job_of_each_other_person(
    arrivals: list[str | None],
) -> None:
    """None is a worker that asks; whoever's job is next in line counts what goes before it."""
    queue = FairQueue()
    waits: dict[str, Wait] = {}
    for index, arrival in enumerate([*arrivals, *[None] * len(arrivals)]):
        if arrival is not None:
            queue.admit(job(f"j{index:03}", owner(arrival), asked_at=later(index)))
            waits.setdefault(arrival, Wait(arrival))
            continue
        taken = queue.claim(later(index), NOTHING, IN_ORDER)
        if taken is None:
            continue
        person = str(taken.owner.person)
        for wait in waits.values():
            if wait.person != person:
                wait.served[person] += 1
                assert wait.served[person] <= 1, f"{wait.person} waits, {person} goes again"
        del waits[person]
        if any(left.owner.person == person for left in queue.waiting()):
            waits[person] = Wait(person)
    assert queue.waiting() == []


@given(
    jobs_each=st.lists(st.integers(1, 6), min_size=1, max_size=6),
    costs=st.lists(st.sampled_from([0.5, 1.0, 2.0, 4.0]), min_size=36, max_size=36),
)
@settings(max_examples=100, deadline=None)
def test_people_who_keep_asking_get_the_same_share_up_to_one_job(
    jobs_each: list[int], costs: list[float]
) -> None:
    queue = FairQueue()
    number = 0
    for person, jobs in enumerate(jobs_each):
        for _ in range(jobs):
            queue.admit(job(f"j{number:03}", owner(f"p:{person}"), cost=costs[number]))
            number += 1
    got: Counter[str] = Counter()
    while len({left.owner.person for left in queue.waiting()}) == len(jobs_each):
        taken = queue.claim(later(0), NOTHING, IN_ORDER)
        assert taken is not None
        got[taken.owner.person] += taken.cost  # type: ignore[assignment]  # a Counter of costs
    shares = [got[f"p:{person}"] for person in range(len(jobs_each))]
    assert max(shares) - min(shares) <= 2 * max(costs)


def test_who_was_away_has_saved_nothing_up() -> None:
    queue = FairQueue()
    queue.admit(job("once", owner("p:away")))
    for index in range(20):
        queue.admit(job(f"a{index:02}", owner("p:busy"), asked_at=later(index)))
    for _ in range(11):
        queue.claim(later(50), NOTHING, IN_ORDER)
    for index in range(5):
        queue.admit(job(f"b{index}", owner("p:away"), asked_at=later(60 + index)))
    order = [_claimed(queue).owner.person for _ in range(6)]
    assert order.count(PersonId("p:away")) == 3


def test_leaving_and_coming_back_is_not_a_way_to_jump_the_queue() -> None:
    queue = FairQueue()
    for index in range(9):
        queue.admit(job(f"s{index}", owner("p:steady"), asked_at=later(index)))
    served: list[str] = []
    for index in range(8):
        queue.admit(job(f"h{index}", owner("p:hopper"), asked_at=later(100 + index)))
        served.append(_claimed(queue).owner.person)
    assert served.count("p:hopper") <= 4


# --- spaces -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("people", "most"), [(1, 1), (4, 4), (8, 8), (20, 8)])
def test_a_space_s_share_grows_with_its_people_up_to_a_cap(people: int, most: int) -> None:
    assert share(8.0, people) == 8.0 / most


@given(crowd=st.integers(1, 12))
@settings(max_examples=12, deadline=None)
def test_a_lone_person_is_never_starved_by_a_crowd(crowd: int) -> None:
    queue = FairQueue()
    for person in range(crowd):
        for index in range(12):
            queue.admit(job(f"c{person:02}-{index:02}", owner(f"p:{person}", "s:crowd")))
    for index in range(10):
        queue.admit(job(f"l{index}", owner("p:lone", "s:lone")))
    rounds = min(crowd, 8) + 1
    order = [_claimed(queue).owner.space for _ in range(3 * rounds)]
    assert order.count(SpaceId("s:lone")) >= 2


# --- classes and ageing -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "classes"),
    [(0, (0,)), (300, (0,)), (301, (0, 1)), (600, (0, 1)), (601, (0, 1, 2))],
)
def test_waiting_lifts_a_class_by_one_for_each_period(
    seconds: float, classes: tuple[int, ...]
) -> None:
    oldest = {0: later(seconds), 1: later(0), 2: later(0)}
    assert competing(oldest, later(seconds), 300) == classes


def test_the_best_class_that_waits_needs_no_ageing() -> None:
    assert competing({2: later(0)}, later(0), 300) == (2,)
    assert competing({}, later(0), 300) == ()


@given(busy=st.integers(1, 6), spaces=st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_a_background_job_is_drawn_in_the_end_whatever_comes(busy: int, spaces: int) -> None:
    queue = FairQueue()
    queue.admit(job("slow", owner("p:slow", "s:0"), priority=Priority.BACKGROUND))
    drawn_at: int | None = None
    for minute in range(60):
        for person in range(busy):
            of = owner(f"p:{person}", f"s:{person % spaces}")
            queue.admit(job(f"j{minute:02}-{person}", of, asked_at=later(60 * minute)))
        taken = queue.claim(later(60 * minute), NOTHING, IN_ORDER)
        if taken is not None and taken.id == "slow":
            drawn_at = minute
            break
    assert drawn_at is not None
    assert 10 < drawn_at <= 10 + 2 * busy + 2


def test_aged_background_jobs_do_not_shut_out_new_requests() -> None:
    queue = FairQueue()
    for index in range(50):
        queue.admit(job(f"b{index:02}", owner("p:b", "s:b"), priority=Priority.BACKGROUND))
    for index in range(10):
        queue.admit(job(f"i{index}", owner("p:i", "s:i"), asked_at=later(3600)))
    order = [_claimed(queue, 3600).priority for _ in range(10)]
    assert order.count(Priority.INTERACTIVE) >= 4


# --- affinity ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bases", "passed", "chosen"),
    [
        (["small", "small", "big"], [0, 0, 0], 2),
        (["big", "small", "big"], [0, 0, 0], 0),
        (["small", "small", "small"], [0, 0, 0], 0),
        (["small", "small", "big"], [4, 0, 0], 0),
        (["small", "small", "big"], [0, 4, 0], 0),
        (["small", "small", "big"], [3, 3, 9], 2),
    ],
)
def test_a_held_base_goes_first_unless_someone_was_passed_too_often(
    bases: list[str], passed: list[int], chosen: int
) -> None:
    order = [head_lane(f"j{i}", bases[i], passed[i]) for i in range(len(bases))]
    assert choose(order, Holds("big"), 4) == chosen


@pytest.mark.parametrize(
    ("bases", "passed", "chosen"),
    [
        (["big", "big"], [0, 0], 0),
        (["small", "big"], [0, 0], 1),
        (["small", "big"], [4, 0], None),
        (["small", "small"], [0, 0], None),
        (["big: wide", "big"], [0, 0], 1),
        (["big: wide", "small"], [0, 0], 0),
        (["big: many", "small"], [0, 0], None),
        (["big: many", "big"], [4, 0], None),
        (["big: tried", "big"], [0, 0], 1),
        (["big: tried", "big"], [4, 0], None),
    ],
)
def test_a_worker_that_draws_takes_only_what_can_join_it(
    bases: list[str], passed: list[int], chosen: int | None
) -> None:
    order = [head_lane(f"j{i}", bases[i], passed[i]) for i in range(len(bases))]
    order = [replace(lane, head=_shaped(lane.head)) for lane in order]
    assert choose(order, Holds("big", size=(64, 64), room=2), 4) == chosen


def _shaped(head: Head) -> Head:
    base, _, shape = head.base.partition(": ")
    size = (128, 64) if shape == "wide" else (64, 64)
    count, is_tried = 3 if shape == "many" else 1, shape == "tried"
    return replace(head, base=base, size=size, count=count, is_tried=is_tried)


@given(
    wants=st.lists(st.sampled_from(["small", "big", "other"]), min_size=1, max_size=40),
    places=st.integers(0, 4),
)
@settings(max_examples=100, deadline=None)
def test_nobody_is_passed_over_more_often_than_allowed(wants: list[str], places: int) -> None:
    queue = FairQueue()
    rules = FairRules(affinity_places=places, ageing_s=300)
    for index, base in enumerate(wants):
        of = owner(f"p:{index % 7}", f"s:{index % 2}")
        queue.admit(job(f"j{index:02}", of, asked_at=later(index), what=plan(base)))
    for _ in wants:
        taken = queue.claim(later(99), Holds("big"), rules)
        assert taken is not None
        assert taken.passed_over <= places
    assert queue.waiting() == []


# --- places -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own_place", "rivals", "expected"),
    [
        (1, [], 1),
        (1, [Rivals(0, 5, is_ahead=True)], 2),
        (1, [Rivals(0, 5, is_ahead=False)], 1),
        (3, [Rivals(0, 1, is_ahead=True, lanes=2)], 5),
        (3, [Rivals(0, 9, is_ahead=True), Rivals(0, 9, is_ahead=False)], 8),
        (2, [Rivals(2, 50, is_ahead=True)], 2),
    ],
)
def test_a_place_counts_the_turns_that_come_before(
    own_place: int, rivals: list[Rivals], expected: int
) -> None:
    assert position(own_place, 0, rivals) == expected


def test_a_better_class_goes_first_altogether() -> None:
    assert position(1, 2, [Rivals(0, 5, is_ahead=False, lanes=3)]) == 16


def test_whoever_joins_starts_where_the_race_is() -> None:
    assert joined(0.0, 7.0) == 7.0
    assert joined(9.0, 7.0) == 9.0


def _claimed(queue: FairQueue, seconds: float = 0) -> Job:
    taken = queue.claim(later(seconds), NOTHING, IN_ORDER)
    assert taken is not None
    return taken
