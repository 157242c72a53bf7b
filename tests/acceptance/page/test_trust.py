"""What people send is only ever text and pictures: markup, bombs, huge files, first bytes."""

import asyncio
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tests.acceptance.page.screen import REFUSED, SIGN_IN, Route, Screen, Tabs, expect, is_loaded
from tests.fakes.page import STUDIO, Page
from tests.fakes.pool import tiny_png

pytestmark = pytest.mark.asyncio(loop_scope="module")
FIRST_LOAD_BYTES = 200_000
HOSTILE = (
    '<script>window.was = 1</script><img src=x onerror="window.was = 1"> **bold** '
    "[link](javascript:window.was=1) https://evil.test/x &lt;b&gt; @everyone "
)


def bomb() -> bytes:
    """A small file that says it is 50,000 x 50,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


async def attach(screen: Screen, name: str, data: bytes, media_type: str = "image/png") -> None:
    """Choose a file with the plus button."""
    async with screen.page.expect_file_chooser() as choosing:
        await screen.button("Add a picture").click()
    chooser = await choosing.value
    await chooser.set_files({"name": name, "mimeType": media_type, "buffer": data})


async def test_markup_in_4000_characters_is_only_text(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob <b>")
    words = (HOSTILE * 40)[:4000].strip()
    await ada.says(words)
    for person in (ada, bob):
        await expect(person.posts.first).to_contain_text(words[:200])
        await expect(person.pictures).to_have_count(1)
        await person.button("Why this?").click()
        await expect(person.dialog("Why this?").get_by_role("blockquote")).to_contain_text(
            "<script>"
        )
        await person.page.keyboard.press("Escape")
        await person.pictures.click()
        await expect(person.lightbox).to_contain_text("<script>")
        await person.page.keyboard.press("Escape")
        assert await person.page.evaluate("window.was") is None
        assert await person.page.locator("#app script, #app a[href^='javascript']").count() == 0
    said = await ada.posts.first.get_by_role("paragraph").inner_text()
    assert said == words
    await expect(ada.page.get_by_role("button", name="Enlarge")).to_have_count(1)


async def test_more_than_4000_characters_are_refused_and_kept(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.says("x" * 4001)
    await ada.is_told("longer than 4000 letters")
    await expect(ada.field).to_have_value("x" * 4001)
    await expect(ada.page.get_by_text("4001 / 4000")).to_be_visible()
    await expect(ada.posts).to_have_count(0)


async def test_a_picture_is_attached_shown_and_sent(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await attach(ada, "my cat.png", tiny_png(48, 32, 7))
    tray = ada.page.get_by_role("list", name="Pictures that go along")
    await expect(tray.get_by_role("img", name="my cat.png")).to_be_visible()
    await ada.says("what is that")
    await expect(tray).to_have_count(0)
    for person in (ada, bob):
        shown = person.posts.first.get_by_role("button", name="Enlarge: my cat.png")
        await is_loaded(shown)
        await expect(person.posts.first).to_contain_text("what is that")


async def test_an_attached_picture_can_be_taken_out(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await attach(ada, "cat.png", tiny_png(48, 32, 7))
    await ada.button("Remove cat.png").click()
    await expect(ada.button("Remove cat.png")).to_have_count(0)
    await ada.gets("a blue star")
    await expect(ada.pictures).to_have_count(1)


async def test_a_press_on_remove_counts_though_the_upload_ends_meanwhile(
    home: Page, tabs: Tabs
) -> None:
    ada = await tabs.person(home.url)
    held: asyncio.Queue[Route] = asyncio.Queue()
    await ada.page.route("**/api/uploads*", held.put)
    await attach(ada, "cat.png", tiny_png(48, 32, 7))
    upload = await held.get()
    async with ada.presses(ada.button("Remove cat.png")):
        await upload.continue_()
        await expect(ada.page.get_by_role("progressbar", name="Uploading")).to_have_count(0)
    await expect(ada.button("Remove cat.png")).to_have_count(0)


async def test_a_dropped_picture_goes_along(home: Page, tabs: Tabs, tmp_path: Path) -> None:
    ada = await tabs.person(home.url)
    dropped = tmp_path / "dropped.png"
    dropped.write_bytes(tiny_png(48, 32, 7))
    await ada.drops(dropped)
    await expect(ada.page.get_by_role("img", name="dropped.png")).to_be_visible()
    await ada.says("like this")
    await is_loaded(ada.posts.first.get_by_role("button", name="Enlarge: dropped.png"))


async def test_a_pasted_picture_goes_along(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.field.evaluate(
        """(field, bytes) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
            const paste = { clipboardData: files, bubbles: true };
            field.dispatchEvent(new ClipboardEvent("paste", paste));
        }""",
        list(tiny_png(48, 32, 7)),
    )
    await expect(ada.page.get_by_role("img", name="pasted.png")).to_be_visible()
    await expect(ada.button("Remove pasted.png")).to_be_visible()


async def test_an_image_bomb_is_refused_with_words(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await attach(ada, "bomb.png", bomb())
    await ada.is_told("bomb.png")
    await ada.is_told("pixels")
    await expect(ada.button("Remove bomb.png")).to_have_count(0)
    await ada.gets("a blue star")
    ada.forgive(REFUSED)


async def test_a_file_that_is_no_picture_is_refused_with_words(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await attach(ada, "notes.txt", b"hello", "text/plain")
    await ada.is_told("notes.txt is not a picture that I can read")
    await attach(ada, "fake.png", b"<svg onload=alert(1)>")
    await ada.is_told("fake.png")
    await expect(ada.button("Remove fake.png")).to_have_count(0)
    ada.forgive(REFUSED)


async def test_words_wait_for_a_picture_and_stay_when_it_is_refused(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    held: asyncio.Queue[Route] = asyncio.Queue()
    await ada.page.route("**/api/uploads*", held.put)
    await attach(ada, "fake.png", b"<svg onload=alert(1)>")
    upload = await held.get()
    await ada.says("what is that")
    await upload.continue_()
    await ada.is_told("fake.png")
    await expect(ada.button("Remove fake.png")).to_have_count(0)
    await expect(ada.field).to_have_value("what is that")
    await ada.field.press("Enter")
    await expect(ada.posts.first).to_contain_text("what is that")
    ada.forgive(REFUSED)


async def test_30_megabytes_are_refused_before_they_travel(
    home: Page, tabs: Tabs, tmp_path: Path
) -> None:
    ada = await tabs.person(home.url)
    huge = tmp_path / "huge.png"
    huge.write_bytes(tiny_png(8, 8, 1) + bytes(30 * 1024 * 1024))
    async with ada.page.expect_file_chooser() as choosing:
        await ada.button("Add a picture").click()
    await (await choosing.value).set_files(huge)
    await ada.is_told("huge.png has 30 MB. Up to 20 MB work.")
    assert [url for url in ada.asked if "/api/uploads" in url] == []


async def test_30_megabytes_are_refused_by_the_server_too(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    status = await ada.page.evaluate(
        """async (place) => {
            const headers = { "X-Atelier": "1", "Content-Type": "image/png" };
            const body = new Blob([new Uint8Array(30 * 1024 * 1024)]);
            const address = `/api/uploads?place=${place}`;
            return (await fetch(address, { method: "POST", headers, body })).status;
        }""",
        STUDIO,
    )
    assert status == 413
    ada.forgive(REFUSED)


async def test_the_first_load_is_small_and_asks_nobody_else(home: Page, tabs: Tabs) -> None:
    context = await tabs.context()
    ada = await tabs.blank(context, home.url)
    wire = await context.new_cdp_session(ada.page)
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda seen: sizes.append(int(seen["encodedDataLength"])))
    await wire.send("Network.enable")
    await ada.page.goto(home.url)
    await expect(ada.field).to_be_focused()
    await expect(ada.page.get_by_role("heading", name="An empty wall")).to_be_visible()
    await ada.page.wait_for_load_state("networkidle")
    assert len(sizes) > 20
    assert sum(sizes) < FIRST_LOAD_BYTES
    assert all(url.startswith(home.url) for url in ada.asked)
    assert [said for said in ada.complaints if not SIGN_IN.search(said)] == []
    assert len(ada.complaints) == 1
    ada.forgive(SIGN_IN)


async def test_a_sent_picture_loses_what_was_hidden_in_it(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    exif = Image.Exif()
    exif[0x010E] = "the garden of Ada"
    photo = io.BytesIO()
    Image.new("RGB", (32, 32), "green").save(photo, "JPEG", exif=exif)
    await attach(ada, "garden.jpg", photo.getvalue(), "image/jpeg")
    await expect(ada.button("Remove garden.jpg")).to_be_visible()
    await ada.says("what is that")
    shown = ada.posts.first.get_by_role("button", name="Enlarge: garden.jpg")
    await is_loaded(shown)
    address = await shown.locator("img").get_attribute("src")
    sent = await ada.page.context.request.get(f"{home.url}{address}")
    assert b"garden" not in await sent.body()
