"""`atelier base` on a real data folder: add, list, pin, remove, for people and for programs."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import engine
from bot.__main__ import app
from engine.bases.hub import HubRepos
from tests.fakes.hub import FIRST, NAME, open_hub

MINIATURE = Path(engine.__file__).parent / "miniature" / "base"
Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["--data-dir", str(tmp_path / "data"), "base", *words])

    return run


def lines(done: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_base_from_its_first_day_to_its_last(call: Call, tmp_path: Path) -> None:
    copied = shutil.copytree(MINIATURE, tmp_path / "copied")
    (first,) = lines(call("add", str(MINIATURE), "--name", "mine", "--json"))
    (second,) = lines(call("add", str(copied), "--name", "mine", "--json"))
    assert (first["version"], first["serves"], first["family"]) == (1, True, "miniature")
    assert (second["version"], second["serves"]) == (2, False)
    assert "mine 2 serves everywhere" in call("pin", "mine", "2").stdout
    assert call("pin", "mine", "1", "--space", "web:a").exit_code == 0
    listed = {(each["name"], each["version"]): each for each in lines(call("list", "--json"))}
    assert listed["mine", 2]["serves"]
    assert listed["mine", 1]["spaces"] == ["web:a"]
    assert call("pin", "mine", "--space", "web:a", "--follow").exit_code == 0
    unsure = call("remove", "mine", "1")
    assert unsure.exit_code == 2
    assert "--yes" in unsure.stderr
    assert call("remove", "mine", "1", "--yes").exit_code == 0
    assert [
        each["version"] for each in lines(call("list", "--json")) if each["name"] == "mine"
    ] == [2]
    assert (MINIATURE / "model_index.json").is_file()


def test_what_is_no_base_is_told_with_the_cure(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "dream.ckpt"
    file.write_bytes(b"\x80\x02")
    done = call("add", str(file))
    assert done.exit_code == 2
    told = " ".join(done.stderr.split())
    assert "dream.ckpt is a pickle" in told
    assert ".safetensors" in told
    assert "waits for a pin" not in call("list").stdout


async def test_a_repository_is_shown_first_and_fetched_when_it_is_wanted(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        str(file.relative_to(MINIATURE)): file.read_bytes()
        for file in MINIATURE.rglob("*")
        if file.is_file()
    }
    async with open_hub({FIRST: files}) as hub:
        repos = HubRepos(tmp_path / "hub", endpoint=hub.url)
        monkeypatch.setattr("engine.wiring.hub", lambda _settings: repos)
        shown = await asyncio.to_thread(call, "add", NAME, "--json")
        assert (shown.exit_code, hub.fetched) == (2, [])
        assert "--yes" in shown.stderr
        (added,) = lines(await asyncio.to_thread(call, "add", NAME, "--json", "--yes"))
    assert (added["name"], added["source"]) == ("tiny", f"hub:{NAME}")
    assert (added["revision"], added["family"]) == (FIRST, "miniature")
    removed = ("remove", "tiny", "--with-download", "--yes", "--json")
    (gone,) = lines(await asyncio.to_thread(call, *removed))
    assert gone["freed_bytes"] == sum(map(len, files.values())) - len(files["README.md"])
