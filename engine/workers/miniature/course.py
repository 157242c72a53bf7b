"""A training course: a fixed number of updates that can stop at any time and go on later."""

import contextlib
import logging
import math
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from engine.workers.miniature import checkpoints

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """How long and how fast: updates in all, peak rate, warm-up, and where the decay starts."""

    updates: int
    rate: float
    warm_up: int = 100
    flat_share: float = 0.45
    last_share: float = 0.02
    averaging: float = 0.999
    weight_decay: float = 0.01
    keep_every: int = 1000

    def rate_at(self, update: int) -> float:
        """The learning rate of this update: warm-up, flat, then a cosine down to the last share."""
        if update < self.warm_up:
            return self.rate * (update + 1) / self.warm_up
        flat_end = self.flat_share * self.updates
        if update < flat_end:
            return self.rate
        done = (update - flat_end) / (self.updates - flat_end)
        return self.rate * (
            self.last_share + (1 - self.last_share) * 0.5 * (1 + math.cos(math.pi * done))
        )


@contextlib.contextmanager
def _stop_asked() -> Iterator[Callable[[], bool]]:
    """While inside, Ctrl-C and SIGTERM only raise a flag, so that the state can be saved first."""
    asked = False

    def note(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    before = {kind: signal.signal(kind, note) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


@contextlib.contextmanager
def averaged(modules: checkpoints.Named, mean: dict[str, Tensor]) -> Iterator[None]:
    """While inside, the modules carry their averaged weights."""
    values = checkpoints.parameters(modules)
    kept = {name: value.detach().clone() for name, value in values.items()}
    try:
        with torch.no_grad():
            for name, value in values.items():
                value.copy_(mean[name])
        yield
    finally:
        with torch.no_grad():
            for name, value in values.items():
                value.copy_(kept[name])


def run(
    modules: checkpoints.Named,
    plan: Plan,
    loss_at: Callable[[int], Tensor],
    folder: Path,
    on_keep: Callable[[int], str],
) -> bool:
    """Train the modules from where `folder` left them; True when all updates are made.

    `loss_at(update)` draws its own batch from the update's number, so a course that was stopped
    and resumed sees the same pictures as one that was not. `on_keep` is called with averaged
    weights at every checkpoint and returns a line for the log. On return the modules carry the
    averaged weights.
    """
    values = checkpoints.parameters(modules)
    mean = {name: value.detach().clone() for name, value in values.items()}
    optimizer = torch.optim.AdamW(
        list(values.values()), lr=plan.rate, betas=(0.9, 0.98), weight_decay=plan.weight_decay,
        fused=True,
    )  # fmt: skip
    update = checkpoints.load(folder, modules, optimizer, mean)
    losses: list[float] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())  # fmt: skip
    with _stop_asked() as stopped, Progress(*columns, refresh_per_second=2) as bar:
        task = bar.add_task(folder.name, total=plan.updates, completed=update)
        while update < plan.updates and not stopped():
            for group in optimizer.param_groups:
                group["lr"] = plan.rate_at(update)
            loss = loss_at(update)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(list(values.values()), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            update += 1
            keep = min(plan.averaging, (1 + update) / (10 + update))
            torch._foreach_lerp_(list(mean.values()), list(values.values()), 1 - keep)
            losses.append(float(loss.detach()))
            bar.update(task, completed=update)
            if update % plan.keep_every == 0 or update == plan.updates:
                checkpoints.save(folder, modules, optimizer, mean, update)
                with averaged(modules, mean), torch.no_grad():
                    line = on_keep(update)
                log.info("%s %d: loss %.4f %s", folder.name, update,
                         sum(losses) / len(losses), line)  # fmt: skip
                losses.clear()
        checkpoints.save(folder, modules, optimizer, mean, update)
    with torch.no_grad():
        for name, value in values.items():
            value.copy_(mean[name])
    return update >= plan.updates
