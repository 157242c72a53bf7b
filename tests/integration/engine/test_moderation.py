"""What moderators rule over, on a real database."""

from pathlib import Path

import pytest

from engine.api import OpenReports, Report, Reported
from engine.errors import Paused, WordsBlocked
from engine.messages import Owner, PersonId, SpaceId
from tests.fakes.engine_room import open_room

SPACE, MO, ADA = SpaceId("fake:garden"), PersonId("fake:mo"), PersonId("fake:ada")


async def test_rules_hold_at_once_and_outlive_undone_settings(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        house = room.engine.house
        await house.change(SPACE, MO, {"rating": "suggestive"})
        await house.block(SPACE, MO, "grot")
        await house.pause(SPACE, MO, PersonId("fake:bo"), None, "spam")
        rules = await house.undo(SPACE, MO)
        assert (rules.rating, rules.blocked) == ("general", ("grot",))
        with pytest.raises(WordsBlocked) as refused:
            await room.draw("a gr0t")
        assert refused.value.facts == {"rule": 1}
        with pytest.raises(Paused):
            await room.draw("a heart", "bo")
        assert (await room.draw("a grotto")).job
        await house.resume(SPACE, MO, PersonId("fake:bo"))
        assert (await room.draw("a heart", "bo")).job
        told = [line.what for line in await house.log(SPACE)]
        assert told[:2] == ["person.resumed", "settings.undone"]


async def test_a_report_waits_in_the_outbox(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        house = room.engine.house
        owner = Owner(space=SPACE, person=ADA)
        card = Report("fake", "moderators", {"kind": "report", "job": "k7"})
        job = (await room.draw("a heart")).job
        await house.report(Reported(owner, "Ada", job, "not nice"), card)
        (notice,) = await room.engine.registry.notices()
        assert (notice.address, notice.body) == ("moderators", card.body)
        assert (await house.log(SPACE))[0].reason == "not nice"


async def test_a_report_is_open_until_a_moderator_decided(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        house = room.engine.house
        first, second = (await room.draw("a heart")).job, (await room.draw("a star")).job
        for job, person, reason in ((first, ADA, "bad"), (second, MO, ""), (first, MO, "worse")):
            await house.report(Reported(Owner(space=SPACE, person=person), "A", job, reason), None)
        assert await house.times_reported(ADA, first) == 1
        found = await house.open_reports(SPACE)
        assert [(each.job, each.times) for each in found.shown] == [(first, 2), (second, 1)]
        assert [said.reason for said in found.shown[0].said] == ["worse", "bad"]
        assert await house.open_reports(SpaceId("fake:other")) == OpenReports((), 0)
        assert await house.close_reports(SPACE, first) == 2
        (left,) = (await house.open_reports(SPACE)).shown
        assert left.job == second
