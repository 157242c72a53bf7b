"""Samplers at work, one instance per row, made from the base's own scheduler settings."""

import contextlib
import inspect
import warnings
from collections.abc import Iterator, Mapping
from typing import Protocol

import torch
from diffusers import (
    DDIMScheduler,
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    DPMSolverSinglestepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
    FlowMatchLCMScheduler,
    HeunDiscreteScheduler,
    KDPM2AncestralDiscreteScheduler,
    KDPM2DiscreteScheduler,
    LCMScheduler,
    PNDMScheduler,
    TCDScheduler,
    UniPCMultistepScheduler,
)
from torch import Tensor

from engine.errors import BadRequest
from engine.families import samplers
from engine.families.samplers import KARRAS, NOISE, SGM

OLD_NUMPY = "__array__ implementation|__array_wrap__ must accept"
"""diffusers 0.42 gives tensors to numpy 2 in the way of numpy 1."""
PURE_NOISE = "rescale_betas_zero_snr"
Config = Mapping[str, object]
Option = bool | str | int | float
Kind = tuple[type, Mapping[str, Option]]

MULTISTEP: Mapping[str, Option] = {"algorithm_type": "dpmsolver++", "solver_order": 2}
SDE: Mapping[str, Option] = {"algorithm_type": "sde-dpmsolver++", "solver_order": 2}
PLAIN: Mapping[str, Kind] = {
    "DPM++ 2M": (DPMSolverMultistepScheduler, MULTISTEP),
    "DPM++ 2M SDE": (DPMSolverMultistepScheduler, SDE),
    "DPM++ 3M SDE": (DPMSolverMultistepScheduler, {**SDE, "solver_order": 3}),
    # One forward a step; A1111's has two, so half as many steps there come near.
    "DPM++ SDE": (DPMSolverSinglestepScheduler, SDE),
    "DPM++ 2S": (DPMSolverSinglestepScheduler, MULTISTEP),
    "Euler": (EulerDiscreteScheduler, {}),
    "Euler a": (EulerAncestralDiscreteScheduler, {}),
    "Heun": (HeunDiscreteScheduler, {}),
    "DPM2": (KDPM2DiscreteScheduler, {}),
    "DPM2 a": (KDPM2AncestralDiscreteScheduler, {}),
    "UniPC": (UniPCMultistepScheduler, {}),
    "DEIS": (DEISMultistepScheduler, {}),
    "DDIM": (DDIMScheduler, {}),
    "PLMS": (PNDMScheduler, {"skip_prk_steps": True}),
    "LCM": (LCMScheduler, {}),
    "TCD": (TCDScheduler, {}),
}
AS_FLOW: Mapping[str, Option] = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}
FLOW: Mapping[str, Kind] = {
    "Flow Euler": (FlowMatchEulerDiscreteScheduler, {}),
    "Flow DPM++ 2M": (DPMSolverMultistepScheduler, {**MULTISTEP, **AS_FLOW}),
    "Flow UniPC": (UniPCMultistepScheduler, AS_FLOW),
    "Flow Heun": (FlowMatchHeunDiscreteScheduler, {}),
    "Flow LCM": (FlowMatchLCMScheduler, {}),
}


def _kind(name: str) -> Kind:
    """Class and options of a name; Karras and SGM Uniform are options of the plain one."""
    if name in FLOW:
        return FLOW[name]
    kind, options = PLAIN[name.removesuffix(KARRAS).removesuffix(SGM)]
    if name.endswith(SGM):
        options = {**options, "timestep_spacing": "trailing"}
    accepts = "use_karras_sigmas" in inspect.signature(kind).parameters
    return kind, {**options, "use_karras_sigmas": name.endswith(KARRAS)} if accepts else options


class DiffusersScheduler(Protocol):
    """What we use of a diffusers scheduler; the parts that not all have are looked up by name."""

    timesteps: Tensor

    def set_timesteps(self, num_inference_steps: int, **options: object) -> None: ...


def is_flow(config: Config) -> bool:
    """Whether the base was trained by flow matching, which needs schedulers of its own."""
    return str(config.get("_class_name", "")).startswith("FlowMatch") or (
        config.get("prediction_type") == "flow_prediction"
    )


def make(name: str, config: Config) -> "Sampler":
    """A fresh sampler of this name for a base with this scheduler configuration.

    On a flow base `Euler` means its flow form. Raises `BadRequest` naming what would work.
    """
    kind, options = _kind(samplers.chosen(name, offered(config)))
    return Sampler(_build(kind, config, options), config)


def offered(config: Config) -> tuple[str, ...]:
    """What works on this base, by name.

    On pure noise (zero terminal SNR) not every class can start; Heun's flow form knows no shift
    by the picture's size.
    """
    if is_flow(config):
        shifts = bool(config.get("use_dynamic_shifting"))
        return tuple(name for name in FLOW if not (shifts and name == "Flow Heun"))
    if not config.get(PURE_NOISE):
        return NOISE
    return tuple(
        name for name in NOISE if PURE_NOISE in inspect.signature(_kind(name)[0]).parameters
    )


def _build(kind: type, config: Config, options: Mapping[str, Option]) -> DiffusersScheduler:
    settings = {name: value for name, value in config.items() if not name.startswith("_")}
    if kind is DDIMScheduler:
        # The class would clip where the base's own scheduler does not know the word; clipping
        # latents makes float noise grow from step to step.
        settings.setdefault("clip_sample", False)
    if options.get("use_flow_sigmas"):
        settings.setdefault("flow_shift", settings.get("shift", 1.0))
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
    def spaces_itself(self) -> bool:
        """Whether a flow sampler spaces its own noise levels, which are then not given to it."""
        own: Config = getattr(self.scheduler, "config", {})
        return bool(own.get("use_flow_sigmas"))

    @property
    def timesteps(self) -> Tensor:
        """One entry a forward; Heun has nearly two for every step that people ask for."""
        return self.scheduler.timesteps

    def begin(self, steps: int, device: torch.device, **options: object) -> None:
        """Set the timesteps and start at the first; raises `BadRequest` for impossible steps.

        Options that the scheduler does not know are its base's way of saying what it says itself.
        """
        accepted = inspect.signature(self.scheduler.set_timesteps).parameters
        known = {name: value for name, value in options.items() if name in accepted}
        try:
            with _quiet():
                self.scheduler.set_timesteps(steps, device=device, **known)
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
            self.scheduler, FlowMatchEulerDiscreteScheduler | FlowMatchLCMScheduler
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
