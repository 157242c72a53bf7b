"""What `atelier doctor` looks at: one small function each, with the cure for what it finds.

The process that looks never imports torch: devices are asked for in a process of their own.
"""

import asyncio
import errno
import json
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path

import aiohttp

from bot.doctor import Examination, Finding
from bot.platforms import PLATFORMS
from bot.settings import DEFAULT, HttpSettings, Settings, effective, env_name
from bot.wiring import platforms_of
from engine.api import Listed, held_as
from engine.errors import AtelierError, DatabaseNewer, DatabaseOutdated
from engine.messages import Base

GIB = 1024**3
PYTHONS = ((3, 11), (3, 13))
LITTLE_BYTES, TOO_LITTLE_BYTES = 10 * GIB, 1 * GIB
TORCH_TIMEOUT_S = 90.0
AT_START = "(made at the start)"
INSTALL_ENGINE = 'pip install -c constraints.txt ".[engine]"'

_ASK_TORCH = """
import json, torch
cuda = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
print(json.dumps({
    "torch": torch.__version__,
    "built_for_cuda": torch.version.cuda is not None,
    "devices": [f"{torch.cuda.get_device_name(i)}, "
                f"{torch.cuda.get_device_properties(i).total_memory / 2**30:.0f} GiB" for i in cuda]
               or (["Apple GPU"] if torch.backends.mps.is_available() else []),
}))
"""


def standard(
    settings: Settings,
    *,
    database: Callable[[], Awaitable[None]],
    worker: Callable[[], Awaitable[str]],
    bases: Callable[[], Awaitable[Sequence[Listed]]],
) -> Mapping[str, Examination]:
    """All examinations in the order in which they are told.

    `database` raises an `AtelierError` when this code can't use it as it is; `worker` starts one,
    stops it and returns what it is, or raises; `bases` lists those that are kept.
    """
    engine = settings.engine
    looks: dict[str, Examination] = {
        "Python": python_version,
        "packages": packages,
        "devices": devices,
        "settings": lambda: settings_in_force(settings),
        "disk": lambda: disk_space(engine.data_dir),
        "data folder": lambda: writable("data folder", engine.data_dir, "engine.data_dir"),
        "blobs": lambda: writable("blobs", engine.blobs_dir, "engine.blobs.dir"),
        "database": lambda: database_usable(database, engine.database_url.get_secret_value()),
        "worker": lambda: worker_starts(worker),
        "bases": lambda: bases_held(bases),
        "port": lambda: port_free(settings.http),
    }
    return looks | dict(_platforms(settings))


def _platforms(settings: Settings) -> Iterator[tuple[str, Examination]]:
    """What the platforms that are served have to say of themselves."""
    for name in platforms_of(settings):
        if name in PLATFORMS and (examine := PLATFORMS.get(name).examine) is not None:
            yield name, partial(examine, settings)


async def python_version(version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Is this Python one that is tested?"""
    told = f"{version[0]}.{version[1]}"
    if PYTHONS[0] <= version <= PYTHONS[1]:
        return Finding("Python", "ok", told)
    return Finding("Python", "bad", told, "make a new .venv with Python 3.11, 3.12 or 3.13")


async def packages(
    names: tuple[str, ...] | None = None,
    version_of: Callable[[str], str] = metadata.version,
) -> Finding:
    """Is everything there that drawing needs? Reads names and numbers, imports nothing."""
    if names is None:
        try:
            names = tuple(_required("atelier", ("engine",)))
        except metadata.PackageNotFoundError:
            cure = f"install it: {INSTALL_ENGINE}"
            return Finding("packages", "bad", "atelier itself is not installed", cure)
    found, missing = [], []
    for name in names:
        try:
            found.append(f"{name} {version_of(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", "bad", f"missing: {', '.join(missing)}", INSTALL_ENGINE)
    telling = [one for one in found if one.split()[0] in {"torch", "diffusers", "peft"}]
    return Finding("packages", "ok", ", ".join([f"all {len(found)}", *telling]))


def _required(distribution: str, extras: tuple[str, ...]) -> list[str]:
    """Names that a distribution requires itself or for these extras."""
    wanted = []
    for line in metadata.requires(distribution) or ():
        need, _, marker = line.partition(";")
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", marker)
        name = re.match(r"[\w.-]+", need)
        if name and (extra is None or extra[1] in extras):
            wanted.append(name[0])
    return wanted


async def devices(python: str = sys.executable, timeout_s: float = TORCH_TIMEOUT_S) -> Finding:
    """What could draw here, asked of torch in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        python, "-c", _ASK_TORCH, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        detail = f"torch did not start in {timeout_s:g} s"
        return Finding("devices", "warn", detail, "a slow disk does that once: run this again")
    if process.returncode != 0:
        last = (err.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        return Finding("devices", "bad", f"torch does not start: {last}", INSTALL_ENGINE)
    told = json.loads(out)
    if told["devices"]:
        return Finding("devices", "ok", f"{'; '.join(told['devices'])} (torch {told['torch']})")
    detail = f"no GPU: the CPU draws (torch {told['torch']})"
    if told["built_for_cuda"]:
        cure = "with an NVIDIA card, install its driver; without one, only the miniature is quick"
    else:
        cure = "only the miniature is quick; with a card, install torch's build for CUDA"
    return Finding("devices", "warn", detail, cure)


async def settings_in_force(settings: Settings) -> Finding:
    """Which settings are not the default, and who said so; values are not told."""
    changed = [line for line in effective(settings) if line.source != DEFAULT]
    told = "; ".join(f"{line.key} from {line.source}" for line in changed)
    return Finding("settings", "ok", told or "all at their defaults")


async def disk_space(folder: Path) -> Finding:
    """Room for pictures, LoRAs and the database."""
    usage = await asyncio.to_thread(shutil.disk_usage, _existing(folder))
    detail = f"{usage.free / GIB:.1f} GiB free for {folder}"
    if usage.free < TOO_LITTLE_BYTES:
        return Finding("disk", "bad", detail, f"free some, or move {env_name('engine.data_dir')}")
    if usage.free < LITTLE_BYTES:
        return Finding("disk", "warn", detail, "a base takes 2 to 25 GiB: free some in time")
    return Finding("disk", "ok", detail)


async def writable(name: str, folder: Path, key: str) -> Finding:
    """Can we write there? Leaves nothing behind; a folder that is not there yet is not made."""
    there = _existing(folder)
    problem = await asyncio.to_thread(_write_problem, there)
    if problem:
        cure = f"give this user the right to write there, or set {env_name(key)}"
        return Finding(name, "bad", f"{folder}: {problem}", cure)
    return Finding(name, "ok", str(folder) if there == folder else f"{folder} {AT_START}")


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())


def _write_problem(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"atelier")
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


async def database_usable(check: Callable[[], Awaitable[None]], url: str) -> Finding:
    """Does it answer, and has it the tables of this code?"""
    scheme, _, path = url.partition(":///")
    is_sqlite = scheme.startswith("sqlite")
    if is_sqlite and _existing(Path(path)) != Path(path):
        return Finding("database", "ok", f"{path} {AT_START}")
    try:
        await check()
    except DatabaseOutdated as error:
        if is_sqlite or error.facts.get("database") == "empty":
            cure = "nothing to do: the next start upgrades it, and copies a file with data first"
            return Finding("database", "warn", str(error), cure)
        cure = "make a copy, stop the bot, then `atelier db upgrade`"
        return Finding("database", "bad", str(error), cure)
    except DatabaseNewer as error:
        cure = "install the newer Atelier that wrote it, or go back to a copy"
        return Finding("database", "bad", str(error), cure)
    except AtelierError as error:
        cure = f"see that it runs and that {env_name('engine.database.url')} is right"
        return Finding("database", "bad", str(error), cure)
    return Finding("database", "ok", "answers, tables are up to date")


async def bases_held(
    bases: Callable[[], Awaitable[Sequence[Listed]]],
    memories: Callable[[], Awaitable[Sequence[int]]] | None = None,
) -> Finding:
    """Are the bases that serve all there, and how would each be held on every card here?"""
    try:
        listed = [each for each in await bases() if each.serves or each.spaces]
    except AtelierError as error:
        return Finding("bases", "warn", f"not looked at: {error.code}", "see `database` above")
    gone = [f"{each.base.name}: {each.problem}" for each in listed if each.problem]
    if gone:
        cure = "bring the files back, or `atelier base remove` and `atelier base add`"
        return Finding("bases", "bad", "; ".join(gone), cure)
    cards = await (memories or card_memories)()
    told = [
        f"{each.base.name} {each.base.version}: {how}"
        for each in listed
        for how in holdings(each.base, cards)
    ]
    return Finding("bases", "ok", "; ".join(told) or "none yet: the miniature comes with a start")


def holdings(base: Base, cards: Sequence[int]) -> list[str]:
    """How a base would be held on cards with so many bytes; without a card, on the CPU."""
    if not cards:
        return [held_as(base, None)]
    return [f"on {memory / GIB:.0f} GiB {held_as(base, memory)}" for memory in sorted(set(cards))]


async def card_memories(
    python: str = sys.executable, timeout_s: float = TORCH_TIMEOUT_S
) -> list[int]:
    """Bytes of each CUDA device, asked of torch in a process of its own; none when it fails."""
    ask = "import torch\nfor i in range(torch.cuda.device_count()):\n"
    ask += "    print(torch.cuda.get_device_properties(i).total_memory)"
    process = await asyncio.create_subprocess_exec(
        python, "-c", ask, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return []
    return [int(line) for line in out.decode().split()]


async def worker_starts(start: Callable[[], Awaitable[str]]) -> Finding:
    """Does a process that draws come up?"""
    try:
        return Finding("worker", "ok", await start())
    except AtelierError as error:
        cure = "see `devices` and `packages` above; more is in the log"
        return Finding("worker", "bad", str(error), cure)


async def port_free(http: HttpSettings, patience_s: float = 2) -> Finding:
    """Could we listen there, or do we already?"""
    where = f"{http.host}:{http.port}"
    if not http.enabled:
        return Finding("port", "ok", "the web server is switched off")
    problem = _listen_problem(http)
    if problem is None:
        return Finding("port", "ok", f"{where} is free")
    if problem == errno.EADDRINUSE and await _is_us(http, patience_s):
        return Finding("port", "ok", f"Atelier is running on {where}")
    cure = f"stop the other program, or choose another port: {env_name('http.port')}"
    return Finding("port", "bad", f"{where}: {errno.errorcode.get(problem, problem)}", cure)


def _listen_problem(http: HttpSettings) -> int | None:
    """The error's number; a wrong name of the host has one as well."""
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    try:
        with socket.create_server((http.host, http.port), family=family):
            return None
    except OSError as error:
        return error.errno or errno.EINVAL


async def _is_us(http: HttpSettings, patience_s: float) -> bool:
    host = f"[{http.host}]" if ":" in http.host else http.host
    timeout = aiohttp.ClientTimeout(total=patience_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://{host}:{http.port}/healthz") as response,
        ):
            return bool(await response.json() == {"alive": True})
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False
