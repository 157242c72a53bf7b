"""What a job takes of its worker, however many share it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dispatch.workload import Workload
from engine.messages import Job, WorkerId
from tests.fakes.jobs import job, later

WORKER = WorkerId("w")


def begun(workload: Workload, name: str, at: float, *, count: int = 1, asked: float = 0) -> Job:
    found = job(name, asked_at=later(asked))
    plan = found.plan.model_copy(update={"count": count})
    found = found.model_copy(update={"plan": plan, "attempts": 1})
    workload.begin(WORKER, found, later(at))
    return found


def ended(workload: Workload, which: Job, at: float) -> float:
    took_s = workload.end(WORKER, which.id, later(at))
    assert took_s is not None
    return took_s


def test_a_job_alone_takes_all_of_its_worker() -> None:
    workload = Workload()
    alone = begun(workload, "a", at=10)
    assert ended(workload, alone, at=14) == pytest.approx(4)


def test_pictures_that_are_drawn_together_share_the_seconds() -> None:
    workload = Workload()
    one, three = begun(workload, "a", at=0), begun(workload, "b", at=0, count=3)
    assert ended(workload, one, at=8) == pytest.approx(2)
    assert ended(workload, three, at=10) == pytest.approx(6 + 2)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9), st.integers(1, 9)), max_size=12))
def test_all_together_took_what_the_worker_was_busy(jobs: list[tuple[int, int, int]]) -> None:
    workload = Workload()
    marks = []
    for number, (count, start, span) in enumerate(jobs):
        marks += [(start, 1, number, count), (start + span, 0, number, count)]
    busy: set[int] = set()
    here: dict[int, Job] = {}
    took_s, before = 0.0, 0
    expected = 0
    for at, is_begin, number, count in sorted(marks):
        expected += (at - before) if busy else 0
        before = at
        if is_begin:
            busy.add(number)
            here[number] = begun(workload, f"j{number}", at, count=count, asked=at)
        else:
            busy.remove(number)
            took_s += ended(workload, here[number], at)
    assert took_s == pytest.approx(expected)


def test_the_pause_between_two_jobs_counts_for_the_one_that_waited_meanwhile() -> None:
    workload = Workload()
    first = begun(workload, "a", at=0)
    ended(workload, first, at=4)
    second = begun(workload, "b", at=5, asked=1)
    assert ended(workload, second, at=9) == pytest.approx(5)
    third = begun(workload, "c", at=60, asked=59)
    assert ended(workload, third, at=64) == pytest.approx(5)


def test_loading_a_base_is_no_part_of_what_a_picture_takes() -> None:
    workload = Workload()
    first, second = job("a"), job("b")
    workload.begin(WORKER, first, later(0), is_base_coming=True)
    workload.begin(WORKER, second, later(20))
    assert [left.is_base_coming for left in workload.left(WORKER)] == [True, False]
    workload.step(WORKER, first.id, 0.25, later(60))
    assert ended(workload, first, at=62) == pytest.approx(1)
    assert ended(workload, second, at=63) == pytest.approx(2)


def test_what_is_left_follows_the_steps() -> None:
    workload = Workload()
    drawn = begun(workload, "a", at=0)
    workload.step(WORKER, drawn.id, 0.75, later(3))
    assert [left.share for left in workload.left(WORKER)] == [0.25]
    ended(workload, drawn, at=4)
    assert workload.left(WORKER) == ()


def test_a_worker_that_is_gone_has_nothing_in_hand() -> None:
    workload = Workload()
    lost = begun(workload, "a", at=0)
    workload.forget(WORKER)
    assert workload.left(WORKER) == ()
    assert workload.end(WORKER, lost.id, later(9)) is None
