"""Lives of a bot in processes of their own, which may kill themselves.

Each is forked from one process that has imported everything and done nothing else: most of such a
life would otherwise be spent on imports.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAMS = ("tests.acceptance.crash_process", "tests.acceptance.registry_process")
LONGEST_S = 240
MOST_TOLD = 3_000


def live(main: Callable[..., Coroutine[Any, Any, None]], folder: Path, *given: object) -> int:
    """Run `main(folder, *given)` in a new process; returns how it ended: 0, or minus the signal."""
    context = get_context("forkserver")
    context.set_forkserver_preload(list(PROGRAMS))
    life = context.Process(target=_life, args=(main, folder, *given))
    life.start()
    life.join(LONGEST_S)
    if life.exitcode is None:
        life.kill()
        life.join()
        raise AssertionError(f"it never ended: {_told(folder)}")
    assert life.exitcode in (0, -signal.SIGKILL), _told(folder)
    return life.exitcode


def _life(main: Callable[..., Coroutine[Any, Any, None]], folder: Path, *given: object) -> None:
    with _log(folder).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.chdir(ROOT)
    os.environ.update({"PYTHONPATH": str(ROOT), "HOME": str(folder)})
    asyncio.run(main(folder, *given))


def _log(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.log")


def _told(folder: Path) -> str:
    return _log(folder).read_text(errors="replace")[-MOST_TOLD:]
