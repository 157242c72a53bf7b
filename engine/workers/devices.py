"""The devices of this machine, one of them made ready, and how a base is held on it."""

from collections.abc import Mapping

import torch

from engine.families.facts import Family
from engine.families.footprint import Fit, Numbers, fit_for
from engine.messages import Base

DTYPES: Mapping[Numbers, torch.dtype] = {
    "fp32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
}


def found() -> tuple[str, ...]:
    """Every CUDA device, else Apple's GPU, else the CPU."""
    if torch.cuda.is_available():
        return tuple(f"cuda:{index}" for index in range(torch.cuda.device_count()))
    return ("mps",) if torch.backends.mps.is_available() else ("cpu",)


def opened(name: str, threads: int) -> torch.device:
    """The device of this name, with torch told how many CPU threads to use (0: its choice)."""
    if threads:
        torch.set_num_threads(threads)
    device = torch.device(name)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    return device


def memory_bytes(device: torch.device) -> int | None:
    """The memory of a GPU; None for the CPU, whose memory is shared with everyone."""
    if device.type != "cuda":
        return None
    return int(torch.cuda.get_device_properties(device).total_memory)


def half_of(device: torch.device) -> Numbers:
    """The numbers that the device knows best: half precision on a GPU, float32 on the CPU."""
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    return "fp16" if device.type == "mps" else "fp32"


def dtype_of(numbers: Numbers, device: torch.device) -> torch.dtype:
    """The dtype that is computed in; eight bits are only how weights are kept."""
    return DTYPES[half_of(device) if numbers == "fp8" else numbers]


def fit_of(base: Base, family: Family, device: torch.device) -> Fit:
    """How this base is held here: the host's choice of numbers, else what the memory allows."""
    asked: Numbers | None = None if base.dtype == "auto" else base.dtype
    if asked is None and device.type != "cuda":
        asked = half_of(device)
    return fit_for(
        family,
        memory_bytes(device),
        half_of(device),
        asked=asked,
        denoiser_bytes=base.size_bytes if base.form == "gguf" else 0,
    )
