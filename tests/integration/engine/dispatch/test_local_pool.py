"""Worker processes of this machine: started clean, watched, and none left behind."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import psutil
import pytest

from engine.dispatch.pools.child import clean_environment
from engine.dispatch.pools.local import LocalPool
from engine.messages import (
    Base,
    Finished,
    JobId,
    Plan,
    Report,
    StepDone,  # noqa: F401  # for the script of the last test
    WorkerGone,
    WorkerId,
    WorkerReady,
    WorkOrder,
)
from tests.fakes import engine_room

DOUBLE = (sys.executable, "-m", "tests.fakes.worker")
BASE = Base(name="mini", family="miniature", folder="/nowhere")


@dataclass(frozen=True)
class Values:
    devices: tuple[str, ...] = ("cpu",)
    threads: int = 1
    most_rows: int = 1
    compile: bool = False
    beat_s: float = 0.05
    hang_s: float = 60.0
    start_timeout_s: float = 30.0
    backoff_first_s: float = 0.01
    backoff_max_s: float = 0.04


Build = Callable[..., LocalPool]


class Lines:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, _worker: WorkerId, line: str) -> None:
        self.heard.append(line)


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
async def build(lines: Lines) -> AsyncIterator[Build]:
    pools: list[LocalPool] = []

    def make(*arguments: str, values: Values = Values()) -> LocalPool:
        pool = LocalPool(values, command=(*DOUBLE, *arguments), on_line=lines)
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        await pool.stop(0)
    assert children() == []


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if is_double(child)]


def is_double(process: psutil.Process) -> bool:
    """Not a process of another test, which may end just now."""
    try:
        return DOUBLE[-1] in process.cmdline()
    except psutil.NoSuchProcess:  # a zombie is one, too
        return False


def is_gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def order(prompt: str = "a circle", job: str = "j1") -> WorkOrder:
    plan = Plan(
        base="mini", family="miniature", prompt=prompt, width=8, height=8, steps=2, guidance=1,
        scheduler="DDIM", seed=1,
    )  # fmt: skip
    return WorkOrder(job=JobId(job), fence=1, plan=plan, base=BASE)


async def until(pool: LocalPool, kind: type[Report], count: int = 1) -> list[Report]:
    """Reports up to the n-th of this kind; only those of the kind."""
    found: list[Report] = []
    async with asyncio.timeout(120):
        async for report in pool.reports():
            if isinstance(report, kind):
                found.append(report)
                if len(found) == count:
                    break
    return found


async def test_printed_garbage_harms_nothing_and_is_logged_in_bounded_lines(
    build: Build, lines: Lines
) -> None:
    pool = build()
    await pool.start()
    await until(pool, WorkerReady)
    await pool.submit(WorkerId("local-0"), order("chatter"))
    assert await until(pool, Finished)
    await pool.stop(1)
    assert '{"kind": "finished"}' in lines.heard
    assert max(len(line) for line in lines.heard) <= 500


async def test_worker_sees_no_token_and_no_setting_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets = ("DISCORD_TOKEN", "ATELIER_DATABASE__URL", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY")
    for name in secrets:
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    seen = clean_environment(os.environ)
    assert "secret" not in seen.values()
    assert seen["CUDA_VISIBLE_DEVICES"] == "1"
    assert seen["HF_HUB_OFFLINE"] == "1"


async def test_every_process_is_in_a_group_of_its_own(build: Build) -> None:
    pool = build()
    await pool.start()
    await until(pool, WorkerReady)
    (child,) = children()
    assert os.getpgid(child.pid) == child.pid


async def test_auto_means_one_worker_for_every_device_found(build: Build) -> None:
    pool = build("--devices-here", "cuda:0,cuda:1,cuda:2", values=Values(devices=("auto",)))
    await pool.start()
    await until(pool, WorkerReady, count=3)
    found = {status.worker: (status.device, status.state) for status in pool.workers()}
    assert found == {f"local-{n}": (f"cuda:{n}", "idle") for n in range(3)}


async def test_worker_that_dies_at_start_is_tried_again_with_growing_pauses(build: Build) -> None:
    pool = build("--at-start", "crash")
    await pool.start()
    gone = await until(pool, WorkerGone, count=3)
    assert {report.how for report in gone if isinstance(report, WorkerGone)} == {"exit code 7"}
    (status,) = pool.workers()
    assert (status.restarts, status.why_down) == (2, "exit code 7")


async def test_worker_that_never_gets_ready_is_ended(build: Build) -> None:
    pool = build("--at-start", "silence", values=Values(start_timeout_s=0.3, hang_s=0.2))
    await pool.start()
    (gone,) = await until(pool, WorkerGone)
    assert isinstance(gone, WorkerGone)
    assert gone.how == "not ready after 0.3 s"


async def test_command_that_does_not_exist_is_told(lines: Lines) -> None:
    pool = LocalPool(Values(), command=("/no/such/program",), on_line=lines)
    await pool.start()
    (gone,) = await until(pool, WorkerGone)
    assert isinstance(gone, WorkerGone)
    assert gone.how.startswith("can't be started")
    await pool.stop(0)


async def test_process_that_was_killed_takes_its_own_children_along(
    build: Build, lines: Lines
) -> None:
    pool = build()
    await pool.start()
    await until(pool, WorkerReady)
    await pool.submit(WorkerId("local-0"), order("orphan"))
    await until(pool, WorkerReady)
    orphan = int(next(line for line in lines.heard if line.startswith("orphan")).split()[1])
    await engine_room.until(lambda: is_gone(orphan))


async def test_stop_while_starting_leaves_nothing_behind(build: Build) -> None:
    pool = build("--at-start", "silence")
    await pool.start()
    await pool.stop(1)
    assert children() == []


async def test_stop_right_after_start_leaves_nothing_behind(build: Build) -> None:
    pool = build(values=Values(backoff_first_s=30.0))
    await pool.start()
    await asyncio.sleep(0)
    await pool.stop(0)
    assert [status.state for status in pool.workers()] == ["down"]


async def test_worker_ends_when_its_pool_is_killed_in_the_middle_of_a_picture() -> None:
    """A bot killed with SIGKILL can stop nobody: the worker notices by itself."""
    script = (
        "import asyncio, sys\n"
        "sys.path.insert(0, '.')\n"
        "from tests.integration.engine.dispatch import test_local_pool as t\n"
        "async def main():\n"
        "    pool = t.LocalPool(t.Values(), command=t.DOUBLE)\n"
        "    await pool.start()\n"
        "    await t.until(pool, t.WorkerReady)\n"
        "    await pool.submit('local-0', t.order('wait'))\n"
        "    await t.until(pool, t.StepDone)\n"
        "    sys.stdout.write('drawing\\n'); sys.stdout.flush()\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    assert bot.stdout is not None
    async with asyncio.timeout(120):
        while (await bot.stdout.readline()).strip() != b"drawing":
            assert bot.returncode is None
    (worker,) = psutil.Process(bot.pid).children()
    bot.send_signal(signal.SIGKILL)
    await bot.wait()
    _gone, left = await asyncio.to_thread(psutil.wait_procs, [worker], 60)
    assert left == []
