"""A training course can be stopped and resumed without changing what it learns."""

import os
import signal
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from engine.workers.miniature import checkpoints, course

PLAN = course.Plan(updates=30, rate=0.05, warm_up=3, keep_every=10, averaging=0.9)


def _line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def _course(line: nn.Linear, folder: Path, *, stop_at: int = -1) -> bool:
    def loss_at(update: int) -> Tensor:
        if update == stop_at:
            os.kill(os.getpid(), signal.SIGTERM)
        inputs = torch.randn(8, 3, generator=torch.Generator().manual_seed(update))
        loss: Tensor = (line(inputs) - inputs[:, :2]).square().mean()
        return loss

    return course.run({"line": line}, PLAN, loss_at, folder, lambda _update: "")


def test_course_stopped_by_a_signal_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    whole, halves = _line(), _line()
    assert _course(whole, tmp_path / "whole")

    assert not _course(halves, tmp_path / "halves", stop_at=13)
    assert _course(halves, tmp_path / "halves")

    torch.testing.assert_close(halves.weight, whole.weight, rtol=0, atol=1e-7)


def test_checkpoints_hold_no_pickle(tmp_path: Path) -> None:
    _course(_line(), tmp_path / "line")

    assert {path.suffix for path in (tmp_path / "line").iterdir()} == {".safetensors", ".json"}


def test_state_survives_a_kill_between_the_two_renames(tmp_path: Path) -> None:
    line = _line()
    _course(line, tmp_path / "line")
    (tmp_path / "line").rename(tmp_path / "line.old")
    fresh = _line()
    values = checkpoints.parameters({"line": fresh})
    mean = {name: value.detach().clone() for name, value in values.items()}

    update = checkpoints.load(
        tmp_path / "line", {"line": fresh}, torch.optim.AdamW(values.values()), mean
    )

    assert update == PLAN.updates


@pytest.mark.parametrize(("update", "share"), [(0, 1 / 3), (5, 1.0), (29, 0.03)])
def test_rate_warms_up_stays_flat_and_decays(update: int, share: float) -> None:
    assert PLAN.rate_at(update) == pytest.approx(PLAN.rate * share, rel=0.3)
