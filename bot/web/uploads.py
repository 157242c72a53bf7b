"""Files on the page: pictures that people send, and files that the bot hands to one person."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.escape import plain
from bot.messages import File
from bot.port import CannotPost
from bot.settings import WebSettings
from bot.web.pictures import clean
from engine.api import Board, Upload
from engine.errors import BlobCorrupt, NotFound
from engine.messages import PersonId, Sha256, SpaceId

NAME_CHARS = 120
LOOSE_FOR = timedelta(days=1)
"""What no post shows is kept for so long: half-written messages, exports."""
MOST_AT_ONCE = 2
"""Pictures decoded at the same time: each may take 100 MB while it is."""


class Uploads:
    """Rows and blobs of files, with their caps."""

    def __init__(self, board: Board, limits: WebSettings, now: Callable[[], datetime]) -> None:
        self._board = board
        self.limits = limits
        self._now = now
        self._decoding = asyncio.Semaphore(MOST_AT_ONCE)

    async def keep(self, space: SpaceId, person: PersonId, name: str, data: bytes) -> Upload:
        """Clean a picture and keep it."""
        name = file_name(name)
        async with self._decoding:
            picture = await asyncio.to_thread(clean, data, name, self.limits.upload_max_pixels)
        upload = Upload(
            id=new_id(), space=space, person=person, sha256=Sha256(""), name=name,
            media_type=picture.media_type, size_bytes=len(picture.data), at=self._now(),
            width=picture.width, height=picture.height,
        )  # fmt: skip
        return await self._store(upload, picture.data)

    async def hand(self, space: SpaceId, person: PersonId, file: File) -> Upload:
        """A file for one person; it is gone after a day."""
        upload = Upload(
            id=new_id(), space=space, person=person, sha256=Sha256(""), name=file_name(file.name),
            media_type=file.media_type, size_bytes=len(file.data), at=self._now(), is_private=True,
        )  # fmt: skip
        return await self._store(upload, file.data)

    async def named(self, uploads: list[str], person: PersonId) -> tuple[Upload, ...]:
        """A person's own uploads, in this order; raises `NotFound` for any other."""
        found = []
        for each in uploads:
            upload = await self._board.uploads.get(each)
            if upload is None or upload.person != person:
                raise NotFound(what="file", name=each[:40])
            found.append(upload)
        return tuple(found)

    async def posted(self, uploads: tuple[Upload, ...]) -> None:
        """A post shows them: they stay."""
        if uploads:
            await self._board.uploads.posted([upload.id for upload in uploads])

    async def read(self, upload: Upload) -> bytes:
        """The bytes; raises `NotFound`, `BlobCorrupt`."""
        return await self._board.blobs.read(upload.sha256)

    async def find(self, name: str) -> Upload:
        """One by its id; raises `NotFound`."""
        upload = await self._board.uploads.get(name)
        if upload is None:
            raise NotFound(what="file", name=name[:40])
        return upload

    async def fetch(self, name: str, most_bytes: int) -> AsyncIterator[bytes]:
        """For the router: the bytes of an attachment; raises `CannotPost`."""
        try:
            upload = await self.find(name)
            if upload.size_bytes > most_bytes:
                raise CannotPost(f"{upload.name} is larger than {most_bytes} bytes", final=True)
            yield await self.read(upload)
        except (NotFound, BlobCorrupt) as error:
            raise CannotPost("that file is gone", final=True) from error

    async def tidy(self) -> None:
        """Drop what no post shows; the blobs go with the engine's next sweep."""
        await self._board.uploads.drop_loose(self._now() - LOOSE_FOR)

    async def _store(self, upload: Upload, data: bytes) -> Upload:
        blob = await self._board.blobs.put(data, len(data))
        kept = replace(upload, sha256=blob.sha256)
        await self._board.uploads.add(kept)
        return kept


def file_name(name: str) -> str:
    """A name for people: one line, no path."""
    return plain(name.replace("\\", "/").rpartition("/")[2], NAME_CHARS) or "picture"


def new_id() -> str:
    """The id of an upload: nothing to guess."""
    return f"u{secrets.token_urlsafe(16)}"
