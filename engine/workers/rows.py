"""Rows: one image each, with everything of its own that the step loop needs."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.errors import AtelierError
from engine.messages import JobId, Plan
from engine.recipe import plan_of_image
from engine.workers.layers import NO_STACK, Stack
from engine.workers.pipelines.pipeline import Conditioning, Pipeline, Words
from engine.workers.schedulers import Sampler

BucketKey = tuple[object, ...]


@dataclass(eq=False)
class Row:
    """One image on its way; `step` counts entries of the sampler's timesteps."""

    job: JobId
    index: int
    plan: Plan
    """The plan of this one image."""
    sampler: Sampler
    generator: torch.Generator
    latents: Tensor
    """(1, channels, height, width), float32 all the way."""
    told: Conditioning
    stack: Stack = NO_STACK
    step: int = 0
    astray: AtelierError | None = None
    """Set when it can't go on, as when its latents are no numbers any more: it left the loop
    without a picture."""
    bucket: BucketKey = field(init=False)
    """Rows of one bucket can share a forward, whatever their stacks."""

    def __post_init__(self) -> None:
        self.bucket = (tuple(self.latents.shape), self.told.shape, self.told.attached)

    @property
    def steps(self) -> int:
        """Forwards this row needs in all."""
        return len(self.sampler.timesteps)

    @property
    def places(self) -> int:
        """How many places of a forward it takes: two with guidance."""
        return 1 if self.told.negative is None else 2

    @property
    def is_done(self) -> bool:
        """Whether every step was made."""
        return self.step >= self.steps


def encode(pipeline: Pipeline, plan: Plan) -> Conditioning:
    """What all images of a plan are told; the stack must be active, for its text encoders."""
    return pipeline.encode(words_of(plan))


def words_of(plan: Plan) -> Words:
    """Everything of a plan that is encoded before the first step."""
    return Words(
        plan.prompt,
        plan.negative_prompt,
        plan.width,
        plan.height,
        plan.guidance,
        plan.clip_skip,
    )


def rows_of(
    job: JobId, plan: Plan, pipeline: Pipeline, told: Conditioning, stack: Stack = NO_STACK
) -> list[Row]:
    """A row for every image of a plan; raises `BadRequest` for an unknown scheduler."""
    rows = []
    for index in range(plan.count):
        own = plan_of_image(plan, index)
        # The generator's later numbers are the sampler's: an image never depends on neighbours.
        generator = torch.Generator().manual_seed(own.seed)
        noise = first_noise(own, pipeline.latent_shape(own.width, own.height), generator)
        sampler = pipeline.sampler(own.scheduler)
        latents = noise.to(pipeline.device)
        pipeline.begin(sampler, own.steps, latents)
        rows.append(Row(job, index, own, sampler, generator, sampler.first(latents), told, stack))
    return rows


def first_noise(plan: Plan, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Noise of the plan's seed, made on the CPU so that it is the same on every device."""
    noise = torch.randn(shape, generator=generator)
    if plan.variation is None:
        return noise
    for turn in (*plan.variation.before, plan.variation):
        other = torch.randn(shape, generator=torch.Generator().manual_seed(turn.seed))
        noise = turned(noise, other, turn.strength)
    return noise


def turned(noise: Tensor, towards: Tensor, strength: float) -> Tensor:
    """Spherical interpolation: keeps the length of noise, which a straight mix would shrink."""
    cosine = torch.dot(noise.flatten(), towards.flatten()) / (noise.norm() * towards.norm())
    angle = torch.acos(cosine.clamp(-1, 1))
    if angle.sin() < 1e-4:
        return torch.lerp(noise, towards, strength)
    near, far = torch.sin((1 - strength) * angle), torch.sin(strength * angle)
    return (near * noise + far * towards) / torch.sin(angle)
