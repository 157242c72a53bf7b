"""The registry's addresses on a loopback port: who may see what, decisions, uploads cut off."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.api import Visitor
from engine.messages import PersonId
from engine.registry.facts import CardFacts
from engine.storage.intakes import Sender
from tests.fakes.page import STUDIO, Guest, Page, Told, open_page

ZIB = (
    Path(__file__).parents[4] / "engine" / "miniature" / "loras" / "zib.safetensors"
).read_bytes()
HERE = f"place={STUDIO}"
PATIENCE_S = 60.0


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with open_page(tmp_path) as page:
        yield page


async def moderator(page: Page, level: int = 1) -> str:
    return await page.room.engine.invite(Visitor(PersonId("web:mod"), "Mo", level), 600)


async def brought(page: Page) -> Told:
    """A file that waits."""
    sender = Sender(STUDIO, PersonId("web:ada"), "Ada")
    line = page.room.engine.registry.intake
    intake = await line.receive(sender, "chat", "zib.safetensors", ZIB, facts=CardFacts(name="Zib"))
    await waits(page)
    return {"id": intake.id}


async def waits(page: Page) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not (await page.room.engine.registry.waiting(STUDIO)).total:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def upload(guest: Guest, token: str, offset: int, data: bytes) -> Told:
    headers = {"X-Upload-Token": token, "Upload-Offset": str(offset)}
    return await guest.send("PATCH", "/api/registry/upload", data=data, headers=headers)


async def begin(
    guest: Guest, token: str, size: int = len(ZIB), name: str = "zib.safetensors"
) -> Told:
    headers = {"X-Upload-Token": token}
    body = {"name": name, "size_bytes": size}
    return await guest.send("POST", "/api/registry/upload", body, headers=headers)


async def test_a_moderator_sees_what_waits_and_decides(page: Page) -> None:
    mine = await brought(page)
    async with page.visitor("Mo", await moderator(page)) as mo:
        listed = await mo.get(f"/api/registry/intakes?{HERE}")
        assert listed["total"] == 1
        (intake,) = listed["intakes"]
        assert (intake["id"], intake["state"]) == (mine["id"], "waiting")
        assert intake["findings"]
        async with mo.session.get(intake["sheet"]) as sheet:
            assert (await sheet.read()).startswith(b"\x89PNG")
        one = await mo.get(f"/api/registry/intakes/{mine['id']}?{HERE}")
        assert {field["name"] for field in one["forms"]["edit"]} >= {"weight", "triggers"}
        entry = intake["entry"]["id"]
        changed = await mo.send("POST", f"/api/registry/entries/{entry}?{HERE}", {"weight": "0.6"})
        assert changed["entry"]["weight"] == 0.6
        address = f"/api/registry/entries/{entry}/decision?{HERE}"
        assert (await mo.send("POST", address, {"decision": "reject"}))["status"] == 400
        done = await mo.send("POST", address, {"decision": "approve"})
        assert done["entry"]["state"] == "approved"
        assert done["history"][0]["actor"] == "web:mod"
        assert (await mo.send("POST", address, {"decision": "approve"}))["status"] == 400
        found = await mo.get(f"/api/registry/entries?{HERE}&q=zib")
        assert [each["name"] for each in found["entries"]] == ["Zib"]


async def test_members_see_the_list_and_nothing_that_waits(page: Page) -> None:
    mine = await brought(page)
    async with page.visitor("Ada") as ada:
        assert (await ada.get(f"/api/registry/entries?{HERE}"))["entries"] == []
        for path in (
            f"/api/registry/intakes?{HERE}",
            f"/api/registry/intakes/{mine['id']}?{HERE}",
            f"/api/registry/intakes/{mine['id']}/sheet.png?{HERE}",
            f"/api/registry/entries?{HERE}&state=pending",
        ):
            assert (await ada.get(path))["status"] == 403
        refused = await ada.send("POST", f"/api/registry/uploads?{HERE}", {})
        assert refused["status"] == 403


async def test_a_look_rated_above_the_place_is_on_no_members_wall(page: Page) -> None:
    mine = await brought(page)
    async with page.visitor("Mo", await moderator(page)) as mo, page.visitor("Ada") as ada:
        intake = (await mo.get(f"/api/registry/intakes/{mine['id']}?{HERE}"))["intake"]
        entry = intake["entry"]["id"]
        wall, one = f"/api/registry/entries?{HERE}", f"/api/registry/entries/{entry}"
        pictures = [
            f"/api/registry/intakes/{mine['id']}/sheet.png?{HERE}",
            f"/api/registry/intakes/{mine['id']}/sample.png?{HERE}",
            f"/api/looks/sample.png?{HERE}&name=Zib",
        ]
        await mo.send("POST", f"{one}/decision?{HERE}", {"decision": "approve"})
        assert await seen(ada, wall, f"{one}?{HERE}", *pictures) == [1, 200, 200, 200, 200]

        await mo.send("POST", f"{one}?{HERE}", {"fields": {"rating": "mature"}})

        assert await seen(ada, wall, f"{one}?{HERE}", *pictures) == [0, 404, 404, 404, 404]
        assert await seen(ada, f"{wall}&q=zibb", *pictures[:1]) == [0, 404]
        assert await seen(mo, wall, f"{one}?{HERE}", *pictures) == [1, 200, 200, 200, 200]


async def seen(guest: Guest, wall: str, *addresses: str) -> list[int]:
    """How many entries the wall holds, and the status of each address."""
    found = [(await guest.get(wall))["total"]]
    for address in addresses:
        async with guest.session.get(address) as answer:
            found.append(answer.status)
    return found


async def test_another_place_knows_nothing_of_it(page: Page) -> None:
    mine = await brought(page)
    async with page.visitor("Mo", await moderator(page)) as mo:
        elsewhere = await mo.get(f"/api/registry/intakes/{mine['id']}?place=web:arcade")
        assert elsewhere["status"] == 404


async def test_an_upload_goes_on_where_it_was_cut(page: Page) -> None:
    async with page.visitor("Mo", await moderator(page)) as mo:
        made = await mo.send("POST", f"/api/registry/uploads?{HERE}", {})
        token = made["token"]
        assert (await begin(mo, token))["offset"] == 0
        half = len(ZIB) // 2
        assert (await upload(mo, token, 0, ZIB[:half]))["offset"] == half
        assert (await begin(mo, token))["offset"] == half
        wrong = await upload(mo, token, 0, ZIB[:10])
        assert (wrong["status"], wrong["offset"]) == (409, half)
        done = await upload(mo, token, half, ZIB[half:])
        assert done["intake"]["state"] in ("received", "checked", "identified", "previewing")
        assert (await begin(mo, token))["status"] == 400
        await waits(page)


async def test_more_than_was_said_or_allowed_is_refused(page: Page) -> None:
    async with page.visitor("Mo", await moderator(page)) as mo:
        token = (await mo.send("POST", f"/api/registry/uploads?{HERE}", {}))["token"]
        assert (await begin(mo, token, 1 << 50))["status"] == 400
        await begin(mo, token, 10)
        assert (await upload(mo, token, 0, b"x" * 11))["status"] == 400


async def test_a_link_that_nobody_made_opens_nothing(page: Page) -> None:
    async with page.visitor("Ada") as ada:
        assert (await begin(ada, "x" * 43))["status"] == 404
        assert (await upload(ada, "x" * 43, 0, b"x"))["status"] == 404


async def test_a_bad_upload_says_why(page: Page) -> None:
    async with page.visitor("Mo", await moderator(page)) as mo:
        token = (await mo.send("POST", f"/api/registry/uploads?{HERE}", {}))["token"]
        pickle = b"\x80\x02}q\x00X\x05\x00\x00\x00helloq\x01K\x01s."
        await begin(mo, token, len(pickle), "thing.ckpt")
        await upload(mo, token, 0, pickle)
        headers = {"X-Upload-Token": token}
        async with asyncio.timeout(PATIENCE_S):
            while True:
                told = await mo.send("GET", "/api/registry/upload", headers=headers)
                if told["intake"]["state"] == "refused":
                    break
                await asyncio.sleep(0.02)
        assert told["intake"]["why"]
