"""A denoiser that torch compiles: graphs over static slots, which survive every change of LoRAs.

A change of LoRAs copies numbers into slots that stay where they are, so nothing is compiled anew;
another size, another number of rows or a layer that no LoRA changed before is. What can't be
compiled here runs as it always did, and is told once.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog
import torch
import torch._dynamo as dynamo
from torch._dynamo.exc import TorchDynamoException

log = structlog.get_logger(__name__)
KEPT_GRAPHS = 64
"""Of one base: sizes times numbers of rows times sets of layers; more run uncompiled."""
SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
"""Places of a forward, so that graphs are few: empty ones are filled up."""


class Compiled:
    """In the place of a denoiser's own call, from when it is made until `stop`."""

    def __init__(self, network: Any, backend: str | Callable[..., Any] = "inductor") -> None:
        self._network = network
        # A hook that comes or goes is another graph: without this it would not be noticed.
        dynamo.config.skip_nnmodule_hook_guards = False
        dynamo.config.recompile_limit = max(dynamo.config.recompile_limit, KEPT_GRAPHS)
        self._call: Callable[..., Any] = torch.compile(
            network._call_impl, backend=backend, dynamic=False
        )
        network._compiled_call_impl = self

    @property
    def is_on(self) -> bool:
        """Whether it is called; not after a failure."""
        return self._network._compiled_call_impl is self

    @property
    def graphs(self) -> int:
        """How many graphs were made in this process so far."""
        return int(dynamo.utils.counters["stats"]["unique_graphs"])

    def __call__(self, *given: Any, **more: Any) -> Any:
        """The network's output."""
        graphs, began = self.graphs, time.monotonic()
        try:
            answer = self._call(*given, **more)
            if self.graphs != graphs:
                seconds = round(time.monotonic() - began, 1)
                log.info("compile.done", graphs=self.graphs, seconds=seconds)
            return answer
        except TorchDynamoException as error:
            lines = " ".join(str(error).split("\n")[:3])
            problem = f"{type(error).__name__}: {lines[:300]}"
            log.warning("compile.failed", problem=problem, now="uncompiled")
            self.stop()
            # The traceback holds the tensors of the failed try.
            error.__traceback__ = None
        return self._network._call_impl(*given, **more)

    def stop(self) -> None:
        """Back to the network's own call."""
        self._network._compiled_call_impl = None


def filled(count: int, most: int) -> int:
    """How many there are once empty ones are added: few numbers, so few graphs."""
    return min(next((size for size in SIZES if size >= count), count), max(most, count))
