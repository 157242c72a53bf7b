"""The gallery of a space: newest first, searched in every script, filtered, page by page."""

from datetime import timedelta

import pytest

from engine.messages import Card, Owner, PersonId, SpaceId, WorkerId
from engine.storage.database import Database
from engine.storage.entries import EntryStore, FileFacts, NewEntry
from engine.storage.fair import FairRules, Holds
from engine.storage.gallery import GalleryQuery, GalleryStore
from engine.storage.pictures import PictureStore
from engine.storage.queue import Admission, Caps, QueueStore
from engine.storage.spaces import Entrance, SpaceStore
from tests.fakes.jobs import NOON, job, later, owner, plan, result, sha

SPACE = SpaceId("s:guild")
CAPS = Caps(person=10, space=100, everyone=1000)
ANN, BOB = owner("p:ann"), owner("p:bob")


@pytest.fixture
async def gallery(database: Database) -> GalleryStore:
    """Four jobs of two people, one of them elsewhere."""
    await _draw(database, "a", ANN, "a red circle", 1, 2)
    await _draw(database, "b", BOB, "Ein ÜBERGROSSER Stern", 3)
    await _draw(database, "c", ANN, "100% _neon_", 4, with_look=True)
    await _draw(database, "d", owner("p:ann", "s:else"), "a red circle", 5)
    spaces = SpaceStore(database)
    for of, name in ((ANN, "Ann"), (BOB, "Bob"), (owner("p:eve"), "Eve")):
        await spaces.enter(Entrance(of, "web", "Guild", "guild", name), NOON)
    card = NewEntry(
        Card(name="Neon", family="miniature"), FileFacts(sha(9), 1, "peft", "lora", "miniature")
    )
    await EntryStore(database).add(SPACE, card, PersonId("p:mod"), NOON)
    return GalleryStore(database)


async def _draw(
    database: Database, name: str, of: Owner, words: str, *shown: int, with_look: bool = False
) -> None:
    at = NOON + timedelta(days=ord(name) - ord("a"))
    asked = job(name, of, asked_at=at)
    drawn = plan(loras=(sha(9),) if with_look else ()).model_copy(update={"prompt": words})
    queue = QueueStore(database)
    await queue.admit(
        Admission(asked.model_copy(update={"plan": drawn}), "web", "here", name), CAPS, at
    )
    claimed = await queue.claim(WorkerId("w"), at, at + timedelta(60), Holds(), FairRules())
    assert claimed is not None
    assert await queue.finish(claimed.id, claimed.fence, result(*shown), at)


async def found(gallery: GalleryStore, **rules: object) -> list[str]:
    query = GalleryQuery(SPACE, **rules)  # type: ignore[arg-type]  # test shorthand
    return [f"{hung.job}{hung.index}" for hung in (await gallery.page(query)).pictures]


async def test_the_newest_hang_first_and_nothing_of_another_space(gallery: GalleryStore) -> None:
    assert await found(gallery) == ["c0", "b0", "a0", "a1"]


async def test_pages_follow_one_another_without_gap_or_repeat(gallery: GalleryStore) -> None:
    seen: list[str] = []
    place = None
    while True:
        page = await gallery.page(GalleryQuery(SPACE, limit=1, after=place))
        assert page.total == 4
        seen += [f"{hung.job}{hung.index}" for hung in page.pictures]
        place = page.next
        if place is None:
            break
    assert seen == ["c0", "b0", "a0", "a1"]


async def test_every_word_is_looked_for_in_any_case(gallery: GalleryStore) -> None:
    assert await found(gallery, words="circle RED") == ["a0", "a1"]
    assert await found(gallery, words="übergrosser") == ["b0"]
    assert await found(gallery, words="circle blue") == []


async def test_signs_of_the_search_language_are_plain_letters(gallery: GalleryStore) -> None:
    assert await found(gallery, words="%") == ["c0"]
    assert await found(gallery, words="_") == ["c0"]


async def test_filters_narrow_together(gallery: GalleryStore) -> None:
    assert await found(gallery, person=PersonId("p:ann")) == ["c0", "a0", "a1"]
    assert await found(gallery, look="neon") == ["c0"]
    assert await found(gallery, look="unknown") == []
    assert await found(gallery, since=later(60), until=NOON + timedelta(days=2)) == ["b0"]
    assert await found(gallery, look="Neon", person=PersonId("p:bob")) == []


async def test_who_made_pictures_is_named(gallery: GalleryStore) -> None:
    assert await gallery.people(SPACE) == (("p:ann", "Ann"), ("p:bob", "Bob"))
    shown = await gallery.page(GalleryQuery(SPACE))
    assert [hung.person_name for hung in shown.pictures] == ["Ann", "Bob", "Ann", "Ann"]


async def test_a_deleted_picture_hangs_no_more(gallery: GalleryStore) -> None:
    await PictureStore(gallery.database).delete_pictures(job("a").id, NOON)
    assert await found(gallery) == ["c0", "b0"]
