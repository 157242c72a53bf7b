"""Moderators at work: words, people, reports, and what is written down of it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest

from bot.acts.reporting import report_images
from bot.messages import Inbound, Level, Outbound, Place, Press
from bot.notices import told
from engine.messages import Delete, JobId, Owner, PersonId, SpaceId
from tests.fakes.engine import NEON, ZIB, FakeEngine
from tests.fakes.platform import SPACE, FakePlatform, inbound

Do = Callable[[Inbound], Awaitable[Outbound]]


class Ada(Protocol):
    async def uses(
        self, name: str, /, person: str = "ada", level: Level = Level.MEMBER, **options: str
    ) -> Outbound: ...

    async def says(self, text: str, person: str = "ada") -> Outbound: ...

    async def has_drawn(self, words: str = "Zib in neon") -> JobId: ...


async def moderates(ada: Ada, action: str, about: str = "", **options: str) -> Outbound:
    return await ada.uses(
        "moderation", "mo", level=Level.MODERATOR, action=action, about=about, **options
    )


async def test_members_may_not_moderate(ada: Ada) -> None:
    answer = await ada.uses("moderation", action="block", about="grot")
    assert "to be a moderator" in answer.text


async def test_blocked_words_are_refused_without_repeating_them(
    ada: Ada, engine: FakeEngine
) -> None:
    card = await moderates(ada, "block", "grot")
    assert card.private
    assert [(line.name, line.value) for line in card.lines] == [("rule 1", "grot")]
    answer = await ada.says("a gr0t on a hill")
    assert "rule 1" in answer.text
    assert "gr" not in answer.text
    assert not engine.disk.jobs
    await moderates(ada, "unblock", "1")
    assert (await ada.says("a grot on a hill")).job is not None


async def test_a_paused_person_hears_why_and_others_go_on(ada: Ada, engine: FakeEngine) -> None:
    waiting = (await ada.says("a heart")).job
    assert waiting is not None
    await moderates(ada, "pause", "fake:ada", hours="2", reason="spam")
    assert engine.disk.jobs[waiting].state == "cancelled"
    answer = await ada.says("a star")
    assert "paused you here" in answer.text
    assert "spam" in answer.text
    assert "2 hours" in answer.text
    assert (await ada.says("a star", person="bo")).job is not None
    await moderates(ada, "resume", "ada")
    assert (await ada.says("a star")).job is not None


async def test_undoing_settings_keeps_what_moderators_ruled(ada: Ada, engine: FakeEngine) -> None:
    await ada.uses("settings", level=Level.ADMIN, rating="suggestive")
    await moderates(ada, "block", "grot")
    await ada.uses("settings", level=Level.ADMIN, action="undo")
    rules = await engine.house.rules(SpaceId(SPACE.id))
    assert rules.rating == "general"
    assert rules.blocked == ("grot",)


async def test_a_report_reaches_the_moderators_with_buttons(
    ada: Ada, engine: FakeEngine, do: Do
) -> None:
    await ada.uses("settings", level=Level.ADMIN, reports_to="here")
    job = await ada.has_drawn()
    assert "Thank you" in (await ada.uses("report", "bo", id=job, reason="not nice")).text
    assert "already" in (await ada.uses("report", "bo", id=job)).text
    (sent,) = engine.house.reports  # type: ignore[attr-defined]  # the fake keeps them
    assert (sent.platform, sent.address) == ("fake", "fake:garden/channel")
    card = told(sent.body)
    assert not card.private
    assert {"not nice", "fake:ada"} <= {line.value for line in card.lines}
    remove = next(each for each in card.buttons if "delete" in each.label)
    press = Press(button=remove.id)
    refused = await do(inbound(press, id="p1", person="bo"))
    assert "to be a moderator" in refused.text
    await do(inbound(press, id="p2", person="mo", level=Level.MODERATOR))
    result = engine.disk.jobs[job].result
    assert result is not None
    assert not result.pictures
    page = await moderates(ada, "audit")
    assert any("fake:mo deleted a picture" in line.value for line in page.lines)


async def test_open_reports_are_listed_until_somebody_decides(
    ada: Ada, engine: FakeEngine, do: Do
) -> None:
    assert "No report waits" in (await moderates(ada, "reports")).text
    job, other = await ada.has_drawn(), await ada.has_drawn("a heart")
    for person, which, reason in (("bo", job, "not nice"), ("cy", job, ""), ("bo", other, "")):
        await ada.uses("report", person, id=which, reason=reason)
    card = await moderates(ada, "reports")
    assert (card.private, card.title) == (True, "2 open reports")
    assert [line.value for line in card.lines] == [
        "reported 2 times, by Bo, Cy: \u201cnot nice\u201d",
        "reported by Bo",
    ]
    refused = await ada.uses("moderation", "bo", action="reports")
    assert "to be a moderator" in refused.text
    done = next(each for each in card.buttons if each.label == f"done: {job}")
    press = Press(button=done.id)
    refused = await do(inbound(press, id="p1", person="bo"))
    assert "to be a moderator" in refused.text
    told = await do(inbound(press, id="p2", person="mo", level=Level.MODERATOR))
    assert told.text == f"{job} is off the list of open reports."
    assert (await moderates(ada, "reports")).title == "1 open report"
    result = engine.disk.jobs[job].result
    assert result is not None
    assert result.pictures, "the picture stays"


async def test_a_deleted_picture_waits_for_no_moderator(
    ada: Ada, do: Do, engine: FakeEngine
) -> None:
    job = await ada.has_drawn()
    await ada.uses("report", "bo", id=job)
    sure = await engine.remember(
        Owner(space=SPACE.id, person=PersonId("fake:ada")), Delete(job=job)
    )
    await do(inbound(Press(button=f"delete:{sure}:1"), id="p1"))
    assert "No report waits" in (await moderates(ada, "reports")).text


class Channel(FakePlatform):
    """A moderators' channel that may be age-restricted."""

    is_age_restricted = False

    async def place(self, address: str) -> Place:
        return Place(id=address, is_age_restricted=self.is_age_restricted)


async def test_a_report_shows_its_picture_where_that_may_be_seen(
    ada: Ada, engine: FakeEngine
) -> None:
    job = await ada.has_drawn()
    body = {"kind": "report", "job": job, "space": SPACE.id}
    channel = Channel()
    (image,) = await report_images(engine, channel, "mods", body)
    assert image.png
    strong = tuple(card.model_copy(update={"rating": "mature"}) for card in (ZIB, NEON))
    engine.cards = strong
    assert await report_images(engine, channel, "mods", body) == ()
    channel.is_age_restricted = True
    assert len(await report_images(engine, channel, "mods", body)) == 1
    assert await report_images(engine, channel, "mods", {**body, "job": "gone"}) == ()


async def test_people_are_called_by_their_names(ada: Ada, engine: FakeEngine) -> None:
    engine.house.called[PersonId("fake:bo")] = "Bo the Bold"  # type: ignore[attr-defined]  # the fake's
    await moderates(ada, "pause", "fake:bo", hours="2")
    await moderates(ada, "pause", "fake:cy")
    names = [line.name for line in (await moderates(ada, "show")).lines]
    assert names == ["pause 1, Bo the Bold", "pause 2, fake:cy"]
    await moderates(ada, "resume", "2")
    left = await moderates(ada, "resume", "bo the bold")
    assert left.lines == ()
    page = await moderates(ada, "audit")
    assert any("ended a pause Bo the Bold" in line.value for line in page.lines)


async def test_only_what_is_here_can_be_reported(ada: Ada, engine: FakeEngine) -> None:
    answer = await ada.uses("report", "bo", id="nothing")
    assert "I know no picture" in answer.text
    assert not engine.house.reports  # type: ignore[attr-defined]  # the fake keeps them


@pytest.mark.parametrize("about", ["", "two words"])
async def test_whom_to_pause_has_to_be_said(ada: Ada, about: str) -> None:
    answer = await moderates(ada, "pause", about)
    assert "a mention of the person" in answer.text
