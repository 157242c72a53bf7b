"""What is remembered of people: spaces, talk, buttons, pictures, and how it is forgotten."""

from dataclasses import replace

import pytest

from engine.messages import (
    Base,
    Cancel,
    Card,
    Generate,
    IntentId,
    JobId,
    Owner,
    PersonId,
    Replay,
    Settings,
    SpaceId,
    WorkerId,
)
from engine.storage.bases import BaseStore
from engine.storage.conversations import TURNS_KEPT, ConversationStore, Said
from engine.storage.database import Database
from engine.storage.deliveries import DeliveryStore
from engine.storage.entries import EntryStore, FileFacts, NewEntry
from engine.storage.fair import FairRules, Holds
from engine.storage.intents import IntentStore
from engine.storage.jobs import JobStore
from engine.storage.pictures import PictureStore
from engine.storage.queue import Admission, Caps, QueueStore
from engine.storage.spaces import Entrance, SpaceStore
from tests.fakes.jobs import NOON, job, later, owner, plan, result, sha

CAPS = Caps(person=10, space=100, everyone=1000)


def entrance(of: Owner, name: str = "Ann", title: str = "The guild") -> Entrance:
    return Entrance(of, "console", title, "guild", name)


async def draw(database: Database, name: str, of: Owner, *pictures: int) -> JobId:
    """A job that is done."""
    queue = QueueStore(database)
    await queue.admit(Admission(job(name, of), "console", "here", f"act {name}"), CAPS, NOON)
    claimed = await queue.claim(WorkerId("w"), NOON, later(60), Holds(), FairRules())
    assert claimed is not None
    assert await queue.finish(claimed.id, claimed.fence, result(*pictures), later(1))
    return claimed.id


# --- spaces, bases ----------------------------------------------------------------------------


async def test_the_language_of_an_app_is_known_here_first_then_where_it_was_seen_last(
    database: Database,
) -> None:
    spaces = SpaceStore(database)
    ann = owner("p:ann")
    assert await spaces.app_locale(ann.person, None) == ""
    await spaces.enter(replace(entrance(ann), locale="de"), NOON)
    await spaces.enter(replace(entrance(owner("p:ann", "s:else")), locale="ja"), later(60))
    assert await spaces.app_locale(ann.person, ann.space) == "de"
    assert await spaces.app_locale(ann.person, SpaceId("s:new")) == "ja"
    await spaces.enter(replace(entrance(ann), locale="fr"), later(61))
    assert await spaces.app_locale(ann.person, ann.space) == "fr"


async def test_whoever_speaks_becomes_a_member(database: Database) -> None:
    spaces = SpaceStore(database)
    await spaces.enter(entrance(owner("p:ann"), "Ann"), NOON)
    await spaces.enter(entrance(owner("p:bob"), "Bob"), NOON)
    await spaces.enter(entrance(owner("p:bob", "s:else"), "Bob"), NOON)
    names = [member.name for member in await spaces.members(SpaceId("s:guild"))]
    assert names == ["Ann", "Bob"]


@pytest.mark.parametrize(
    ("name", "seconds", "seen"),
    [("Ann", 10, 0), ("Ann", 3600, 3600), ("Anna", 10, 10)],
)
async def test_a_member_is_written_down_again_when_something_changed(
    database: Database, name: str, seconds: float, seen: float
) -> None:
    spaces = SpaceStore(database)
    await spaces.enter(entrance(owner(), "Ann"), NOON)
    await spaces.enter(entrance(owner(), name), later(seconds))
    member = await spaces.member(owner())
    assert member is not None
    assert (member.name, member.last_seen) == (name, later(seen))


async def test_a_member_seen_lately_costs_no_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaces = SpaceStore(database)
    await spaces.enter(entrance(owner()), NOON)
    monkeypatch.setattr(Database, "read", None)
    monkeypatch.setattr(Database, "write", None)
    await spaces.enter(entrance(owner()), later(200))


async def test_a_forgotten_member_who_comes_back_is_written_down_again(database: Database) -> None:
    spaces = SpaceStore(database)
    await spaces.enter(entrance(owner()), NOON)
    await ConversationStore(database).forget(owner().person)
    spaces.forget(owner().person)
    await spaces.enter(entrance(owner()), later(1))
    assert await spaces.member(owner()) is not None


async def test_a_base_that_was_put_shows_at_once(database: Database) -> None:
    bases = BaseStore(database)
    assert await bases.all() == ()
    mini = Base(name="mini", family="miniature", folder="/mini")
    await bases.put(mini)
    assert await bases.all() == (mini,)


async def test_bases_are_put_and_changed_by_name(database: Database) -> None:
    bases = BaseStore(database)
    old = Base(name="mini", family="miniature", folder="/old")
    new = Base(name="mini", family="miniature", version=2, folder="/new")
    big = Base(name="big", family="sdxl", folder="/big")
    for base in (old, new, big):
        await bases.put(base)
    assert await bases.all() == (big, new)
    assert await bases.get("mini") == new
    assert await bases.get("none") is None


# --- conversations ----------------------------------------------------------------------------


async def test_turns_come_back_oldest_first_with_the_plan_of_their_job(
    database: Database,
) -> None:
    talk = ConversationStore(database)
    drawn = await draw(database, "a", owner(), 1)
    ann = PersonId("p:ann")
    await talk.append(Said("c", ann, "hello", "hi"), NOON)
    await talk.append(Said("c", ann, "a red circle", job=drawn), later(1))
    await talk.append(Said("other", ann, "elsewhere"), later(2))
    turns = await talk.turns("c")
    assert [(turn.said.words, turn.plan) for turn in turns] == [
        ("hello", None),
        ("a red circle", plan()),
    ]
    assert [turn.said.words for turn in await talk.turns("c", 1)] == ["a red circle"]


async def test_a_conversation_keeps_its_newest_turns_only(database: Database) -> None:
    talk = ConversationStore(database)
    ann = PersonId("p:ann")
    for number in range(TURNS_KEPT + 3):
        await talk.append(Said("c", ann, str(number)), later(number))
    await talk.append(Said("other", ann, "still there"), NOON)
    words = [turn.said.words for turn in await talk.turns("c", 999)]
    assert words == [str(number) for number in range(3, TURNS_KEPT + 3)]
    assert len(await talk.turns("other")) == 1


# --- intents ----------------------------------------------------------------------------------


async def test_a_button_s_intent_comes_back_whole(database: Database) -> None:
    intents = IntentStore(database)
    for intent in (
        Generate(words="zib", prompt="zibz", settings=Settings(seed=3)),
        Replay(plan=plan(loras=(sha(1),))),
        Cancel(job=JobId("j")),
    ):
        name = await intents.remember(owner(), intent)
        assert len(name) <= 22
        assert await intents.recall(name) == (owner(), intent)


async def test_the_same_intent_of_the_same_owner_has_one_id(database: Database) -> None:
    intents = IntentStore(database)
    intent = Cancel(job=JobId("j"))
    ids = [
        await intents.remember(of, intent)
        for of in (owner(), owner(), owner("p:bob"), owner(space="s:else"))
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert await intents.recall(IntentId("nope")) is None


# --- pictures ---------------------------------------------------------------------------------


async def test_blobs_are_in_use_until_their_picture_is_deleted(database: Database) -> None:
    pictures = PictureStore(database)
    one = await draw(database, "a", owner(), 1, 2)
    await draw(database, "b", owner(), 2)
    card = Card(name="Zib", family="miniature")
    file = FileFacts(sha(9), 10, "peft", "lora", "miniature")
    await EntryStore(database).add(
        SpaceId("s:guild"), NewEntry(card, file), PersonId("p:mod"), NOON
    )
    assert await pictures.blobs_in_use() == {sha(1), sha(2), sha(9)}
    assert [picture.sha256 for picture in await pictures.of_job(one)] == [sha(1), sha(2)]
    assert await pictures.delete_pictures(one, NOON) == 2
    assert await pictures.delete_pictures(one, NOON) == 0
    assert await pictures.of_job(one) == ()
    assert await pictures.blobs_in_use() == {sha(2), sha(9)}


async def test_a_deleted_picture_is_gone_from_its_job_too(database: Database) -> None:
    drawn = await draw(database, "a", owner(), 1)
    await PictureStore(database).delete_pictures(drawn, NOON)
    found = await JobStore(database).get(drawn)
    assert found is not None
    assert found.result is not None
    assert found.result.pictures == ()
    assert found.result.seconds == 1.5


# --- forgetting -------------------------------------------------------------------------------


async def test_a_person_is_forgotten_and_nobody_else(database: Database) -> None:
    ann, bob = owner("p:ann"), owner("p:bob")
    talk, intents = ConversationStore(database), IntentStore(database)
    spaces, jobs = SpaceStore(database), JobStore(database)
    kept_ids: dict[str, IntentId] = {}
    for number, of in enumerate((ann, bob)):
        await spaces.enter(entrance(of), NOON)
        await draw(database, f"{of.person} done", of, number)
        await talk.append(Said(f"c {of.person}", of.person, "hello"), NOON)
        kept_ids[of.person] = await intents.remember(of, Cancel())
    await QueueStore(database).admit(Admission(job("open", ann), "console", "here"), CAPS, NOON)

    gone = await talk.forget(ann.person)

    assert gone >= 8
    assert await jobs.ended_of(ann.person) == ()
    assert await talk.turns("c p:ann") == ()
    assert await intents.recall(kept_ids["p:ann"]) is None
    assert await spaces.member(ann) is None
    assert await PictureStore(database).blobs_in_use() == {sha(1)}
    assert await DeliveryStore(database).get(JobId("p:ann done")) is None
    assert [found.id for found in await jobs.of_person(ann)] == ["open"]
    assert len(await jobs.ended_of(bob.person)) == 1
    assert len(await talk.turns("c p:bob")) == 1
    assert await intents.recall(kept_ids["p:bob"]) is not None
    assert await spaces.member(bob) is not None
    assert await talk.forget(ann.person) == 0
