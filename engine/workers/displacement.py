"""How far a LoRA moves its base: predictions with it against those without, on the base's own way.

d(w) = mean over times, prompts and seeds of |v_w - v_0| / |v_0|, v being what the denoiser predicts
for the prompt alone, at latents that the bare base came to. A few forwards tell more of a LoRA's
strength than the norms of its weights do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

import torch
from torch import Tensor

from engine.errors import BadRequest, NotFinite
from engine.messages import Displacement, Moved, Plan, Probe, WorkOrder
from engine.workers.bases import LoadedBase
from engine.workers.layers import NO_STACK
from engine.workers.loop import Loop
from engine.workers.pipelines.pipeline import Told
from engine.workers.rows import Row, encode, rows_of

TRAINED_STEPS = 1000
"""Timesteps of a base run from this down to 0."""


@dataclass(frozen=True, eq=False)
class State:
    """Latents of the bare base on their way, as the denoiser takes them."""

    latents: Tensor
    timestep: Tensor


def measure(base: LoadedBase, order: WorkOrder, check: Callable[[], None]) -> Displacement:
    """What the order's probe asks for; `check` is called between forwards and may raise.

    Raises `NotFinite` when a prediction is no number, `StackNotApplied` for a LoRA that finds no
    layer here.
    """
    probe = order.plan.probe
    if probe is None or len(order.loras) != 1:
        raise BadRequest(name="probe", value=len(order.loras), valid="one LoRA")
    by_prompt = [_moved(base, order, prompt, probe, check) for prompt in probe.prompts]
    bare, *woken = by_prompt
    return Displacement(
        moved=tuple(
            Moved(
                weight=weight,
                bare=bare[place],
                woken=sum(each[place] for each in woken) / len(woken) if woken else None,
            )
            for place, weight in enumerate(probe.weights)
        )
    )


@torch.inference_mode()
def _moved(
    base: LoadedBase, order: WorkOrder, prompt: str, probe: Probe, check: Callable[[], None]
) -> list[float]:
    """How far with one prompt, weight by weight."""
    plan = order.plan.model_copy(update={"prompt": prompt})
    base.seams.activate(NO_STACK)
    told = encode(base.pipeline, plan)
    rows = rows_of(order.job, plan, base.pipeline, told)
    states = _states(base, rows, probe.times, check)
    still = [_predicted(base, state, told.positive) for state in states]
    found = []
    for weight in probe.weights:
        check()
        file = order.loras[0].model_copy(update={"weight": weight})
        base.seams.activate(base.stacks.get((file,)))
        base.seams.prove()
        changed = encode(base.pipeline, plan)
        parts = [
            _apart(_predicted(base, state, changed.positive), rest)
            for state, rest in zip(states, still, strict=True)
        ]
        found.append(sum(parts) / len(parts))
    base.seams.clear()
    _check_numbers(order, plan, found)
    return found


def _states(
    base: LoadedBase, rows: Sequence[Row], times: Sequence[float], check: Callable[[], None]
) -> list[State]:
    """Where the bare base is at these times, for every seed; drawn no further than needed."""
    steps = rows[0].sampler.timesteps.float() / TRAINED_STEPS
    wanted = {int((steps - time).abs().argmin()) for time in times}
    loop, states = Loop(base.pipeline, base.seams), []
    loop.join(rows)
    for step in range(max(wanted) + 1):
        check()
        if step in wanted:
            states += [_state(row) for row in rows]
        loop.tick()
    return states


def _state(row: Row) -> State:
    scaled = row.sampler.scaled(row.latents, row.step)
    return State(scaled.clone(), row.sampler.timesteps[row.step].reshape(1).float())


def _predicted(base: LoadedBase, state: State, told: Told) -> Tensor:
    latents = state.latents.to(base.pipeline.dtype)
    return base.pipeline.denoise(latents, state.timestep, told).float()


def _apart(changed: Tensor, still: Tensor) -> float:
    return float((changed - still).norm() / still.norm().clamp_min(torch.finfo(still.dtype).eps))


def _check_numbers(order: WorkOrder, plan: Plan, found: Sequence[float]) -> None:
    if not all(map(isfinite, found)):
        raise NotFinite(job=order.job, step=plan.steps, where="prediction")
