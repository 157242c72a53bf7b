"""Seconds a picture on the miniature, and the worker's overhead over a bare diffusers loop."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

import engine
from engine.messages import Base, Beat, JobId, Message, Plan, WorkerId, WorkOrder
from engine.wire import Channel
from engine.workers.bases import LoadedBase
from engine.workers.desk import Desk
from engine.workers.studio import Studio
from tests.bench.rows import Row

ROUNDS = 9
STEPS = 12
MINIATURE = Base(
    name="miniature",
    family="miniature",
    folder=str(Path(engine.__file__).parent / "miniature" / "base"),
)
PLAN = Plan(
    base="miniature", family="miniature", prompt="a red circle on a blue background", width=64,
    height=64, steps=STEPS, guidance=4.0, scheduler="ddim", seed=7,
)  # fmt: skip
ORDER = WorkOrder(job=JobId("bench"), fence=1, plan=PLAN, base=MINIATURE, preview_every=0)


class Nowhere(Channel):
    """A channel that takes everything and sends nothing."""

    def __init__(self) -> None:
        self.last: Message | None = None

    def send(self, message: Message) -> None:
        """Keep the last message."""
        self.last = message


@torch.inference_mode()
def bare(base: LoadedBase) -> None:
    """What the picture costs without us: encode, steps, decode with the same diffusers parts."""
    parts = base.pipeline.parts
    positive, negative = parts.encode_prompt(PLAN.prompt, "cpu", 1, True)
    told = torch.cat([negative, positive])
    scheduler = type(parts.scheduler).from_config(parts.scheduler.config)
    scheduler.set_timesteps(STEPS)
    generator = torch.Generator().manual_seed(PLAN.seed)
    latents = torch.randn(base.pipeline.latent_shape(64, 64), generator=generator)
    for timestep in scheduler.timesteps:
        scaled = scheduler.scale_model_input(torch.cat([latents] * 2), timestep)
        predicted = parts.unet(scaled, timestep, encoder_hidden_states=told).sample
        without, with_prompt = predicted.chunk(2)
        guided = without + PLAN.guidance * (with_prompt - without)
        latents = scheduler.step(guided, timestep, latents).prev_sample
    pixels = parts.vae.decode(latents / parts.vae.config.scaling_factor).sample
    parts.image_processor.postprocess(pixels)


def cpu_seconds(action: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def run() -> list[Row]:
    """Paired and interleaved rounds, medians.

    The ratio is of CPU seconds of one thread, so that other load on the machine does not count.
    """
    torch.set_num_threads(1)
    studio = Studio(WorkerId("bench"), torch.device("cpu"))
    desk = Desk(Nowhere(), lambda: Beat(worker=WorkerId("bench")), 60)
    base = studio.warm(MINIATURE)
    if base is None:
        raise SystemExit("the miniature can't be loaded")
    studio.draw(ORDER, desk)
    bare(base)
    walls, costs, ratios = [], [], []
    for _ in range(ROUNDS):
        _wall, without = cpu_seconds(lambda: bare(base))
        wall, ours = cpu_seconds(lambda: studio.draw(ORDER, desk))
        walls.append(wall)
        costs.append(ours)
        ratios.append(ours / without)
    what = f"a picture of the miniature, {STEPS} steps"
    return [
        Row("worker_overhead", f"{what}, wall", statistics.median(walls), "s"),
        Row(
            "worker_overhead", f"{what}, CPU of one thread", statistics.median(costs), "s",
            baseline="bare diffusers loop", ratio=statistics.median(ratios), aim="ratio <= 1.10",
        ),
    ]  # fmt: skip
