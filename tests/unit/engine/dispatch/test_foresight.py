"""What people are told of their wait comes true mostly, and counts down."""

from itertools import pairwise

import pytest

from engine.dispatch.eta import EtaBook, Took
from engine.dispatch.foresight import Foresight, standing_of
from engine.dispatch.pool import WorkerState, WorkerStatus
from engine.dispatch.workload import Workload
from engine.messages import Job, WorkerId
from tests.fakes.jobs import job, later, plan, sha
from tests.fakes.simulated_crowd import Crowd

WORKER = WorkerId("w")
MINE = job("mine")


def status(state: WorkerState = "busy", room: int = 0, base: str = "miniature") -> WorkerStatus:
    bucket = (base, 64, 64) if state == "busy" else None
    return WorkerStatus(WORKER, state, base=base, room=room, bucket=bucket)


def foresight(workload: Workload | None = None) -> Foresight:
    """Ten seconds a job."""
    found = Foresight(EtaBook(), workload or Workload())
    found.drawn(job("before"), Took(10.0), later(0))
    return found


def told(
    of: Foresight,
    at: float,
    position: int,
    which: Job = MINE,
    *,
    worker: WorkerStatus | None = None,
) -> tuple[float, float]:
    span = of.tell(which, position, [worker or status()], later(at))
    assert span is not None
    return span


# --- in a crowd -------------------------------------------------------------------------------


@pytest.mark.parametrize("most_rows", [1, 8])
@pytest.mark.parametrize("load", [0.5, 0.9, 1.3, 1.8])
def test_in_a_crowd_most_waits_are_as_told_and_few_later(most_rows: int, load: float) -> None:
    waits = [wait for seed in (1, 2, 3) for wait in Crowd(seed, most_rows, load, 200).run()]
    assert len(waits) > 500
    as_told = sum(wait.low_s <= wait.waited_s <= wait.high_s for wait in waits)
    late = sum(wait.waited_s > wait.high_s for wait in waits)
    assert as_told / len(waits) >= 0.75
    assert late / len(waits) <= 0.12
    assert max(wait.high_s / wait.low_s for wait in waits) <= 3.001


# --- one after the other ----------------------------------------------------------------------


def test_the_end_that_was_told_comes_no_later_while_it_may_come_true() -> None:
    waiting = foresight()
    ends = [at + told(waiting, at, position)[1] for at, position in
            ((0, 5), (2, 5), (9, 4), (12, 5), (31, 2))]  # fmt: skip
    assert all(later_one <= sooner + 1e-6 for sooner, later_one in pairwise(ends))


def test_a_wait_that_can_not_come_true_any_more_is_told_anew() -> None:
    waiting = foresight()
    _, high_s = told(waiting, 0, 2)
    low_s, later_s = told(waiting, high_s, 9)
    assert 0 < low_s < later_s
    assert later_s > high_s


def test_a_job_that_is_drawn_has_only_left_what_is_left_of_it() -> None:
    workload = Workload()
    waiting = foresight(workload)
    whole = told(waiting, 0, 1, worker=status("idle"))
    workload.begin(WORKER, MINE, later(0))
    workload.step(WORKER, MINE.id, 0.9, later(9))
    assert told(waiting, 9, 0)[1] < whole[0]


def test_posting_takes_its_time_too() -> None:
    waiting = foresight()
    before = told(waiting, 0, 1, job("first"), worker=status("idle"))
    waiting.drawn(job("first"), Took(10.0), later(10))
    waiting.posted(job("first").id, later(14))
    after = told(waiting, 20, 1, job("second"), worker=status("idle"))
    assert after[0] == pytest.approx(before[0] + 4)


def test_a_platform_that_was_away_is_no_rule_for_others() -> None:
    waiting = foresight()
    told(waiting, 0, 1, job("first"))
    waiting.drawn(job("first"), Took(10.0), later(10))
    waiting.posted(job("first").id, later(7200))
    assert told(waiting, 7300, 1, job("second"))[1] < 60


def test_what_was_begun_anew_tells_nothing_of_waits() -> None:
    waiting = foresight()
    for number in range(40):
        lost = job(f"lost{number}")
        told(waiting, 0, 1, lost)
        waiting.drop(lost.id)
        waiting.drawn(lost, Took(10.0), later(500))
    assert told(waiting, 600, 1)[1] < 60


# --- where a job stands -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worker", "is_behind"),
    [
        (status("idle"), False),
        (status("busy", room=2), False),
        (status("busy", room=0), True),
        (status("busy", room=2, base="other"), True),
        (status("starting"), True),
    ],
)
def test_a_job_begins_at_once_where_a_worker_takes_it(
    worker: WorkerStatus, is_behind: bool
) -> None:
    assert standing_of(MINE, 1, [worker], Workload()).is_behind == is_behind


def test_what_no_worker_holds_has_to_be_brought() -> None:
    asked = job("styled", what=plan("miniature", (sha(1),)))
    bare = standing_of(asked, 1, [status("idle", base="other")], Workload())
    assert bare.is_base_missing
    assert bare.are_loras_missing
    holding = WorkerStatus(WORKER, "idle", base="miniature", loras=frozenset({sha(1)}))
    ready = standing_of(asked, 1, [holding], Workload())
    assert not ready.is_base_missing
    assert not ready.are_loras_missing


def test_a_base_that_is_on_its_way_is_not_brought_twice() -> None:
    workload = Workload()
    workload.begin(WORKER, job("bringer"), later(0), is_base_coming=True)
    worker = status("busy", room=3, base="other")
    assert not standing_of(MINE, 1, [worker], workload).is_base_missing
