"""The network goes, the bot is restarted: nothing lost, nothing doubled."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.settings import HttpSettings
from bot.web import routes
from tests.acceptance.page.screen import (
    REFUSED,
    SIGN_IN,
    UNREACHABLE,
    APIResponse,
    Route,
    Tabs,
    WebSocketRoute,
    expect,
)
from tests.fakes.page import Page, open_page

pytestmark = pytest.mark.asyncio(loop_scope="module")


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


async def test_a_restart_under_the_open_page_loses_and_doubles_nothing(
    tmp_path: Path, tabs: Tabs
) -> None:
    async with AsyncExitStack() as first:
        home = await first.enter_async_context(open_page(tmp_path))
        ada = await tabs.person(home.url)
        await ada.gets("one star")
        await ada.says("wait for two stars")
        await home.is_drawing((await home.has_jobs(2))[0].id)
        await expect(ada.bar).to_have_count(1)
    await expect(ada.page.get_by_text("Reconnecting…")).to_be_visible()
    await ada.says("three stars")
    again = HttpSettings(port=port_of(home.url))
    async with open_page(tmp_path, http=again) as home:
        jobs = await home.has_jobs(3)
        assert [job.plan.words for job in jobs] == ["three stars", "wait for two stars", "one star"]
        await expect(ada.page.get_by_text("Reconnecting…")).to_have_count(0)
        await home.is_drawing(jobs[1].id)
        home.room.pool.release(jobs[1].id)
        await expect(ada.pictures).to_have_count(3)
        await expect(ada.bar).to_have_count(0)
        words = 2 * ["one star", "wait for two stars", "three stars"]
        await ada.comes_to_show(words, in_any_order=True)
        await ada.post("one star").get_by_role("button", name="Again").click()
        await expect(ada.pictures).to_have_count(4)
        shown = await ada.shows()
        await ada.page.reload()
        await expect(ada.pictures).to_have_count(4)
        await ada.comes_to_show(shown)
        ada.forgive(UNREACHABLE)
        await tabs.finish()


async def test_words_typed_without_a_network_are_sent_once(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.gets("one star")
    await ada.page.context.set_offline(True)
    await ada.says("two stars")
    await expect(ada.post("Waiting for the connection…")).to_contain_text("two stars")
    await bob.gets("three stars")
    await expect(ada.post("three stars")).to_have_count(0)
    await ada.page.context.set_offline(False)
    await expect(ada.pictures).to_have_count(3)
    await expect(ada.post("Waiting for the connection…")).to_have_count(0)
    await expect(bob.pictures).to_have_count(3)
    await ada.comes_to_show(2 * ["one star", "two stars", "three stars"], in_any_order=True)
    await bob.comes_to_show(await ada.shows())
    assert len(await home.has_jobs(3)) == 3
    ada.forgive(UNREACHABLE)


async def test_words_typed_without_a_network_survive_a_reload(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.page.route("**/api/acts", lambda route: route.abort())
    await ada.says("two stars")
    await expect(ada.post("Waiting for the connection…")).to_have_count(1)
    await ada.page.unroute("**/api/acts")
    await ada.page.reload()
    await expect(ada.pictures).to_have_count(1)
    assert len(await home.has_jobs(1)) == 1
    ada.forgive(UNREACHABLE)


async def test_an_answer_that_got_lost_is_no_second_job(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    lost: list[APIResponse] = []

    async def loses_the_first(route: Route) -> None:
        if lost:
            await route.continue_()
            return
        lost.append(await route.fetch())
        await route.abort()

    await ada.page.route("**/api/acts", loses_the_first)
    await ada.says("a blue star")
    await expect(ada.pictures).to_have_count(1)
    await expect(ada.posts).to_have_count(2)
    await ada.gets("a red circle")
    assert [job.plan.words for job in await home.has_jobs(2)] == ["a red circle", "a blue star"]
    assert lost[0].ok
    ada.forgive(UNREACHABLE)


async def test_a_broken_connection_reads_on_where_it_stopped(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    connections: asyncio.Queue[WebSocketRoute] = asyncio.Queue()

    def keep(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        connections.put_nowait(socket)

    await bob.page.route_web_socket("**/api/live*", keep)
    await bob.page.reload()
    for count, words in enumerate(("one star", "two stars", "three stars"), start=1):
        connection = await connections.get()
        await ada.says(words)
        await connection.close(code=1011)
        await expect(bob.pictures).to_have_count(count)
        await expect(bob.posts).to_have_count(2 * count)
    await connections.get()
    await expect(ada.pictures).to_have_count(3)
    await expect(ada.posts).to_have_count(6)
    await bob.comes_to_show(await ada.shows())


async def test_a_page_that_fails_to_load_anew_tries_again(
    home: Page, tabs: Tabs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MISSED", 1)
    ada = await tabs.person(home.url)
    bob = await tabs.person(home.url, "Bob")
    await ada.gets("one star")
    await expect(bob.pictures).to_have_count(1)
    failed: list[str] = []

    async def fails_once(route: Route) -> None:
        if failed:
            await route.continue_()
            return
        failed.append(route.request.url)
        await route.abort()

    await bob.page.context.set_offline(True)
    await ada.gets("two stars")
    await bob.page.route("**/api/posts?*", fails_once)
    await bob.page.context.set_offline(False)
    await expect(bob.pictures).to_have_count(2)
    assert failed
    bob.forgive(UNREACHABLE)


async def test_a_bot_that_does_not_answer_yet_is_asked_again(home: Page, tabs: Tabs) -> None:
    context = await tabs.context()
    ada = await tabs.blank(context, home.url)
    await ada.page.route("**/api/me", lambda route: route.abort())
    await ada.page.goto(home.url)
    await expect(ada.page.get_by_role("heading", name="Atelier is not answering")).to_be_visible()
    await ada.page.unroute("**/api/me")
    await expect(ada.field).to_be_visible()
    await ada.gets("one star")
    ada.forgive(UNREACHABLE)
    ada.forgive(SIGN_IN)


async def test_words_that_are_refused_stay_and_can_be_sent_again(home: Page, tabs: Tabs) -> None:
    ada = await tabs.person(home.url)
    await ada.page.route(
        "**/api/acts",
        lambda route: route.fulfill(
            status=400, json={"error": {"code": "bad_request", "text": "Not that. Other words do."}}
        ),
    )
    await ada.says("one star")
    refused = ada.post("Not that. Other words do.")
    await expect(refused).to_contain_text("one star")
    await ada.page.unroute("**/api/acts")
    await refused.get_by_role("button", name="Try again").click()
    await expect(ada.pictures).to_have_count(1)
    await expect(refused).to_have_count(0)
    ada.forgive(REFUSED)
