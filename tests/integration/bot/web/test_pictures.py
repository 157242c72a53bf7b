"""Pictures on the page: sent, cleaned, refused, found in the gallery, read back to their recipe."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import aiohttp
from PIL import Image

from bot.settings import WebSettings
from engine.recipe import PLAN_KEY, plan_text
from tests.fakes.jobs import plan
from tests.fakes.page import STUDIO, Guest, Told, open_page

GPS = 0x8825


def jpeg_of_a_place() -> bytes:
    """A photograph that says where it was taken."""
    exif = Image.Exif()
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 0.0)})
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, "JPEG", exif=exif)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + checksum


def bomb() -> bytes:
    """A header of a few bytes that claims 2.5 thousand million pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999))
    )


def with_recipe(text: str) -> bytes:
    """A small PNG with a plan in it."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    png = file.getvalue()
    body = PLAN_KEY.encode() + b"\0\0\0\0\0" + text.encode()
    return png[:33] + chunk(b"iTXt", body) + png[33:]


async def send(guest: Guest, data: bytes, name: str = "a.png", place: str = STUDIO) -> Told:
    headers = {"Content-Type": "application/octet-stream", "X-Name": name}
    path = f"/api/uploads?place={place}"
    return await guest.send("POST", path, data=data, headers=headers)


async def read_back(guest: Guest, url: str) -> bytes:
    async with guest.session.get(url) as response:
        assert response.status == 200
        return await response.read()


async def test_a_photograph_no_longer_says_where_it_was_taken(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        await bob.listen()
        sent = await send(ada, jpeg_of_a_place(), "..%2F..%2Fholiday.jpg")
        assert sent["status"] == 201
        upload = sent["upload"]
        assert (upload["name"], upload["width"], upload["height"]) == ("holiday.jpg", 40, 30)
        await ada.says("/help", uploads=[upload["id"]])
        assert (await ada.says("look at this", uploads=[upload["id"]]))["status"] == 202
        shown = await bob.sees("look at this")
        data = await read_back(bob, shown["images"][0]["url"])
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.format == "JPEG"
            assert not picture.getexif().get_ifd(GPS)


async def test_what_is_no_picture_is_refused_with_what_would_work(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
        for data in (svg, b"", b"\x80\x04pickle", b"\x89PNG\r\n\x1a\ncut off"):
            refused = await send(ada, data)
            assert refused["status"] == 400
            assert "PNG, JPEG, WebP or GIF" in refused["error"]["text"]


async def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        refused = await send(ada, bomb(), "bomb.png")
        assert refused["status"] == 400
        assert "25 million pixels" in refused["error"]["text"]


async def test_a_file_that_is_too_large_is_refused_by_its_length(tmp_path: Path) -> None:
    small = WebSettings(channels=("Studio",), upload_max_bytes=1000)
    async with open_page(tmp_path, web=small) as page, page.visitor() as ada:
        assert (await send(ada, b"x" * 1001))["status"] == 413

        async def endless() -> object:
            for _ in range(10):
                yield b"x" * 500

        headers = {"X-Name": "long.png"}
        told = await ada.send(
            "POST", f"/api/uploads?place={STUDIO}", data=endless(), headers=headers
        )
        assert told["status"] == 413


async def test_only_my_own_uploads_go_with_my_words(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        mine = (await send(ada, jpeg_of_a_place()))["upload"]["id"]
        assert (await bob.says("mine now", uploads=[mine]))["status"] == 404


async def test_a_picture_made_here_tells_its_recipe(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        posted = await ada.gets_picture("a blue star")
        png = await read_back(ada, posted["images"][0]["url"])
        told = await ada.send("POST", f"/api/recipe?place={STUDIO}", data=png)
        recipe = told["recipe"]
        assert (recipe["job"], recipe["is_here"]) == (posted["job"], True)
        assert recipe["plan"]["prompt"] == "a blue star"
        await ada.presses(recipe["buttons"][0]["id"])
        jobs = await page.has_jobs(2)
        assert jobs[0].plan.seed == jobs[1].plan.seed


async def test_a_picture_in_the_chat_is_answered_with_its_recipe(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        made = with_recipe(plan_text(plan()))
        sent = await send(ada, made)
        assert await read_back(ada, sent["upload"]["url"]) == made
        assert (await ada.says("", uploads=[sent["upload"]["id"]]))["status"] == 202
        card = await ada.sees("The recipe of this picture")
        assert {"name": "prompt as drawn", "value": "a red circle"} in card["lines"]
        other = await send(ada, jpeg_of_a_place(), "holiday.jpg")
        await ada.says("", uploads=[other["upload"]["id"]])
        await ada.sees("I find no recipe in")


async def test_a_recipe_that_lies_is_not_drawn(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        lies: tuple[dict[str, object], ...] = (
            {"width": 63}, {"steps": 10**6}, {"family": "sdxl"}, {"base": "unknown"},
        )  # fmt: skip
        for number, changes in enumerate(lies):
            wicked = plan().model_copy(update=changes)
            png = with_recipe(plan_text(wicked))
            told = await ada.send("POST", f"/api/recipe?place={STUDIO}", data=png)
            await ada.presses(told["recipe"]["buttons"][0]["id"])
            await ada.hears("post", is_private=True)
            assert len(await page.room.engine.stores.jobs.recent(STUDIO, 9)) == 0, number
            ada.heard.clear()
        nothing = await ada.send("POST", f"/api/recipe?place={STUDIO}", data=b"no picture")
        assert nothing["status"] == 404


async def test_the_gallery_is_searched_filtered_and_paged(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        await ada.listen()
        await bob.listen()
        for words in ("a blue star", "a red star"):
            await ada.gets_picture(words)
        await bob.gets_picture("a red cat")
        await ada.gets_picture("elsewhere", "web:arcade")

        async def found(query: str) -> list[str]:
            told = await ada.get(f"/api/gallery?place={STUDIO}{query}")
            return [picture["words"] for picture in told["pictures"]]

        assert await found("") == ["a red cat", "a red star", "a blue star"]
        assert await found("&q=STAR red") == ["a red star"]
        filters = await ada.get(f"/api/gallery/filters?place={STUDIO}")
        assert [person["name"] for person in filters["people"]] == ["Ada", "Bob"]
        assert await found(f"&person={filters['people'][1]['id']}") == ["a red cat"]
        assert await found("&to=2020-01-01") == []
        first = await ada.get(f"/api/gallery?place={STUDIO}&limit=2")
        assert first["total"] == 3
        rest = await ada.get(f"/api/gallery?place={STUDIO}&limit=2&before={first['next']}")
        assert [picture["words"] for picture in rest["pictures"]] == ["a blue star"]
        assert rest["next"] is None
        for query in ("&before=nonsense", "&from=yesterday", "&limit=0", "&limit=x"):
            assert (await ada.get(f"/api/gallery?place={STUDIO}{query}"))["status"] == 400


async def test_a_picture_is_asked_for_again_only_when_it_changed(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        url = (await ada.gets_picture("a blue star"))["images"][0]["url"]
        async with ada.session.get(url) as response:
            tag = response.headers["ETag"]
        async with ada.session.get(url, headers={"If-None-Match": tag}) as response:
            assert response.status == 304
        async with ada.session.get(f"{url}&download=1") as response:
            assert "attachment" in response.headers["Content-Disposition"]


async def test_an_export_is_handed_to_its_person_alone(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        await ada.listen()
        await ada.says("/me export")
        file = (await ada.sees("Everything I keep"))["files"][0]
        with zipfile.ZipFile(io.BytesIO(await read_back(ada, file["url"]))) as archive:
            assert b'"requests"' in archive.read("data.json")
        assert (await bob.get(file["url"]))["status"] == 404
        async with aiohttp.ClientSession(page.url) as stranger:
            assert (await Guest(stranger).get(file["url"]))["status"] == 401
