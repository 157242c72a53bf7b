"""Spans and moments of time as people say them, in the language at hand."""

import math
from datetime import datetime
from typing import Literal

from bot.texts import say, say_count

Unit = Literal["second", "minute", "hour", "day"]


def about(seconds: float) -> str:
    """A span, rounded the way people round: "20 seconds", "3 minutes", "2 hours"."""
    return _counted(*_rounded(seconds))


def between(low_s: float | None, high_s: float | None) -> str:
    """An estimate as a range, empty when there is none: "about 10 to 20 seconds"."""
    if low_s is None or high_s is None:
        return ""
    (low, low_unit), (high, high_unit) = _rounded(low_s), _rounded(high_s)
    to = _counted(high, high_unit)
    if (low, low_unit) == (high, high_unit):
        return say("span.about", "about {span}", span=to)
    least = str(low) if low_unit == high_unit else _counted(low, low_unit)
    return say("span.between", "about {low} to {high}", low=least, high=to)


def moment(at: datetime) -> str:
    """A day and a minute."""
    return say("span.moment", "{at:%Y-%m-%d %H:%M}", at=at)


def _rounded(seconds: float) -> tuple[int, Unit]:
    if seconds < 55:
        return max(1, round(seconds) if seconds < 10 else math.ceil(seconds / 5) * 5), "second"
    if seconds < 55 * 60:
        return max(1, round(seconds / 60)), "minute"
    if seconds < 36 * 3600:
        return max(1, round(seconds / 3600)), "hour"
    return round(seconds / 86400), "day"


def _counted(n: int, unit: Unit) -> str:
    match unit:
        case "second":
            return say_count("span.seconds", n, one="{n} second", other="{n} seconds")
        case "minute":
            return say_count("span.minutes", n, one="{n} minute", other="{n} minutes")
        case "hour":
            return say_count("span.hours", n, one="{n} hour", other="{n} hours")
        case "day":
            return say_count("span.days", n, one="{n} day", other="{n} days")
