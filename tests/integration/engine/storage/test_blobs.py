"""The folder of blobs under bad conditions: full disk, no rights, crashes, old files."""

import errno
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import pytest

from engine.errors import BlobCorrupt, DiskFull, StoreReadOnly
from engine.storage.blobs import FolderBlobs
from tests.rights import without_rights

CONTENT = b"a picture" * 100
CAP_BYTES = 10_000


class FullDisk(FileIO):
    """A file on a disk with room for so many bytes."""

    def __init__(self, path: Path, room_bytes: int, error: int) -> None:
        super().__init__(path, "xb")
        self._room_bytes = room_bytes
        self._error = error

    def write(self, content: bytes, /) -> int:  # type: ignore[override]  # all that we write
        self._room_bytes -= len(content)
        if self._room_bytes < 0:
            raise OSError(self._error, os.strerror(self._error))
        return super().write(content)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def in_pieces() -> AsyncIterator[bytes]:
    for start in range(0, len(CONTENT), 100):
        yield CONTENT[start : start + 100]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("is_stream", [True, False])
async def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, error: int, is_stream: bool
) -> None:
    def opener(path: Path) -> BinaryIO:
        return FullDisk(path, 350, error)

    blobs = FolderBlobs(tmp_path, opener)
    with pytest.raises(DiskFull) as full:
        await blobs.put(in_pieces() if is_stream else CONTENT, CAP_BYTES)
    assert full.value.facts["folder"] == str(tmp_path)
    assert isinstance(full.value.__cause__, OSError)
    assert files_in(tmp_path) == []


async def test_a_disk_that_fills_up_at_the_last_flush_leaves_nothing(tmp_path: Path) -> None:
    class FullAtSync(FileIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opener(path: Path) -> BinaryIO:
        return FullAtSync(path, "xb")

    with pytest.raises(DiskFull):
        await FolderBlobs(tmp_path, opener).put(CONTENT, CAP_BYTES)
    assert files_in(tmp_path) == []


async def test_a_folder_without_rights_is_named(tmp_path: Path) -> None:
    with without_rights(tmp_path):
        blobs = FolderBlobs(tmp_path / "blobs")
        for attempt in (blobs.check(), blobs.put(CONTENT, CAP_BYTES)):
            with pytest.raises(StoreReadOnly) as refusal:
                await attempt
            assert refusal.value.facts == {"what": str(tmp_path / "blobs")}


async def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    one = await blobs.put(CONTENT, CAP_BYTES)
    await blobs.put(in_pieces(), CAP_BYTES)
    assert files_in(tmp_path) == [blobs.path(one.sha256)]
    assert blobs.path(one.sha256).parent == tmp_path / one.sha256[:2] / one.sha256[2:4]


async def test_a_corrupt_blob_is_kept_aside_for_the_host(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    blob = await blobs.put(CONTENT, CAP_BYTES)
    blobs.path(blob.sha256).write_bytes(b"bit rot")
    with pytest.raises(BlobCorrupt):
        await blobs.read(blob.sha256)
    assert (tmp_path / "corrupt" / blob.sha256).read_bytes() == b"bit rot"
    await blobs.sweep((), datetime.now(UTC) + timedelta(days=1))
    assert (tmp_path / "corrupt" / blob.sha256).exists()


async def test_a_sweep_removes_what_a_crash_left_half_written(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    await blobs.check()
    left = tmp_path / "unfinished" / "0123"
    left.write_bytes(b"half")
    assert await blobs.sweep((), datetime.now(UTC) - timedelta(hours=1)) == (0, 0)
    assert await blobs.sweep((), datetime.now(UTC) + timedelta(hours=1)) == (1, 4)
    assert not left.exists()


async def test_an_orphan_that_is_stored_again_is_young_again(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    blob = await blobs.put(CONTENT, CAP_BYTES)
    os.utime(blobs.path(blob.sha256), (0, 0))
    await blobs.put(CONTENT, CAP_BYTES)
    assert await blobs.sweep((), datetime.now(UTC) - timedelta(hours=1)) == (0, 0)


async def test_a_sweep_touches_no_foreign_file(tmp_path: Path) -> None:
    (tmp_path / "ab" / "cd").mkdir(parents=True)
    foreign = tmp_path / "ab" / "cd" / "notes.txt"
    foreign.write_text("mine")
    await FolderBlobs(tmp_path).sweep((), datetime.now(UTC) + timedelta(hours=1))
    assert foreign.exists()
