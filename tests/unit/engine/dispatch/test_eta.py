"""Estimates come from measurements, as a range."""

import pytest

from engine.dispatch.admission import cost
from engine.dispatch.eta import EtaBook, Hands, Standing, Took
from engine.dispatch.workload import Left
from engine.messages import JobId, Plan, PlannedLora

ALONE = Standing()
OTHER = JobId("other")


def plan(base: str = "miniature", width: int = 512, **changes: object) -> Plan:
    usual: dict[str, object] = {
        "base": base, "family": "sd1", "prompt": "", "width": width, "height": 512, "steps": 20,
        "guidance": 1.0, "scheduler": "DDIM", "seed": 1,
    }  # fmt: skip
    return Plan.model_validate(usual | changes)


def learned(book: EtaBook, seconds: float, asked: Plan | None = None) -> None:
    book.learn(asked or plan(), Took(seconds))


def reckoned(book: EtaBook, asked: Plan, standing: Standing = ALONE) -> float:
    estimate = book.reckon(asked, standing)
    assert estimate is not None
    return estimate


def behind(ahead: int, *hands: Hands) -> Standing:
    return Standing(ahead, hands or (Hands(),))


# --- what is reckoned -------------------------------------------------------------------------


def test_nothing_measured_gives_no_estimate() -> None:
    assert EtaBook().reckon(plan(), ALONE) is None


def test_another_base_than_those_measured_gives_no_estimate() -> None:
    book = EtaBook()
    learned(book, 10.0)
    assert book.reckon(plan("unknown"), ALONE) is None


def test_those_ahead_count_with_what_a_job_takes() -> None:
    book = EtaBook()
    learned(book, 10.0)
    assert reckoned(book, plan(), behind(3)) == pytest.approx(40)


def test_what_is_being_drawn_counts_with_what_is_left_of_it() -> None:
    book = EtaBook()
    learned(book, 10.0)
    drawn = Hands((Left(OTHER, plan(), 0.25), Left(OTHER, plan(), 0.5)))
    assert reckoned(book, plan(), behind(1, drawn)) == pytest.approx(2.5 + 5 + 10 + 10)


def test_more_workers_shorten_the_wait() -> None:
    book = EtaBook()
    learned(book, 10.0)
    assert reckoned(book, plan(), behind(8, *[Hands()] * 4)) == pytest.approx(30)


def test_a_job_that_joins_shares_with_a_long_one_and_does_not_wait_for_its_end() -> None:
    book = EtaBook()
    learned(book, 10.0)
    learned(book, 900.0, plan(steps=1800))
    open_one = Hands((Left(OTHER, plan(steps=1800)),), is_open=True)
    assert reckoned(book, plan(), Standing(0, (open_one,))) == pytest.approx(20)
    full_one = Hands((Left(OTHER, plan(steps=1800)),))
    assert reckoned(book, plan(), Standing(0, (full_one,))) > 900


def test_an_idle_worker_does_not_wait_for_a_busy_one() -> None:
    book = EtaBook()
    learned(book, 10.0)
    hands = (Hands((Left(OTHER, plan()),)), Hands(is_open=True))
    assert reckoned(book, plan(), Standing(0, hands)) == pytest.approx(10)


def test_a_base_is_estimated_by_its_own_pace() -> None:
    book = EtaBook()
    learned(book, 100.0, plan("slow"))
    learned(book, 1.0, plan("fast"))
    assert reckoned(book, plan("fast")) < reckoned(book, plan("slow")) / 50


def test_a_size_is_estimated_by_its_own_pace_and_a_new_one_by_its_base() -> None:
    book = EtaBook()
    large, new = plan(width=2048), plan(width=1024)
    learned(book, 10.0)
    learned(book, 400.0, large)
    assert reckoned(book, plan()) < 20
    assert reckoned(book, large) > 200
    assert reckoned(book, plan()) < reckoned(book, new) < reckoned(book, large)


def test_few_steps_are_estimated_by_what_few_steps_took() -> None:
    book = EtaBook()
    short = plan(steps=2)
    learned(book, 20.0)
    assert reckoned(book, short) == pytest.approx(2)
    learned(book, 6.0, short)
    assert reckoned(book, short) == pytest.approx(6)


def test_bringing_loras_is_learned_apart_and_counts_where_they_are_missing() -> None:
    book = EtaBook()
    look = PlannedLora(name="look", weight=1.0, reason="asked for")
    styled = plan(loras=(look,))
    for _ in range(20):
        book.learn(styled, Took(10.0))
        book.learn(styled, Took(10.0, loading_s=8.0, are_loras_brought=True))
    assert reckoned(book, styled) == pytest.approx(10)
    assert reckoned(book, styled, Standing(are_loras_missing=True)) == pytest.approx(18)


def test_bringing_a_base_counts_for_its_own_jobs_where_it_is_missing() -> None:
    book = EtaBook()
    book.learn(plan("big"), Took(10.0, loading_s=60.0, is_base_brought=True))
    learned(book, 10.0, plan("small"))
    missing = Standing(is_base_missing=True)
    assert reckoned(book, plan("big")) == pytest.approx(10)
    assert reckoned(book, plan("big"), missing) == pytest.approx(70)
    assert reckoned(book, plan("small"), missing) == pytest.approx(10)


def test_one_measurement_that_is_far_off_is_not_believed_at_once() -> None:
    book = EtaBook()
    for _ in range(5):
        learned(book, 10.0)
    learned(book, 10_000.0)
    assert reckoned(book, plan()) < 20


def test_a_size_slower_than_reckoned_costs_more_of_its_owners_share() -> None:
    book = EtaBook()
    large = plan(width=2048)
    assert book.cost(large) == cost(large)
    for _ in range(5):
        learned(book, 10.0)
        learned(book, 80.0, large)
    assert cost(large) < book.cost(large) <= 4 * cost(large)
    assert book.cost(plan()) < cost(plan())


def test_a_base_slower_than_others_costs_more_of_its_owners_share() -> None:
    book = EtaBook()
    for _ in range(20):
        learned(book, 2.0, plan("fast"))
        learned(book, 10.0, plan("slow"))
    assert book.cost(plan("slow")) / book.cost(plan("fast")) == pytest.approx(5, rel=0.01)


# --- the range around it ----------------------------------------------------------------------


def likely_after(ratios: list[float], *, is_behind: bool = True) -> tuple[float, float]:
    book = EtaBook()
    for ratio in ratios:
        book.came_out(10.0, 10.0 * ratio, is_behind=True)
    return book.likely(10.0, is_behind=is_behind)


def test_at_first_the_range_is_a_guess_around_what_was_reckoned() -> None:
    low, high = likely_after([])
    assert 5 < low < 10 < high <= 3 * low


def test_the_range_is_where_the_last_waits_came_out() -> None:
    low, high = likely_after([1.8, 2.0, 2.2] * 10)
    assert 14 < low < 18
    assert 22 < high < 26


def test_old_waits_are_forgotten() -> None:
    assert likely_after([9.0] * 50 + [1.0] * 100)[1] < 13


def test_steadier_waits_narrow_the_range() -> None:
    calm, rough = likely_after([1.0] * 30), likely_after([0.7, 1.4] * 15)
    assert calm[1] / calm[0] < rough[1] / rough[0]


def test_a_range_is_of_use_though_a_few_waits_were_far_off() -> None:
    low, high = likely_after([0.3] * 8 + [1.0] * 30 + [2.0] * 10 + [9.0] * 6)
    assert high == pytest.approx(3 * low)
    assert low <= 10
    assert 20 <= high < 30


def test_jobs_that_begin_at_once_have_a_range_of_their_own() -> None:
    book = EtaBook()
    for _ in range(20):
        book.came_out(10.0, 30.0, is_behind=True)
        book.came_out(10.0, 10.0, is_behind=False)
    assert book.likely(10.0, is_behind=False)[1] < book.likely(10.0, is_behind=True)[0]
