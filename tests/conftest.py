"""Rules for every test: sockets closed but for loopback where a real adapter is run."""

import gc
import os
import random
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent
OPEN = {"integration", "acceptance", "bench", "gpu"}
LOOPBACK = ["127.0.0.1", "::1", "localhost"]

# No deadlines: a busy machine is not a bug. The same examples every time: a red run repeats.
settings.register_profile(
    "atelier",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("atelier")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing reaches past this machine, and most tests reach nothing."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.relative_to(HERE).parts[0] in OPEN:
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))


def pytest_collection_finish() -> None:
    """What was imported and collected stays, so nobody looks through it for garbage again.

    Tests that hold torch collect often: this saves them two fifths of their time.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No test reads the settings or the data of whoever runs it."""
    for name in [name for name in os.environ if name.upper().startswith("ATELIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "data-home"))


@pytest.fixture(autouse=True)
def _same_chance() -> None:
    """Chance falls alike in every run, whatever ran before."""
    random.seed(0)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)
