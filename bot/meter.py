"""Passes what the engine measures on to the numbers that Prometheus asks for."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from bot.metrics import Metrics
from engine.api import Engine, WorkerStatus
from engine.errors import TryAgain

LOOK_EVERY_S = 5.0


class MetricsMeter:
    """Implements the engine's meter over `bot.metrics.Metrics`."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def waited(self, seconds: float) -> None:
        """A job waited this long for its first worker."""
        self._metrics.waited(seconds)

    def stage(self, name: str, seconds: float) -> None:
        """A stage of a picture took this long."""
        self._metrics.stage_took(name, seconds)

    def drawn(self, pictures: int) -> None:
        """So many pictures were finished."""
        self._metrics.drew(pictures)

    def failed(self, code: str) -> None:
        """A try or a job failed with this code."""
        self._metrics.failed(code)


async def keep_gauges(engine: Engine, metrics: Metrics) -> None:
    """Look at queue and workers every few seconds, until cancelled."""
    while True:
        workers = engine.workers()
        metrics.workers_are(Counter(status.state for status in workers))
        metrics.stores_are(_stores(workers))
        try:
            waiting = await engine.waiting()
        except TryAgain:  # the database is busy: the next look will do
            waiting = {}
        metrics.queue_is({priority.name.lower(): count for priority, count in waiting.items()})
        await asyncio.sleep(LOOK_EVERY_S)


def _stores(workers: Iterable[WorkerStatus]) -> dict[tuple[str, str], dict[str, int]]:
    return {
        (status.worker, kept.store): {
            "hits": kept.hits,
            "misses": kept.misses,
            "dropped": kept.dropped,
            "bytes": kept.held_bytes,
        }
        for status in workers
        for kept in status.kept
    }
