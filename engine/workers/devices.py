"""The devices of this machine, and one of them made ready."""

import torch


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
