"""Coming in: freely on this machine, by a one-time link anywhere else."""

import pytest

from bot.messages import Level
from engine.api import Visitor
from engine.messages import PersonId
from tests.acceptance.page.screen import REFUSED, SIGN_IN, Tabs, expect
from tests.fakes.page import Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLEO = Visitor(PersonId("web:cleo"), "Cleo", int(Level.MODERATOR))


async def test_on_this_machine_one_is_in_at_once(home: Page, tabs: Tabs) -> None:
    ada = await tabs.tab(await tabs.context(), home.url)
    await expect(ada.field).to_be_focused()
    await ada.gets("a blue star")
    await ada.page.reload()
    await expect(ada.pictures).to_have_count(1)
    ada.forgive(SIGN_IN)


async def test_a_stranger_is_told_how_to_get_a_link(house: Page, tabs: Tabs) -> None:
    stranger = await tabs.blank(await tabs.context(), house.url)
    await stranger.page.goto(house.url)
    heading = stranger.page.get_by_role("heading", name="You need a link to come in")
    await expect(heading).to_be_visible()
    await expect(stranger.page.get_by_role("main")).to_contain_text("/web")
    await expect(stranger.page.get_by_role("main")).to_contain_text("atelier web link")
    await expect(stranger.page.get_by_role("textbox")).to_have_count(0)
    stranger.forgive(SIGN_IN)


async def test_a_link_opens_the_door_once(house: Page, tabs: Tabs) -> None:
    token = await house.room.engine.invite(CLEO, 60)
    context = await tabs.context()
    cleo = await tabs.blank(context, house.url)
    await cleo.page.goto(f"{house.url}/enter#{token}")
    await expect(cleo.button("Enter")).to_be_focused()
    assert token not in cleo.page.url
    await cleo.button("Enter").click(click_count=2)
    await expect(cleo.page.get_by_role("button", name="Cleo moderator")).to_be_visible()
    await cleo.gets("a blue star")
    assert not any(token in url for url in cleo.asked[1:])
    late = await tabs.blank(await tabs.context(), house.url)
    await late.page.goto(f"{house.url}/enter#{token}")
    await late.button("Enter").click()
    heading = late.page.get_by_role("heading", name="This link opens nothing any more")
    await expect(heading).to_be_visible()
    late.forgive(REFUSED)


async def test_who_leaves_is_outside(house: Page, tabs: Tabs) -> None:
    token = await house.room.engine.invite(CLEO, 60)
    cleo = await tabs.blank(await tabs.context(), house.url)
    await cleo.page.goto(f"{house.url}/enter#{token}")
    await cleo.button("Enter").click()
    await cleo.page.get_by_role("button", name="Cleo moderator").click()
    await cleo.dialog("You").get_by_role("button", name="Leave").click()
    heading = cleo.page.get_by_role("heading", name="You need a link to come in")
    await expect(heading).to_be_visible()
    await cleo.page.wait_for_url(f"{house.url}/")  # the live connection may say so first
    await cleo.page.go_back()
    await cleo.page.reload()
    await expect(heading).to_be_visible()
    cleo.forgive(SIGN_IN)
