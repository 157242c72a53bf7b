"""Finding entries of a space by words and page by page: full text on either database."""

from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process
from sqlalchemy import Connection, Subquery, Text, column, func, select, table, text

from engine.messages import EVERY_RATING, Rating, SpaceId
from engine.storage.database import Database, Store, reads
from engine.storage.entry_rows import Entry, EntryState, entry_of, folded, selected
from engine.storage.remembered import Remembered
from engine.storage.tables import entries, entry_words

MOST_WORDS = 8
NEAR_ENOUGH = 75.0
"""Least likeness (0 to 100) of a word of the space that stands in for one that it doesn't hold."""
SHORTEST_MENDED = 4
FTS: Final = table("entry_fts", column("rowid"), column("entry_fts", Text))


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """What is looked for in a space; no words: everything, by name."""

    space: SpaceId
    words: str = ""
    states: tuple[EntryState, ...] = ("approved",)
    limit: int = 25
    skip: int = 0
    ratings: frozenset[Rating] = EVERY_RATING


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Some entries, best match first, and how many there are in all; `mended` was searched."""

    entries: tuple[Entry, ...]
    total: int
    mended: str = ""


class EntrySearch(Store):
    """Reads only; the index follows every change of an entry by itself."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._vocabulary: Remembered[SpaceId, tuple[str, ...]] = Remembered(self._words, keep_s=10)

    async def page(self, query: EntryQuery) -> EntryPage:
        """One page; a word that nothing holds is taken for the most alike one of this space."""
        words = tuple(folded((query.words[:200],)).split())[:MOST_WORDS]
        found = await self._page(query, words)
        if found.total or not words:
            return found
        mended = await self._mend(query.space, words)
        if mended == words:
            return found
        again = await self._page(query, mended)
        # What was found by no other name than a barred look's is not told of.
        return EntryPage(again.entries, again.total, " ".join(mended)) if again.total else found

    async def near(self, space: SpaceId, name: str, most: int = 3) -> tuple[str, ...]:
        """Names of approved entries that are like this one, for a refusal that helps."""
        found = await self.page(EntryQuery(space, name, limit=most))
        return tuple(entry.card.name for entry in found.entries)

    async def _mend(self, space: SpaceId, words: tuple[str, ...]) -> tuple[str, ...]:
        known = await self._vocabulary.get(space)
        return tuple(_nearest(word, known) for word in words)

    @reads
    def _page(self, connection: Connection, query: EntryQuery, words: tuple[str, ...]) -> EntryPage:
        here = (entries.c.space == query.space) & entries.c.state.in_(query.states)
        if query.ratings != EVERY_RATING:
            here &= entries.c.rating.in_(sorted(query.ratings))
        chosen = select(entries.c.id, entries.c.name_key).where(here)
        if words:
            found = _full_text(connection, words)
            by_words = entry_words.c.entry == entries.c.id
            chosen = (
                select(entries.c.id, entries.c.name_key, found.c.rank)
                .select_from(found)
                .join(entry_words, entry_words.c.id == found.c.id)
                .join(entries, by_words)
                .where(here)
            )
        order = ("rank", "name_key", "id") if words else ("name_key", "id")
        if words:
            # One walk for both: ranking what many entries hold costs more than the page.
            chosen = chosen.add_columns(func.count().over().label("total"))
        page = chosen.order_by(*map(text, order)).limit(query.limit).offset(query.skip).subquery()
        shown = selected().join(page, page.c.id == entries.c.id)
        if words:
            shown = shown.add_columns(page.c.total)
        rows = connection.execute(shown.order_by(*(page.c[name] for name in order))).all()
        if words and rows:
            return EntryPage(tuple(entry_of(row) for row in rows), rows[0].total)
        total = connection.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        return EntryPage(tuple(entry_of(row) for row in rows), total)

    @reads
    def _words(self, connection: Connection, space: SpaceId) -> tuple[str, ...]:
        """Every word that entries of a space are found by."""
        rows = connection.execute(
            select(entry_words.c.names, entry_words.c.told)
            .join(entries, entries.c.id == entry_words.c.entry)
            .where(entry_words.c.space == space, entries.c.state == "approved")
        )
        words = {word for row in rows for told in row for word in told.split()}
        return tuple(sorted(word for word in words if len(word) >= SHORTEST_MENDED))


def _full_text(connection: Connection, words: tuple[str, ...]) -> Subquery:
    """Entries with a word that begins like each of these, and how well (less is better).

    Folded words are letters and digits only, so nothing in them is an operator. The limit that is
    none keeps SQLite from looking every entry of the space up in the index one by one.
    """
    if connection.dialect.name == "sqlite":
        wanted = " ".join(f'"{word}"*' for word in words)
        rank = func.bm25(text("entry_fts"), 10.0, 1.0).label("rank")
        fits = FTS.c.entry_fts.op("MATCH", is_comparison=True)(wanted)
        return select(FTS.c.rowid.label("id"), rank).where(fits).limit(-1).subquery()
    simple = text("'simple'")
    query = func.to_tsquery(simple, " & ".join(f"{word}:*" for word in words))
    held = func.setweight(func.to_tsvector(simple, entry_words.c.names), text("'A'")).op("||")(
        func.to_tsvector(simple, entry_words.c.told)
    )
    rank = (-func.ts_rank(held, query)).label("rank")
    fits = held.op("@@", is_comparison=True)(query)
    return select(entry_words.c.id, rank).where(fits).subquery()


def _nearest(word: str, known: tuple[str, ...]) -> str:
    if len(word) < SHORTEST_MENDED or word in known:
        return word
    best = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
    return best[0] if best else word
