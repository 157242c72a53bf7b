"""A real Chromium before the real page; skipped with a clear word where there is none."""

import shutil
import sys
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.settings import WebSettings
from tests.fakes.page import Page, open_page

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.acceptance.page.screen import Tabs

LINK = WebSettings(channels=("Studio",), public_url="https://pictures.example")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed while its tabs are still open."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator["Browser"]:
    """One browser for all tests of a file."""
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if program is None:
        pytest.skip(f"no browser on this machine: looked for {', '.join(CHROMIUMS)}")
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def tabs(
    browser: "Browser", request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator["Tabs"]:
    """Opens tabs; at the end none may have complained, nor asked anybody but the page's server.

    What the tabs of a failed test show is printed: where only its output is kept, that must do.
    """
    screen = pytest.importorskip("tests.acceptance.page.screen")
    tabs = screen.Tabs(browser)
    try:
        yield tabs
        if request.node.stash.get(FAILED, False):
            sys.stdout.write(await tabs.report(tmp_path) + "\n")
        else:
            await tabs.finish()
    finally:
        await tabs.close()


@pytest_asyncio.fixture(loop_scope="module")
async def home(tmp_path: Path) -> AsyncIterator[Page]:
    """The page with a pool in memory: words with `wait` are drawn when the test says so."""
    async with open_page(tmp_path) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def furnished(tmp_path: Path) -> AsyncIterator[Page]:
    """The same, and the Studio has the miniature's looks."""
    async with open_page(tmp_path, has_looks=True) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def house(tmp_path: Path) -> AsyncIterator[Page]:
    """A page that the world can reach, so that everyone needs a link."""
    async with open_page(tmp_path, web=LINK) as page:
        yield page
