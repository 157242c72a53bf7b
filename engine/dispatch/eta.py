"""How long the queue will take, learned from what pictures really took."""

from dataclasses import dataclass

MEMORY = 0.2
"""Weight of the newest measurement."""
SPREAD = 1.6
"""An estimate is given as a range: divided and multiplied by this until more is known."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for one unit of cost, and how much that varies (mean absolute deviation)."""

    seconds: float
    spread: float
    seen: int = 1


class EtaBook:
    """Paces by base; unknown bases give no estimate rather than a wrong one."""

    def __init__(self) -> None:
        self._paces: dict[str, Pace] = {}
        self._job_s: float | None = None

    def learn(self, base: str, cost: float, seconds: float) -> None:
        """Take in one finished job: `seconds` of work for `cost` units."""
        unit_s = seconds / cost
        self._job_s = seconds if self._job_s is None else _blend(self._job_s, seconds)
        old = self._paces.get(base)
        if old is None:
            self._paces[base] = Pace(unit_s, unit_s * (SPREAD - 1))
            return
        spread = _blend(old.spread, abs(unit_s - old.seconds))
        self._paces[base] = Pace(_blend(old.seconds, unit_s), spread, old.seen + 1)

    def estimate(
        self, base: str, cost: float, ahead: int, workers: int
    ) -> tuple[float, float] | None:
        """Seconds until done, low and high, with `ahead` jobs before it on `workers` workers."""
        pace = self._paces.get(base)
        if pace is None or self._job_s is None:
            return None
        wait_s = self._job_s * ahead / max(1, workers)
        own_s = pace.seconds * cost
        factor = 1 + min(SPREAD - 1, pace.spread / pace.seconds if pace.seconds else 0)
        return (wait_s + own_s) / factor, (wait_s + own_s) * factor

    def one_job_s(self, default_s: float = 10.0) -> float:
        """Seconds an average job takes, for "come back in ..."."""
        return default_s if self._job_s is None else self._job_s


def _blend(old: float, new: float) -> float:
    return old + MEMORY * (new - old)
