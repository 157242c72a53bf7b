"""A person in front of the page: what they see, type and press, found by role and label."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from playwright.async_api import (  # skipped above where there is none
    APIResponse,
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    Route,
    WebSocket,
    WebSocketRoute,
    expect,
)

from tests.fakes import slow

PATIENCE_MS = 60_000
"""No test waits this long for what comes: a machine may be slow and busy."""
READ_EVERY_S = 0.05
REPORT_MS = 5_000
MOST_TEXT, MOST_LINES = 1_500, 12
KEEP_TOASTS = """
    window.told = [];
    const keep = (node) => node.matches?.(".toast") && window.told.push(node.textContent);
    new MutationObserver((seen) => seen.forEach((each) => each.addedNodes.forEach(keep)))
        .observe(document, { childList: true, subtree: true });
"""
MARK = {"X-Atelier": "1"}
DESK: Mapping[str, int] = {"width": 1280, "height": 900}
PHONE: Mapping[str, int] = {"width": 390, "height": 844}
UNREACHABLE = re.compile(r"net::ERR_|WebSocket connection to|status of 503")
NO_RECIPE = re.compile(r"status of 404.*/api/recipe")
GONE = re.compile(r"status of 404.*/pictures/")
REFUSED = re.compile(r"status of (400|413)")
SIGN_IN = re.compile(r"status of 401")
__all__ = ["APIResponse", "Route", "WebSocketRoute", "expect"]
expect.set_options(timeout=PATIENCE_MS)
Read = TypeVar("Read")


async def comes(read: Callable[[], Awaitable[Read]], is_so: Callable[[Read], bool]) -> Read:
    """Read again until it is so; when it never is, the last reading is told."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not is_so(found := await read()):
        assert time.monotonic() < end, f"it stayed {found!r}"
        await asyncio.sleep(READ_EVERY_S)
    return found


@dataclass
class Screen:
    """One tab."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    forgiven: list[re.Pattern[str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asks)
        self.page.on("websocket", self._connects)

    def _heard(self, message: ConsoleMessage) -> None:
        self.heard.append(f"{message.type}: {message.text}")
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _asks(self, request: Request) -> None:
        self.asked.append(request.url)

    def _connects(self, socket: WebSocket) -> None:
        self.asked.append(socket.url.replace("ws", "http", 1))

    def forgive(self, pattern: re.Pattern[str]) -> None:
        """These complaints of the browser belong to what the test does."""
        self.forgiven.append(pattern)

    @property
    def unforgiven(self) -> list[str]:
        """What the browser complained of and no test expected: a complaint may come late."""
        every = self.complaints
        return [said for said in every if not any(each.search(said) for each in self.forgiven)]

    # --- what there is ------------------------------------------------------------------------

    @property
    def field(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("textbox", name="Describe a picture, or type / for commands")

    @property
    def posts(self) -> Locator:
        """Everything in the open place."""
        return self.page.get_by_role("region", name="Posts").get_by_role("article")

    @property
    def pictures(self) -> Locator:
        """Pictures that hang in the chat, each a button that enlarges it."""
        posts = self.page.get_by_role("region", name="Posts")
        return posts.get_by_role("button", name=re.compile("^Enlarge: "))

    @property
    def gallery(self) -> Locator:
        """The wall of the open place."""
        return self.page.get_by_role("region", name="Gallery")

    @property
    def hung(self) -> Locator:
        """Pictures in the gallery."""
        return self.gallery.get_by_role("listitem").get_by_role("button")

    @property
    def lightbox(self) -> Locator:
        """One picture over everything."""
        return self.page.get_by_role("dialog", name="Picture")

    @property
    def bar(self) -> Locator:
        """The bar of a running job."""
        return self.page.get_by_role("progressbar", name="Drawing")

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def post(self, text: str | re.Pattern[str]) -> Locator:
        """A post by some of its text."""
        return self.posts.filter(has_text=text)

    def dialog(self, name: str) -> Locator:
        """A sheet by its title."""
        return self.page.get_by_role("dialog", name=name, exact=True)

    # --- what one does ------------------------------------------------------------------------

    async def says(self, words: str) -> None:
        """Type a line and send it."""
        await self.field.fill(words)
        await self.field.press("Enter")

    async def gets(self, words: str) -> Locator:
        """Ask for a picture and see it; returns its post."""
        await self.says(words)
        post = self.posts.filter(has=self.page.get_by_role("button", name=f"Enlarge: {words}"))
        await expect(post).to_have_count(1)
        await is_loaded(post.get_by_role("button", name=f"Enlarge: {words}"))
        return post

    @asynccontextmanager
    async def presses(self, target: Locator) -> AsyncIterator[None]:
        """Press with the mouse, and let go at the end: things may change in between."""
        await target.hover()
        await self.page.mouse.down()
        yield
        await self.page.mouse.up()

    async def clicks_twice(self, target: Locator, seen: Locator) -> None:
        """A double click of which the second half comes when the first has already shown this."""
        await target.hover()
        for half in (1, 2):
            await self.page.mouse.down(click_count=half)
            await self.page.mouse.up(click_count=half)
            await expect(seen).to_have_count(1)

    async def is_told(self, words: str) -> None:
        """A short message at the edge says or said this: it may be gone by now."""
        await self.page.wait_for_function(
            "(words) => window.told.some((each) => each.includes(words))", arg=words
        )

    async def settles(self) -> None:
        """Wait until nothing moves any more, but for what moves for ever."""
        await self.page.wait_for_function(
            """() => document.getAnimations().every((each) => each.playState !== "running"
                || each.effect.getComputedTiming().iterations === Infinity)"""
        )

    async def drops(self, file: Path) -> None:
        """Drag a file over the page and let it go there."""
        await self.page.evaluate(
            """([name, bytes]) => {
                const dataTransfer = new DataTransfer();
                const file = new File([new Uint8Array(bytes)], name, { type: "image/png" });
                dataTransfer.items.add(file);
                for (const kind of ["dragenter", "dragover", "drop"]) {
                    const how = { dataTransfer, bubbles: true, cancelable: true };
                    document.querySelector("main").dispatchEvent(new DragEvent(kind, how));
                }
            }""",
            [file.name, list(file.read_bytes())],
        )

    async def shows(self) -> list[str]:
        """The first line of each post's words, author and time left out, in order."""
        texts = self.posts.locator(".words, .caption-words, .drawing-text, .note-text")
        return [each.split("\n")[0] for each in await texts.all_inner_texts()]

    async def comes_to_show(self, lines: list[str], *, in_any_order: bool = False) -> None:
        """Wait until the posts say exactly this."""
        wanted = sorted(lines) if in_any_order else lines
        order = sorted if in_any_order else list
        await comes(self.shows, lambda shown: order(shown) == wanted)

    async def report(self, folder: Path) -> str:
        """What a person would see here now, and what the browser said: for a test that failed."""
        lines = [f"--- {self.page.url}"]
        try:
            text = await self.page.locator("body").inner_text(timeout=REPORT_MS)
            focus = await self.page.evaluate("document.activeElement?.outerHTML?.slice(0, 120)")
            told = await self.page.evaluate("window.told")
            picture = folder / f"failed-{id(self)}.png"
            await self.page.screenshot(path=picture, timeout=REPORT_MS)
            lines += [re.sub(r"\s*\n\s*", " | ", text)[:MOST_TEXT]]
            lines += [f"focus: {focus}", f"told: {told}", f"picture: {picture}"]
        except Error as error:
            lines.append(f"(it does not answer: {error.message[:200]})")
        return "\n".join([*lines, *(f"console {each[:300]}" for each in self.heard[-MOST_LINES:])])


async def is_loaded(frame: Locator) -> None:
    """The picture inside is really there, not only its frame."""
    picture = frame.locator("img")
    await expect(picture).to_have_js_property("complete", True)
    await expect(picture).not_to_have_js_property("naturalWidth", 0)


@dataclass
class Tabs:
    """Everything that is open in the browser."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    screens: list[Screen] = field(default_factory=list)

    async def person(self, url: str, name: str = "Ada", **looks: Any) -> Screen:
        """Somebody with a browser of their own comes to the page."""
        context = await self.context(**looks)
        answer = await context.request.post(f"{url}/api/session", data={"name": name}, headers=MARK)
        assert answer.ok
        return await self.tab(context, url)

    async def context(self, **looks: Any) -> BrowserContext:
        """A browser that was never here."""
        looks.setdefault("viewport", DESK)
        context = await self.browser.new_context(**looks)
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        await context.add_init_script(KEEP_TOASTS)
        self.contexts.append(context)
        return context

    async def tab(self, context: BrowserContext, url: str, path: str = "/") -> Screen:
        """Another tab of the same person, ready to be used."""
        screen = await self.blank(context, url)
        await screen.page.goto(url + path)
        await expect(screen.page.get_by_role("navigation", name="Views")).to_be_visible()
        return screen

    async def blank(self, context: BrowserContext, url: str) -> Screen:
        """A tab before it goes anywhere."""
        screen = Screen(await context.new_page(), url)
        self.screens.append(screen)
        await slow.hold(context, screen.page)
        return screen

    async def finish(self) -> None:
        """Shut every tab, before the server goes; nothing may have been wrong in any."""
        await self.close()
        for screen in self.screens:
            assert screen.unforgiven == [], screen.unforgiven
            strangers = [
                url for url in screen.asked if not url.startswith((screen.origin, "blob:", "data:"))
            ]
            assert strangers == [], strangers

    async def report(self, folder: Path) -> str:
        """Every tab that is still open."""
        open_ones = [screen for screen in self.screens if not screen.page.is_closed()]
        return "\n".join([await screen.report(folder) for screen in open_ones])

    async def close(self) -> None:
        """Shut them all."""
        for context in self.contexts:
            await context.close()
        self.contexts.clear()
