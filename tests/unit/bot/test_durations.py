"""Spans of time in words."""

import pytest

from bot.durations import about, between


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 second"),
        (7.4, "7 seconds"),
        (21, "25 seconds"),
        (58, "1 minute"),
        (200, "3 minutes"),
        (7000, "2 hours"),
        (200_000, "2 days"),
    ],
)
def test_spans_are_rounded_as_people_do(seconds: float, said: str) -> None:
    assert about(seconds) == said


@pytest.mark.parametrize(
    ("low_s", "high_s", "said"),
    [
        (10, 20, "about 10 to 20 seconds"),
        (1, 2, "about 1 to 2 seconds"),
        (30, 90, "about 30 seconds to 2 minutes"),
        (12, 13, "about 15 seconds"),
        (None, 5, ""),
    ],
)
def test_ranges_name_their_unit_once(low_s: float | None, high_s: float, said: str) -> None:
    assert between(low_s, high_s) == said
