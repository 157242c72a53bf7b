"""How often somebody may do something."""

import pytest

from bot.web import rates
from bot.web.rates import Rate, Rates


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_let_through_and_then_the_rate_holds() -> None:
    clock = Clock()
    bucket = Rates(Rate(burst=2, per_s=0.5), clock)
    assert [bucket.wait_s("ada") for _ in range(3)] == [0.0, 0.0, 2.0]
    clock.now += 2
    assert bucket.wait_s("ada") == 0.0
    assert bucket.wait_s("ada") == 2.0


def test_everyone_has_a_bucket_of_their_own() -> None:
    bucket = Rates(Rate(burst=1, per_s=1), Clock())
    assert (bucket.wait_s("ada"), bucket.wait_s("bob")) == (0.0, 0.0)


def test_buckets_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_KEYS", 10)
    bucket = Rates(Rate(burst=1, per_s=1), Clock())
    for number in range(100):
        bucket.wait_s(str(number))
    assert len(bucket._left) == 10
