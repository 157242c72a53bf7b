"""Choices, shares and retention in both databases."""

import asyncio
from datetime import datetime, timedelta
from itertools import cycle

import pytest

from engine.choices import HouseRules, Quota, Wishes, quota_of
from engine.errors import QuotaSpent
from engine.messages import Failure, JobId, PersonId, SpaceId, WorkerId
from engine.storage.audit import AuditLine
from engine.storage.choices import ChoiceStore, Ruling
from engine.storage.conversations import ConversationStore, Said
from engine.storage.database import Database
from engine.storage.fair import FairRules, Holds
from engine.storage.jobs import JobStore
from engine.storage.queue import Admission, Caps, QueueStore
from engine.storage.retention import RetentionStore
from tests.fakes.jobs import NOON, job, owner, plan

HERE = SpaceId("fake:ann")
ANN = PersonId("fake:ann")
"""A direct conversation has the id of its person: the two must not be mixed up."""
CAPS = Caps(person=100, space=100, everyone=100)


def line(at: datetime = NOON) -> AuditLine:
    return AuditLine(HERE, ANN, "settings.changed", HERE, "", at)


async def choose(database: Database, **fields: object) -> None:
    def ruling(before: HouseRules) -> tuple[HouseRules, AuditLine]:
        return before.model_copy(update=fields), line()

    await ChoiceStore(database).change_rules(HERE, ruling)


async def test_rules_are_kept_and_the_former_ones_come_back(database: Database) -> None:
    await choose(database, look="Zib")
    await choose(database, look="Neon")
    store = ChoiceStore(database)
    assert await store.rules(HERE) == HouseRules(look="Neon")
    for held in ("Zib", "Neon"):
        undone = await store.undo_rules(line(), lambda _, former: former)
        assert undone == await store.rules(HERE) == HouseRules(look=held)


async def test_without_a_change_there_is_nothing_to_undo(database: Database) -> None:
    store = ChoiceStore(database)
    await choose(database)
    assert await store.undo_rules(line(), lambda _, former: former) is None
    await store.change_rules(
        HERE, lambda rules: (rules.model_copy(update={"blocked": ("x",)}), line()),
        is_undoable=False,
    )  # fmt: skip
    assert await store.undo_rules(line(), lambda _, former: former) is None


async def test_of_changes_at_once_none_is_lost(database: Database, url: str) -> None:
    """Two processes, each with two moderators who block words in the same moment."""
    other = await Database.open(url, busy_timeout_s=30)
    stores = [ChoiceStore(each) for each in (database, other, database, other)]
    words = [f"word{number}" for number in range(12)]

    def blocking(word: str) -> Ruling:
        def ruling(rules: HouseRules) -> tuple[HouseRules, AuditLine]:
            return rules.model_copy(update={"blocked": (*rules.blocked, word)}), line()

        return ruling

    try:
        changes = (
            store.change_rules(HERE, blocking(word))
            for store, word in zip(cycle(stores), words, strict=False)
        )
        await asyncio.gather(*changes)
    finally:
        await other.close()
    assert sorted((await ChoiceStore(database).rules(HERE)).blocked) == sorted(words)


async def test_of_wishes_at_once_none_is_lost(database: Database) -> None:
    one, two = ChoiceStore(database), ChoiceStore(database)
    await asyncio.gather(
        one.change_wishes(ANN, lambda held: held.model_copy(update={"look": "Zib"}), NOON),
        two.change_wishes(ANN, lambda held: held.model_copy(update={"language": "de"}), NOON),
    )
    assert await one.wishes(ANN) == Wishes(look="Zib", language="de")


async def test_a_person_and_their_direct_space_are_apart(database: Database) -> None:
    store = ChoiceStore(database)
    await choose(database, look="Zib")
    await store.change_wishes(ANN, lambda _: Wishes(look="Neon"), NOON)
    assert await store.drop(ANN) == 1
    assert await store.wishes(ANN) == Wishes()
    assert await store.rules(HERE) == HouseRules(look="Zib")


async def test_a_change_shows_at_once(database: Database) -> None:
    store = ChoiceStore(database)
    assert await store.rules(HERE) == HouseRules()
    await store.change_rules(
        HERE, lambda rules: (rules.model_copy(update={"language": "de"}), line())
    )
    assert (await store.rules(HERE)).language == "de"


async def admit(database: Database, name: str, quota: Quota, at: datetime, count: int = 1) -> None:
    asked = job(name, asked_at=at, what=plan().model_copy(update={"count": count}))
    await QueueStore(database).admit(Admission(asked, quota=quota), CAPS, at)


async def test_a_share_is_spent_by_pictures_and_comes_back(database: Database) -> None:
    quota = Quota(per_hour=3)
    await admit(database, "j1", quota, NOON, count=2)
    later = NOON + timedelta(minutes=20)
    with pytest.raises(QuotaSpent) as caught:
        await admit(database, "j2", quota, later, count=2)
    assert caught.value.facts == {"scope": "hour", "limit": 3, "retry_in_s": 2400.0}
    await admit(database, "j3", quota, NOON + timedelta(minutes=61), count=2)


async def test_what_was_cancelled_does_not_count(database: Database) -> None:
    quota = Quota(per_day=1)
    await admit(database, "j1", quota, NOON)
    await QueueStore(database).ask_cancel(JobId("j1"), NOON)
    await admit(database, "j2", quota, NOON)


async def test_what_failed_does_not_count(database: Database) -> None:
    quota = Quota(per_day=1)
    await admit(database, "j1", quota, NOON)
    with pytest.raises(QuotaSpent):
        await admit(database, "j2", quota, NOON)
    queue = QueueStore(database)
    claimed = await queue.claim(WorkerId("w"), NOON, NOON, Holds(), FairRules())
    assert claimed is not None
    await queue.fail(claimed.id, claimed.fence, Failure(code="worker_lost", facts={}), NOON)
    await admit(database, "j2", quota, NOON)


async def test_requests_at_once_have_a_share(database: Database) -> None:
    quota = Quota(at_once=1)
    await admit(database, "j1", quota, NOON)
    with pytest.raises(QuotaSpent) as caught:
        await admit(database, "j2", quota, NOON)
    assert caught.value.facts["scope"] == "at_once"


def test_the_most_generous_role_counts_and_everyone_only_without_one() -> None:
    quotas = (Quota(per_day=5), Quota(role="a", per_day=10), Quota(role="b", per_hour=2))
    assert quota_of(quotas, ()) == Quota(per_day=5)
    assert quota_of(quotas, ("a",)) == Quota(per_day=10)
    assert quota_of(quotas, ("a", "b")) == Quota()
    assert quota_of((), ("a",)) is None


async def test_only_what_is_past_its_time_goes(database: Database) -> None:
    queue, jobs = QueueStore(database), JobStore(database)
    for name, at in (("old", NOON), ("new", NOON + timedelta(days=9))):
        await queue.admit(Admission(job(name, asked_at=at)), CAPS, at)
        await queue.ask_cancel(JobId(name), at)
    await queue.admit(Admission(job("waits", asked_at=NOON)), CAPS, NOON)
    space = owner().space
    assert await RetentionStore(database).expire(space, NOON + timedelta(days=5)) == 1
    assert await jobs.get(JobId("old")) is None
    assert await jobs.get(JobId("new")) is not None
    assert await jobs.get(JobId("waits")) is not None
    assert await RetentionStore(database).expire(space, NOON + timedelta(days=5)) == 0


async def test_talk_has_a_span_of_its_own(database: Database) -> None:
    talk, retention = ConversationStore(database), RetentionStore(database)
    for words, at in (("old", NOON), ("new", NOON + timedelta(days=9))):
        await talk.append(Said("c", ANN, words, space=HERE), at)
    await talk.append(Said("elsewhere", ANN, "old there", space="fake:other"), NOON)
    assert await retention.expire_talk(HERE, NOON + timedelta(days=5)) == 1
    left = [turn.said.words for turn in await talk.of_person(ANN)]
    assert left == ["new", "old there"]


async def test_what_a_person_keeps_stays_until_they_let_go(database: Database) -> None:
    queue, retention = QueueStore(database), RetentionStore(database)
    await queue.admit(Admission(job("a", asked_at=NOON)), CAPS, NOON)
    await queue.ask_cancel(JobId("a"), NOON)
    later = NOON + timedelta(days=5)
    assert await retention.keep(JobId("a"), ANN, NOON)
    assert await retention.kept_by(ANN) == {"a"}
    assert await retention.expire(owner().space, later) == 0
    assert not await retention.keep(JobId("a"), ANN, NOON)
    assert await retention.expire(owner().space, later) == 1
