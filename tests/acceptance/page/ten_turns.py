"""`python -m tests.acceptance.page.ten_turns FOLDER`: a talk on the real page, as pictures.

The whole bot as the demo starts it, with the real worker and the miniature; ten turns are typed and
what the page shows then is written to FOLDER. `docs/director.md` has them.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import async_playwright

from tests.acceptance.page.conftest import ARGUMENTS, CHROMIUMS
from tests.acceptance.page.screen import Screen, Tabs, expect, is_loaded
from tests.acceptance.page.test_demo import WORKER_MS, demo

TURNS: tuple[tuple[str, int], ...] = (
    ("Zib on a blue background", 1),
    ("same but at golden hour", 1),
    ("the golden hour is way too strong", 1),
    ("now as a mosaic", 1),
    ("lose the mosaic", 1),
    ("put it on a green background", 1),
    ("crank the golden hour", 1),
    ("actually go back to the one before", 1),
    ("which styles do you have?", 0),
    ("3 more like that", 3),
)
"""What is typed, and how many pictures come of it."""
SEEN: dict[str, int] = {"width": 900, "height": 1500}
SHOTS: dict[int, str] = {3: "ten-turns-1.png", 7: "ten-turns-2.png", 9: "ten-turns-3.png"}
"""After which turn the page is kept, and as what."""
COLOURS = 96


async def talk(screen: Screen, folder: Path) -> None:
    """All turns, one after another."""
    hung = 0
    for place, (words, more) in enumerate(TURNS):
        before = await screen.posts.count()
        await screen.says(words)
        hung += more
        if more:
            await expect(screen.pictures).to_have_count(hung, timeout=WORKER_MS)
            await is_loaded(screen.pictures.last)
        else:
            await expect(screen.posts).to_have_count(before + 2, timeout=WORKER_MS)
        await screen.settles()
        if place in SHOTS:
            file = folder / SHOTS[place]
            await screen.page.screenshot(path=file)
            await asyncio.to_thread(_small, file)
    await screen.button("Why this?").last.click()
    await expect(screen.dialog("Why this?")).to_be_visible()
    await screen.settles()
    file = folder / "ten-turns-why.png"
    await screen.page.screenshot(path=file)
    await asyncio.to_thread(_small, file)


def _small(file: Path) -> None:
    with Image.open(file) as opened:
        picture = opened.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(file, optimize=True)


async def main(folder: Path) -> None:
    """Start the bot and a browser, talk, end both."""
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if program is None:
        sys.exit(f"no browser on this machine: looked for {', '.join(CHROMIUMS)}")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        async with demo(Path(data)) as url, async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=program, args=list(ARGUMENTS))
            tabs = Tabs(browser)
            try:
                screen = await tabs.person(url, viewport=SEEN)
                await talk(screen, folder)
                for said in await screen.shows():
                    sys.stdout.write(re.sub(r"\s+", " ", said) + "\n")
            finally:
                await tabs.close()
                await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
