"""How long the queue will take, learned from what pictures and waits really took. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from engine.dispatch.admission import cost
from engine.dispatch.workload import Left
from engine.messages import Plan

MEMORY = 0.2
"""Weight of the newest measurement."""
LEAST_RATIO, MOST_RATIO = 0.1, 10.0
"""How far a measured cost may be from the reckoned one."""
SURPRISE = 4.0
"""A measurement further off than so many times moves what is known no more than that."""
LEAST_S = 1e-3
MOST_REMEMBERED = 100
"""Waits by which the next ranges are set."""
ENOUGH = 12
"""Waits from which on those that began alike are looked at alone."""
FIRST_RANGE = 0.8, 2.4
"""Of what was reckoned, until more is known."""
MARGIN = 1.15
"""The range is wider than what was seen by this."""
ON_TIME = 0.85
"""At least so many of them must not come later than the range."""
LEAST_SPREAD, MOST_SPREAD = 1.25, 3.0
"""How many times its lower end the upper one is."""

Kind = tuple[str, int, int, int]
"""What pictures take alike long: base, size and steps; zero stands for any."""


@dataclass(frozen=True, slots=True)
class Took:
    """What one finished job took, in seconds of a worker."""

    drawing_s: float
    """Its part of the worker's time: encoding, steps, decoding, and being handed over."""
    loading_s: float = 0.0
    """Bringing its stack, and perhaps its base, where it is drawn."""
    is_base_brought: bool = False
    are_loras_brought: bool = False


@dataclass(frozen=True, slots=True)
class Hands:
    """What a worker has in hand, and whether this job may join it now."""

    left: Sequence[Left] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands, and what has to happen before it is done."""

    ahead: int = 0
    """Turns of others before its own."""
    hands: Sequence[Hands] = (Hands(is_open=True),)
    """Of all workers, or of the one that has this job already."""
    share: float = 1.0
    """What is still to be drawn of it."""
    is_base_missing: bool = False
    are_loras_missing: bool = False

    @property
    def is_behind(self) -> bool:
        """Whether it waits for others' turns; otherwise it is begun at once, beside others."""
        return self.ahead > 0 or not any(each.is_open for each in self.hands)


class EtaBook:
    """Paces by base, size and steps; unknown bases give no estimate rather than a wrong one.

    What was not drawn yet is reckoned by the pace of its size, or of its base. Bringing LoRAs and
    bases is learned apart. How those fare who come later is not reckoned: the range around what
    was reckoned is where nearly all of the last waits came out.
    """

    def __init__(self) -> None:
        self._paces: dict[Kind, float] = {}
        self._pace: float | None = None
        """Of whatever was drawn."""
        self._job_s: float | None = None
        self._lora_s = 0.0
        self._base_s: dict[str, float] = {}
        self._waits = {
            is_behind: deque[float](maxlen=MOST_REMEMBERED) for is_behind in (False, True)
        }

    # --- learning ---------------------------------------------------------------------------

    def learn(self, plan: Plan, took: Took) -> None:
        """Take in one finished job."""
        seconds = max(took.drawing_s, LEAST_S)
        self._job_s = blend(self._job_s, seconds)
        if took.is_base_brought:
            self._base_s[plan.base] = blend(self._base_s.get(plan.base), took.loading_s)
        elif took.are_loras_brought:
            self._lora_s = blend(self._lora_s, took.loading_s)
        self._pace = blend(self._pace, seconds / cost(plan))
        for kind in kinds_of(plan):
            self._paces[kind] = blend(self._paces.get(kind), seconds / cost(plan))

    def came_out(self, reckoned_s: float, waited_s: float, *, is_behind: bool) -> None:
        """A wait that was reckoned took so long in the end."""
        self._waits[is_behind].append(waited_s / max(reckoned_s, LEAST_S))

    # --- telling ----------------------------------------------------------------------------

    def reckon(self, plan: Plan, standing: Standing) -> float | None:
        """Seconds until a job is drawn, if nobody comes after it."""
        own_s = self._own_s(plan)
        if own_s is None:
            return None
        own_s *= standing.share
        loading_s = self._base_s.get(plan.base, 0.0) if standing.is_base_missing else 0.0
        loading_s += self._lora_s if standing.are_loras_missing else 0.0
        return self._before_s(standing, own_s) + loading_s + own_s

    def likely(self, reckoned_s: float, *, is_behind: bool) -> tuple[float, float]:
        """The lowest and the highest wait that are likely, in seconds."""
        known: Sequence[float] = self._waits[is_behind]
        if len(known) < ENOUGH:
            known = [*self._waits[False], *self._waits[True]]
        low, high = range_of(known) if len(known) >= ENOUGH else FIRST_RANGE
        return reckoned_s * low, reckoned_s * high

    def cost(self, plan: Plan) -> float:
        """The cost of a plan as it turned out: what is slower than others counts for more."""
        _, of_size, of_base = kinds_of(plan)
        own, usual = self._paces.get(of_size) or self._paces.get(of_base), self._pace
        if own is None or not usual:
            return cost(plan)
        ratio = min(MOST_RATIO, max(LEAST_RATIO, own / usual))
        return round(cost(plan) * ratio, 6)

    def one_job_s(self, default_s: float = 10.0) -> float:
        """Seconds an average job takes, for "come back in ..."."""
        return default_s if self._job_s is None else self._job_s

    def _before_s(self, standing: Standing, own_s: float) -> float:
        """Seconds that others take of the worker before a job is drawn.

        Beside whom it is begun at once, it waits for no longer than it takes itself: they share.
        """
        if not standing.is_behind:
            return min(
                sum(min(own_s, self._left_s(left)) for left in hands.left)
                for hands in standing.hands
                if hands.is_open
            )
        in_hand_s = sum(self._left_s(left) for hands in standing.hands for left in hands.left)
        turns_s = self.one_job_s() * standing.ahead
        return (in_hand_s + turns_s) / max(1, len(standing.hands))

    def _own_s(self, plan: Plan) -> float | None:
        paces = (self._paces.get(kind) for kind in kinds_of(plan))
        pace = next((pace for pace in paces if pace is not None), None)
        return None if pace is None else pace * cost(plan)

    def _left_s(self, left: Left) -> float:
        own_s = self._own_s(left.plan) or self.one_job_s()
        loading_s = self._base_s.get(left.plan.base, 0.0) if left.is_base_coming else 0.0
        return own_s * left.share + loading_s


def range_of(ratios: Sequence[float]) -> tuple[float, float]:
    """Where nearly all of these lie, with a margin; where most do, when that is too wide to help.

    It is worse to come late than to come soon, so what is left out is mostly below.
    """
    parts = quantiles(ratios, n=20, method="inclusive")
    low, high = parts[0] / MARGIN, parts[-2] * MARGIN
    if high > low * MOST_SPREAD:
        ordered = sorted(ratios)
        ends = [ratio * MARGIN for ratio in ordered[int(len(ordered) * ON_TIME) :]]
        high = max(ends, key=lambda end: (_held(ordered, end), end))
        low = high / MOST_SPREAD
    return low, max(high, low * LEAST_SPREAD)


def _held(ratios: Sequence[float], end: float) -> int:
    return sum(end / MOST_SPREAD <= ratio <= end for ratio in ratios)


def kinds_of(plan: Plan) -> tuple[Kind, Kind, Kind]:
    """What takes as long as this for a unit of cost, the nearest first."""
    size = plan.width, plan.height
    return (plan.base, *size, plan.steps), (plan.base, *size, 0), (plan.base, 0, 0, 0)


def blend(old: float | None, new: float) -> float:
    """What is known, moved a bit towards the newest measurement."""
    if not old:
        return new
    bounded = min(max(new, old / SURPRISE), old * SURPRISE)
    return old + MEMORY * (bounded - old)
