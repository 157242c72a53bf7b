"""The moderators' channel, on a real engine: what waits is shown there as it comes."""

import pytest

from bot.messages import Level, Outbound, Press
from engine.messages import PersonId
from engine.storage import intakes
from tests.fakes.platform import SPACE
from tests.integration.bot.test_lora import Place, place

__all__ = ["place"]
MO = PersonId("fake:mo")
ONCE = pytest.mark.parametrize("place", [True], indirect=True, ids=["forms"])
STAFF = "staff"
SAID = "kind=character licence=CC0 person=no"


async def staff(place: Place) -> None:
    """The moderators have a channel."""
    await place.room.engine.house.change(SPACE.id, MO, {"reports_to": f"fake {STAFF}"})


async def posted(place: Place) -> list[Outbound]:
    """What that channel was shown by now."""
    await place.bot.notices.post_due()
    return place.platform.posted_to.get(STAFF, [])


async def test_a_look_that_waits_is_decided_in_the_moderators_channel(place: Place) -> None:
    await staff(place)
    await place.brings("zib", f"Zib {SAID}", Level.MODERATOR)
    await place.waits()
    (shown,) = await posted(place)
    assert shown.title == "Zib waits for you"
    assert shown.images[0].png.startswith(b"\x89PNG")
    assert not shown.private
    approve = next(each for each in shown.buttons if each.label == "approve")
    refused = await place.does(Press(button=approve.id), "ada", Level.MEMBER)
    assert "You would need to be a moderator" in refused.text
    done = await place.does(Press(button=approve.id), "mo", Level.MODERATOR)
    assert "Zib is approved" in done.text
    entry = (await place.room.engine.registry.vetting.named(SPACE.id, "Zib")).id
    line = (await place.room.engine.registry.history(SPACE.id, entry))[0]
    assert (line.actor, line.what) == (MO, "entry.approved")


@ONCE
async def test_what_was_decided_before_is_not_shown_any_more(place: Place) -> None:
    await staff(place)
    await place.brings("zib", f"Zib {SAID}", Level.MODERATOR)
    await place.waits()
    await place.types("/lora approve Zib", Level.MODERATOR)
    assert await posted(place) == []


@ONCE
async def test_a_strong_look_comes_without_its_pictures_where_they_are_not_taken(
    place: Place,
) -> None:
    await staff(place)
    await place.brings("zib", f"Zib {SAID}", Level.MODERATOR)
    await place.waits()
    await place.types("/lora edit Zib rating=mature", Level.MODERATOR)
    (shown,) = await posted(place)
    assert shown.title == "Zib waits for you"
    assert shown.images == ()


@ONCE
async def test_many_files_at_once_do_not_fill_the_channel(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intakes, "MOST_SHOWN", 1)
    await staff(place)
    for count, name in enumerate(("zib", "mira", "neon"), start=1):
        await place.brings(name, f"{name} {SAID}", Level.MODERATOR)
        await place.waits(count)
    first, second = await posted(place)
    assert first.title == "zib waits for you"
    assert "/lora review" in second.text


@ONCE
async def test_without_such_a_channel_only_its_sender_is_told(place: Place) -> None:
    await place.brings("zib", f"Zib {SAID}", Level.MODERATOR)
    await place.waits()
    await place.bot.notices.post_due()
    told = [each for posts in place.platform.posted_to.values() for each in posts]
    assert "waits for a moderator" in told[-1].text
    assert not any(each.title.endswith("waits for you") for each in told)
