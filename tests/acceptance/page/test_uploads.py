"""Files on their way: cut, paused, refused, sent by a link, and what lies beside them."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from engine.messages import PersonId
from engine.storage.intakes import Sender
from tests.acceptance.page.screen import PHONE, REFUSED, Route, Tabs, expect
from tests.acceptance.page.test_vetting import ZIB, brings, card, hands_in, moderator, opens
from tests.fakes.page import STUDIO, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
GONE = re.compile(r"status of 404")
CUT = re.compile(r"net::ERR_")


async def test_what_lies_beside_a_file_comes_along_and_a_cancel_drops_all(
    home: Page, tabs: Tabs, tmp_path: Path
) -> None:
    mo = await moderator(home, tabs)
    told = tmp_path / "zib.civitai.info"
    told.write_text('{"trainedWords": ["zib"], "description": "A jar"}', encoding="utf-8")
    await opens(mo, "Bring one")
    await mo.page.locator("input[multiple]").last.set_input_files([told, ZIB])
    item = card(mo, ZIB.name)
    await expect(item).to_contain_text("all here; answer the questions")
    await expect(item).to_contain_text("with zib.civitai.info")
    parts = home.room.engine.registry.uploads.folder
    assert len(list(parts.iterdir())) == 1
    async with mo.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        await item.get_by_role("button", name=f"Remove {ZIB.name}").click()
    assert not list(parts.iterdir())
    await mo.page.locator("input[multiple]").last.set_input_files([ZIB, told])
    await hands_in(item)
    await expect(item.locator('[aria-current="step"]')).to_have_text("Waiting for a moderator")
    entry = await home.room.engine.registry.vetting.named(STUDIO, "zib")
    assert entry.card.description == "A jar"


async def test_an_upload_goes_on_after_a_cut_and_a_reload(
    home: Page, tabs: Tabs, tmp_path: Path
) -> None:
    mo = await moderator(home, tabs)
    await opens(mo, "Bring one")
    cuts: list[str] = []

    async def cut(route: Any) -> None:
        if route.request.method == "PATCH" and not cuts:
            cuts.append(route.request.url)
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await mo.page.route("**/api/registry/upload", cut)
    await mo.page.locator("input[multiple]").last.set_input_files(ZIB)
    item = card(mo, ZIB.name)
    await expect(item).to_contain_text("all here; answer the questions")
    assert cuts
    await mo.page.reload()
    await expect(item).to_contain_text("all here; answer the questions")
    await hands_in(item)
    await expect(item.get_by_text("Waiting for a moderator")).to_be_visible()
    await expect(item.locator('[aria-current="step"]')).to_have_text("Waiting for a moderator")
    mo.forgive(CUT)


async def test_an_upload_that_is_paused_before_it_has_a_link_goes_on_with_one(
    home: Page, tabs: Tabs
) -> None:
    mo = await moderator(home, tabs)
    await opens(mo, "Bring one")
    held: asyncio.Queue[Route] = asyncio.Queue()
    methods: list[str] = []
    mo.page.on("request", lambda request: methods.append(request.method))
    await mo.page.route("**/api/registry/uploads?*", held.put)
    await mo.page.locator("input[multiple]").last.set_input_files(ZIB)
    first = await held.get()
    item = card(mo, ZIB.name)
    await item.get_by_role("button", name=f"Pause {ZIB.name}").click()
    await item.get_by_role("button", name=f"Go on with {ZIB.name}").click()
    await (await held.get()).continue_()
    await expect(item).to_contain_text("all here; answer the questions")
    async with mo.page.expect_response("**/api/registry/uploads?*"):
        await first.continue_()
    await hands_in(item)
    await expect(item.locator('[aria-current="step"]')).to_have_text("Waiting for a moderator")
    assert methods.count("PATCH") == 1  # nothing travels twice


async def test_what_is_no_lora_is_refused_in_words(home: Page, tabs: Tabs, tmp_path: Path) -> None:
    mo = await moderator(home, tabs)
    pickle, empty = tmp_path / "model.safetensors", tmp_path / "empty.safetensors"
    pickle.write_bytes(b"\x80\x02}q\x00X\x05\x00\x00\x00helloq\x01K\x01s.")
    empty.write_bytes(b"")
    await brings(mo, pickle)
    await expect(card(mo, pickle.name)).to_contain_text("It is a pickle file")
    await mo.page.locator("input[multiple]").last.set_input_files(empty)
    await expect(card(mo, empty.name)).to_contain_text("an empty one")
    mo.forgive(REFUSED)


async def test_a_link_takes_a_file_from_somebody_without_a_session(home: Page, tabs: Tabs) -> None:
    sender = Sender(STUDIO, PersonId("fake:zoe"), "Zoe")
    token = await home.room.engine.registry.upload_link(sender)
    zoe = await tabs.blank(await tabs.context(viewport=PHONE), home.url)
    await zoe.page.goto(f"{home.url}/upload#{token}")
    await expect(zoe.page.get_by_role("heading", name="Send your LoRA")).to_be_visible()
    assert token not in zoe.page.url
    await zoe.page.locator("input[type=file]").set_input_files(ZIB)
    await hands_in(card(zoe, ZIB.name))
    now = card(zoe, ZIB.name).locator('[aria-current="step"]')
    await expect(now).to_have_text("Waiting for a moderator")
    gone = zoe.page.get_by_role("heading", name="This link takes nothing any more")
    await zoe.page.goto(f"{home.url}/upload#nonsense")
    await expect(gone).to_be_visible()
    await zoe.page.reload()
    await expect(gone).to_be_visible()
    zoe.forgive(GONE)
