"""A conversation on the console, from the first message to the picture that is posted."""

import io
from pathlib import Path

from PIL import Image
from rich.console import Console as Screen

from bot.console.adapter import ConsolePlatform
from bot.console.inbound import inbound
from bot.console.lines import Script
from bot.messages import Words
from bot.wiring import build
from engine.messages import JobId
from tests.fakes.engine import FakeEngine


async def converse(folder: Path, *lines: str, engine: FakeEngine | None = None) -> str:
    """What stands in the terminal after somebody typed these lines."""
    paper = io.StringIO()
    engine = engine or FakeEngine(auto=True)
    screen = Screen(file=paper, width=100, highlight=False)
    console = ConsolePlatform(screen, Script(lines), folder)
    await engine.start()
    await build(engine, {"console": console}).run()
    await engine.stop()
    return paper.getvalue()


async def test_plain_words_become_a_picture_in_a_file(tmp_path: Path) -> None:
    shown = await converse(tmp_path, "Zib in neon on a blue background")
    assert "Zib 0.9 + Neon 0.7 · seed 0 · 0.4 s · job1" in shown
    assert "[1] again  [2] vary  [3] why this?  [4] without Neon  [5] less Neon" in shown
    assert str(tmp_path / "job1.png").replace("\n", "") in shown.replace("\n  ", "")
    with Image.open(tmp_path / "job1.png") as picture:
        assert picture.size == (64, 64)


async def test_a_number_presses_the_newest_buttons(tmp_path: Path) -> None:
    engine = FakeEngine(auto=True)
    shown = await converse(tmp_path, "Zib", "3", "1", engine=engine)
    assert "Why job1 looks the way it does" in shown
    assert "trigger “zib creature”" in shown
    assert sorted(file.name for file in tmp_path.iterdir()) == ["job1.png", "job2.png"]
    undone = engine.disk.jobs[JobId("job2")].plan
    assert (undone.seed, undone.loras) == (0, ())


async def test_a_number_without_a_button_says_so(tmp_path: Path) -> None:
    engine = FakeEngine(auto=True)
    assert "no button 99" in await converse(tmp_path, "Zib", "99", engine=engine)
    assert len(engine.disk.jobs) == 1


async def test_each_picture_is_shown_before_the_next_line_is_read(tmp_path: Path) -> None:
    shown = await converse(tmp_path, "a cat", "a dog")
    first, second = shown.index("a cat\n"), shown.index("job1.png")
    assert first < second < shown.index("a dog") < shown.index("job2.png")


async def test_a_mistake_is_answered_and_the_talk_goes_on(tmp_path: Path) -> None:
    shown = await converse(tmp_path, "/create a cat size=banana", "/nosuch", "hello")
    assert "What works: like 64x64, or 64." in shown
    assert "/help lists all commands" in shown
    assert "Hello! What shall I draw?" in shown


async def test_commands_and_plain_words_share_one_conversation(tmp_path: Path) -> None:
    engine = FakeEngine(auto=True)
    await converse(tmp_path, "/create a cat seed=7", "hello", engine=engine)
    ((_, turns),) = engine.disk.turns.items()
    assert [(turn.words, turn.job) for _, turn in turns] == [("a cat", "job1"), ("hello", None)]


async def test_a_picture_that_was_left_by_a_crash_is_shown_at_the_next_start(
    tmp_path: Path,
) -> None:
    engine = FakeEngine()
    paper = io.StringIO()
    console = ConsolePlatform(Screen(file=paper, width=100), Script(()), tmp_path)
    bot = build(engine, {"console": console})
    await bot.router.receive(inbound(Words(text="a cat")))
    engine.finish(JobId("job1"))

    shown = await converse(tmp_path, "/help", engine=FakeEngine(engine.disk))
    assert shown.count("job1.png") >= 1
    assert engine.outcome(JobId("job1")).state == "posted"


async def test_leaving_needs_no_terminal(tmp_path: Path) -> None:
    assert "Ctrl-D leaves" in await converse(tmp_path)
    assert "a cat" not in await converse(tmp_path, "/quit", "a cat")
