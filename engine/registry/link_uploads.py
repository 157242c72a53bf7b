"""Large files by one-time link: in pieces, each at its offset, taken up again after any cut."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256 as hashing
from pathlib import Path
from typing import BinaryIO

from pydantic import JsonValue, ValidationError

from engine.errors import BadRequest, NotFound
from engine.messages import IntakeId
from engine.registry.facts import UNNAMED, CardFacts
from engine.registry.intake import IntakeLine
from engine.storage.intakes import Intake, Sender
from engine.storage.remembered import Locks
from engine.storage.stores import Stores
from engine.storage.upload_links import KEPT_AFTER, UploadLink
from engine.threads import in_thread
from engine.validity import first_problem

CHUNK_BYTES = 1 << 20


class WrongOffset(BadRequest):
    """A piece that does not begin where the last one ended. Facts: also `offset`, where it does."""

    code = "wrong_offset"


class WrongBytes(BadRequest):
    """What came is not what was announced."""

    code = "wrong_bytes"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an upload is."""

    link: UploadLink
    offset: int
    intake: Intake | None


class LinkUploads:
    """Parts grow in a folder of their own; a whole one goes into the line and is gone here."""

    def __init__(
        self,
        stores: Stores,
        line: IntakeLine,
        folder: Path,
        *,
        lasts_s: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._stores = stores
        self._line = line
        self.folder = folder
        self.lasts_s = lasts_s
        self._clock = clock
        self._locks: Locks[str] = Locks()

    async def link(self, sender: Sender) -> str:
        """A token for one file; whatever was left of old ones goes.

        Raises `BadRequest` for a person who has too many files waiting.
        """
        await self.tidy()
        await self._line.check_room(sender)
        cap, lasts = self._line.rules.cap_bytes, timedelta(seconds=self.lasts_s)
        return await self._stores.upload_links.make(sender, cap, self._clock(), lasts)

    async def standing(self, token: str) -> Standing:
        """How far it is; raises `NotFound` for a link that is unknown or too old."""
        link = await self._find(token)
        intake = await self._intake(link.intake)
        offset = await in_thread(_size, self._path(link)) if link.part else 0
        return Standing(link, offset, intake)

    async def begin(self, token: str, name: str, size_bytes: int) -> Standing:
        """Say what will come; the same again goes on, another file begins anew.

        Raises `BadRequest` for a size above the cap or a link that was used.
        """
        async with self._locks.of(token):
            link = await self._find(token)
            if link.intake is not None:
                raise BadRequest(name="link", value="used", valid="a new one: /lora add")
            if not 0 < size_bytes <= link.cap_bytes:
                valid = f"1 to {link.cap_bytes} bytes"
                raise BadRequest(name="file size", value=size_bytes, valid=valid)
            if link.part and (link.file_name, link.size_bytes) != (name, size_bytes):
                await in_thread(_remove, self._path(link))
                await self._stores.upload_links.restart(token)
            await self._stores.upload_links.begin(token, secrets.token_hex(16), name, size_bytes)
            return await self.standing(token)

    async def add(
        self, token: str, offset: int, chunks: AsyncIterator[bytes], *, ends: bool = True
    ) -> Standing:
        """Write a piece where the last one ended; the last piece ends the upload.

        Without `ends` the whole file waits for `finish`. What was written before a cut stays.
        Raises `WrongOffset` with the right one, `BadRequest` when more comes than was said.
        """
        async with self._locks.of(token):
            link = await self._find(token)
            if link.part is None or link.size_bytes is None:
                raise BadRequest(name="upload", value="not begun", valid="begin with name and size")
            path = self._path(link)
            there = await in_thread(_size, path)
            if offset != there:
                raise WrongOffset(name="offset", value=offset, valid=str(there), offset=there)
            await self._write(path, link.size_bytes - there, chunks)
            if ends and await in_thread(_size, path) == link.size_bytes:
                await self._finish(token, link, path)
            return await self.standing(token)

    async def finish(
        self,
        token: str,
        facts: Mapping[str, JsonValue] | None = None,
        sha256: str | None = None,
        beside: Mapping[str, str] | None = None,
    ) -> Standing:
        """Bring a whole file in, with what its sender says of it; the same again changes nothing.

        `beside` holds the texts of files that came along, by name.

        Raises `WrongOffset` while bytes are missing, `BadRequest` for facts that can't be, or when
        the bytes are not those of `sha256`: then the upload begins anew.
        """
        async with self._locks.of(token):
            link = await self._find(token)
            if link.intake is not None:
                return await self.standing(token)
            if link.part is None or link.size_bytes is None:
                raise BadRequest(name="upload", value="not begun", valid="begin with name and size")
            path, said = self._path(link), _said(facts)
            there = await in_thread(_size, path)
            if there != link.size_bytes:
                valid = f"{link.size_bytes - there} more bytes first"
                raise WrongOffset(name="upload", value="not whole", valid=valid, offset=there)
            try:
                await self._finish(token, link, path, said, sha256, beside)
            except WrongBytes:
                await in_thread(_remove, path)
                await self._stores.upload_links.restart(token)
                raise
            return await self.standing(token)

    async def cancel(self, token: str) -> Standing:
        """Drop what came so far at once; the link may be used for another file.

        What was handed in stays. Raises `NotFound`.
        """
        async with self._locks.of(token):
            link = await self._find(token)
            if link.part and link.intake is None:
                await self._stores.upload_links.restart(token)
                await in_thread(_remove, self._path(link))
            return await self.standing(token)

    async def tidy(self) -> None:
        """Delete links that are over, with the parts that nobody finished."""
        for part in await self._stores.upload_links.drop_old(self._clock()):
            await in_thread(_remove, self.folder / part)

    async def _write(self, path: Path, room: int, chunks: AsyncIterator[bytes]) -> None:
        file = await in_thread(_append, path)
        try:
            async for chunk in chunks:
                room -= len(chunk)
                if room < 0:
                    raise BadRequest(name="piece", value="too long", valid="what was announced")
                await in_thread(file.write, chunk)
        finally:
            await asyncio.shield(in_thread(file.close))

    async def _finish(
        self,
        token: str,
        link: UploadLink,
        path: Path,
        facts: CardFacts | None = None,
        sha256: str | None = None,
        beside: Mapping[str, str] | None = None,
    ) -> None:
        """Into the line: the part's name is the act, so a crash here brings it in once."""
        chunks, request = _chunks(path, sha256), f"part:{link.part}"
        intake = await self._line.receive(
            link.sender, "upload", link.file_name, chunks, request=request, facts=facts,
            beside=beside,
        )  # fmt: skip
        until = self._clock() + KEPT_AFTER
        await self._stores.upload_links.done(token, intake.id, until)
        await in_thread(_remove, path)

    async def _find(self, token: str) -> UploadLink:
        found = await self._stores.upload_links.get(token, self._clock())
        if found is None:
            raise NotFound(what="upload link", name="that")
        return found

    async def _intake(self, intake: IntakeId | None) -> Intake | None:
        return None if intake is None else await self._stores.intakes.get(intake)

    def _path(self, link: UploadLink) -> Path:
        """Our own random name: nothing that people send is a part of it."""
        return self.folder / str(link.part)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _append(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab")


async def _chunks(path: Path, sha256: str | None = None) -> AsyncIterator[bytes]:
    file, seen = await in_thread(path.open, "rb"), hashing()
    try:
        while chunk := await in_thread(file.read, CHUNK_BYTES):
            if sha256 is not None:
                await in_thread(seen.update, chunk)
            yield chunk
    finally:
        await in_thread(file.close)
    if sha256 is not None and seen.hexdigest() != sha256.casefold():
        raise WrongBytes(name="sha256", value=sha256[:12], valid="sent again from the beginning")


def _said(facts: Mapping[str, JsonValue] | None) -> CardFacts | None:
    """What a sender says, checked."""
    if not facts:
        return None
    try:
        return CardFacts.model_validate({"name": UNNAMED, **facts})
    except ValidationError as error:
        name, _, valid = first_problem(error)
        where = name or "facts"
        raise BadRequest(name=where, value="", valid=valid) from error
