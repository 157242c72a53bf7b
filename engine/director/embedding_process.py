"""An embedder in a process of its own, so that this one never loads torch."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Final

from engine.director.likeness import Vector
from engine.errors import NoAnswer

MOST_BYTES: Final = 64 << 20
"""Longest answer: 2,000 vectors of a thousand numbers are about 40 MB."""
MODULE: Final = "engine.workers.embed"
STOPPED_S: Final = 5.0


class EmbeddingProcess:
    """Implements `engine.director.likeness.Embedder`; started at the first question."""

    def __init__(self, model: str, command: tuple[str, ...] | None = None) -> None:
        self._command = command or (sys.executable, "-m", MODULE, model)
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def vectors(self, texts: tuple[str, ...]) -> tuple[Vector, ...]:
        """One line out, one line back; a process that broke off is started anew next time."""
        async with self._turn:
            try:
                return await self._asked(texts)
            except (OSError, ValueError, KeyError, asyncio.LimitOverrunError) as error:
                await self.close()
                raise NoAnswer(why=f"{type(error).__name__}: {str(error)[:200]}") from error
            except asyncio.CancelledError:
                await self.close()
                raise

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.kill()
        await asyncio.wait_for(process.wait(), STOPPED_S)

    async def _asked(self, texts: tuple[str, ...]) -> tuple[Vector, ...]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=MOST_BYTES
            )
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        process.stdin.write(json.dumps({"texts": texts}).encode() + b"\n")
        await process.stdin.drain()
        answer = json.loads(await process.stdout.readline() or b"{}")
        found = tuple(tuple(float(each) for each in vector) for vector in answer["vectors"])
        if len(found) != len(texts):
            raise ValueError(f"{len(found)} vectors for {len(texts)} texts")
        return found
