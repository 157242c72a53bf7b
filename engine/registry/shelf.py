"""The thin intake: a LoRA file and its card become an entry of a space."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.errors import BadLoraFile, BadRequest, NotFound
from engine.formats.inspect import Inspection, inspect
from engine.messages import Card, EntryId, PersonId, Sha256, SpaceId
from engine.registry.compat import families_for
from engine.registry.facts import CardFacts
from engine.storage.blobs import BlobStore
from engine.storage.entries import Entry, EntryStore, FileFacts, NewEntry
from engine.threads import in_thread

CHUNK_BYTES = 1 << 20
LORA_CAP_BYTES = 2 << 30
"""Largest LoRA file taken in: the largest legitimate one seen has 1.24 GB."""
_MOST_SUGGESTIONS = 99


@dataclass(frozen=True, slots=True)
class Identified:
    """What the file itself says: all that an entry keeps of an inspection."""

    family: str
    sha256: Sha256
    inspection: Inspection


class Shelf:
    """Takes LoRA files into a space: checks, stores, writes the entry and its audit lines."""

    def __init__(
        self,
        *,
        blobs: BlobStore,
        entries: EntryStore,
        clock: Callable[[], datetime],
        cap_bytes: int = LORA_CAP_BYTES,
    ) -> None:
        self._blobs = blobs
        self._entries = entries
        self._clock = clock
        self._cap_bytes = cap_bytes

    def now(self) -> datetime:
        """The time that entries are written with."""
        return self._clock()

    async def add(
        self, space: SpaceId, path: Path, facts: CardFacts, actor: PersonId, *, approve: bool = True
    ) -> Entry:
        """The entry of this file in this space, approved at once or left for a moderator.

        The same file a second time gives the entry that is there. Raises `BadLoraFile` for what
        is no LoRA we can use, `BadRequest` for a name that is taken (with a free one), and what
        the blob store raises.
        """
        identified = await self._identify(path, facts)
        taken = await self._taken(space)
        entry = next((e for e in taken if e.file.sha256 == identified.sha256), None)
        if entry is None:
            refuse_taken_names(facts, [known.card for known in taken])
            entry = await self._store(space, path, facts, identified, actor)
        if approve and entry.state == "pending":
            await self._entries.set_state(
                entry.id, "approved", actor, "approved at intake", self._clock()
            )
            entry = await self._get(entry.id)
        return entry

    async def _identify(self, path: Path, facts: CardFacts) -> Identified:
        inspection = await in_thread(inspect, path)
        family = accepted_family(inspection, facts.family)
        if inspection.sha256 is None:
            raise BadLoraFile(file=path.name, verdict="reject", problems=("it can't be read",))
        return Identified(family, inspection.sha256, inspection)

    async def _taken(self, space: SpaceId) -> tuple[Entry, ...]:
        approved = await self._entries.in_state(space, "approved")
        return approved + await self._entries.in_state(space, "pending")

    async def _store(
        self,
        space: SpaceId,
        path: Path,
        facts: CardFacts,
        identified: Identified,
        actor: PersonId,
    ) -> Entry:
        blob = await self._blobs.put(_chunks(path), self._cap_bytes)
        if blob.sha256 != identified.sha256:
            problems = ("it changed while it was read",)
            raise BadLoraFile(file=path.name, verdict="reject", problems=problems)
        file = FileFacts(
            sha256=blob.sha256,
            size_bytes=blob.size_bytes,
            format=identified.inspection.format or "",
            algorithm=identified.inspection.algorithm or "",
            family=identified.family,
            header=identified.inspection.model_dump(mode="json", exclude={"file", "sha256"}),
        )
        new = NewEntry(
            card=card_of(facts, identified.family),
            file=file,
            licence=facts.licence,
            consent=facts.consent,
            creator=facts.creator,
            source=facts.source,
            answers={"real_person": facts.real_person, "brand": facts.brand},
        )
        entry = await self._entries.add(space, new, actor, self._clock())
        return await self._get(entry)

    async def _get(self, entry: EntryId) -> Entry:
        found = await self._entries.get(entry)
        if found is None:
            raise NotFound(what="entry", name=entry)
        return found


def accepted_family(inspection: Inspection, claimed: str | None) -> str:
    """The family of a file that may come in; its own tensors decide, never what people claim.

    An undecided file takes the claimed family if that is one of the possible ones. Raises
    `BadLoraFile` with the problems found.
    """
    name = Path(inspection.file).name
    if inspection.verdict == "reject" or not inspection.is_lora:
        problems = inspection.problems or ("it is not a LoRA",)
        raise BadLoraFile(file=name, verdict="reject", problems=problems)
    if inspection.verdict == "ask" or inspection.base is None:
        if claimed is not None and claimed in inspection.alternatives:
            return claimed
        possible = ", ".join(inspection.alternatives) or "unknown"
        problems = (*inspection.problems, f"its base can't be told: {possible}")
        raise BadLoraFile(file=name, verdict="ask", problems=problems)
    family = inspection.sub_family or inspection.base
    if len(families_for(family)) == 1:
        family = inspection.base
    if claimed is not None and claimed not in (family, inspection.base):
        problems = (f"its card says {claimed}, but its layers are those of {family}",)
        raise BadLoraFile(file=name, verdict="reject", problems=problems)
    return family


def card_of(facts: CardFacts, family: str) -> Card:
    """The card of an entry; ids and hash are set by the store."""
    return Card(
        name=facts.name,
        aliases=facts.aliases,
        kind=facts.kind,
        family=family,
        triggers=facts.triggers,
        tags=facts.tags,
        description=facts.description,
        weight=facts.weight,
        rating=facts.rating,
    )


def refuse_taken_names(facts: CardFacts, cards: list[Card]) -> None:
    """Raise `BadRequest` when a name or alias is another LoRA's already; it names a free one."""
    taken = {_key(name) for card in cards for name in (card.name, *card.aliases)}
    for name in (facts.name, *facts.aliases):
        if _key(name) in taken:
            raise BadRequest(
                name="name",
                value=name,
                valid=f"a name not taken here, such as {free_name(name, taken)}",
            )


def free_name(name: str, taken: set[str]) -> str:
    """The name with the first number that makes it free: "Neon 2"."""
    for number in range(2, _MOST_SUGGESTIONS):
        candidate = f"{name} {number}"
        if _key(candidate) not in taken:
            return candidate
    return f"{name} new"


def _key(name: str) -> str:
    """Names are compared without case and outer spaces."""
    return " ".join(name.casefold().split())


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    """A file's bytes, read in a thread."""
    file = await in_thread(path.open, "rb")
    try:
        while chunk := await in_thread(file.read, CHUNK_BYTES):
            yield chunk
    finally:
        await in_thread(file.close)
