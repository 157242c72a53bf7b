"""What the console shows in a terminal, and what it writes."""

import asyncio
import io
import os
import signal
from pathlib import Path

import pytest
from rich.console import Console as Screen

from bot.console import adapter
from bot.console.adapter import ConsolePlatform, write_files
from bot.console.lines import Script
from bot.messages import File, Image, Inbound, Invoke, Outbound, Words
from engine.messages import JobId
from tests.fakes.engine import png

JOB = JobId("job1")
PICTURE = Image(name="job1.png", png=png(), alt="a square")


@pytest.fixture
def paper() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def console(paper: io.StringIO, tmp_path: Path) -> ConsolePlatform:
    screen = Screen(file=paper, force_terminal=True, color_system="truecolor", width=100, height=50)
    return ConsolePlatform(screen, Script(()), tmp_path)


async def test_a_terminal_with_colours_shows_the_picture_itself(
    console: ConsolePlatform, paper: io.StringIO
) -> None:
    await console.post("terminal", Outbound(images=(PICTURE,), job=JOB), nonce="n")
    assert paper.getvalue().count("▀") == 64 * 32


async def test_progress_is_a_bar_with_a_preview_that_goes_away(
    console: ConsolePlatform, paper: io.StringIO
) -> None:
    going = Outbound(text="Drawing: step 5 of 20.", job=JOB, progress=0.25, preview=png(size=16))
    message = await console.post("terminal", going, nonce="n")
    await console.edit("terminal", message, going)
    await console.edit("terminal", message, Outbound(text="Done.", job=JOB))
    shown = paper.getvalue()
    assert "25%" in shown
    assert "step 5 of 20" in shown
    assert "▀" in shown
    assert "\x1b[2K" in shown
    assert shown.rstrip().endswith("Done.")


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    files = (File(name="a/b/../data.json", media_type="application/json", data=b"{}"),)
    written = write_files(Outbound(images=(PICTURE,), files=files), tmp_path)
    assert [file.name for file in written] == ["job1.png", "data.json"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["data.json", "job1.png"]


class Typed(Script):
    """Lines of a person, with something happening between them."""

    is_typed = True


async def test_ctrl_c_cancels_the_running_picture_and_twice_stops_waiting(
    paper: io.StringIO, tmp_path: Path
) -> None:
    console = ConsolePlatform(Screen(file=paper), Typed(["a cat"]), tmp_path)
    heard: list[Inbound] = []

    async def receive(act: Inbound) -> None:
        """The router of a machine that hangs: the job never ends."""
        heard.append(act)
        if isinstance(act.act, Words):
            drawing = Outbound(text="Up next.", job=JOB, progress=0)
            await console.post("terminal", drawing, nonce="n")
        os.kill(os.getpid(), signal.SIGINT)

    await asyncio.wait_for(console.run(receive), 60)
    assert [act.act for act in heard] == [
        Words(text="a cat"),
        Invoke(name="cancel", options={"id": JOB}),
    ]


def test_the_row_makes_it_from_the_settings() -> None:
    assert adapter.CONSOLE.title
