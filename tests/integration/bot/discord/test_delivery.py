"""Outcomes reach their people, whatever Discord does meanwhile, and reach them once."""

import asyncio
import io
import time

import pytest
from PIL import Image as Pillow

from bot.discord.address import Address
from bot.discord.outbound import Postman
from bot.messages import Outbound
from bot.port import CannotPost
from engine.messages import JobId, Owner, PersonId, SpaceId
from tests.emulators.discord.people import Person, is_private
from tests.emulators.discord.world import MEMBER_RIGHTS, MIB, Message, Told, parts_of
from tests.fakes.engine_room import until
from tests.fakes.pool import FakePool
from tests.integration.bot.discord.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def waiting(house: House, words: str = "wait for a circle") -> tuple[Told, Message]:
    """A picture that is being drawn, and its progress message."""
    before = len(house.room.pool.orders)
    told = await house.ada.uses("create", house.channel, words=words)
    shown = await house.ada.sees(house.channel, labels=("cancel",))
    await until(lambda: len(house.room.pool.orders) > before)
    return told, shown


def finish(house: House) -> JobId:
    """The worker is done with what it waits for."""
    order = house.room.pool.orders[-1]
    house.room.pool.release(order.job)
    return order.job


async def done(person: Person, channel: int, job: JobId) -> Message:
    return await person.sees(channel, job, pictures=1)


async def test_the_progress_message_becomes_the_picture(house: House) -> None:
    _, shown = await waiting(house)
    assert shown.labels == ["cancel"]
    seen = await done(house.ada, house.channel, finish(house))
    assert seen.id == shown.id
    assert len(house.world.by_bot(house.channel)) == 1


async def test_after_fifteen_minutes_the_bot_edits_by_its_own_token(house: House) -> None:
    _, shown = await waiting(house)
    house.world.skip(16 * 60)
    before = len(house.world.asked)
    seen = await done(house.ada, house.channel, finish(house))
    assert seen.id == shown.id
    edits = [path for method, path, _ in house.world.asked[before:] if method == "PATCH"]
    assert edits[-1] == f"/channels/{house.channel}/messages/{shown.id}"
    assert len(edits) <= 2, "a dead token is tried once, not again and again"


async def test_a_deleted_progress_message_is_replaced(house: House) -> None:
    _, shown = await waiting(house)
    shown.is_gone = True
    seen = await done(house.ada, house.channel, finish(house))
    assert seen.id != shown.id


async def test_a_press_on_a_message_that_is_a_year_old_works(house: House) -> None:
    await house.ada.uses("create", house.channel, words="a red circle")
    first = await house.ada.sees(house.channel, "a red circle", pictures=1)
    first.payload["timestamp"] = "2025-01-01T00:00:00+00:00"
    house.world.skip(365 * 86_400)
    await house.ada.presses(first, "again")
    await house.world.until(
        lambda: len([each for each in house.world.by_bot(house.channel) if each.pictures]) == 2
    )
    assert len(first.pictures) == 1


async def test_five_presses_are_one_picture(house: House) -> None:
    await waiting(house)
    finish(house)
    first = await house.ada.sees(house.channel, "wait for", pictures=1)
    for _ in range(5):
        await house.ada.presses(first, "again")
    seen = await house.ada.sees(house.channel, "I'm on it already")
    assert is_private(seen)
    await until(lambda: house.room.pool.orders[-1].job not in first.text)
    finish(house)
    await house.world.until(
        lambda: len([each for each in house.world.by_bot(house.channel) if each.pictures]) == 2
    )


async def test_a_removed_bot_keeps_the_picture(house: House) -> None:
    _, shown = await waiting(house)
    house.guild.is_joined = False
    house.world.skip(16 * 60)
    job = finish(house)
    await house.room.over(job)
    await house.world.until(lambda: [p for m, p, _ in house.world.asked if m == "POST"][-1])
    channel = house.world.direct_of(house.ada.id)
    house.ada.says(channel, f"/show {job}")
    await done(house.ada, channel, job)
    assert not shown.pictures


async def test_answers_wait_as_long_as_discord_says(house: House) -> None:
    """A long 429 is told to delivery, which comes again; a short one the library waits out."""
    house.world.refuse("PATCH", "/webhooks/", 429, Retry_After="0.05")
    await house.ada.uses("create", house.channel, words="a red circle")
    await house.ada.sees(house.channel, "a red circle", pictures=1)
    assert len([each for each in house.world.by_bot(house.channel) if each.pictures]) == 1


async def test_a_sick_discord_is_asked_again(house: House) -> None:
    house.world.refuse("POST", r"/channels/\d+/messages$", 500, times=1)
    house.ada.says(house.channel, "@bot a red circle")
    await house.ada.sees(house.channel, "a red circle", pictures=1)
    assert len([each for each in house.world.by_bot(house.channel) if each.pictures]) == 1


async def test_an_answer_that_was_lost_on_its_way_is_not_posted_twice(house: House) -> None:
    """Discord did it and its answer got lost: the same nonce again shows nothing new."""
    house.world.refuse("POST", r"/channels/\d+/messages$", 502, is_late=True)
    house.ada.says(house.channel, "@bot a red circle")
    await house.ada.sees(house.channel, "a red circle", pictures=1)
    assert len(house.world.by_bot(house.channel)) == 1


async def test_another_process_was_quicker(house: House) -> None:
    house.world.refuse("POST", "/callback$", 400, code=40060)
    before = len(house.room.pool.orders)
    await house.ada.uses("create", house.channel, words="a red circle")
    await house.ada.uses("queue", house.channel)
    await house.ada.sees(house.channel, "nothing in the queue")
    assert len(house.room.pool.orders) == before


async def test_too_late_to_acknowledge_is_not_drawn_for_nobody(house: House) -> None:
    house.world.refuse("POST", "/callback$", 404, code=10062)
    before = len(house.room.pool.orders)
    await house.ada.uses("create", house.channel, words="a red circle")
    await house.ada.uses("queue", house.channel)
    await house.ada.sees(house.channel, "nothing in the queue")
    assert len(house.room.pool.orders) == before


async def test_a_channel_that_is_gone_ends_it_once_and_for_all(house: House) -> None:
    await waiting(house)
    house.guild.channels.clear()
    house.world.skip(16 * 60)
    asked = len(house.world.asked)
    job = finish(house)
    await house.room.over(job)
    await house.platform.hearing.settled()
    tried = [path for method, path, _ in house.world.asked[asked:] if method in ("POST", "PATCH")]
    assert len([path for path in tried if path.startswith(f"/channels/{house.channel}")]) <= 2


@pytest.mark.parametrize("what", ["server", "channel", "forum"])
async def test_nothing_is_drawn_for_a_place_that_is_gone(house: House, what: str) -> None:
    """Removed from the server, or a channel deleted with its threads: its jobs are cancelled."""
    other = house.world.channel(house.guild, "elsewhere")
    thread = house.world.thread(house.guild, house.channel, "a thread")
    house.world.dispatch("GUILD_CREATE", house.discord.gateway.guild_payload(house.guild))
    place = thread if what == "forum" else house.channel
    before = len(house.room.pool.orders)
    await house.ada.uses("create", place, words="wait for a circle")
    await house.ada.sees(place, labels=("cancel",))
    await house.ada.uses("create", other, words="wait for a star")
    await house.ada.sees(other, labels=("cancel",))
    await until(lambda: len(house.room.pool.orders) > before)
    mine = await jobs_of(house)
    if what == "server":
        house.guild.is_joined = False
        house.world.dispatch("GUILD_DELETE", {"id": str(house.guild.id)})
    else:
        house.world.dispatch("CHANNEL_DELETE", house.guild.channels[0])
    async with asyncio.timeout(60):
        over = [await house.room.over(job) for job in (mine if what == "server" else mine[:1])]
    assert {job.state for job in over} == {"cancelled"}
    if what != "server":
        await until(lambda: house.room.pool.orders[-1].job == mine[1])
        finish(house)
        await done(house.ada, other, mine[1])


async def test_an_outage_of_a_server_cancels_nothing(house: House) -> None:
    _, shown = await waiting(house)
    gone = {"id": str(house.guild.id), "unavailable": True}
    house.world.dispatch("GUILD_DELETE", gone)
    house.world.dispatch("GUILD_CREATE", house.discord.gateway.guild_payload(house.guild))
    await house.ada.uses("queue", house.channel)
    await house.ada.sees(house.channel, "Your queue")
    assert (await done(house.ada, house.channel, finish(house))).id == shown.id


async def jobs_of(house: House) -> list[JobId]:
    """What Ada waits for, the oldest first."""
    person, space = PersonId(f"discord:{house.ada.id}"), SpaceId(f"discord:{house.guild.id}")
    view = await house.room.engine.queue(Owner(space=space, person=person))
    return [job.id for job in sorted((each for each, _ in view.mine), key=lambda job: job.asked_at)]


async def test_the_progress_message_of_a_former_process_is_known_again(house: House) -> None:
    """It died before it wrote down the message's id: the answer finds it by the job's mark."""
    _, shown = await waiting(house)
    (job,) = await jobs_of(house)
    row = await house.room.engine.stores.deliveries.get(job)
    assert row is not None
    where, client = Address.read(row.address), house.platform.client
    told = Outbound(text="A result.", job=job)
    other = Outbound(text="Of another job.", job=JobId("k7hd2m9q"))
    assert (await Postman(client, time.time).post(where, other, "n1")).id != shown.id
    assert (await Postman(client, time.time).post(where, told, "n2")).id == shown.id
    finish(house)


async def test_a_picture_of_10_mib_in_a_10_mib_server(house: House, large: bytes) -> None:
    assert 10 * MIB < len(large) < 11 * MIB
    await house.ada.uses("create", house.channel, words="a large circle")
    seen = await house.ada.sees(house.channel, "a large circle", pictures=1)
    sent = house.world.data_of(seen.pictures[0])
    assert len(sent) <= 10 * MIB
    assert seen.pictures[0].endswith(".webp")


async def test_a_server_that_takes_more_gets_the_original(house: House, large: bytes) -> None:
    house.guild.premium_tier = 2
    await house.ada.uses("create", house.channel, words="a large circle")
    seen = await house.ada.sees(house.channel, "a large circle", pictures=1)
    assert house.world.data_of(seen.pictures[0]) == large


async def test_what_discord_finds_too_large_all_the_same_is_made_smaller(
    house: House, large: bytes
) -> None:
    house.guild.premium_tier = 2
    await waiting(house)
    house.world.refuse("PATCH", "/webhooks/", 413, code=40005)
    seen = await done(house.ada, house.channel, finish(house))
    assert seen.pictures[0].endswith(".webp")


@pytest.fixture
def large(house: House, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What the worker draws: a bit more than 10 MiB."""
    picture = Pillow.effect_noise((1930, 1930), 120).convert("RGB")
    buffer = io.BytesIO()
    noise = Pillow.merge("RGB", (picture.getchannel(0), *picture.rotate(90).split()[:2]))
    noise.save(buffer, "PNG", compress_level=0)
    data = buffer.getvalue()
    monkeypatch.setattr("tests.fakes.pool.tiny_png", lambda *_: data)
    assert FakePool is not None
    return data


async def test_a_direct_conversation_that_is_closed_ends_it(house: House) -> None:
    channel = house.world.direct_of(house.ada.id)
    before = len(house.room.pool.orders)
    house.ada.says(channel, "wait for a circle")
    await house.ada.sees(channel, labels=("cancel",))
    await until(lambda: len(house.room.pool.orders) > before)
    house.world.closed.add(house.ada.id)
    job = finish(house)
    await house.room.over(job)
    await asyncio.wait_for(house.platform.hearing.settled(), 60)
    assert await house.platform.direct(PersonId(f"discord:{house.ada.id}")) is not None


async def test_a_long_wait_is_told_to_whoever_posts_and_holds_up_nobody_else(house: House) -> None:
    other = house.world.channel(house.guild, "elsewhere")
    house.world.dispatch("GUILD_CREATE", house.discord.gateway.guild_payload(house.guild))
    house.world.refuse("POST", f"^/channels/{house.channel}/messages$", 429, Retry_After="200")
    here = Address(channel=house.channel, person=house.ada.id, guild=house.guild.id).written()
    asked = len(house.world.asked)
    with pytest.raises(CannotPost) as refused:
        await house.platform.post(here, Outbound(text="Later."), nonce="long-wait")
    assert (refused.value.final, refused.value.retry_in_s) == (False, 200)
    assert len(house.world.asked) == asked + 1

    house.ada.says(other, "@bot a red circle")
    await house.ada.sees(other, "a red circle", pictures=1)


async def test_a_late_picture_where_the_bot_is_only_visiting_goes_to_the_person(
    house: House,
) -> None:
    elsewhere = house.world.guild("Elsewhere", joined=False)
    channel = int(elsewhere.channels[0]["id"])
    house.ada.has_installed = True
    before = len(house.room.pool.orders)
    await house.ada.uses("create", channel, words="wait for a circle")
    await house.ada.sees(channel, labels=("cancel",))
    await until(lambda: len(house.room.pool.orders) > before)
    house.world.skip(16 * 60)
    asked = len(house.world.asked)
    job = finish(house)
    await done(house.ada, house.world.direct_of(house.ada.id), job)
    tried = [path for _, path, _ in house.world.asked[asked:]]
    assert len([path for path in tried if path.startswith("/webhooks/")]) <= 1
    assert not [path for path in tried if path.startswith(f"/channels/{channel}")]


async def test_another_person_who_presses_gets_a_picture_of_their_own(house: House) -> None:
    await house.ada.uses("create", house.channel, words="a red circle")
    first = await house.ada.sees(house.channel, "a red circle", pictures=1)
    bob, before = house.discord.person("Bob"), len(house.room.pool.orders)
    await bob.presses(first, "again")
    await house.world.until(
        lambda: len([each for each in house.world.by_bot(house.channel) if each.pictures]) == 2
    )
    assert len(house.room.pool.orders) == before + 1
    found = await house.room.engine.show(
        Owner(space=SpaceId(f"discord:{house.guild.id}"), person=PersonId(f"discord:{bob.id}")),
        house.room.pool.orders[-1].job,
    )
    assert found.owner.person == f"discord:{bob.id}"


async def test_another_person_cannot_cancel(house: House) -> None:
    _, shown = await waiting(house)
    bob = house.discord.person("Bob")
    await bob.presses(shown, "cancel")
    await house.world.until(
        lambda: [each for each in house.world.by_bot(house.channel, bob.id) if is_private(each)]
    )
    assert len((await done(house.ada, house.channel, finish(house))).pictures) == 1


async def test_a_role_that_was_taken_away_counts_at_the_next_press(house: House) -> None:
    house.ada.may = str(1 << 13)
    await house.ada.uses("lora", house.channel, action="review")
    await house.ada.sees(house.channel, "Nothing waits")
    house.ada.may = MEMBER_RIGHTS
    await house.ada.uses("lora", house.channel, action="review")
    assert is_private(await house.ada.sees(house.channel, "a moderator"))


@pytest.mark.parametrize("is_flagged", [True, False])
async def test_an_age_flag_that_is_cleared_meanwhile_keeps_the_picture_back(
    house: House, monkeypatch: pytest.MonkeyPatch, is_flagged: bool
) -> None:
    async def strong(_: object) -> str:
        return "mature"

    monkeypatch.setattr(house.room.engine, "rating", strong)
    payload = house.guild.channels[0]
    house.world.dispatch("CHANNEL_UPDATE", payload | {"nsfw": True})
    await waiting(house)
    house.world.dispatch("CHANNEL_UPDATE", payload | {"nsfw": is_flagged})
    await house.ada.uses("queue", house.channel)
    await house.ada.sees(house.channel, "Your queue")
    job = finish(house)
    if is_flagged:
        seen = await done(house.ada, house.channel, job)
        (gallery,) = parts_of(seen.payload["components"], 12)
        assert [each["spoiler"] for each in gallery["items"]] == [True]
        return
    seen = await house.ada.sees(house.channel, f"/show {job}")
    assert "rated stronger" in seen.text
    assert not any(each.pictures for each in house.world.by_bot(house.channel))
    await house.ada.uses("show", house.channel, id=job)
    assert is_private(await house.ada.sees(house.channel, "takes: try it"))
    assert not any(each.pictures for each in house.world.by_bot(house.channel))


async def test_who_lost_the_role_while_it_was_drawn_finds_the_picture_in_private(
    house: House,
) -> None:
    """Discord is asked for the member: without privileged intents it tells no change."""
    role = house.world.role(house.guild, "Artists")
    house.guild.roles.append(role)
    house.world.dispatch("GUILD_CREATE", house.discord.gateway.guild_payload(house.guild))
    rules, space = house.room.engine.house, SpaceId(f"discord:{house.guild.id}")
    mo = PersonId("discord:1")
    house.ada.roles = [role["id"]]
    await rules.change(space, mo, {"makers": (role["id"],)})
    try:
        await waiting(house)
        house.ada.roles = []
        finish(house)
        seen = await house.ada.sees(house.channel, "may not make pictures here any more")
        assert not seen.pictures
    finally:
        await rules.change(space, mo, {"makers": ()})
