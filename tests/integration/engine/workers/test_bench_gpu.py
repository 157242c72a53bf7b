"""The GPU protocol runs to its end on any machine: a table, and a plot of its figures."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from engine.workers import bench_gpu


def test_without_a_card_it_runs_small_and_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "plots" / "bench.png"
    asked = ["--device", "cpu", "--rows", "2", "--loras", "0", "1", "--runs", "1"]
    assert bench_gpu.main([*asked, "--plot", str(plot)]) == 0
    told = capsys.readouterr()
    for what in (
        "bare base", "stacks of their own", "one stack, merged", "PEFT, one by one",
        "swap of a ready stack", "merge of another stack", "PEFT set_adapters",
    ):  # fmt: skip
        assert f"| {what} |" in told.out
    assert "say nothing of a card" in told.err
    with Image.open(plot) as picture:
        assert len(picture.getcolors(1 << 20) or ()) > 2
    assert torch.get_num_threads() == 1
