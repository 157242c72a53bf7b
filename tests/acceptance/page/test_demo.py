"""From typed words to a shown picture with the real worker, the miniature base and its LoRAs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import wiring
from bot.cli.demo_page import LOOKS
from bot.metrics import Metrics
from bot.settings import HttpSettings, Settings, WebSettings
from engine.settings import EngineSettings
from tests.acceptance.page.screen import Tabs, expect, is_loaded

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
WORKER_MS = 240_000
"""A worker that loads torch on a busy machine takes its time."""


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[str]:
    """The whole bot as the demo starts it; gives the page's address."""
    settings = Settings(
        engine=EngineSettings(data_dir=folder),
        platforms=("web",),
        http=HttpSettings(port=0),
        web=WebSettings(channels=("Studio", "Arcade")),
    )
    metrics = Metrics()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def ready(_: wiring.Bot, url: str | None) -> None:
        address.set_result(url or "")

    async with wiring.started(settings, metrics=metrics, is_demo=True, some=LOOKS) as engine:
        living = asyncio.create_task(wiring.inhabit(settings, engine, metrics, ready))
        try:
            yield await address
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)


@pytest.mark.timeout(400)
async def test_typed_words_become_a_real_picture(tmp_path: Path, tabs: Tabs) -> None:
    async with demo(tmp_path) as url:
        ada = await tabs.person(url)
        await ada.says("Zib in neon on a blue background")
        await expect(ada.pictures).to_have_count(1, timeout=WORKER_MS)
        await is_loaded(ada.pictures)
        await expect(ada.posts.last).to_contain_text("Zib")
        await expect(ada.posts.last).to_contain_text("Neon")
        colours = await ada.pictures.locator("img").evaluate(
            """(picture) => {
                const canvas = document.createElement("canvas");
                Object.assign(canvas, { width: 64, height: 64 });
                const context = canvas.getContext("2d");
                context.drawImage(picture, 0, 0);
                const seen = new Set();
                const { data } = context.getImageData(0, 0, 64, 64);
                for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 3).join());
                return seen.size;
            }"""
        )
        assert colours > 100
        await ada.button("Why this?").click()
        sheet = ada.dialog("Why this?")
        for look in ("Zib", "Neon"):
            await expect(sheet.get_by_text(look, exact=True)).to_be_visible()
        await ada.page.keyboard.press("Escape")
        await ada.button("Again").click()
        await expect(ada.pictures).to_have_count(2, timeout=WORKER_MS)
        await is_loaded(ada.pictures.last)
        await tabs.finish()
