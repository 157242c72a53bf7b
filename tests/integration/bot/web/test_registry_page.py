"""The registry through the page: what one sees, who decides, and uploads that are cut and go on."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.messages import Level
from engine.api import Visitor
from engine.families import FAMILIES
from engine.families.facts import Size
from engine.messages import EntryId, PersonId
from engine.storage.intakes import Sender
from engine.wiring import utc_now
from tests.fakes.page import MARK, STUDIO, Guest, Page, Told, open_page

LORAS = Path(__file__).parents[4] / "engine" / "miniature" / "loras"
HERE = f"?place={STUDIO}"
PATIENCE_S = 60.0
PIECE = 4096


def lora(name: str = "zib") -> bytes:
    return (LORAS / f"{name}.safetensors").read_bytes()


@asynccontextmanager
async def moderator(page: Page, name: str = "Mo") -> AsyncIterator[Guest]:
    visitor = Visitor(PersonId(f"web:{name.casefold()}"), name, int(Level.MODERATOR))
    token = await page.room.engine.invite(visitor, 600)
    async with page.visitor(name, token) as guest:
        yield guest


async def begin(guest: Guest, data: bytes, name: str = "zib.safetensors") -> Told:
    """Begin an upload of one's own; with its token."""
    made = await guest.send("POST", f"/api/registry/uploads{HERE}", {})
    if made["status"] != 201:
        return made
    body = {"name": name, "size_bytes": len(data)}
    headers = {"X-Upload-Token": made["token"]}
    begun = await guest.send("POST", "/api/registry/upload", body, headers=headers)
    return {"token": made["token"], **begun}


def headers_of(token: str, offset: int = 0) -> dict[str, str]:
    return {"X-Upload-Token": token, "Upload-Offset": str(offset), "Upload-Ends": "no"}


async def put(guest: Guest, token: str, offset: int, data: bytes) -> Told:
    headers = headers_of(token, offset)
    return await guest.send("PATCH", "/api/registry/upload", data=data, headers=headers)


async def finish(guest: Guest, token: str, **body: Any) -> Told:
    return await guest.send(
        "POST", "/api/registry/upload/finish", body, headers={"X-Upload-Token": token}
    )


async def ask(guest: Guest, token: str) -> Told:
    return await guest.send("GET", "/api/registry/upload", headers={"X-Upload-Token": token})


async def bring(guest: Guest, data: bytes, name: str = "zib.safetensors", **facts: Any) -> str:
    """Send a whole file in pieces; returns its token."""
    token: str = (await begin(guest, data, name))["token"]
    for offset in range(0, len(data), PIECE):
        assert (await put(guest, token, offset, data[offset : offset + PIECE]))["status"] == 200
    assert (await finish(guest, token, facts=facts))["status"] == 200
    return token


async def settled(guest: Guest, token: str) -> dict[str, Any]:
    """Wait until the engine has no more to do for an upload; its intake."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            intake = (await ask(guest, token))["intake"]
            if intake["state"] in ("waiting", "refused", "known"):
                found: dict[str, Any] = intake
                return found
            await asyncio.sleep(0.1)  # no faster than one address may ask


async def decide(guest: Guest, entry: str, decision: str, **more: Any) -> Told:
    path = f"/api/registry/entries/{entry}"
    if decision == "edit":
        return await guest.send("POST", f"{path}{HERE}", more)
    return await guest.send("POST", f"{path}/decision{HERE}", {"decision": decision, **more})


async def only_entry(guest: Guest) -> str:
    """The entry of the one file that waits."""
    (shown,) = (await guest.get(f"/api/registry/intakes{HERE}"))["intakes"]
    return str(shown["entry"]["id"])


async def test_a_file_goes_from_upload_to_approval(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo, page.visitor() as ada:
        token = await bring(mo, lora(), licence="CC BY 4.0", real_person="no", brand="no")
        intake = await settled(mo, token)
        assert intake["state"] == "waiting"
        waiting = await mo.get(f"/api/registry/intakes{HERE}")
        assert waiting["total"] == 1
        shown = waiting["intakes"][0]
        assert shown["sender"]["name"] == "Mo"
        assert (shown["entry"]["name"], shown["entry"]["licence"]) == ("zib", "CC BY 4.0")
        assert any("Made for miniature" in each for each in shown["findings"])
        whole = await mo.get(f"/api/registry/intakes/{shown['id']}{HERE}")
        assert {cell["weight"] for cell in whole["cells"]} == {None, 0.5, 1.0, 1.5}
        for url in (
            shown["sheet"],
            shown["entry"]["sample"],
            whole["cells"][0]["pictures"][0]["url"],
        ):
            assert await picture(mo, url) == "PNG"
            async with ada.session.get(url) as response:
                assert response.status == 403
        entry = shown["entry"]["id"]
        approved = await decide(mo, entry, "approve")
        assert approved["entry"]["state"] == "approved"
        assert [line["what"] for line in approved["history"]] == [
            "entry.approved",
            "entry.added.pending",
        ]
        assert approved["history"][0]["actor_name"] == "Mo"
        seen = await ada.get(f"/api/registry/entries{HERE}&q=zib")
        assert [look["name"] for look in seen["entries"]] == ["zib"]
        assert "consent" not in seen["entries"][0]
        assert await picture(ada, seen["entries"][0]["sample"]) == "PNG"
        assert (await mo.get(f"/api/registry{HERE}"))["waiting"] == 0


async def picture(guest: Guest, url: str) -> str | None:
    async with guest.session.get(url) as response:
        assert response.status == 200
        with Image.open(io.BytesIO(await response.read())) as opened:
            return opened.format


async def test_a_moderator_edits_asks_rejects_and_takes_it_back(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo:
        await mo.listen()
        token = await bring(mo, lora("neon"), "neon.safetensors")
        await settled(mo, token)
        entry = await only_entry(mo)
        fields = {
            "name": "Neon tubes", "aliases": ["tubes"], "weight": 0.8, "tags": ["light"],
            "kind": "lighting", "triggers": [{"word": "neon", "role": "optional"}],
            "licence": "CC0", "real_person": "no",
        }  # fmt: skip
        edited = await decide(mo, entry, "edit", fields=fields)
        assert (edited["entry"]["name"], edited["entry"]["weight"]) == ("Neon tubes", 0.8)
        assert edited["entry"]["triggers"] == [{"word": "neon", "role": "optional"}]
        assert (await decide(mo, entry, "edit", fields={"weight": 9}))["status"] == 400
        assert (await decide(mo, entry, "edit", fields={"sha256": "0"}))["status"] == 400
        assert (await decide(mo, entry, "ask", reason="Who made it?"))["status"] == 200
        assert "Who made it?" in str(await asked(page))
        assert (await decide(mo, entry, "reject"))["status"] == 400
        rejected = await decide(mo, entry, "reject", reason="blurry")
        assert rejected["entry"]["state"] == "rejected"
        found = await mo.get(f"/api/registry/entries{HERE}&state=rejected")
        assert found["total"] == 1
        back = await decide(mo, entry, "undo")
        assert back["entry"]["state"] == "pending"
        assert (await decide(mo, entry, "approve"))["entry"]["state"] == "approved"
        assert (await decide(mo, entry, "retire", reason="old"))["entry"]["state"] == "retired"
        again = await decide(mo, entry, "approve")
        assert (again["status"], again["error"]["code"]) == (400, "bad_request")


async def asked(page: Page) -> list[object]:
    return [dict(notice.body) for notice in await page.room.engine.registry.notices()]


async def test_members_see_only_what_is_approved_and_decide_nothing(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo, page.visitor() as ada:
        await settled(mo, await bring(mo, lora()))
        entry = await only_entry(mo)
        for path in (f"/api/registry/intakes{HERE}", f"/api/registry/entries{HERE}&state=pending"):
            answer = await ada.get(path)
            assert answer["status"] == 403
            assert "moderator" in answer["error"]["text"]
        assert (await ada.get(f"/api/registry/entries/{entry}{HERE}"))["status"] == 404
        refused = await decide(ada, entry, "approve")
        assert refused["status"] == 403
        assert "moderator" in refused["error"]["text"]
        assert (await begin(ada, lora()))["status"] == 403
        pulse = await ada.get(f"/api/registry{HERE}")
        assert (pulse["may_add"], pulse["may_decide"], pulse["waiting"]) == (False, False, None)
        await page.room.engine.registry.let_members_add(STUDIO, True, PersonId("web:mo"))
        assert (await begin(ada, lora()))["status"] == 200


async def test_a_moderator_who_lost_the_role_is_refused_at_the_press(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo:
        await settled(mo, await bring(mo, lora()))
        entry = await only_entry(mo)
        cookie = next(iter(mo.session.cookie_jar))
        doors = page.room.engine.stores.doors
        lesser = Visitor(PersonId("web:mo"), "Mo", int(Level.MEMBER))
        await doors._rename(sha256(cookie.value.encode()).hexdigest(), lesser)
        refused = await decide(mo, entry, "approve")
        assert refused["status"] == 403
        assert "to be a moderator" in refused["error"]["text"]
        found = await page.room.engine.registry.vetting.find(STUDIO, EntryId(entry))
        assert found.state == "pending"


async def test_a_place_never_sees_anothers(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo:
        intake = await settled(mo, await bring(mo, lora()))
        entry = await only_entry(mo)
        other = "?place=web:arcade"
        for path in (
            f"/api/registry/intakes/{intake['id']}{other}",
            f"/api/registry/entries/{entry}{other}",
            f"/api/registry/intakes/{intake['id']}/sheet.png{other}",
        ):
            assert (await mo.get(path))["status"] == 404
        path, body = f"/api/registry/entries/{entry}/decision{other}", {"decision": "approve"}
        assert (await mo.send("POST", path, body))["status"] == 404


async def test_an_upload_that_was_cut_goes_on_where_it_stopped(tmp_path: Path) -> None:
    data = lora()
    async with open_page(tmp_path) as page, moderator(page) as mo:
        token = (await begin(mo, data))["token"]
        with pytest.raises(aiohttp.ClientError):
            await put_and_lose(mo, token, data, page.room.engine.registry.uploads.folder)
        early = await finish(mo, token)  # answered once the server has noticed the cut
        there = early["offset"]
        assert early["status"] == 409
        assert 0 < there < len(data)
        wrong = await put(mo, token, 0, data[:10])
        assert (wrong["status"], wrong["offset"]) == (409, there)
        assert (await put(mo, token, there, data[there:]))["status"] == 200
        assert (await put(mo, token, len(data), b"more"))["status"] == 400
        done = await finish(mo, token, sha256=sha256(data).hexdigest())
        intake = done["intake"]
        assert (await finish(mo, token))["intake"]["id"] == intake["id"]
        found = await page.room.engine.registry.find(STUDIO, intake["id"])
        assert found.sha256 == sha256(data).hexdigest()
        assert (await settled(mo, token))["state"] == "waiting"


async def put_and_lose(guest: Guest, token: str, data: bytes, parts: Path) -> None:
    """Send half of what was announced, then lose the connection once some of it was written."""

    async def half() -> AsyncIterator[bytes]:
        yield data[: len(data) // 2]
        while not any(part.stat().st_size for part in parts.glob("*")):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        raise aiohttp.ClientConnectionError

    headers = {**headers_of(token), "Content-Length": str(len(data))}
    async with guest.session.patch("/api/registry/upload", data=half(), headers=headers):
        pass


async def test_bytes_that_are_not_those_announced_begin_anew(tmp_path: Path) -> None:
    data = lora()
    async with open_page(tmp_path) as page, moderator(page) as mo:
        token = (await begin(mo, data))["token"]
        await put(mo, token, 0, data)
        wrong = await finish(mo, token, sha256="0" * 64)
        assert (wrong["status"], wrong["error"]["code"]) == (400, "wrong_bytes")
        assert (await ask(mo, token))["offset"] == 0
        assert (await page.room.engine.registry.pulse(STUDIO)).working == 0


async def test_two_uploads_of_one_file_at_once_are_one_look(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo, moderator(page, "Max") as max_:
        one, other = await asyncio.gather(
            bring(mo, lora()), bring(max_, lora(), "same.safetensors")
        )
        states = {(await settled(mo, one))["state"], (await settled(max_, other))["state"]}
        assert states == {"waiting", "known"}
        assert (await mo.get(f"/api/registry/intakes{HERE}"))["total"] == 1


async def test_a_one_time_link_takes_one_file_without_a_session(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo:
        sender = Sender(STUDIO, PersonId("fake:zoe"), "Zoe")
        token = await page.room.engine.registry.upload_link(sender)
        async with aiohttp.ClientSession(page.url, headers=MARK) as session:
            zoe, data = Guest(session), lora()
            assert (await ask(zoe, "x" * 43))["status"] == 404
            assert (await zoe.get("/api/registry/upload"))["status"] == 404
            begun = await zoe.send(
                "POST",
                "/api/registry/upload",
                {"name": "zib.safetensors", "size_bytes": len(data)},
                headers={"X-Upload-Token": token},
            )
            assert (begun["status"], begun["offset"]) == (200, 0)
            await put(zoe, token, 0, data)
            said = {"real_person": "yes", "consent": "my own face"}
            assert (await finish(zoe, token, facts=said))["status"] == 200
            assert (await settled(zoe, token))["state"] == "waiting"
        shown = (await mo.get(f"/api/registry/intakes{HERE}"))["intakes"][0]
        assert shown["sender"]["name"] == "Zoe"
        assert shown["entry"]["consent"] == "my own face"


async def test_what_lies_beside_an_upload_is_proposed(tmp_path: Path) -> None:
    told = json.dumps({"activation text": "zib, blue vest", "notes": "a mascot"})
    async with open_page(tmp_path) as page, moderator(page) as mo:
        data = lora()
        token = (await begin(mo, data))["token"]
        await put(mo, token, 0, data)
        beside = {"zib.json": told, "zib.exe": "x"}
        done = await finish(mo, token, facts={"licence": "CC0"}, beside=beside)
        assert done["status"] == 200
        await settled(mo, token)
        shown = (await mo.get(f"/api/registry/intakes{HERE}"))["intakes"][0]
        assert shown["entry"]["description"] == "a mascot"
        assert [each["word"] for each in shown["entry"]["triggers"]] == ["zib", "blue vest"]
        assert any(line.startswith("zib.json says: ") for line in shown["findings"])


async def size_of(guest: Guest, url: str) -> tuple[int, int]:
    async with guest.session.get(url) as response:
        assert response.status == 200
        with Image.open(io.BytesIO(await response.read())) as shown:
            return shown.size


async def test_large_previews_are_kept_whole_beside_their_small_ones(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo:
        small = FAMILIES.get("miniature")
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(FAMILIES._resolved, "miniature", replace(small, sizes=(Size(256, 192),)))
            token = await bring(mo, lora(), real_person="no")
            told = await settled(mo, token)
        whole = await mo.get(f"/api/registry/intakes/{told['id']}{HERE}")
        picture = whole["cells"][1]["pictures"][0]
        assert (picture["width"], picture["height"]) == (256, 192)
        for url, size in ((picture["url"], (192, 144)), (picture["full"], (256, 192))):
            assert await size_of(mo, url) == size
        assert [each["base"] for each in whole["measured"]] == ["miniature"]
        decided = f"/api/registry/entries/{whole['intake']['entry']['id']}/decision{HERE}"
        assert (await mo.send("POST", decided, {"decision": "approve"}))["status"] == 200
        line = page.room.engine.registry.intake
        line._clock = lambda: utc_now() + timedelta(days=60)
        line._tidied = None
        await line._tidy()
        later = (await mo.get(f"/api/registry/intakes/{told['id']}{HERE}"))["cells"][1]
        assert later["pictures"][0]["full"] is None
        assert await size_of(mo, later["pictures"][0]["url"]) == (192, 144)


async def test_a_cancelled_upload_leaves_nothing_and_its_link_goes_on(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo:
        data = lora()
        token = (await begin(mo, data))["token"]
        await put(mo, token, 0, data[:PIECE])
        parts = page.room.engine.registry.uploads.folder
        assert len(list(parts.iterdir())) == 1
        mark = {"X-Upload-Token": token}
        dropped = await mo.send("DELETE", "/api/registry/upload", headers=mark)
        assert (dropped["status"], dropped["offset"], dropped["name"]) == (200, 0, "")
        assert not list(parts.iterdir())
        late = await put(mo, token, PIECE, data[PIECE:])
        assert late["status"] == 409
        body = {"name": "neon.safetensors", "size_bytes": len(data)}
        again = await mo.send("POST", "/api/registry/upload", body, headers=mark)
        assert (again["status"], again["offset"]) == (200, 0)
        await put(mo, token, 0, data)
        assert (await finish(mo, token))["status"] == 200
        kept = await mo.send("DELETE", "/api/registry/upload", headers=mark)
        assert kept["intake"] is not None
        assert await settled(mo, token)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}q\x00.")
    return file.getvalue()


HOSTILE = {
    "pickle": b"\x80\x02}q\x00X\x05\x00\x00\x00helloq\x01K\x01s.",
    "zip": zipped(),
    "html": b"<!doctype html><html><body>Sign in to download</body></html>",
    "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 99\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_what_is_no_lora_is_refused_with_what_would_work(tmp_path: Path, kind: str) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo:
        intake = await settled(mo, await bring(mo, HOSTILE[kind], "renamed.safetensors"))
        assert intake["state"] == "refused"
        assert len(intake["why"]) > 20
        assert (await mo.get(f"/api/registry/intakes{HERE}"))["total"] == 0


async def test_empty_and_huge_files_are_refused_before_a_byte_comes(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo:
        empty = await begin(mo, b"")
        assert (empty["status"], "safetensors" in empty["error"]["text"]) == (400, True)
        body = {"name": "huge.safetensors", "size_bytes": 1 << 45}
        headers = {"X-Upload-Token": empty["token"]}
        huge = await mo.send("POST", "/api/registry/upload", body, headers=headers)
        assert (huge["status"], "at most" in huge["error"]["text"]) == (400, True)


async def test_a_request_without_the_mark_changes_nothing(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo:
        token = (await begin(mo, lora()))["token"]
        headers = {**headers_of(token), "Origin": "https://elsewhere.example"}
        path = "/api/registry/upload"
        assert (await mo.send("PATCH", path, data=b"x", headers=headers))["status"] == 403
        assert (await ask(mo, token))["offset"] == 0
