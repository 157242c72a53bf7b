"""How long the queue will take, learned from what pictures really took."""

from dataclasses import dataclass

from engine.dispatch.admission import cost
from engine.messages import Plan

MEMORY = 0.2
"""Weight of the newest measurement."""
SPREAD = 1.6
"""An estimate is given as a range: divided and multiplied by this until more is known."""
LEAST_RATIO, MOST_RATIO = 0.25, 4.0
"""How far a measured cost may be from the reckoned one."""
LEAST_S = 1e-3

Kind = tuple[str, int, int]
"""What pictures take alike long: base and size."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for one unit of cost, and how much that varies (mean absolute deviation)."""

    seconds: float
    spread: float


@dataclass(frozen=True, slots=True)
class Took:
    """What one finished job took, in seconds of a worker."""

    drawing_s: float
    """Encoding, steps, decoding and writing."""
    loading_s: float = 0.0
    """Bringing its stack, and perhaps its base, where it is drawn."""


class EtaBook:
    """Paces by base and size; unknown bases give no estimate rather than a wrong one.

    A size that was not drawn yet is reckoned by the pace of its base. Loading is learned apart,
    for jobs with LoRAs and without; the first picture of a base also loads that, once.
    """

    def __init__(self) -> None:
        self._by_kind: dict[Kind, Pace] = {}
        self._by_base: dict[str, Pace] = {}
        self._loading: dict[bool, float] = {}
        self._job_s: float | None = None

    def learn(self, plan: Plan, took: Took) -> None:
        """Take in one finished job."""
        seconds = max(took.drawing_s, LEAST_S)
        unit_s = seconds / cost(plan)
        self._job_s = seconds if self._job_s is None else _blend(self._job_s, seconds)
        if plan.base in self._by_base:
            before = self._loading.get(bool(plan.loras), took.loading_s)
            self._loading[bool(plan.loras)] = _blend(before, took.loading_s)
        kind = kind_of(plan)
        self._by_kind[kind] = _learned(self._by_kind.get(kind), unit_s)
        self._by_base[plan.base] = _learned(self._by_base.get(plan.base), unit_s)

    def estimate(self, plan: Plan, ahead: int, at_once: int) -> tuple[float, float] | None:
        """Seconds until done, low and high: `ahead` jobs go before it, `at_once` side by side."""
        pace = self._pace(plan)
        if pace is None or self._job_s is None:
            return None
        wait_s = self._job_s * ahead / max(1, at_once)
        all_s = wait_s + pace.seconds * cost(plan) + self._loading.get(bool(plan.loras), 0.0)
        factor = 1 + min(SPREAD - 1, pace.spread / pace.seconds if pace.seconds else 0)
        return all_s / factor, all_s * factor

    def cost(self, plan: Plan) -> float:
        """The cost of a plan as it turned out: sizes slower than reckoned count for more."""
        own = self._by_kind.get(kind_of(plan))
        usual = self._by_base.get(plan.base)
        if own is None or usual is None or not usual.seconds:
            return cost(plan)
        ratio = min(MOST_RATIO, max(LEAST_RATIO, own.seconds / usual.seconds))
        return round(cost(plan) * ratio, 6)

    def one_job_s(self, default_s: float = 10.0) -> float:
        """Seconds an average job takes, for "come back in ..."."""
        return default_s if self._job_s is None else self._job_s

    def _pace(self, plan: Plan) -> Pace | None:
        return self._by_kind.get(kind_of(plan)) or self._by_base.get(plan.base)


def _learned(pace: Pace | None, unit_s: float) -> Pace:
    if pace is None:
        return Pace(unit_s, unit_s * (SPREAD - 1))
    return Pace(_blend(pace.seconds, unit_s), _blend(pace.spread, abs(unit_s - pace.seconds)))


def kind_of(plan: Plan) -> Kind:
    """What takes as long as this for a unit of cost."""
    return plan.base, plan.width, plan.height


def _blend(old: float, new: float) -> float:
    return old + MEMORY * (new - old)
