"""What every platform promises, held by the console and by the fake alike."""

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console as Screen

from bot.console.adapter import ConsolePlatform
from bot.console.lines import Script
from bot.messages import Attachment, Button, File, Image, Inbound, Line, Outbound, Words
from bot.platforms import PLATFORMS
from bot.port import CannotPost, Maker, Platform
from engine.messages import JobId
from tests.fakes.engine import png
from tests.fakes.platform import FakePlatform


@dataclass
class Stage:
    """A platform with people on one side and a reader of everything shown on the other."""

    platform: Platform
    address: str
    seen: Callable[[], str]
    """All text that people can see."""


@dataclass
class Heard:
    """Stands for the router."""

    acts: list[Inbound] = field(default_factory=list)

    async def receive(self, inbound: Inbound) -> None:
        self.acts.append(inbound)


def console(folder: Path, *said: str) -> Stage:
    paper = io.StringIO()
    screen = Screen(file=paper, width=400, highlight=False)
    return Stage(ConsolePlatform(screen, Script(said), folder), "terminal", paper.getvalue)


def fake(_: Path, *said: str) -> Stage:
    platform = FakePlatform()
    for words in said:
        platform.say(words)
    platform.leave()

    def seen() -> str:
        parts = []
        for message in platform.messages.values():
            labels = [button.label for button in message.buttons]
            named = [part for line in message.lines for part in (line.name, line.value)]
            parts += [message.title, message.text, *named, *labels]
        return "\n".join(parts)

    return Stage(platform, "fake:garden/channel", seen)


STAGES = {"console": console, "fake": fake}
stages = pytest.mark.parametrize("make", STAGES.values(), ids=list(STAGES))
Make = Callable[..., Stage]


def test_every_row_is_tried_here() -> None:
    assert set(PLATFORMS) <= set(STAGES)
    assert all(isinstance(maker, Maker) for maker in PLATFORMS.all().values())


@stages
def test_limits_are_usable(make: Make, tmp_path: Path) -> None:
    platform = make(tmp_path).platform
    limits = platform.capabilities
    assert min(limits.text_chars, limits.images, limits.image_bytes, limits.buttons) >= 1
    assert limits.progress_every_s > 0
    assert platform.name


@stages
async def test_what_people_say_arrives_in_order_until_they_leave(
    make: Make, tmp_path: Path
) -> None:
    stage, heard = make(tmp_path, "one", "two", "three"), Heard()
    await asyncio.wait_for(stage.platform.run(heard.receive), 5)
    said = [act.act.text for act in heard.acts if isinstance(act.act, Words)]
    assert said == ["one", "two", "three"]


@stages
async def test_every_act_has_its_own_id_and_says_who_and_where(make: Make, tmp_path: Path) -> None:
    stage, heard = make(tmp_path, "same", "same"), Heard()
    await asyncio.wait_for(stage.platform.run(heard.receive), 5)
    first, second = heard.acts
    assert first.id != second.id
    assert first.conversation == second.conversation
    assert first.platform == stage.platform.name
    assert first.author.id.startswith(f"{stage.platform.name}:")
    assert first.space.id.startswith(f"{stage.platform.name}:")
    assert first.address


@stages
async def test_a_whole_message_is_shown(make: Make, tmp_path: Path) -> None:
    stage = make(tmp_path)
    await stage.platform.post(
        stage.address,
        Outbound(
            title="A title",
            text="Some text",
            lines=(Line(name="weight", value="0.9"),),
            images=(Image(name="job1.png", png=png(), alt="a square"),),
            files=(File(name="data.json", media_type="application/json", data=b"{}"),),
            buttons=(Button(id="draw:intent-1", label="again"),),
        ),
        nonce="n1",
    )
    for part in ("A title", "Some text", "weight", "0.9", "again"):
        assert part in stage.seen()


@stages
async def test_each_message_has_an_id_of_its_own(make: Make, tmp_path: Path) -> None:
    stage = make(tmp_path)
    ids = [
        await stage.platform.post(stage.address, Outbound(text=f"n{number}"), nonce=f"n{number}")
        for number in range(3)
    ]
    assert len(set(ids)) == 3


@stages
async def test_an_edit_may_be_repeated(make: Make, tmp_path: Path) -> None:
    stage = make(tmp_path)
    job = JobId("job1")
    progress = Outbound(text="Drawing.", job=job, progress=0.5)
    message_id = await stage.platform.post(stage.address, progress, nonce="n1")
    for _ in range(2):
        result = Outbound(text="It is done.", job=job)
        await stage.platform.edit(stage.address, message_id, result)
    assert "It is done." in stage.seen()


@stages
async def test_the_same_nonce_shows_nothing_twice_where_that_is_promised(
    make: Make, tmp_path: Path
) -> None:
    stage = make(tmp_path)
    if not stage.platform.capabilities.has_nonce:
        pytest.skip("promises no nonce")
    for _ in range(2):
        await stage.platform.post(stage.address, Outbound(text="only once"), nonce="same")
    assert stage.seen().count("only once") == 1


@stages
async def test_words_are_shown_as_they_are(make: Make, tmp_path: Path) -> None:
    stage = make(tmp_path)
    hostile = "[bold red]not markup[/] **nor this** <b>nor this</b>"
    label = Button(id="draw:intent-1", label="[blink]press[/blink]")
    line = Line(name="[link=x]name[/link]", value="[/]")
    await stage.platform.post(
        stage.address, Outbound(text=hostile, lines=(line,), buttons=(label,)), nonce="n1"
    )
    for part in (hostile, "[blink]press[/blink]", "[link=x]name[/link]", "[/]"):
        assert part in stage.seen()


@stages
async def test_files_never_leave_their_folder(make: Make, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    stage = make(inside)
    wicked = Image(name="../../wicked.png", png=png(), alt="")
    await stage.platform.post(stage.address, Outbound(images=(wicked,)), nonce="n1")
    assert list(tmp_path.glob("*.png")) == []


@stages
async def test_an_attachment_that_is_gone_cannot_be_fetched(make: Make, tmp_path: Path) -> None:
    stage = make(tmp_path)
    gone = Attachment(name="a.png", size_bytes=1, handle="nowhere")
    with pytest.raises(CannotPost) as caught:
        await stage.platform.fetch(gone, 1000)
    assert caught.value.final
