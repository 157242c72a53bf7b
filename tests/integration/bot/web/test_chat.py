"""The chat as a browser meets it, on a real port: said, drawn, pressed, shown to everybody."""

import asyncio
from pathlib import Path

from bot.messages import Level
from engine.api import Visitor
from engine.messages import JobId, PersonId, SpaceId
from tests.fakes.page import STUDIO, open_page


async def test_words_become_a_picture_that_everybody_sees(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        await ada.listen()
        await bob.listen()
        told = await ada.says("a red circle")
        assert told["status"] == 202
        assert told["post"]["text"] == "a red circle"
        assert (await bob.sees("a red circle"))["author"]["name"] == "Ada"
        posted = await ada.gets_picture("a blue star")
        assert posted["to"]["name"] == "Ada"
        assert posted["progress"] is None
        assert [each["verb"] for each in posted["buttons"]] == [
            "draw", "draw", "edit", "why", "keep", "report", "delete",
        ]  # fmt: skip
        assert await bob.hears("post", id=posted["id"], revision=posted["revision"]) == posted
        async with bob.session.get(posted["images"][0]["url"]) as response:
            assert response.status == 200
            assert (await response.read()).startswith(b"\x89PNG")


async def test_progress_moves_and_is_not_kept(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        await ada.says("wait for it")
        waiting = await ada.hears("post", progress=0.0)
        await page.is_drawing(JobId(waiting["job"]))
        page.room.pool.step(JobId(waiting["job"]), 3)
        moving = await ada.hears("progress", post=waiting["id"], text="Drawing: step 3 of 12.")
        assert moving["job"] == waiting["job"]
        kept = await page.room.engine.stores.posts.get(waiting["id"])
        assert kept is not None
        assert kept.revision == waiting["revision"]
        cancel = next(each for each in waiting["buttons"] if each["label"] == "cancel")
        await ada.presses(cancel["id"])
        over = await ada.sees("Cancelled: “wait for it”")
        assert (over["id"], over["progress"]) == (waiting["id"], None)


async def test_an_act_sent_twice_is_one(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        first = await ada.says("a red circle", id="same")
        again = await ada.says("a red circle", id="same")
        assert again["post"]["id"] == first["post"]["id"]
        await ada.gets_picture("a blue star")
        jobs = await page.room.engine.stores.jobs.recent(STUDIO, 10)
        assert sorted(job.plan.words for job in jobs) == ["a blue star", "a red circle"]


async def test_five_presses_from_two_tabs_are_one_job(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        await ada.says("wait for it")
        waiting = await ada.hears("post", progress=0.0)
        await page.is_drawing(JobId(waiting["job"]))
        page.room.pool.release(JobId(waiting["job"]))
        posted = await ada.hears("post", id=waiting["id"], progress=None)
        again = posted["buttons"][0]["id"]
        await asyncio.gather(*(ada.presses(again) for _ in range(5)))
        await ada.sees("I'm on it already")
        await page.has_jobs(2)
        await ada.hears("post", progress=0.0, job=(await page.has_jobs(2))[0].id)
        assert len(await page.has_jobs(2)) == 2


async def test_what_is_between_me_and_the_bot_is_seen_by_nobody_else(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        await ada.listen()
        await bob.listen()
        await ada.says("/me")
        private = await ada.sees("What I keep about you")
        assert private["is_private"]
        await ada.says("hello everyone, a cat")
        await bob.sees("hello everyone")
        assert "What I keep" not in str(bob.heard)
        assert "/me" not in str(bob.heard)
        listed = await bob.get(f"/api/posts?place={STUDIO}")
        assert private["id"] not in [post["id"] for post in listed["posts"]]
        gone = await ada.send("DELETE", f"/api/posts/{private['id']}")
        assert gone["status"] == 204
        assert (await ada.hears("post", id=private["id"], is_deleted=True))["lines"] == []


async def test_a_dm_is_seen_by_its_person_alone(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        me = await ada.get("/api/me")
        dm = me["places"][-1]
        assert dm["kind"] == "dm"
        await ada.listen()
        posted = await ada.gets_picture("a secret star", dm["id"])
        for path in (
            f"/api/posts?place={dm['id']}",
            f"/api/gallery?place={dm['id']}",
            f"/api/jobs/{posted['job']}?place={dm['id']}",
            f"/api/jobs/{posted['job']}?place={STUDIO}",
            posted["images"][0]["url"],
            f"/pictures/{posted['job']}/0.png?place={STUDIO}",
        ):
            assert (await bob.get(path))["status"] == 404
        assert (await bob.says("hello", dm["id"]))["status"] == 404


async def test_a_deleted_picture_goes_while_others_look_at_it(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        await ada.listen()
        await bob.listen()
        posted = await ada.gets_picture("a blue star")
        url = posted["images"][0]["url"]
        delete = posted["buttons"][-1]["id"]
        await bob.presses(delete)
        refused = await bob.sees("You can't delete")
        assert refused["is_private"]
        await ada.presses(delete)
        sure = (await ada.sees("for good?"))["buttons"][0]["id"]
        await ada.presses(sure)
        gone = await bob.sees("were deleted")
        assert (gone["id"], gone["images"]) == (posted["id"], [])
        assert (await bob.get(url))["status"] == 404
        assert (await bob.get(f"/api/gallery?place={STUDIO}"))["pictures"] == []


async def test_who_forgets_me_takes_my_posts_from_every_page(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada, page.visitor("Bob") as bob:
        await bob.listen()
        await ada.listen()
        posted = await ada.gets_picture("a blue star")
        await bob.sees("a blue star")
        await ada.says("/me delete confirm=yes")
        gone = await bob.hears("post", id=posted["id"], is_deleted=True)
        assert gone["text"] == ""
        shown = await bob.get(f"/api/posts?place={STUDIO}")
        assert [post for post in shown["posts"] if "blue star" in post["text"]] == []


async def test_a_4000_character_prompt_with_markup_stays_text(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        hostile = ("<script>alert(1)</script> **bold** @everyone " * 100)[:3990].strip()
        told = await ada.says(hostile)
        assert told["status"] == 202
        assert "<script>" in told["post"]["text"]
        assert len(told["post"]["text"]) == len(hostile)
        too_long = await ada.says("x" * 4001)
        assert too_long["status"] == 400
        assert "4000" in too_long["error"]["text"]


async def test_an_edited_plan_is_drawn_as_it_was_set(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        posted = await ada.gets_picture("a blue star")
        job = (await ada.get(f"/api/jobs/{posted['job']}?place={STUDIO}"))["job"]
        assert job["is_mine"]
        assert job["parameters"].startswith("a blue star")
        fields = {field["name"]: field["value"] for field in job["edit"]["fields"]}
        assert fields["prompt"] == "a blue star"
        assert fields["seed"] == job["plan"]["seed"]
        given = {"prompt": "a green star", "seed": "77"}
        await ada.presses(job["edit"]["button"], fields=given)
        jobs = await page.has_jobs(2)
        assert (jobs[0].plan.prompt, jobs[0].plan.seed) == ("a green star", 77)
        await ada.presses(job["edit"]["button"], fields={"size": "63x64"})
        assert (await ada.sees("What works: "))["is_private"]


async def test_an_act_that_a_crash_left_unanswered_is_answered_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        page.platform._receive = _lost
        await ada.says("a blue star")
        person = (await ada.get("/api/me"))["me"]["id"]
    async with open_page(tmp_path) as page:
        jobs = await page.has_jobs(1)
        assert [(job.owner.person, job.plan.words) for job in jobs] == [(person, "a blue star")]


async def _lost(_: object) -> None:
    """Stands for a process that dies before it answers."""
    raise asyncio.CancelledError


async def test_commands_and_suggestions_come_with_the_place(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        told = await ada.get(f"/api/commands?place={STUDIO}")
        create = next(each for each in told["commands"] if each["name"] == "create")
        kinds = {option["name"]: option["type"] for option in create["options"]}
        assert kinds["words"] == "text"
        assert kinds["size"] == "size"
        assert kinds["count"] == "number"
        suggested = await ada.get(f"/api/suggest?place={STUDIO}&kind=bases&q=mini")
        assert suggested["suggestions"] == [{"value": "miniature", "label": "miniature"}]
        assert (await ada.get(f"/api/suggest?place={STUDIO}&kind=secrets"))["status"] == 400


async def test_a_button_of_another_place_does_nothing_here(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        posted = await ada.gets_picture("a blue star")
        await ada.presses(posted["buttons"][0]["id"], "web:arcade")
        assert (await ada.sees("another place"))["is_private"]
        assert len(await page.room.engine.stores.jobs.recent(SpaceId("web:arcade"), 9)) == 0
        assert (await page.room.engine.stores.jobs.get(JobId(posted["job"]))) is not None


async def test_the_page_speaks_what_the_browser_speaks(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        ada.session.headers["Accept-Language"] = "xx, de-AT;q=0.9, en;q=0.1"
        told = await ada.get(f"/api/commands?place={STUDIO}")
        create = next(each for each in told["commands"] if each["name"] == "create")
        assert create["summary"] == "Ein Bild aus einer Beschreibung machen"
        assert create["options"][1]["description"] == "Breite und Höhe"
        refused = await ada.get("/api/nothing")
        assert refused["error"]["text"] == "Unter dieser Adresse gibt es nichts."
        await ada.listen()
        posted = await ada.gets_picture("a blue star")
        assert [each["label"] for each in posted["buttons"]] == [
            "nochmal", "variieren", "bearbeiten", "warum so?", "behalten", "melden", "löschen",
        ]  # fmt: skip


async def test_open_reports_are_a_card_with_buttons_on_the_page(tmp_path: Path) -> None:
    async with open_page(tmp_path) as page, page.visitor() as ada:
        await ada.listen()
        posted = await ada.gets_picture("a blue star")
        await ada.says(f"/report {posted['job']} it shows me")
        await ada.sees("the moderators are told")
        visitor = Visitor(PersonId("web:mo"), "Mo", int(Level.MODERATOR))
        token = await page.room.engine.invite(visitor, 60)
        async with page.visitor(token=token) as mo:
            await mo.listen()
            await mo.says("/moderation reports")
            card = await mo.sees("/show with an id brings the picture.")
            assert card["title"] == "1 open report"
            assert "it shows me" in card["lines"][0]["value"]
            await mo.presses(card["buttons"][0]["id"])
            await mo.sees("is off the list of open reports")
            await mo.says("/moderation reports")
            await mo.sees("No report waits for anybody.")
