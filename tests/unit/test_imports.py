"""The bot starts without torch: it answers in seconds, and its memory stays small."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

# discord.py loads audioop for its voice, which we do not use.
WARNINGS = ("-W", "error", "-W", "ignore:'audioop':DeprecationWarning")
ROOT = Path(__file__).parents[2]
HEAVY = {"accelerate", "diffusers", "peft", "torch", "transformers"}
LATER = {"anthropic", "openai", "pydantic_ai"}
"""Loaded when a language model is first asked."""
LIBRARIES_OF_PLATFORMS = {"discord", "telegram"}

ASK = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def modules_under(package: str) -> list[str]:
    """Every module of a package, by its file."""
    files = (file.relative_to(ROOT) for file in (ROOT / package).rglob("*.py"))
    return sorted(".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files)


def packages_loaded_by(*modules: str) -> set[str]:
    """Top-level packages that a fresh Python holds after importing these modules."""
    run = subprocess.run(
        [sys.executable, *WARNINGS, "-c", ASK, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout))


@pytest.mark.parametrize("module", ["bot.__main__", "engine.api", "engine.wiring"])
def test_starting_does_not_load_torch(module: str) -> None:
    assert packages_loaded_by(module) & (HEAVY | LATER) == set()


def test_nothing_of_the_bot_loads_torch() -> None:
    assert packages_loaded_by(*modules_under("bot")) & HEAVY == set()


def test_only_the_workers_load_torch() -> None:
    outside = [one for one in modules_under("engine") if not one.startswith("engine.workers")]
    assert packages_loaded_by(*outside) & HEAVY == set()


@pytest.mark.parametrize("module", ["bot.router", "bot.commands"])
def test_a_platform_that_is_not_served_is_not_loaded(module: str) -> None:
    assert packages_loaded_by(module) & LIBRARIES_OF_PLATFORMS == set()
