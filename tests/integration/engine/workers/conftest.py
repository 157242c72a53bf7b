"""Bases for the worker's tests: the miniature, and random ones of the other layouts."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch

import engine
from engine.families import FAMILIES
from engine.messages import Base, JobId, Plan, WorkOrder
from engine.workers.bases import load
from engine.workers.miniature.random_bases import build
from engine.workers.pipelines import pipeline_class
from engine.workers.pipelines.pipeline import Pipeline

CPU = torch.device("cpu")
MINIATURE = Base(
    name="miniature",
    family="miniature",
    folder=str(Path(engine.__file__).parent / "miniature" / "base"),
)
LAYOUTS = {
    "sd1": "unet", "sd2": "unet", "sdxl": "unet-xl", "sd3": "mmdit", "sd35": "mmdit",
    "flux": "flux", "chroma": "chroma", "pixart": "pixart",
}  # fmt: skip
MakePlan = Callable[..., Plan]


def plan(**changes: object) -> Plan:
    """A small plan for the miniature, with some fields changed."""
    usual: dict[str, object] = {
        "base": "miniature", "family": "miniature", "prompt": "a red circle on a blue background",
        "width": 64, "height": 64, "steps": 4, "guidance": 4.0, "scheduler": "ddim", "seed": 11,
    }  # fmt: skip
    return Plan.model_validate(usual | changes)


def order(**changes: object) -> WorkOrder:
    """An order for the miniature; `changes` go into its plan."""
    return WorkOrder(job=JobId("j1"), fence=1, plan=plan(**changes), base=MINIATURE)


@cache
def miniature() -> Pipeline:
    """The miniature in memory, loaded once: as plain tensors whatever mode a test is in."""
    with torch.inference_mode(False):
        return load(MINIATURE, FAMILIES.get("miniature"), CPU)


@cache
def layout(name: str) -> Pipeline:
    """A random base of another layout, built once: as plain tensors, too."""
    with torch.inference_mode(False):
        pipeline = pipeline_class(LAYOUTS[name])(build(name, 3), CPU, torch.float32)
    for root in pipeline.roots.values():
        root.eval()  # as from_pretrained does
    return pipeline


@pytest.fixture(autouse=True)
def _few_threads() -> None:
    torch.set_num_threads(1)
