"""`atelier draw`: words become files, and a line for programs."""

from pathlib import Path

import pytest
from rich.progress import Progress

from bot.cli.draw import Wish, as_line, ask, deliver, failure_of
from engine.errors import OutOfMemory
from engine.messages import JobId, Settings, SpaceId
from tests.fakes.engine import FakeEngine

SPACE = SpaceId("console:local")


def wish(words: str, settings: Settings | None = None) -> Wish:
    return Wish(words=words, space=SPACE, settings=settings or Settings(), out=None)


async def test_words_become_files_and_a_line_of_json(tmp_path: Path) -> None:
    engine = FakeEngine(auto=True)
    with Progress(disable=True) as progress:
        reading, job = await ask(
            engine, wish("Zib", Settings(seed=7, count=2)), progress, progress.add_task("")
        )
        files = await deliver(engine, job, tmp_path / "zib.png")
    line = as_line(job, files, reading.reply)
    assert [Path(str(file)).name for file in files] == ["zib.png", "zib-2.png"]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)
    assert (line["file"], line["seed"], line["base"]) == (str(files[0]), 7, "miniature")
    assert line["loras"] == [
        {"name": "Zib", "weight": 0.9, "trigger": "zib creature", "reason": "you said “Zib”",
         "kind": "character"}
    ]  # fmt: skip
    assert engine.outcome(job.id).state == "posted"


async def test_small_talk_is_drawn_all_the_same(tmp_path: Path) -> None:
    engine = FakeEngine(auto=True)
    with Progress(disable=True) as progress:
        _, job = await ask(engine, wish("hello"), progress, progress.add_task(""))
    assert job.plan.words == "hello"


async def test_a_failed_job_is_its_own_error(tmp_path: Path) -> None:
    engine = FakeEngine(auto=True)
    with Progress(disable=True) as progress:
        _, job = await ask(engine, wish("a cat"), progress, progress.add_task(""))
    engine.fail(JobId(job.id), "out_of_memory", device="cpu")
    failed = await engine.show(job.owner, job.id)
    error = failure_of(failed)
    assert isinstance(error, OutOfMemory)
    assert error.facts == {"device": "cpu", "job": job.id}
    with pytest.raises(OutOfMemory):
        await deliver(engine, failed.model_copy(update={"result": None}), tmp_path / "x.png")
