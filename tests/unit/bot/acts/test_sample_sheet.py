"""Pictures on a page of looks: one image, or none; the list comes all the same."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import replace

import pytest
from PIL import Image

from bot.acts import sample_sheet as module
from bot.acts.looks import looks_page
from bot.command import Context
from bot.messages import Level
from engine.api import WordLook
from engine.errors import StoreBusy
from engine.messages import Card, Search, SpaceId
from tests.fakes.engine import FakeEngine, png


async def test_the_looks_with_a_sample_are_one_picture(
    context: Context, engine: FakeEngine
) -> None:
    engine.sample_pngs = {"Zib": png(), "Neon": png()}

    page = await looks_page(context, Search())

    (image,) = page.images
    assert image.alt == "Samples: Zib, Neon"
    assert Image.open(io.BytesIO(image.png)).width == 2 * 160 + 3 * 8


async def test_without_samples_there_is_a_list_and_no_picture(context: Context) -> None:
    page = await looks_page(context, Search())

    assert page.images == ()
    assert len(page.lines) == 2


@pytest.mark.parametrize("broken", [b"", b"no picture", png()[:40]])
async def test_a_broken_picture_is_left_out(
    context: Context, engine: FakeEngine, broken: bytes
) -> None:
    engine.sample_pngs = {"Zib": broken, "Neon": broken}

    assert (await looks_page(context, Search())).images == ()


class Slow(FakeEngine):
    async def sample(self, space: SpaceId, look: Card | WordLook) -> bytes | None:
        await asyncio.Event().wait()
        return None


class Busy(FakeEngine):
    async def ask_samples(self, space: SpaceId, looks: Sequence[Card | WordLook]) -> int:
        raise StoreBusy(database="atelier.db")

    async def sample(self, space: SpaceId, look: Card | WordLook) -> bytes | None:
        raise StoreBusy(database="atelier.db")


@pytest.mark.parametrize("engine", [Slow(), Busy()])
async def test_no_picture_ever_keeps_the_list_back(
    context: Context, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITED_S", 0.01)

    page = await looks_page(replace(context, engine=engine), Search())

    assert (len(page.lines), page.images) == (2, ())


async def test_only_moderators_have_samples_drawn(context: Context, engine: FakeEngine) -> None:
    await looks_page(context, Search())
    assert engine.samples_asked == []

    author = context.inbound.author.model_copy(update={"level": Level.MODERATOR})
    moderator = context.inbound.model_copy(update={"author": author})
    await looks_page(replace(context, inbound=moderator), Search())
    assert engine.samples_asked == ["Zib", "Neon"]
