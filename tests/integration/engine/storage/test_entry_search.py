"""Search over names, triggers, tags and descriptions; misspelt words; pages; both databases."""

import pytest

from engine.messages import Card, SpaceId, Trigger
from engine.storage.database import Database
from engine.storage.entries import EntryStore, FileFacts, NewEntry
from engine.storage.entry_search import EntryQuery, EntrySearch
from tests.fakes.jobs import NOON, sha
from tests.integration.engine.storage.test_entries import MOD, OTHER, SPACE

CARDS = (
    Card(name="Zib", aliases=("the mascot",), kind="character", family="miniature",
         triggers=(Trigger(word="zibz"),), tags=("orange",), description="A round creature"),
    Card(name="Neon Night", kind="lighting", family="miniature", tags=("glow",),
         description="Signs in the rain, and a mascot"),
    Card(name="Café Crème", kind="style", family="miniature", description="Warm and brown"),
)  # fmt: skip


@pytest.fixture
async def search(database: Database) -> EntrySearch:
    entries = EntryStore(database)
    for number, card in enumerate(CARDS):
        file = FileFacts(sha(number), 1, "kohya", "lora", "miniature")
        await entries.add(SPACE, NewEntry(card, file, "approved"), MOD, NOON)
        await entries.add(OTHER, NewEntry(card, file, "approved"), MOD, NOON)
    return EntrySearch(database)


async def names(search: EntrySearch, words: str, space: SpaceId = SPACE) -> list[str]:
    page = await search.page(EntryQuery(space, words))
    return [entry.card.name for entry in page.entries]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Café Crème", "Neon Night", "Zib"]),
        ("zib", ["Zib"]),
        ("ZIBZ", ["Zib"]),
        ("mascot", ["Zib", "Neon Night"]),
        ("glow", ["Neon Night"]),
        ("night rain", ["Neon Night"]),
        ("cafe", ["Café Crème"]),
        ("crea", ["Zib"]),
        ("mascto", ["Zib", "Neon Night"]),
        ("nightt", ["Neon Night"]),
        ('") OR 1=1 --', []),
        ("name:* | !x & (", []),
        ("dragon", []),
    ],
)
async def test_words_find_entries(search: EntrySearch, words: str, found: list[str]) -> None:
    assert await names(search, words) == found


async def test_another_space_is_never_searched(search: EntrySearch) -> None:
    assert await names(search, "zib", SpaceId("s:empty")) == []


async def test_pages_hold_every_entry_once(search: EntrySearch) -> None:
    pages = [await search.page(EntryQuery(SPACE, limit=2, skip=skip)) for skip in (0, 2)]
    assert [page.total for page in pages] == [3, 3]
    assert [e.card.name for page in pages for e in page.entries] == await names(search, "")


async def test_what_is_mended_is_said(search: EntrySearch) -> None:
    assert (await search.page(EntryQuery(SPACE, "mascto"))).mended == "mascot"
    assert (await search.page(EntryQuery(SPACE, "mascot"))).mended == ""
