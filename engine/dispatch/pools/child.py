"""One worker process on this machine: started, spoken to over its own channel, ended for sure."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import engine
from engine import wire
from engine.messages import Message

OnLine = Callable[[str], None]
"""Takes a line that the worker printed: for the log, nothing else."""

WORKER_COMMAND = (sys.executable, "-m", "engine.workers")
LINE_CHARS = 500
READ_BYTES = 1 << 16
EXIT_S = 10.0
"""How long a killed process may take to vanish before we go on without it."""

KEPT = frozenset({
    "PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME",
})  # fmt: skip
KEPT_PREFIXES = (
    "LC_", "CUDA_", "NVIDIA_", "HIP_", "ROCR_", "OMP_", "MKL_", "OPENBLAS_", "PYTORCH_",
)  # fmt: skip


def clean_environment(given: Mapping[str, str]) -> dict[str, str]:
    """What a worker may see of the bot's environment: no tokens, no settings, no network."""
    kept = {
        name: value
        for name, value in given.items()
        if name in KEPT or name.startswith(KEPT_PREFIXES)
    }
    root = str(Path(engine.__file__).resolve().parents[1])
    others = [path for path in kept.get("PYTHONPATH", "").split(os.pathsep) if path]
    kept["PYTHONPATH"] = os.pathsep.join([root, *(path for path in others if path != root)])
    return kept | {
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


class Child:
    """A running worker process, in its own process group so that all of it can be ended."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_line: OnLine,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._printing = asyncio.create_task(self._pass_on_lines(on_line))

    @classmethod
    async def start(
        cls, command: Sequence[str], arguments: Sequence[str], on_line: OnLine
    ) -> "Child":
        """Start the process; it finds its end of the channel by `--channel-fd`."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command, *arguments, "--channel-fd", str(theirs.fileno()),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    pass_fds=(theirs.fileno(),),
                    env=clean_environment(os.environ),
                    start_new_session=True,
                )  # fmt: skip
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=ours, limit=1 << 20)
        return cls(process, reader, writer, on_line)

    @property
    def pid(self) -> int:
        """The process id, which is also its group's."""
        return self._process.pid

    async def read(self) -> wire.FromWorker | None:
        """The next message; None when the worker closed the channel, `BrokenFrame` for garbage."""
        try:
            return await wire.read(self._reader, wire.FROM_WORKER)
        except ConnectionError:
            return None

    async def send(self, message: Message) -> None:
        """Send one message; raises `ConnectionError` when the worker is gone."""
        await wire.write(self._writer, message)

    async def exited(self) -> None:
        """Wait for the process to end by itself."""
        await self._process.wait()

    async def exited_within(self, timeout_s: float) -> bool:
        """Whether the process ended by itself within this time."""
        try:
            await asyncio.wait_for(self.exited(), timeout_s)
        except TimeoutError:
            return False
        return True

    def terminate(self) -> None:
        """Ask the process to stop at the next step and leave."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """End the whole process group at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def close(self) -> str:
        """End whatever is left of it and say how it ended: `exit code 3`, `signal SIGKILL`."""
        self.kill()
        gone = await self.exited_within(EXIT_S)
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
        self._printing.cancel()
        await asyncio.gather(self._printing, return_exceptions=True)
        return self._ending() if gone else "did not die when killed"

    def _ending(self) -> str:
        code = self._process.returncode or 0
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    async def _pass_on_lines(self, on_line: OnLine) -> None:
        """Everything printed, by lines; a line without an end is cut, so nothing piles up."""
        stream = self._process.stdout
        if stream is None:
            return
        rest = b""
        while part := await stream.read(READ_BYTES):
            *lines, rest = (rest + part).split(b"\n")
            if len(rest) > READ_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                on_line(line[: 4 * LINE_CHARS].decode("utf-8", "replace")[:LINE_CHARS])
        if rest:
            on_line(rest[: 4 * LINE_CHARS].decode("utf-8", "replace")[:LINE_CHARS])
