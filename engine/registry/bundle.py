"""A space's registry as one file: what was decided, and every LoRA; checked again on the way in."""

import io
import json
import re
import tarfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from pydantic import Field, ValidationError

from engine.errors import BadLoraFile, BadRequest, PersonError
from engine.formats.inspect import inspect
from engine.messages import Message, PersonId, Sha256, SpaceId
from engine.registry.consent import open_questions
from engine.registry.facts import CardFacts
from engine.registry.shelf import accepted_family, card_of
from engine.storage.entries import Entry, EntryState, FileFacts, NewEntry
from engine.storage.entry_rows import name_key
from engine.storage.intakes import free_name
from engine.storage.stores import Stores
from engine.threads import in_thread

MANIFEST: Final = "registry.json"
FORMAT: Final = 1
MOST_MANIFEST: Final = 64 << 20
CHUNK_BYTES: Final = 1 << 20
_FILE: Final = re.compile(r"files/(?P<sha256>[0-9a-f]{64})\.safetensors")


class Kept(Message):
    """An entry in a bundle."""

    facts: CardFacts
    state: EntryState
    sha256: Sha256 = Field(pattern=r"^[0-9a-f]{64}$")
    family: str | None = None
    """What was chosen where the file leaves a choice."""
    history: tuple[str, ...] = ()


class Manifest(Message):
    """What a bundle holds."""

    format: int
    space: str
    at: datetime
    entries: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a bundle."""

    added: tuple[str, ...]
    waiting: tuple[str, ...]
    """Names of those added whose approval has to wait: nobody said who agreed to what they show."""
    known: tuple[str, ...]
    refused: tuple[str, ...]
    """Name and reason of each."""


@dataclass(slots=True)
class _Filling:
    """A space while a bundle is read into it."""

    space: SpaceId
    actor: PersonId
    files: set[Sha256]
    names: set[str]
    added: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def keep(self, sha256: Sha256, facts: CardFacts) -> None:
        """It is there now, under its names."""
        self.files.add(sha256)
        self.names |= {name_key(name) for name in (facts.name, *facts.aliases)}


class Bundles:
    """Writes bundles and reads them; nothing in one chooses a path."""

    def __init__(self, stores: Stores, clock: Callable[[], datetime], cap_bytes: int) -> None:
        self._stores = stores
        self._clock = clock
        self._cap_bytes = cap_bytes

    async def save(self, space: SpaceId, file: Path) -> int:
        """Write a space's pending, approved and retired LoRAs; returns how many."""
        states: tuple[EntryState, ...] = ("approved", "pending", "retired")
        found = [e for state in states for e in await self._stores.entries.in_state(space, state)]
        kept = tuple([await self._kept(entry) for entry in found])
        manifest = Manifest(format=FORMAT, space=space, at=self._clock(), entries=kept)
        paths = {entry.file.sha256: self._stores.blobs.path(entry.file.sha256) for entry in found}
        await in_thread(_write, file, manifest, paths)
        return len(found)

    async def load(self, space: SpaceId, file: Path, actor: PersonId) -> Imported:
        """Read a bundle into a space: each file is hashed and examined anew, decisions come along.

        Raises `BadRequest` for what is no bundle.
        """
        try:
            archive = await in_thread(tarfile.open, file, "r:")
        except (tarfile.TarError, OSError) as error:
            raise _no_bundle(file) from error
        try:
            manifest = await in_thread(_read, archive, file)
            members = await in_thread(_members, archive)
            shelf = await self._shelf(space, actor)
            for kept in manifest.entries:
                try:
                    await self._take(shelf, kept, archive, members.get(kept.sha256))
                except PersonError as error:
                    shelf.refused.append(f"{kept.facts.name}: {_why(error)}")
        finally:
            await in_thread(archive.close)
        return Imported(*map(tuple, (shelf.added, shelf.waiting, shelf.known, shelf.refused)))

    async def _shelf(self, space: SpaceId, actor: PersonId) -> "_Filling":
        """What the space has, read once."""
        entries = self._stores.entries
        here = await entries.in_state(space, "approved") + await entries.in_state(space, "pending")
        return _Filling(
            space,
            actor,
            files={entry.file.sha256 for entry in here},
            names={name_key(n) for entry in here for n in (entry.card.name, *entry.card.aliases)},
        )

    async def _take(
        self,
        shelf: "_Filling",
        kept: Kept,
        archive: tarfile.TarFile,
        member: tarfile.TarInfo | None,
    ) -> None:
        """One entry, unless the space has its file."""
        entries, actor = self._stores.entries, shelf.actor
        if kept.sha256 in shelf.files:
            shelf.known.append(kept.facts.name)
            return
        content = archive.extractfile(member) if member is not None else None
        if content is None:
            raise BadLoraFile(
                file=kept.facts.name, verdict="reject", problems=("not in the bundle",)
            )
        blob = await self._stores.blobs.put(_chunks(content), self._cap_bytes)
        if blob.sha256 != kept.sha256:
            raise _refused(kept, "its bytes are not those that were exported")
        found = await in_thread(inspect, self._stores.blobs.path(blob.sha256))
        family = accepted_family(found.model_copy(update={"file": kept.facts.name}), kept.family)
        facts = kept.facts.model_copy(update={"name": free_name(kept.facts.name, shelf.names)})
        header = found.model_dump(mode="json", exclude={"file", "sha256"})
        new = NewEntry(
            card=card_of(facts, family),
            file=FileFacts(
                blob.sha256, blob.size_bytes, found.format or "", found.algorithm or "", family,
                header,
            ),
            licence=facts.licence,
            consent=facts.consent,
            creator=facts.creator,
            source=facts.source,
            answers={"real_person": facts.real_person, "brand": facts.brand},
        )  # fmt: skip
        now = self._clock()
        entry = await entries.add(shelf.space, new, actor, now)
        shelf.keep(blob.sha256, facts)
        made = await entries.get(entry)
        if kept.state == "approved" and made is not None and open_questions(made):
            shelf.waiting.append(facts.name)
            return
        shelf.added.append(facts.name)
        if kept.state in ("approved", "retired"):
            why = "; ".join(("imported", *kept.history))[:1_000]
            await entries.set_state(entry, "approved", actor, why, now)
        if kept.state == "retired":
            await entries.set_state(entry, "retired", actor, "imported", now)

    async def _kept(self, entry: Entry) -> Kept:
        card, answers = entry.card, entry.answers
        facts = CardFacts.model_validate(
            {
                **card.model_dump(include=set(CardFacts.model_fields) - {"family"}),
                "licence": entry.licence,
                "consent": entry.consent,
                "creator": entry.creator,
                "source": entry.source,
                "real_person": answers.get("real_person", "unasked"),
                "brand": answers.get("brand", "unasked"),
            }
        )
        lines = await self._stores.audit.of_subject(entry.space, entry.id, 50)
        history = tuple(
            f"{line.at.isoformat()} {line.what} by {line.actor}: {line.reason}"[:300]
            for line in reversed(lines)
        )
        chosen = card.family if card.family != entry.file.family else None
        return Kept(
            facts=facts, state=entry.state, sha256=entry.file.sha256, family=chosen, history=history
        )


def _write(file: Path, manifest: Manifest, paths: dict[Sha256, Path]) -> None:
    part = file.with_name(f"{file.name}.part")
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(part, "w") as archive:
        told = manifest.model_dump_json(indent=1).encode()
        about = tarfile.TarInfo(MANIFEST)
        about.size = len(told)
        archive.addfile(about, io.BytesIO(told))
        for sha256, path in paths.items():
            member = tarfile.TarInfo(f"files/{sha256}.safetensors")
            member.size = path.stat().st_size
            with path.open("rb") as content:
                archive.addfile(member, content)
    part.replace(file)


def _read(archive: tarfile.TarFile, file: Path) -> Manifest:
    try:
        member = archive.getmember(MANIFEST)
        content = archive.extractfile(member) if member.size <= MOST_MANIFEST else None
        told = json.loads(content.read()) if content is not None else None
        manifest = Manifest.model_validate(told)
    except (KeyError, ValueError, ValidationError, tarfile.TarError, RecursionError) as error:
        raise _no_bundle(file) from error
    if manifest.format != FORMAT:
        raise _no_bundle(file)
    return manifest


def _members(archive: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """Files by the hash that their name promises; whatever else is in it is not looked at."""
    found = {}
    for member in archive:
        named = _FILE.fullmatch(member.name)
        if named and member.isfile():
            found[named["sha256"]] = member
    return found


def _no_bundle(file: Path) -> BadRequest:
    valid = "a file written by `atelier lora export`"
    return BadRequest(name="bundle", value=file.name, valid=valid)


def _refused(kept: Kept, why: str) -> BadLoraFile:
    return BadLoraFile(file=kept.facts.name, verdict="reject", problems=(why,))


def _why(error: PersonError) -> str:
    problems = error.facts.get("problems")
    return " ".join(problems) if isinstance(problems, tuple) else str(error.facts.get("valid"))


async def _chunks(content: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := await in_thread(content.read, CHUNK_BYTES):
        yield chunk
