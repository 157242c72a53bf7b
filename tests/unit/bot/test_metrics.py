"""What Prometheus reads after things happened."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def read(metrics: Metrics) -> dict[str, float]:
    """Every sample as `name{label}`."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_queue_depth_by_priority(metrics: Metrics) -> None:
    metrics.queue_is({"interactive": 3, "batch": 1})
    assert read(metrics)["atelier_queue_waiting{interactive}"] == 3
    metrics.queue_is({"batch": 2})
    after = read(metrics)
    assert after["atelier_queue_waiting{interactive}"] == 0
    assert after["atelier_queue_waiting{batch}"] == 2


def test_workers_by_state(metrics: Metrics) -> None:
    metrics.workers_are({"idle": 1, "down": 1})
    metrics.workers_are({"busy": 2})
    now = read(metrics)
    assert now["atelier_workers{busy}"] == 2
    assert now["atelier_workers{down}"] == 0


def test_time_in_the_queue_and_by_stage(metrics: Metrics) -> None:
    metrics.waited(4)
    metrics.stage_took("denoise", 2.5)
    metrics.stage_took("denoise", 1.5)
    now = read(metrics)
    assert now["atelier_wait_seconds_sum"] == 4
    assert now["atelier_stage_seconds_sum{denoise}"] == 4
    assert now["atelier_stage_seconds_count{denoise}"] == 2


def test_every_stage_is_there_before_the_first_job(metrics: Metrics) -> None:
    now = read(metrics)
    for stage in ("load", "encode", "denoise", "decode", "write"):
        assert now[f"atelier_stage_seconds_count{{{stage}}}"] == 0


def test_stage_of_a_newer_worker_does_not_make_endless_labels(metrics: Metrics) -> None:
    metrics.stage_took("unheard of 1", 1)
    metrics.stage_took("unheard of 2", 1)
    assert read(metrics)["atelier_stage_seconds_count{other}"] == 2


def test_pictures_and_failures_are_counted(metrics: Metrics) -> None:
    metrics.drew(4)
    metrics.drew(1)
    metrics.failed("out_of_memory")
    now = read(metrics)
    assert now["atelier_pictures_total"] == 5
    assert now["atelier_failures_total{out_of_memory}"] == 1


def test_two_bots_in_one_process_count_apart(metrics: Metrics) -> None:
    Metrics().drew(1)
    assert read(metrics)["atelier_pictures_total"] == 0


def test_what_stores_of_loras_did_by_worker(metrics: Metrics) -> None:
    counts = {"hits": 7, "misses": 2, "dropped": 1, "bytes": 4096}
    metrics.stores_are({("local-0", "host"): counts, ("local-1", "device"): counts})
    metrics.stores_are({("local-0", "host"): counts | {"hits": 8}})
    now = read(metrics)
    assert now["atelier_lora_store_hits{host}{local-0}"] == 8
    assert now["atelier_lora_store_misses{host}{local-0}"] == 2
    assert now["atelier_lora_store_dropped{host}{local-0}"] == 1
    assert now["atelier_lora_store_bytes{host}{local-0}"] == 4096
    assert not [name for name in now if "local-1" in name], "a worker that is gone"
