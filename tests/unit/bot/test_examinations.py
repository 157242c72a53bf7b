"""What the doctor finds, each with a cure in words."""

import shutil
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

from bot import examinations as look
from bot.doctor import Finding
from bot.settings import HttpSettings, load
from engine.api import Listed
from engine.errors import DatabaseNewer, DatabaseOutdated, NoWorker, StoreBusy
from engine.messages import Base

PG = "postgresql+asyncpg://atelier:hush@db/atelier"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


async def nothing_wrong() -> None:
    return None


def needs_cure(finding: Finding) -> bool:
    return finding.verdict != "ok" and finding.cure != ""


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
async def test_tested_pythons_are_well(version: tuple[int, int]) -> None:
    assert (await look.python_version(version)).verdict == "ok"


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
async def test_other_pythons_are_bad(version: tuple[int, int]) -> None:
    finding = await look.python_version(version)
    assert finding.verdict == "bad"
    assert "3.11" in finding.cure


async def test_missing_packages_are_named() -> None:
    def version_of(name: str) -> str:
        if name == "torch":
            raise metadata.PackageNotFoundError(name)
        return "1.0"

    finding = await look.packages(("aiohttp", "torch"), version_of)
    assert finding.verdict == "bad"
    assert finding.detail == "missing: torch"
    assert "pip install" in finding.cure


async def test_versions_that_matter_are_told() -> None:
    finding = await look.packages(("aiohttp", "torch"), lambda _: "9.9")
    assert finding == Finding("packages", "ok", "all 2, torch 9.9")


async def test_requirements_of_extras_that_are_not_asked_for_do_not_count() -> None:
    wanted = look._required("atelier", ("engine",))
    assert {"aiohttp", "torch"} <= set(wanted)
    assert not {"ray", "pytest", "obstore"} & set(wanted)


def a_python(folder: Path, body: str) -> str:
    script = folder / "python"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return str(script)


async def test_devices_are_named(tmp_path: Path) -> None:
    told = '{"torch": "2.0", "built_for_cuda": true, "devices": ["Big Card, 80 GiB"]}'
    finding = await look.devices(a_python(tmp_path, f"echo '{told}'"))
    assert finding == Finding("devices", "ok", "Big Card, 80 GiB (torch 2.0)")


@pytest.mark.parametrize(("built", "cure"), [("true", "driver"), ("false", "CUDA")])
async def test_no_gpu_is_a_warning_with_the_cure_that_fits(
    built: str, cure: str, tmp_path: Path
) -> None:
    told = f'{{"torch": "2.0", "built_for_cuda": {built}, "devices": []}}'
    finding = await look.devices(a_python(tmp_path, f"echo '{told}'"))
    assert finding.verdict == "warn"
    assert cure in finding.cure


async def test_torch_that_does_not_start_is_bad(tmp_path: Path) -> None:
    body = "echo 'Traceback' >&2; echo 'ImportError: libcudart.so' >&2; exit 1"
    finding = await look.devices(a_python(tmp_path, body))
    assert finding.verdict == "bad"
    assert "ImportError: libcudart.so" in finding.detail
    assert finding.cure


async def test_torch_that_hangs_is_a_warning(tmp_path: Path) -> None:
    finding = await look.devices(a_python(tmp_path, "exec sleep 60"), timeout_s=0.05)
    assert needs_cure(finding)
    assert "did not start" in finding.detail


async def test_the_real_torch_answers() -> None:
    finding = await look.devices()
    assert finding.verdict in {"ok", "warn"}
    assert "torch 2." in finding.detail


@pytest.mark.parametrize(("free_gib", "verdict"), [(0.5, "bad"), (5, "warn"), (500, "ok")])
async def test_disk_space(
    free_gib: float, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = int(free_gib * 1024**3)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free, 0, free))
    finding = await look.disk_space(tmp_path / "not" / "there" / "yet")
    assert finding.verdict == verdict
    assert (finding.cure != "") == (verdict != "ok")


async def test_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "blobs"
    finding = await look.writable("blobs", folder, "engine.blobs.dir")
    assert finding.verdict == "ok"
    assert "made at the start" in finding.detail
    assert list(tmp_path.iterdir()) == []


async def test_folder_that_cannot_be_written_names_the_setting(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    finding = await look.writable("blobs", in_the_way / "blobs", "engine.blobs.dir")
    assert finding.verdict == "bad"
    assert "ATELIER_ENGINE__BLOBS__DIR" in finding.cure


async def test_database_that_is_not_there_yet_is_well(tmp_path: Path) -> None:
    async def check() -> None:
        raise AssertionError("nothing to ask")

    finding = await look.database_usable(check, f"sqlite+aiosqlite:///{tmp_path}/atelier.db")
    assert finding.verdict == "ok"
    assert "made at the start" in finding.detail


async def test_database_that_answers_is_well() -> None:
    assert (await look.database_usable(nothing_wrong, PG)).verdict == "ok"


@pytest.mark.parametrize(
    ("error", "verdict", "cure"),
    [
        (DatabaseOutdated(database="0001", code_wants="0002"), "bad", "atelier db upgrade"),
        (DatabaseOutdated(database="empty", code_wants="0002"), "warn", "nothing to do"),
        (DatabaseNewer(database="0003", code_knows="0002"), "bad", "newer Atelier"),
        (StoreBusy(waited_s=5), "bad", "ATELIER_ENGINE__DATABASE__URL"),
    ],
)
async def test_database_that_cannot_be_used(error: Exception, verdict: str, cure: str) -> None:
    async def check() -> None:
        raise error

    finding = await look.database_usable(check, PG)
    assert finding.verdict == verdict
    assert cure in finding.cure
    assert "hush" not in str(finding)


async def test_old_sqlite_file_is_upgraded_by_the_start(tmp_path: Path) -> None:
    async def check() -> None:
        raise DatabaseOutdated(database="0001", code_wants="0002")

    file = tmp_path / "atelier.db"
    file.touch()
    finding = await look.database_usable(check, f"sqlite+aiosqlite:///{file}")
    assert finding.verdict == "warn"
    assert "upgrades it" in finding.cure


async def test_worker_that_comes_up_says_what_it_is() -> None:
    async def start() -> str:
        return "cpu, ready in 3 s"

    assert await look.worker_starts(start) == Finding("worker", "ok", "cpu, ready in 3 s")


async def test_worker_that_does_not_come_up_is_bad() -> None:
    async def start() -> str:
        raise NoWorker(why="it ended with code 1")

    finding = await look.worker_starts(start)
    assert finding.verdict == "bad"
    assert "ended with code 1" in finding.detail


async def test_settings_are_told_by_source_without_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (await look.settings_in_force(load())).detail == "all at their defaults"
    monkeypatch.setenv("ATELIER_ENGINE__DATABASE__URL", PG)
    finding = await look.settings_in_force(load())
    assert finding.detail == "engine.database.url from environment"


async def test_web_server_that_is_switched_off_needs_no_port() -> None:
    assert (await look.port_free(HttpSettings(enabled=False, port=1))).verdict == "ok"


LISTED = Listed(Base(name="xl", family="sdxl", folder="/xl"), serves=True)


async def listed(*found: Listed) -> Finding:
    async def bases() -> tuple[Listed, ...]:
        return found

    async def memories() -> list[int]:
        return [8 << 30, 24 << 30, 24 << 30]

    return await look.bases_held(bases, memories)


async def test_each_base_is_told_with_how_it_would_be_held_on_each_card() -> None:
    finding = await listed(LISTED)
    assert finding.verdict == "ok"
    assert "xl 1: on 8 GiB bf16, parts come and go" in finding.detail
    assert finding.detail.count("on 24 GiB bf16, all in its memory, 8 rows at once") == 1


def test_without_a_card_the_cpu_holds_it() -> None:
    assert look.holdings(LISTED.base, []) == ["fp32 on the CPU"]


async def test_a_base_whose_files_are_gone_is_bad() -> None:
    finding = await listed(replace(LISTED, problem="its folder is gone"))
    assert (finding.verdict, finding.detail) == ("bad", "xl: its folder is gone")
    assert needs_cure(finding)


async def test_bases_that_nobody_is_served_with_are_not_told() -> None:
    assert "none yet" in (await listed(replace(LISTED, serves=False))).detail


async def test_bases_of_a_database_that_cannot_be_read_are_not_looked_at() -> None:
    async def bases() -> tuple[Listed, ...]:
        raise DatabaseOutdated(database="0001", code_wants="0002")

    assert (await look.bases_held(bases)).verdict == "warn"
