"""Blobs in memory; keeps the same promises as the folder."""

from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from hashlib import sha256 as new_hash
from pathlib import Path

from engine.errors import AtelierError, BlobCorrupt, NotFound
from engine.messages import Sha256
from engine.storage.blobs import Blob, Swept, too_large


class MemoryBlobs:
    """A `BlobStore` for tests. `path` writes into `folder`; `breaks_with` fails every write."""

    def __init__(self, folder: Path) -> None:
        self.breaks_with: AtelierError | None = None
        self.kept: dict[Sha256, tuple[bytes, datetime]] = {}
        self._folder = folder

    async def put(self, chunks: AsyncIterator[bytes] | bytes, cap_bytes: int) -> Blob:
        await self.check()
        content = b""
        async for chunk in _each(chunks):
            content += chunk
            if len(content) > cap_bytes:
                raise too_large(len(content), cap_bytes)
        sha256 = Sha256(new_hash(content).hexdigest())
        self.kept[sha256] = (content, datetime.now(UTC))
        return Blob(sha256, len(content))

    async def read(self, sha256: Sha256) -> bytes:
        content = self._content(sha256)
        if new_hash(content).hexdigest() != sha256:
            del self.kept[sha256]
            raise BlobCorrupt(sha256=sha256)
        return content

    def path(self, sha256: Sha256) -> Path:
        path = self._folder / sha256[:64]
        content = self._content(sha256)
        path.write_bytes(content)
        return path

    async def has(self, sha256: Sha256) -> bool:
        return sha256 in self.kept

    async def delete(self, sha256: Sha256) -> bool:
        return self.kept.pop(sha256, None) is not None

    async def sweep(self, in_use: Collection[Sha256], older_than: datetime) -> Swept:
        orphans = {
            sha256: len(content)
            for sha256, (content, stored_at) in self.kept.items()
            if sha256 not in in_use and stored_at < older_than
        }
        for sha256 in orphans:
            del self.kept[sha256]
        return Swept(len(orphans), sum(orphans.values()))

    async def check(self) -> None:
        if self.breaks_with is not None:
            raise self.breaks_with

    def _content(self, sha256: Sha256) -> bytes:
        if sha256 not in self.kept:
            raise NotFound(what="blob", name=sha256[:64])
        return self.kept[sha256][0]


async def _each(chunks: AsyncIterator[bytes] | bytes) -> AsyncIterator[bytes]:
    if isinstance(chunks, bytes):
        yield chunks
        return
    async for chunk in chunks:
        yield chunk
