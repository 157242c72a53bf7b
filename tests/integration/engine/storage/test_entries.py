"""LoRA entries: vetted step by step, one space never sees another's."""

import asyncio
from typing import get_args

import pytest

from engine.errors import BadRequest, NotFound
from engine.messages import Card, EntryId, PersonId, SpaceId, Trigger
from engine.storage.audit import AuditStore
from engine.storage.database import Database
from engine.storage.entries import EntryState, EntryStore, FileFacts, NewEntry
from engine.storage.queue import Admission, Caps, QueueStore
from engine.storage.remembered import KEEP_S
from tests.fakes.jobs import NOON, job, later, plan, sha

SPACE, OTHER = SpaceId("s:guild"), SpaceId("s:other")
MOD = PersonId("p:mod")
CARD = Card(
    name="Zib",
    aliases=("zibby",),
    kind="character",
    family="miniature",
    triggers=(Trigger(word="zibz creature"),),
    tags=("cute", "round"),
    description="A small friend",
    weight=0.8,
    rating="general",
)
FILE = FileFacts(sha(1), 1234, "kohya", "lora", "miniature", {"rank": 4, "keys": ["a", "b"]})


@pytest.fixture
def entries(database: Database) -> EntryStore:
    return EntryStore(database)


async def add(
    entries: EntryStore, name: str = "Zib", state: EntryState = "pending", space: SpaceId = SPACE
) -> EntryId:
    new = NewEntry(
        card=CARD.model_copy(update={"name": name}),
        file=FILE,
        state=state,
        licence="CC0",
        consent="drawn by a program",
    )
    return await entries.add(space, new, MOD, NOON)


async def test_an_entry_comes_back_as_it_was_added(entries: EntryStore) -> None:
    added = await add(entries)
    found = await entries.get(added)
    assert found is not None
    assert found.card == CARD.model_copy(update={"entry": added, "sha256": sha(1)})
    assert (found.file, found.state, found.licence) == (FILE, "pending", "CC0")
    assert (found.added_by, found.added_at, found.space) == (MOD, NOON, SPACE)


async def test_only_approved_entries_of_the_space_are_shown(entries: EntryStore) -> None:
    await add(entries, "Neon", "approved")
    await add(entries, "waiting")
    await add(entries, "Elsewhere", "approved", OTHER)
    assert [card.name for card in await entries.cards(SPACE)] == ["Neon"]
    assert [card.name for card in await entries.cards(OTHER)] == ["Elsewhere"]
    assert [entry.card.name for entry in await entries.in_state(SPACE, "pending")] == ["waiting"]


@pytest.mark.parametrize(
    ("path", "is_shown"),
    [
        (("approved",), True),
        (("rejected",), False),
        (("approved", "retired"), False),
    ],
)
async def test_vetting_takes_its_steps(
    entries: EntryStore, path: tuple[EntryState, ...], is_shown: bool
) -> None:
    added = await add(entries)
    for state in path:
        await entries.set_state(added, state, MOD, "because", later(1))
    assert bool(await entries.cards(SPACE)) is is_shown


@pytest.mark.parametrize("before", ["pending", "approved", "rejected", "retired"])
async def test_no_other_step_is_possible(entries: EntryStore, before: EntryState) -> None:
    allowed = {"pending": {"approved", "rejected"}, "approved": {"retired"}}.get(before, set())
    added = await add(entries, state=before)
    for state in get_args(EntryState):
        if state in allowed:
            continue
        with pytest.raises(BadRequest) as refusal:
            await entries.set_state(added, state, MOD, "", NOON)
        for step in allowed:
            assert step in str(refusal.value.facts["valid"])
    found = await entries.get(added)
    assert found is not None
    assert found.state == before


async def test_every_change_is_in_the_audit_log(database: Database, entries: EntryStore) -> None:
    added = await add(entries)
    await entries.set_state(added, "approved", MOD, "lovely", later(5))
    with pytest.raises(BadRequest):
        await entries.set_state(added, "rejected", MOD, "oh no", later(6))
    log = await AuditStore(database).read(SPACE, 10)
    assert [(line.what, line.subject, line.reason, line.at) for line in log] == [
        ("entry.approved", added, "lovely", later(5)),
        ("entry.added.pending", added, "Zib", NOON),
    ]
    assert await AuditStore(database).read(OTHER, 10) == ()


async def test_an_unknown_entry_is_not_found(entries: EntryStore) -> None:
    with pytest.raises(NotFound):
        await entries.set_state(EntryId("nope"), "approved", MOD, "", NOON)
    assert await entries.get(EntryId("nope")) is None


async def test_a_name_is_taken_until_its_entry_is_past(entries: EntryStore) -> None:
    first = await add(entries, "Neon Glow")
    with pytest.raises(BadRequest) as refusal:
        await add(entries, "  neon   GLOW ")
    assert refusal.value.facts["name"] == "name"
    await add(entries, "Neon Glow", space=OTHER)
    await entries.set_state(first, "rejected", MOD, "", NOON)
    second = await add(entries, "neon glow")
    found = await entries.by_name(SPACE, "NEON glow")
    assert found is not None
    assert found.id == second
    assert await entries.by_name(SPACE, "nobody") is None


async def test_two_moderators_at_once_decide_once(entries: EntryStore) -> None:
    added = await add(entries)
    decisions = await asyncio.gather(
        entries.set_state(added, "approved", MOD, "yes", NOON),
        entries.set_state(added, "rejected", PersonId("p:other"), "no", NOON),
        return_exceptions=True,
    )
    assert [type(decision) for decision in decisions if decision is not None] == [BadRequest]


async def test_a_file_stays_while_an_entry_or_an_open_job_needs_it(
    database: Database, entries: EntryStore
) -> None:
    await add(entries)
    queue = QueueStore(database)
    asked = job("a", what=plan(loras=(sha(7),)))
    await queue.admit(Admission(asked, "console", "here"), Caps(9, 9, 9), NOON)
    assert await entries.files_in_use() == {sha(1), sha(7)}
    await queue.ask_cancel(asked.id, NOON)
    assert await entries.files_in_use() == {sha(1)}


async def test_cards_follow_every_change_of_ours_at_once(entries: EntryStore) -> None:
    assert await entries.cards(SPACE) == ()
    zib = await add(entries, "Zib", "approved")
    added = [card.name for card in await entries.cards(SPACE)]
    await entries.set_state(zib, "retired", MOD, "done", later(1))
    assert (added, await entries.cards(SPACE)) == (["Zib"], ())


async def test_what_another_process_retired_is_gone_from_the_cards_after_a_moment(
    database: Database, entries: EntryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("engine.storage.remembered.monotonic", lambda: now[0])
    ours, theirs = EntryStore(database), entries
    zib = await add(theirs, "Zib", "approved")
    await ours.cards(SPACE)
    await theirs.set_state(zib, "retired", MOD, "done", later(1))
    now[0] = KEEP_S
    assert await ours.cards(SPACE) == ()


async def test_one_entry_is_read_as_it_is_now(database: Database, entries: EntryStore) -> None:
    """What a worker gets is checked by this, whatever cards are remembered."""
    ours = EntryStore(database)
    zib = await add(entries, "Zib", "approved")
    await ours.cards(SPACE)
    await entries.set_state(zib, "retired", MOD, "done", later(1))
    found = await ours.get(zib)
    assert found is not None
    assert found.state == "retired"
