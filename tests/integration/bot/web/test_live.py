"""The live connection: nothing lost, nothing doubled, whoever goes away and comes back."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bot.web import fanout, routes
from tests.fakes.page import STUDIO, open_page


async def test_who_was_away_reads_on_from_where_they_were(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        hello = await bob.listen()
        await ada.listen()
        await ada.gets_picture("one star")
        newest = await bob.sees("one star")
        await bob.hang_up()
        await ada.gets_picture("two stars")
        await bob.listen(after=max(hello["revision"], newest["revision"]))
        await bob.sees("two stars")
        assert "one star" not in str([frame for frame in bob.heard if frame["kind"] == "post"][1:])
        ids = [frame["post"]["id"] for frame in bob.heard if frame["kind"] == "post"]
        assert len(ids) == len(set(ids))


async def test_who_was_away_sees_how_far_a_job_is(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        await bob.listen()
        await ada.listen()
        await ada.says("wait for a star")
        waiting = await bob.hears("post", progress=0.0)
        await bob.hang_up()
        await page.is_drawing(waiting["job"])
        page.room.pool.step(waiting["job"], 9)
        await ada.hears("progress", post=waiting["id"], text="Drawing: step 9 of 12.")
        await bob.listen(after=waiting["revision"])
        await bob.hears("progress", post=waiting["id"], text="Drawing: step 9 of 12.")


async def test_a_restart_under_an_open_page_loses_nothing(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        hello = await ada.listen()
        posted = await ada.gets_picture("one star")
        cookies = {each.key: each.value for each in ada.session.cookie_jar}
        revision = max(hello["revision"], posted["revision"])
    async with open_page(tmp_path) as page, page.visitor("Bob") as bob:
        port = page.url.rpartition(":")[2]
        bob.session.cookie_jar.clear()
        bob.session.cookie_jar.update_cookies({f"atelier-{port}": next(iter(cookies.values()))})
        assert (await bob.get("/api/me"))["me"]["name"] == "Ada"
        await bob.listen(after=revision)
        await bob.gets_picture("two stars")
        shown = await bob.get(f"/api/posts?place={STUDIO}")
        with_pictures = [post["text"].split("\n")[0] for post in shown["posts"] if post["images"]]
        assert with_pictures == ["one star", "two stars"]
        await bob.presses(posted["buttons"][0]["id"])
        await page.has_jobs(3)


async def test_too_much_missed_starts_the_page_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MISSED", 3)
    async with open_page(tmp_path) as page, page.visitor() as ada:
        hello = await ada.listen()
        for number in range(4):
            await ada.says(f"/help {number}")
        await ada.hang_up()
        await ada.listen(after=hello["revision"])
        await ada.hears("reset")


async def test_a_revision_from_the_future_starts_the_page_anew(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen(after=10**9)
        await ada.hears("reset")


async def test_a_page_that_does_not_keep_up_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "MOST_WAITING", 2)
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        for number in range(3):
            page.platform.fanout.post(STUDIO, None, f"p{number}", 10**6 + number, "{}")
        assert ada._reading is not None
        await asyncio.wait_for(ada._reading, 60)
        assert ada.socket is not None
        assert ada.socket.close_code == 4408


async def test_without_a_session_the_connection_says_so(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, aiohttp.ClientSession(page.url) as stranger:
        socket = await stranger.ws_connect("/api/live", headers={"Origin": page.url})
        message = await asyncio.wait_for(socket.receive(), 60)
        assert message.data == 4401


async def test_a_ping_is_answered(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        assert ada.socket is not None
        await ada.socket.send_str('{"kind": "ping"}')
        await ada.hears("pong")


async def test_a_stop_says_goodbye_to_every_page(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        page.platform.fanout.close()
        await ada.hears("bye")


async def test_fifty_open_pages_see_every_one_of_forty_jobs(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        await ada.listen()
        await bob.listen()
        origin = {"Origin": page.url}
        pages = [await ada.session.ws_connect("/api/live", headers=origin) for _ in range(48)]
        for number in range(20):
            await ada.gets_picture(f"ada {number:02}")
            await bob.gets_picture(f"bob {number:02}")
        assert len(page.platform.fanout) == 50
        jobs = {job.id for job in await page.has_jobs(40)}
        for socket in pages:
            shown: set[str] = set()
            async with asyncio.timeout(60):
                while shown < jobs:
                    frame = await socket.receive_json()
                    post = frame.get("post") if frame["kind"] == "post" else None
                    if post and post["images"]:
                        shown.add(post["job"])
            assert shown == jobs
            await socket.close()
