"""The one place where blocking work leaves the event loop: a hop to a thread."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Params = ParamSpec("Params")
Returned = TypeVar("Returned")


async def in_thread(
    func: Callable[Params, Returned], /, *args: Params.args, **kwargs: Params.kwargs
) -> Returned:
    """Run a blocking function in a thread and return what it returns.

    For files, hashes and image work that takes longer than a millisecond or so. A cancelled
    caller stops waiting, the function runs on: whatever it made must be safe to find later.
    """
    return await asyncio.to_thread(func, *args, **kwargs)
