"""Opinions and own looks in both databases: bounded, apart by space, forgotten on request."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.messages import JobId, PersonId, SpaceId, Verdict
from engine.storage import opinions as module
from engine.storage.conversations import ConversationStore
from engine.storage.database import Database
from engine.storage.opinions import KeptOpinion, OpinionStore

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HERE, THERE = SpaceId("fake:here"), SpaceId("fake:there")
ANN, BOB = PersonId("fake:ann"), PersonId("fake:bob")


def said(
    look: str, verdict: Verdict = "too_strong", *, space: SpaceId = HERE, person: PersonId = ANN,
    job: str = "j1", second: int = 0,
) -> KeptOpinion:  # fmt: skip
    at = NOW + timedelta(seconds=second)
    return KeptOpinion(space, person, look, verdict, 0.8, JobId(job), at)


async def test_opinions_stay_in_their_space(database: Database) -> None:
    store = OpinionStore(database)
    await store.add((said("Neon"), said("Neon", space=THERE, person=BOB)))

    assert await store.on(HERE, ("Neon", "Zib")) == (said("Neon"),)


async def test_about_one_picture_the_last_opinion_counts(database: Database) -> None:
    store = OpinionStore(database)
    await store.add((said("Neon", "too_weak"),))
    await store.add((said("Neon", "too_strong", second=5),))

    (kept,) = await store.on(HERE, ("Neon",))
    assert kept.verdict == "too_strong"


async def test_only_the_newest_opinions_are_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_OF_ONE", 3)
    store = OpinionStore(database)
    await store.add(tuple(said("Neon", job=f"j{number}") for number in range(5)))

    kept = await store.of_person(ANN)
    assert [each.job for each in kept] == ["j2", "j3", "j4"]


async def test_what_was_said_of_a_look_is_unlearned(database: Database) -> None:
    store = OpinionStore(database)
    await store.add((said("Neon"), said("Zib"), said("Neon", person=BOB)))

    assert await store.unlearn(HERE, ANN, "Neon") == 1
    assert [each.look for each in await store.of_person(ANN)] == ["Zib"]
    assert len(await store.of_person(BOB)) == 1


async def test_forgetting_a_person_forgets_their_opinions(database: Database) -> None:
    store = OpinionStore(database)
    await store.add((said("Neon"), said("Neon", person=BOB)))

    await ConversationStore(database).forget(ANN)

    assert await store.of_person(ANN) == ()
    assert len(await store.of_person(BOB)) == 1
