"""Blobs by SHA-256: the port, and the embedded store that keeps them in a folder."""

import errno
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256 as new_hash
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import BinaryIO, Final, NamedTuple, Protocol

from engine.errors import BadRequest, BlobCorrupt, DiskFull, NotFound, StoreReadOnly
from engine.messages import Sha256
from engine.threads import in_thread

HASH: Final = re.compile(r"[0-9a-f]{64}")
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_WRITE: Final = (errno.EROFS, errno.EACCES, errno.EPERM)
Chunks = AsyncIterator[bytes] | bytes
Opener = Callable[[Path], BinaryIO]


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are stored."""

    sha256: Sha256
    size_bytes: int


class Swept(NamedTuple):
    """What a sweep removed: how many files, and their bytes."""

    files: int
    size_bytes: int


class BlobStore(Protocol):
    """Bytes by their hash. Promises are in `tests/contract/test_blob_store.py`."""

    async def put(self, chunks: Chunks, cap_bytes: int) -> Blob:
        """Store bytes, whole or not at all; the same bytes twice are stored once.

        Raises `BadRequest` naming the cap as soon as it is passed, `DiskFull`, `StoreReadOnly`.
        """
        ...

    async def read(self, sha256: Sha256) -> bytes:
        """The bytes; raises `NotFound`, or `BlobCorrupt` when they don't match their hash."""
        ...

    def path(self, sha256: Sha256) -> Path:
        """A file on this machine with the bytes; raises `NotFound`. Content is not checked."""
        ...

    async def has(self, sha256: Sha256) -> bool:
        """Whether a blob of that hash is stored."""
        ...

    async def delete(self, sha256: Sha256) -> bool:
        """Remove a blob; False when there was none."""
        ...

    async def sweep(self, in_use: Collection[Sha256], older_than: datetime) -> Swept:
        """Remove blobs that are not in use and what broken writes left behind.

        Nothing stored at or after `older_than` is touched: its row may not be written yet.
        """
        ...

    async def check(self) -> None:
        """Can it be written? Raises `StoreReadOnly` or `DiskFull`."""
        ...


def is_hash(word: str) -> bool:
    """Whether a word is a SHA-256 in lower-case hexadecimal digits."""
    return HASH.fullmatch(word) is not None


def too_large(size_bytes: int, cap_bytes: int) -> BadRequest:
    """The refusal of bytes that pass their cap."""
    valid = f"at most {cap_bytes} bytes"
    return BadRequest(name="file size", value=f"more than {size_bytes - 1} bytes", valid=valid)


class FolderBlobs:
    """Blobs in `root`, two folders deep: `ab/cd/abcd...`.

    A blob is written under another name on the same file system, synced, and then renamed: at
    any moment it is there whole or not at all. `opener` opens a new file for writing.
    """

    def __init__(self, root: Path, opener: Opener | None = None) -> None:
        self._root = root
        self._unfinished = root / "unfinished"
        self._corrupt = root / "corrupt"
        self._opener = opener or _open_new
        self._moving = Lock()
        """Held while a blob comes or goes, so that a sweep never takes one that just came."""

    async def put(self, chunks: Chunks, cap_bytes: int) -> Blob:
        """See `BlobStore.put`."""
        if isinstance(chunks, bytes):
            return await in_thread(self._put_whole, chunks, cap_bytes)
        writing = await in_thread(self._begin, cap_bytes)
        try:
            async for chunk in chunks:
                await in_thread(writing.add, chunk)
            return await in_thread(writing.finish)
        finally:
            await in_thread(writing.discard)

    async def read(self, sha256: Sha256) -> bytes:
        """See `BlobStore.read`; a corrupt blob is moved aside into `corrupt/` for the host."""
        return await in_thread(self._read, sha256)

    def path(self, sha256: Sha256) -> Path:
        """See `BlobStore.path`."""
        path = self._place(sha256)
        if not path.is_file():
            raise NotFound(what="blob", name=sha256)
        return path

    async def has(self, sha256: Sha256) -> bool:
        """See `BlobStore.has`."""
        return is_hash(sha256) and await in_thread(self._place(sha256).is_file)

    async def delete(self, sha256: Sha256) -> bool:
        """See `BlobStore.delete`."""
        return is_hash(sha256) and await in_thread(self._delete, self._place(sha256))

    async def sweep(self, in_use: Collection[Sha256], older_than: datetime) -> Swept:
        """See `BlobStore.sweep`; what was moved aside as corrupt stays for the host."""
        return await in_thread(self._sweep, frozenset(in_use), older_than)

    async def check(self) -> None:
        """See `BlobStore.check`: writes a byte and takes it away."""
        await in_thread(self._check)

    # --- in a thread ---------------------------------------------------------------------------

    def _begin(self, cap_bytes: int) -> "_Writing":
        with _told_plainly(self._root):
            self._unfinished.mkdir(parents=True, exist_ok=True)
            path = self._unfinished / token_hex(16)
            return _Writing(self, path, self._opener(path), cap_bytes)

    def _put_whole(self, content: bytes, cap_bytes: int) -> Blob:
        writing = self._begin(cap_bytes)
        try:
            writing.add(content)
            return writing.finish()
        finally:
            writing.discard()

    def keep(self, unfinished: Path, sha256: Sha256) -> None:
        """Give a finished file its place; one that is there already is replaced by its equal."""
        place = self._place(sha256)
        with self._moving:
            place.parent.mkdir(parents=True, exist_ok=True)
            unfinished.replace(place)
            _sync_folder(place.parent)

    @property
    def root(self) -> Path:
        """The folder of all blobs."""
        return self._root

    def _place(self, sha256: Sha256) -> Path:
        """Only a hash leads to a path, so nothing from outside can choose one."""
        if not is_hash(sha256):
            raise NotFound(what="blob", name=sha256[:64])
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def _read(self, sha256: Sha256) -> bytes:
        place = self._place(sha256)
        try:
            content = place.read_bytes()
        except FileNotFoundError as error:
            raise NotFound(what="blob", name=sha256) from error
        if new_hash(content).hexdigest() != sha256:
            with _told_plainly(self._root), self._moving:
                self._corrupt.mkdir(exist_ok=True)
                place.replace(self._corrupt / sha256)
            raise BlobCorrupt(sha256=sha256)
        return content

    def _delete(self, place: Path) -> bool:
        with _told_plainly(self._root), self._moving:
            try:
                place.unlink()
            except FileNotFoundError:
                return False
            return True

    def _sweep(self, in_use: frozenset[Sha256], older_than: datetime) -> Swept:
        count = size_bytes = 0
        for path in self._candidates():
            if path.name not in in_use:
                removed = self._remove_older(path, older_than)
                if removed is not None:
                    count += 1
                    size_bytes += removed
        return Swept(count, size_bytes)

    def _candidates(self) -> Iterator[Path]:
        yield from self._unfinished.glob("*")
        for path in self._root.glob("??/??/*"):
            if is_hash(path.name):
                yield path

    def _remove_older(self, path: Path, older_than: datetime) -> int | None:
        """The size of what was removed; None when it is too young or gone already."""
        with _told_plainly(self._root), self._moving:
            try:
                found = path.stat()
                if datetime.fromtimestamp(found.st_mtime, UTC) >= older_than:
                    return None
                path.unlink()
            except FileNotFoundError:
                return None
            return found.st_size

    def _check(self) -> None:
        writing = self._begin(cap_bytes=1)
        try:
            writing.add(b"\0")
            writing.sync()
        finally:
            writing.discard()


class _Writing:
    """One blob on its way: counted and hashed while it is written."""

    def __init__(self, store: FolderBlobs, path: Path, file: BinaryIO, cap_bytes: int) -> None:
        self._store = store
        self._path = path
        self._file = file
        self._cap_bytes = cap_bytes
        self._hash = new_hash()
        self._size_bytes = 0

    def add(self, chunk: bytes) -> None:
        self._size_bytes += len(chunk)
        if self._size_bytes > self._cap_bytes:
            raise too_large(self._size_bytes, self._cap_bytes)
        self._hash.update(chunk)
        with _told_plainly(self._store.root):
            self._file.write(chunk)

    def sync(self) -> None:
        with _told_plainly(self._store.root):
            self._file.flush()
            os.fsync(self._file.fileno())

    def finish(self) -> Blob:
        self.sync()
        sha256 = Sha256(self._hash.hexdigest())
        with _told_plainly(self._store.root):
            self._file.close()
            self._store.keep(self._path, sha256)
        return Blob(sha256, self._size_bytes)

    def discard(self) -> None:
        """Leave nothing behind; after `finish` there is nothing."""
        with suppress(OSError):  # what could not be written out is thrown away anyway
            self._file.close()
        with _told_plainly(self._store.root):
            self._path.unlink(missing_ok=True)


@contextmanager
def _told_plainly(folder: Path) -> Iterator[None]:
    """Raise what the file system says as `DiskFull` or `StoreReadOnly`, chained."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(folder=str(folder), free_bytes=_free_bytes(folder)) from error
        if error.errno in NO_WRITE:
            raise StoreReadOnly(what=str(folder)) from error
        raise


def _free_bytes(folder: Path) -> int:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free


def _open_new(path: Path) -> BinaryIO:
    return path.open("xb")


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut; folders can't be opened for it on Windows."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
