"""Spans of time as people say them."""

import math


def about(seconds: float) -> str:
    """A span, rounded the way people round: "20 seconds", "3 minutes", "2 hours"."""
    if seconds < 55:
        whole = max(1, round(seconds) if seconds < 10 else math.ceil(seconds / 5) * 5)
        return _counted(whole, "second")
    if seconds < 55 * 60:
        return _counted(max(1, round(seconds / 60)), "minute")
    if seconds < 36 * 3600:
        return _counted(max(1, round(seconds / 3600)), "hour")
    return _counted(round(seconds / 86400), "day")


def between(low_s: float | None, high_s: float | None) -> str:
    """An estimate as a range, empty when there is none: "about 10 to 20 seconds"."""
    if low_s is None or high_s is None:
        return ""
    low, high = about(low_s), about(high_s)
    if low == high:
        return f"about {high}"
    low_number, low_unit = low.split()
    same_unit = low_unit.rstrip("s") == high.split()[1].rstrip("s")
    return f"about {low_number if same_unit else low} to {high}"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
