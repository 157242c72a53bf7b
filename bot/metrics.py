"""What Prometheus may ask: numbers about queue, workers and pictures, never about people.

One `Metrics` is built in the wiring and handed to whoever knows the numbers.
"""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
PRIORITIES: Final = ("interactive", "batch", "background")
WORKER_STATES: Final = ("starting", "idle", "busy", "down")
STAGES: Final = ("load", "encode", "denoise", "decode", "write", "store")

STORES: Final = {
    "hits": "Looks for a LoRA that was held, since the worker began",
    "misses": "Looks for a LoRA that was not, since the worker began",
    "dropped": "LoRAs that had to go for others, since the worker began",
    "bytes": "Memory of the LoRAs that are held",
}

WAIT_S = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
STAGE_S = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 180)


class Metrics:
    """The numbers, in a registry of their own: two bots in one process do not share them."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        self._waiting = Gauge("atelier_queue_waiting", "Jobs that wait", ["priority"], registry=own)
        self._workers = Gauge("atelier_workers", "Workers by state", ["state"], registry=own)
        self._waited = Histogram(
            "atelier_wait_seconds", "From asked to started", registry=own, buckets=WAIT_S
        )
        self._stages = Histogram(
            "atelier_stage_seconds", "By stage of a job", ["stage"], registry=own, buckets=STAGE_S
        )
        self._pictures = Counter("atelier_pictures", "Pictures made", registry=own)
        self._failures = Counter("atelier_failures", "Jobs that failed", ["code"], registry=own)
        self._stores = {
            what: Gauge(f"atelier_lora_store_{what}", told, ["worker", "store"], registry=own)
            for what, told in STORES.items()
        }
        for stage in STAGES:
            self._stages.labels(stage)

    def queue_is(self, waiting: Mapping[str, int]) -> None:
        """How many jobs wait by priority; one that is not named has none."""
        _set(self._waiting, PRIORITIES, waiting)

    def workers_are(self, states: Mapping[str, int]) -> None:
        """How many workers there are by state; one that is not named has none."""
        _set(self._workers, WORKER_STATES, states)

    def stores_are(self, kept: Mapping[tuple[str, str], Mapping[str, int]]) -> None:
        """What each worker's stores of LoRAs did, by worker and store; others are gone."""
        for what, gauge in self._stores.items():
            gauge.clear()
            for (worker, store), counts in kept.items():
                gauge.labels(worker, store).set(counts[what])

    def waited(self, seconds: float) -> None:
        """A job was started after so long in the queue."""
        self._waited.observe(seconds)

    def stage_took(self, name: str, seconds: float) -> None:
        """A stage of a job is over; a stage that we do not know counts as `other`."""
        self._stages.labels(name if name in STAGES else "other").observe(seconds)

    def drew(self, pictures: int) -> None:
        """A job ended with so many pictures."""
        self._pictures.inc(pictures)

    def failed(self, code: str) -> None:
        """A job ended without one; `code` is an error's stable code."""
        self._failures.labels(code).inc()

    def text(self) -> bytes:
        """All numbers as Prometheus reads them (`CONTENT_TYPE`)."""
        return generate_latest(self._registry)


def _set(gauge: Gauge, known: tuple[str, ...], now: Mapping[str, int]) -> None:
    for label in {*known, *now}:
        gauge.labels(label).set(now.get(label, 0))
