"""Who comes in and who does not: sessions, links, other sites, other names, too much of it."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bot.settings import HttpSettings, WebSettings
from bot.web import visits
from bot.web.rates import Rate
from engine.api import Visitor
from engine.messages import PersonId
from tests.fakes.page import MARK, STUDIO, Guest, Page, open_page

PUBLIC = WebSettings(channels=("Studio",), public_url="https://pictures.example.org")
SAID = {"id": "one", "place": STUDIO, "act": {"kind": "typed", "text": "a star"}}


async def test_on_this_machine_a_name_is_enough(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor("Ada") as ada:
        told = await ada.get("/api/me")
        assert (told["me"]["name"], told["me"]["level"]) == ("Ada", "member")
        assert [place["title"] for place in told["places"]] == ["Studio", "Arcade", "Atelier"]
        renamed = await ada.send("POST", "/api/me", {"name": "  Ada\u202e\nL.  "})
        assert renamed["me"]["name"] == "Ada L."
        assert (await ada.send("POST", "/api/me", {"name": "\u200b"}))["status"] == 400


async def test_nobody_is_anybody_without_a_session(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, aiohttp.ClientSession(page.url, headers=MARK) as bare:
        stranger = Guest(bare)
        for path in (
            "/api/me", f"/api/posts?place={STUDIO}", f"/api/gallery?place={STUDIO}",
            f"/api/commands?place={STUDIO}", f"/pictures/x/0.png?place={STUDIO}", "/uploads/x",
        ):  # fmt: skip
            refused = await stranger.get(path)
            assert (refused["status"], refused["sign_in"]) == (401, "open")
        assert (await stranger.send("POST", "/api/acts", SAID))["status"] == 401
        bare.cookie_jar.update_cookies({f"atelier-{page.url.rpartition(':')[2]}": "guessed"})
        assert (await stranger.get("/api/me"))["status"] == 401


async def test_signing_out_ends_the_session(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        [cookie] = list(ada.session.cookie_jar)
        assert (await ada.send("POST", "/api/leave"))["status"] == 204
        ada.session.cookie_jar.update_cookies({cookie.key: cookie.value})
        assert (await ada.get("/api/me"))["status"] == 401
        assert ada._reading is not None
        await asyncio.wait_for(ada._reading, 60)
        assert ada.socket is not None
        assert ada.socket.close_code == 4401


async def test_the_cookie_is_for_this_page_alone(tmp_path: Path) -> None:
    async with (
        open_page(tmp_path) as page,
        aiohttp.ClientSession(page.url, headers=MARK) as session,
        session.post("/api/session", json={}) as response,
    ):
        cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Secure" not in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", **MARK},
        {"Sec-Fetch-Site": "cross-site", **MARK},
        {"Origin": "null", **MARK},
        {},
    ],
    ids=["origin", "fetch metadata", "sandboxed", "no mark"],
)
async def test_another_site_changes_nothing(tmp_path: Path, headers: dict[str, str]) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        jar = ada.session.cookie_jar
        async with aiohttp.ClientSession(page.url, cookie_jar=jar, headers=headers) as elsewhere:
            refused = await Guest(elsewhere).send("POST", "/api/acts", SAID)
            assert refused["status"] == 403
            live = await elsewhere.get("/api/live", headers={"Origin": "https://evil.example"})
            assert live.status == 403
        shown = await ada.get(f"/api/posts?place={STUDIO}")
        assert shown["posts"] == []


async def test_another_name_for_this_machine_is_not_answered(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, aiohttp.ClientSession(page.url) as browser:
        guest = Guest(browser)
        rebound = await guest.send("GET", "/", headers={"Host": "evil.example"})
        assert rebound["status"] == 403
        proxied = await guest.send("GET", "/api/me", headers={"X-Forwarded-For": "203.0.113.9"})
        assert proxied["status"] == 403
        assert "web.public_url" in proxied["error"]["text"]


async def _link(page: Page, **visitor: object) -> str:
    ada = Visitor(PersonId("web:ada"), "Ada", **visitor)  # type: ignore[arg-type]  # shorthand
    return await page.room.engine.invite(ada, 60)


async def test_beyond_this_machine_a_link_lets_one_person_in_once(tmp_path: Path) -> None:
    async with open_page(tmp_path, web=PUBLIC) as page:
        token = await _link(page, level=2)
        async with page.visitor(token=token) as ada:
            # The proxy speaks https with browsers; this jar sees only http.
            assert [cookie["secure"] for cookie in ada.session.cookie_jar] == [True]
        async with aiohttp.ClientSession(page.url, headers=MARK) as bare:
            late = await Guest(bare).send("POST", "/api/enter", {"token": token})
            assert (late["status"], late["error"]["code"]) == (400, "link_used")
            refused = await Guest(bare).send("POST", "/api/session", {"name": "Eve"})
            assert (refused["status"], refused["sign_in"]) == (401, "link")
            assert "/web" in refused["error"]["text"]


async def test_whoever_comes_from_a_guild_sees_it_at_their_own_level(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page:
        guild = ("discord:1", "The guild", 1)
        async with page.visitor(token=await _link(page, spaces=(guild,))) as ada:
            places = {each["id"]: each for each in (await ada.get("/api/me"))["places"]}
            assert places["discord:1"]["level"] == "moderator"
            assert places[STUDIO]["level"] == "member"
            assert (await ada.says("a star", "discord:1"))["status"] == 202
        async with page.visitor() as bob:
            assert (await bob.says("a star", "discord:1"))["status"] == 404


async def test_a_link_from_the_page_signs_in_the_same_person(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        await ada.says("/web")
        told = await ada.sees("Your way in")
        assert told["is_private"]
        token = told["text"].split("/enter#")[1].split("\n")[0]
        async with page.visitor(token=token) as phone:
            mine = (await ada.get("/api/me"))["me"]["id"]
            assert (await phone.get("/api/me"))["me"]["id"] == mine


async def test_too_many_acts_are_told_when_to_come_back(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        statuses = [(await ada.says("/help"))["status"] for _ in range(40)]
        assert statuses[:30] == [202] * 30
        assert 429 in statuses[30:]


async def test_guessing_links_is_slowed_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "ENTRIES", Rate(burst=3, per_s=0.001))
    async with (
        open_page(tmp_path) as page,
        aiohttp.ClientSession(page.url, headers=MARK) as bare,
    ):
        guesses = [
            await Guest(bare).send("POST", "/api/enter", {"token": f"guess {n}"}) for n in range(4)
        ]
        assert [guess["status"] for guess in guesses] == [400, 400, 400, 429]


async def test_no_folder_is_ever_listed_or_left(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, aiohttp.ClientSession(page.url) as browser:
        for path in ("/static/", "/static", "/static/..%2fadapter.py", "/static/%2e%2e/adapter.py"):
            async with browser.get(path) as response:
                assert response.status == 404
        async with browser.get("/") as response:
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            tag = response.headers["ETag"]
        async with browser.get("/", headers={"If-None-Match": tag}) as response:
            assert response.status == 304


async def test_a_persons_choice_goes_before_the_browser_and_the_place_comes_last(
    tmp_path: Path,
) -> None:
    async def words(ada: Guest, asked: str) -> str:
        headers = {"Accept-Language": asked}
        async with ada.session.get("/words.js", headers=headers) as response:
            return (await response.text()).partition(";")[0].rpartition("= ")[2]

    async with open_page(tmp_path) as page, page.visitor("Ada") as ada:
        house = page.room.engine.house
        me = PersonId((await ada.get("/api/me"))["me"]["id"])
        await house.change(STUDIO, me, {"language": "ja"})
        assert [await words(ada, asked) for asked in ("de", "ko")] == ['"de"', '"ja"']
        await house.wish(me, {"language": "es"})
        assert [await words(ada, asked) for asked in ("de", "ko")] == ['"es"', '"es"']
        ada.session.headers["Accept-Language"] = "de"
        refused = await ada.get("/api/nothing")
        assert "dirección" in refused["error"]["text"]


async def test_on_every_address_of_the_machine_people_need_a_link(tmp_path: Path) -> None:
    everywhere = HttpSettings(host="0.0.0.0", port=0)  # noqa: S104 -- that is the point
    async with open_page(tmp_path, http=everywhere) as page:
        local = page.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        async with aiohttp.ClientSession(local, headers=MARK) as bare:
            refused = await Guest(bare).send("POST", "/api/session", {"name": "Eve"})
            assert (refused["status"], refused["sign_in"]) == (401, "link")


async def test_the_words_of_the_page_are_those_of_the_browser(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, aiohttp.ClientSession(page.url) as browser:
        for asked, locale, word in (("de-DE, en", "de", "Schließen"), ("ko", "en", "{}")):
            headers = {"Accept-Language": asked}
            async with browser.get("/words.js", headers=headers) as response:
                told = await response.text()
                assert response.content_type == "text/javascript"
                assert "Accept-Language" in response.headers["Vary"]
            assert told.startswith(f'export const locale = "{locale}";')
            assert word in told
