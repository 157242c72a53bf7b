"""What every blob store promises, in a folder and in memory."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256 as new_hash
from pathlib import Path

import pytest

from engine.errors import BadRequest, BlobCorrupt, NotFound
from engine.messages import Sha256
from engine.storage.blobs import Blob, BlobStore, FolderBlobs
from tests.fakes.blobs import MemoryBlobs

HELLO = b"hello, world"
CAP_BYTES = 1000
SOON = timedelta(minutes=1)


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "blobs")
    return MemoryBlobs(tmp_path)


def hash_of(content: bytes) -> Sha256:
    return Sha256(new_hash(content).hexdigest())


async def in_pieces(content: bytes, piece: int = 5) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


def damage(blobs: BlobStore, sha256: Sha256) -> None:
    """Change stored bytes behind the store's back."""
    if isinstance(blobs, MemoryBlobs):
        content, stored_at = blobs.kept[sha256]
        blobs.kept[sha256] = (content[:-1] + b"?", stored_at)
    else:
        path = blobs.path(sha256)
        path.write_bytes(path.read_bytes()[:-1] + b"?")


async def test_bytes_come_back_by_their_hash(blobs: BlobStore) -> None:
    blob = await blobs.put(HELLO, CAP_BYTES)
    assert blob == Blob(hash_of(HELLO), len(HELLO))
    assert await blobs.read(blob.sha256) == HELLO
    assert blobs.path(blob.sha256).read_bytes() == HELLO


async def test_a_stream_is_stored_like_whole_bytes(blobs: BlobStore) -> None:
    streamed = await blobs.put(in_pieces(HELLO), CAP_BYTES)
    assert streamed == await blobs.put(HELLO, CAP_BYTES)


async def test_exactly_the_cap_is_allowed(blobs: BlobStore) -> None:
    blob = await blobs.put(in_pieces(HELLO), len(HELLO))
    assert await blobs.has(blob.sha256)


@pytest.mark.parametrize("is_stream", [True, False])
async def test_more_than_the_cap_is_refused_by_name(blobs: BlobStore, is_stream: bool) -> None:
    with pytest.raises(BadRequest) as refusal:
        await blobs.put(in_pieces(HELLO) if is_stream else HELLO, cap_bytes=7)
    assert refusal.value.facts["valid"] == "at most 7 bytes"
    assert not await blobs.has(hash_of(HELLO))


async def test_a_stream_is_cut_off_at_the_cap(blobs: BlobStore) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100

    with pytest.raises(BadRequest):
        await blobs.put(endless(), CAP_BYTES)


async def test_a_stream_that_breaks_leaves_nothing(blobs: BlobStore) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield HELLO
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await blobs.put(broken(), CAP_BYTES)
    assert not await blobs.has(hash_of(HELLO))
    assert await blobs.sweep((), datetime.now(UTC) + SOON) == (0, 0)


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "A" * 64])
async def test_what_was_never_stored_is_not_found(blobs: BlobStore, name: str) -> None:
    with pytest.raises(NotFound):
        await blobs.read(Sha256(name))
    with pytest.raises(NotFound):
        blobs.path(Sha256(name))
    assert not await blobs.has(Sha256(name))
    assert not await blobs.delete(Sha256(name))


async def test_damaged_bytes_are_never_given_out(blobs: BlobStore) -> None:
    blob = await blobs.put(HELLO, CAP_BYTES)
    damage(blobs, blob.sha256)
    with pytest.raises(BlobCorrupt) as damaged:
        await blobs.read(blob.sha256)
    assert damaged.value.facts == {"sha256": blob.sha256}
    with pytest.raises(NotFound):
        await blobs.read(blob.sha256)


async def test_storing_again_heals_a_damaged_blob(blobs: BlobStore) -> None:
    blob = await blobs.put(HELLO, CAP_BYTES)
    damage(blobs, blob.sha256)
    await blobs.put(HELLO, CAP_BYTES)
    assert await blobs.read(blob.sha256) == HELLO


async def test_a_deleted_blob_is_gone(blobs: BlobStore) -> None:
    blob = await blobs.put(HELLO, CAP_BYTES)
    assert await blobs.delete(blob.sha256)
    assert not await blobs.delete(blob.sha256)
    assert not await blobs.has(blob.sha256)


async def test_a_sweep_takes_orphans_and_leaves_what_is_in_use(blobs: BlobStore) -> None:
    kept = await blobs.put(b"kept", CAP_BYTES)
    orphan = await blobs.put(b"orphan", CAP_BYTES)
    assert await blobs.sweep({kept.sha256}, datetime.now(UTC) + SOON) == (1, len(b"orphan"))
    assert await blobs.has(kept.sha256)
    assert not await blobs.has(orphan.sha256)


async def test_a_sweep_leaves_what_just_came(blobs: BlobStore) -> None:
    blob = await blobs.put(b"its row is not written yet", CAP_BYTES)
    assert await blobs.sweep((), datetime.now(UTC) - SOON) == (0, 0)
    assert await blobs.has(blob.sha256)


async def test_a_healthy_store_passes_its_check(blobs: BlobStore) -> None:
    await blobs.check()
    assert await blobs.sweep((), datetime.now(UTC) + SOON) == (0, 0)
