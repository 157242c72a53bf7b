"""How a command ends: errors in words (or JSON) on standard error, and the exit code."""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from bot.replies import reply_to
from engine.errors import AtelierError, Fact, PersonError

Made = TypeVar("Made")
MISTAKE = 2
"""Exit code when the person can fix it."""
OURS = 1
"""Exit code when it is our trouble."""
INTERRUPTED = 130


def run(work: Coroutine[Any, Any, Made], *, as_json: bool = False) -> Made:
    """Run a command's work; an error of ours ends the process with its words and code."""
    try:
        return asyncio.run(work)
    except AtelierError as error:
        end(error, as_json=as_json)
    except BaseExceptionGroup as group:  # of platforms that ran side by side
        known = first_known(group)
        if known is None:
            raise
        end(known, as_json=as_json)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def first_known(group: BaseExceptionGroup[BaseException]) -> AtelierError | None:
    """The error of ours that ended what ran side by side; None when it was something else."""
    for error in group.exceptions:
        found = first_known(error) if isinstance(error, BaseExceptionGroup) else error
        if isinstance(found, AtelierError):
            return found
    return None


async def until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run until the work is over, or Ctrl-C or SIGTERM says stop: then it ends in order.

    A second signal while it ends is not heard: whoever is in a hurry has SIGKILL.
    """
    living = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, living.cancel)
    try:
        await living
    except asyncio.CancelledError:
        if not living.cancelled():
            raise
    finally:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)


def end(error: AtelierError, *, as_json: bool = False) -> NoReturn:
    """Tell the error and leave: code 2 for a person's mistakes, 1 for ours."""
    words = reply_to(type(error), error.facts).text
    if as_json:
        sys.stderr.write(json.dumps({"error": told(error, words)}, ensure_ascii=False) + "\n")
    else:
        screen = Console(stderr=True, highlight=False)
        screen.print(Text.assemble(("Error: ", "bold red"), words))
        if not isinstance(error, PersonError):
            screen.print(Text(str(error), style="dim"))
    raise typer.Exit(MISTAKE if isinstance(error, PersonError) else OURS) from error


def told(error: AtelierError, words: str) -> dict[str, object]:
    """An error as JSON: a stable code, words for people, facts for programs."""
    facts = {key: _plain(value) for key, value in error.facts.items()}
    return {"code": error.code, "message": words, "facts": facts}


def _plain(value: Fact) -> object:
    return list(value) if isinstance(value, tuple) else value


def write_json(line: object) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()
