"""Intakes on both databases: one file one entry, each step once, decisions in one transaction."""

import asyncio
from datetime import timedelta

import pytest

from engine.errors import BadRequest
from engine.messages import EntryId, JobId, PersonId, SpaceId
from engine.storage.audit import AuditStore
from engine.storage.conversations import ConversationStore
from engine.storage.database import Database
from engine.storage.entries import EntryStore, NewEntry
from engine.storage.intakes import Intake, IntakeStore, NewIntake, Sender
from engine.storage.notices import NoticeStore
from engine.storage.upload_links import UploadLinkStore
from tests.fakes.jobs import NOON, later, sha
from tests.integration.engine.storage.test_entries import CARD, FILE, MOD, OTHER, SPACE

ADA = Sender(SPACE, PersonId("p:ada"), "Ada", "fake", "garden")


@pytest.fixture
def entries(database: Database) -> EntryStore:
    return EntryStore(database)


@pytest.fixture
def intakes(database: Database, entries: EntryStore) -> IntakeStore:
    return IntakeStore(database, entries)


async def brought(
    intakes: IntakeStore, request: str | None = None, space: SpaceId = SPACE
) -> Intake:
    sender = Sender(space, ADA.person, ADA.name, ADA.platform, ADA.address)
    new = NewIntake(sender, "chat", "checked", "zib.safetensors", request, sha256=sha(1))
    return await intakes.add(new, NOON)


def entry(name: str = "Zib") -> NewEntry:
    return NewEntry(card=CARD.model_copy(update={"name": name}), file=FILE)


async def test_the_same_request_is_the_same_intake(intakes: IntakeStore) -> None:
    first, again = await asyncio.gather(brought(intakes, "act-1"), brought(intakes, "act-1"))
    assert first.id == again.id
    assert (await brought(intakes, "act-2")).id != first.id


async def test_two_uploads_of_one_file_at_once_are_one_entry(
    intakes: IntakeStore, entries: EntryStore, database: Database
) -> None:
    one, two = await brought(intakes), await brought(intakes)
    made = await asyncio.gather(
        intakes.enter(one.id, entry(), NOON), intakes.enter(two.id, entry("Other"), NOON)
    )
    assert made[0] == made[1]
    states = {each.state for each in [await intakes.get(one.id), await intakes.get(two.id)] if each}
    assert states == {"identified", "known"}
    assert len(await entries.in_state(SPACE, "pending")) == 1
    told = await NoticeStore(database).due(later(1))
    assert [notice.body["kind"] for notice in told] == ["known"]


async def test_another_space_gets_an_entry_of_its_own_and_hears_nothing(
    intakes: IntakeStore, database: Database
) -> None:
    here, there = await brought(intakes), await brought(intakes, space=OTHER)
    first = await intakes.enter(here.id, entry(), NOON)
    second = await intakes.enter(there.id, entry(), NOON)
    assert first != second
    assert await NoticeStore(database).due(later(1)) == ()


async def test_a_taken_name_gets_a_number(intakes: IntakeStore, entries: EntryStore) -> None:
    await entries.add(SPACE, entry("Zib"), MOD, NOON)
    other = FILE.__class__(sha(2), 5, "kohya", "lora", "miniature")
    new = NewEntry(card=CARD, file=other)
    made = await intakes.enter((await brought(intakes)).id, new, NOON)
    found = await entries.get(made) if made else None
    assert found is not None
    assert found.card.name == "Zib 2"


async def test_a_step_is_taken_once(intakes: IntakeStore) -> None:
    mine = await brought(intakes)
    assert await intakes.enter(mine.id, entry(), NOON)
    assert await intakes.enter(mine.id, entry(), NOON) is None
    taken = await asyncio.gather(
        *(intakes.move(mine.id, "identified", "waiting", NOON, findings=("fine",)) for _ in "ab")
    )
    assert sorted(taken) == [False, True]


async def test_previews_are_planned_once_and_only_they_may_use_the_file(
    intakes: IntakeStore,
) -> None:
    mine = await brought(intakes)
    made = await intakes.enter(mine.id, entry(), NOON)
    assert made is not None
    first = await intakes.plan_previews(
        mine.id, [{"n": 1}, {"n": 2}], [JobId("a"), JobId("b")], NOON
    )
    again = await intakes.plan_previews(
        mine.id, [{"n": 1}, {"n": 2}], [JobId("c"), JobId("d")], NOON
    )
    assert first == again
    assert await intakes.may_preview(JobId("a"), made)
    assert not await intakes.may_preview(JobId("c"), made)
    assert not await intakes.may_preview(JobId("a"), EntryId("another"))


async def test_a_decision_moves_entry_and_intake_and_tells_the_sender(
    intakes: IntakeStore, entries: EntryStore, database: Database
) -> None:
    mine = await brought(intakes)
    made = await intakes.enter(mine.id, entry(), NOON)
    assert made is not None
    await intakes.move(mine.id, "identified", "waiting", NOON)
    await intakes.decide(made, "approved", MOD, "lovely", later(1))
    after = await intakes.get(mine.id)
    assert after is not None
    assert (after.state, after.why) == ("approved", "lovely")
    assert [card.name for card in await entries.cards(SPACE)] == ["Zib"]
    with pytest.raises(BadRequest):
        await intakes.decide(made, "rejected", MOD, "no", later(2))
    await intakes.decide(made, "pending", MOD, "too fast", later(3), undo=True)
    assert await entries.cards(SPACE) == ()
    told = await NoticeStore(database).due(later(9))
    assert [notice.body["kind"] for notice in told] == ["approved", "undone"]
    what = [line.what for line in await AuditStore(database).read(SPACE, 10)]
    assert what == ["entry.undone.approved", "entry.approved", "entry.added.pending"]


async def test_a_notice_is_posted_once(database: Database, intakes: IntakeStore) -> None:
    notices = NoticeStore(database)
    await intakes.tell((await brought(intakes)).id, {"kind": "waiting"}, NOON)
    (notice,) = await notices.due(NOON)
    assert sorted(await asyncio.gather(notices.take(notice.id), notices.take(notice.id))) == [
        False,
        True,
    ]
    assert await notices.due(NOON) == ()
    assert await notices.recover(NOON) == 1
    await notices.later(notice.id, later(60))
    assert await notices.due(later(59)) == ()
    assert [each.tries for each in await notices.due(later(60))] == [1]
    await notices.posted(notice.id)
    assert await notices.due(later(99)) == ()


async def test_a_sender_who_is_forgotten_is_named_nowhere(
    intakes: IntakeStore, entries: EntryStore, database: Database
) -> None:
    mine = await brought(intakes, "act-1")
    made = await intakes.enter(mine.id, entry(), NOON)
    await intakes.tell(mine.id, {"kind": "waiting"}, NOON)
    links = UploadLinkStore(database)
    token = await links.make(ADA, 10, NOON, timedelta(hours=1))
    assert await ConversationStore(database).forget(ADA.person) == 3
    after = await intakes.get(mine.id)
    assert after is not None
    assert (after.sender.name, after.sender.platform, after.state) == ("", "", "identified")
    kept = await entries.get(made) if made else None
    assert kept is not None
    assert kept.added_by != ADA.person
    assert await links.get(token, NOON) is None
    assert await NoticeStore(database).due(later(9)) == ()
