"""Samplers by the names people know, one instance per row, made from the base's own settings."""

import contextlib
import inspect
import warnings
from collections.abc import Iterator, Mapping
from typing import Protocol

import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    UniPCMultistepScheduler,
)
from torch import Tensor

from engine.errors import BadRequest

OLD_NUMPY = "__array__ implementation"
"""diffusers 0.42 gives tensors to numpy 2 in the way of numpy 1."""
PURE_NOISE = "rescale_betas_zero_snr"
Config = Mapping[str, object]
Option = bool | str | int | float

KARRAS: Mapping[str, Option] = {"use_karras_sigmas": True}
MULTISTEP: Mapping[str, Option] = {"algorithm_type": "dpmsolver++", "solver_order": 2}

NOISE_SCHEDULERS: Mapping[str, tuple[type, Mapping[str, Option]]] = {
    "Euler": (EulerDiscreteScheduler, {}),
    "Euler Karras": (EulerDiscreteScheduler, KARRAS),
    "Euler a": (EulerAncestralDiscreteScheduler, {}),
    "DPM++ 2M": (DPMSolverMultistepScheduler, {**MULTISTEP, "use_karras_sigmas": False}),
    "DPM++ 2M Karras": (DPMSolverMultistepScheduler, {**MULTISTEP, **KARRAS}),
    "UniPC": (UniPCMultistepScheduler, {}),
    "DDIM": (DDIMScheduler, {}),
    "LCM": (LCMScheduler, {}),
    "Heun": (HeunDiscreteScheduler, {}),
}
FLOW_SCHEDULERS: Mapping[str, tuple[type, Mapping[str, Option]]] = {
    "Flow Euler": (FlowMatchEulerDiscreteScheduler, {}),
}
ALSO_CALLED = {"flowmatcheuler": "floweuler", "eulerflow": "floweuler"}
"""Other spellings of a name, both sides as `_key` writes them."""


class DiffusersScheduler(Protocol):
    """What we use of a diffusers scheduler; the parts that not all have are looked up by name."""

    timesteps: Tensor

    def set_timesteps(self, num_inference_steps: int, **options: object) -> None: ...


def _key(name: str) -> str:
    key = "".join(letter for letter in name.lower() if letter.isalnum() or letter == "+")
    return ALSO_CALLED.get(key, key)


def is_flow(config: Config) -> bool:
    """Whether the base was trained by flow matching, which needs schedulers of its own."""
    return str(config.get("_class_name", "")).startswith("FlowMatch") or (
        config.get("prediction_type") == "flow_prediction"
    )


def make(name: str, config: Config) -> "Sampler":
    """A fresh sampler of this name for a base with this scheduler configuration.

    On a flow base `Euler` means its flow form. Raises `BadRequest` naming what would work.
    """
    flow = is_flow(config)
    offered = _offered(config)
    wanted = _key("Flow Euler" if flow and _key(name) == "euler" else name)
    for title, (kind, options) in offered.items():
        if _key(title) == wanted:
            return Sampler(_build(kind, config, options), config)
    raise BadRequest(name="scheduler", value=name, valid=", ".join(offered))


def _offered(config: Config) -> Mapping[str, tuple[type, Mapping[str, Option]]]:
    """What works on this base; on pure noise (zero terminal SNR) not every class can start."""
    if is_flow(config):
        return FLOW_SCHEDULERS
    if not config.get(PURE_NOISE):
        return NOISE_SCHEDULERS
    return {
        title: (kind, options)
        for title, (kind, options) in NOISE_SCHEDULERS.items()
        if PURE_NOISE in inspect.signature(kind).parameters
    }


def _build(kind: type, config: Config, options: Mapping[str, Option]) -> DiffusersScheduler:
    settings = {name: value for name, value in config.items() if not name.startswith("_")}
    if kind is DDIMScheduler:
        # The class would clip where the base's own scheduler does not know the word; clipping
        # latents makes float noise grow from step to step.
        settings.setdefault("clip_sample", False)
    accepted = inspect.signature(kind).parameters
    chosen = {name: value for name, value in {**settings, **options}.items() if name in accepted}
    with _quiet():
        made: DiffusersScheduler = kind(**chosen)
    return made


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", OLD_NUMPY, DeprecationWarning)
        yield


class Sampler:
    """One row's scheduler: it keeps state from step to step and is never shared."""

    def __init__(self, scheduler: DiffusersScheduler, config: Config) -> None:
        self.scheduler = scheduler
        self.config = config
        self._wants_generator = "generator" in inspect.signature(self._step).parameters
        self._clean_guess: Tensor | None = None

    @property
    def timesteps(self) -> Tensor:
        """One entry a forward; Heun has nearly two for every step that people ask for."""
        return self.scheduler.timesteps

    def begin(self, steps: int, device: torch.device, **options: object) -> None:
        """Set the timesteps and start at the first; raises `BadRequest` for impossible steps."""
        try:
            with _quiet():
                self.scheduler.set_timesteps(steps, device=device, **options)
        except ValueError as error:
            raise BadRequest(name="steps", value=steps, valid=str(error)) from error
        begin = getattr(self.scheduler, "set_begin_index", None)
        if begin is not None:
            begin(0)

    def first(self, noise: Tensor) -> Tensor:
        """Noise as the latents of the first step."""
        sigma = getattr(self.scheduler, "init_noise_sigma", None)
        return noise if sigma is None else noise * sigma

    def scaled(self, latents: Tensor, step: int) -> Tensor:
        """Latents as the denoiser wants them at this step."""
        scale = getattr(self.scheduler, "scale_model_input", None)
        if scale is None:
            return latents
        scaled: Tensor = scale(latents, self.timesteps[step])
        return scaled

    def step(
        self, predicted: Tensor, step: int, latents: Tensor, generator: torch.Generator
    ) -> Tensor:
        """The latents after this step; `generator` is the row's own."""
        own = {"generator": generator} if self._wants_generator else {}
        after = self._step(predicted, self.timesteps[step], latents, **own)
        self._clean_guess = getattr(after, "pred_original_sample", None)
        if self._clean_guess is None and isinstance(
            self.scheduler, FlowMatchEulerDiscreteScheduler
        ):
            self._clean_guess = latents - self.scheduler.sigmas[step] * predicted
        latents_after: Tensor = after.prev_sample
        return latents_after

    def guess(self, latents: Tensor) -> Tensor:
        """The finished latents as the last step guessed them: for previews."""
        if self._clean_guess is not None:
            return self._clean_guess
        kept = getattr(self.scheduler, "model_outputs", None)
        if kept and isinstance(kept[-1], Tensor):
            return kept[-1]
        return latents

    @property
    def _step(self):  # type: ignore[no-untyped-def]  # each class has its own signature
        return self.scheduler.step  # type: ignore[attr-defined]
