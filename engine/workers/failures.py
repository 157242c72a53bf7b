"""From an exception to what the pool is told: a code, its facts, and whether to try again."""

import gc

import torch

from engine.errors import AtelierError, Broken, OutOfMemory
from engine.messages import Failure

NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")
"""What CUDA, the CPU allocator and MPS say, in lower case."""
LOST_DEVICE = ("cuda error", "cublas_status", "cudnn_status", "acceleratorerror", "device-side")
"""After these a process can't use its device again."""


class DeviceLost(OutOfMemory):
    """The device refuses everything from now on: another process may have more luck."""

    code = "device_lost"


class DrawingBroke(Broken):
    """An exception that nobody foresaw. Facts: `problem`, its class and where it was raised."""

    code = "drawing_broke"


def understood(error: Exception, device: torch.device) -> AtelierError:
    """The error as one of our own tree."""
    if isinstance(error, AtelierError):
        return error
    text = f"{type(error).__name__}: {error}".lower()
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        words in text for words in NO_MEMORY
    ):
        return OutOfMemory(device=str(device))
    if any(words in text for words in LOST_DEVICE):
        return DeviceLost(device=str(device))
    return DrawingBroke(problem=f"{type(error).__name__} {_where(error)}")


def _where(error: Exception) -> str:
    """Module and line of the raise; never the message, which may quote a prompt."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    module = trace.tb_frame.f_globals.get("__name__", "?")
    return f"in {module} line {trace.tb_lineno}"


def failure_of(error: AtelierError) -> Failure:
    """The error as a message; facts become text."""
    facts = {
        name: ", ".join(fact) if isinstance(fact, tuple) else str(fact)
        for name, fact in error.facts.items()
        if fact is not None
    }
    return Failure(code=error.code, facts=facts)


def free_memory(device: torch.device) -> None:
    """Give back what torch keeps for later."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
