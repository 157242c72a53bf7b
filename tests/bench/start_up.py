"""How long the bot takes from the command to ready, and that torch stays out of it."""

import statistics
import subprocess
import sys
import time

from tests.bench.rows import Row

ROUNDS = 5
PROGRAM = """
import sys, time
import bot.__main__, bot.wiring, engine.wiring
engine.wiring.FAMILIES.all(); engine.wiring.FORMATS.all()
heavy = [n for n in ("torch", "diffusers", "transformers", "peft") if n in sys.modules]
print(",".join(heavy))
"""


def run() -> list[Row]:
    """Seconds to import and wire, against a bare interpreter in the same rounds."""
    ours: list[float] = []
    bare: list[float] = []
    heavy = ""
    for _ in range(ROUNDS):
        heavy = _timed(PROGRAM, ours)
        _timed("pass", bare)
    ready, nothing = statistics.median(ours), statistics.median(bare)
    modules = len([name for name in heavy.split(",") if name])
    return [
        Row("start_up", "imports and tables", ready, "s", "bare python", ready / nothing, "3 s"),
        Row("start_up", "heavy packages imported", modules, "packages", aim="0"),
    ]


def _timed(program: str, into: list[float]) -> str:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    into.append(time.perf_counter() - began)
    return done.stdout.strip()
