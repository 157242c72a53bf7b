"""Looks in words on the page, each with its sample once it is drawn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import JsonValue

from bot.messages import Level
from engine.api import Visitor
from engine.messages import Owner, PersonId, SpaceId
from tests.fakes.page import STUDIO, Guest, Page, open_page

HERE = f"?place={STUDIO}"
OWNER = Owner(space=SpaceId(STUDIO), person=PersonId("web:mo"))
FOG: dict[str, JsonValue] = {
    "name": "Foggy Noir",
    "prompt": "a dark background",
    "called": ["fog noir"],
}


@asynccontextmanager
async def moderator(page: Page) -> AsyncIterator[Guest]:
    visitor = Visitor(OWNER.person, "Mo", int(Level.MODERATOR))
    token = await page.room.engine.invite(visitor, 600)
    async with page.visitor("Mo", token) as guest:
        yield guest


async def test_looks_in_words_are_on_the_wall_with_the_places_own_first(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor("Ada") as ada:
        await page.room.engine.own_looks.add(OWNER, FOG)

        told = await ada.send("GET", f"/api/looks/words{HERE}")
        found = await ada.send("GET", f"/api/looks/words{HERE}&q=fog")

        assert (told["looks"][0]["name"], told["looks"][0]["is_own"]) == ("Foggy Noir", True)
        assert told["total"] > 40
        assert [look["name"] for look in found["looks"]] == ["Foggy Noir"]


async def test_a_moderators_visit_has_samples_drawn_and_members_see_them(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, moderator(page) as mo, page.visitor("Ada") as ada:
        await page.room.engine.own_looks.add(OWNER, FOG)
        (before,) = (await ada.send("GET", f"/api/looks/words{HERE}&q=foggy"))["looks"]
        assert before["sample"] is None
        assert (await ada.send("GET", "/api/looks/sample.png" + HERE + "&name=Foggy+Noir"))[
            "status"
        ] == 404

        await mo.send("GET", f"/api/looks/words{HERE}&q=foggy")
        for job in await page.room.engine.stores.jobs.recent(OWNER.space, 9):
            await page.room.over(job.id)

        (after,) = (await ada.send("GET", f"/api/looks/words{HERE}&q=foggy"))["looks"]
        assert after["sample"].startswith("/api/looks/sample.png")


async def test_a_place_sees_no_look_of_another(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor("Ada") as ada:
        elsewhere = OWNER.model_copy(update={"space": SpaceId("web:elsewhere")})
        await page.room.engine.own_looks.add(elsewhere, FOG)

        assert (await ada.send("GET", f"/api/looks/words{HERE}&q=foggy"))["looks"] == []
