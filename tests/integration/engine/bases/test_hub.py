"""Bases from a hub: shown first, fetched at one commit, gone on with, deleted again."""

from pathlib import Path

import pytest

import engine
from engine.bases.hub import HubRepos
from engine.bases.looking import look
from engine.bases.shelf import Offer
from engine.errors import BadBase, DiskFull
from tests.fakes.hub import FIRST, NAME, SECOND, Hub, open_hub

MINIATURE = Path(engine.__file__).parent / "miniature" / "base"
WEIGHTS = "unet/diffusion_pytorch_model.safetensors"


def miniature_files() -> dict[str, bytes]:
    return {
        str(file.relative_to(MINIATURE)): file.read_bytes()
        for file in MINIATURE.rglob("*")
        if file.is_file()
    }


@pytest.fixture
def files() -> dict[str, bytes]:
    return miniature_files() | {
        "unet/diffusion_pytorch_model.bin": b"pickle", "tiny.safetensors": b"x" * 9,
        "run.py": b"print()", "README.md": b"hello", "flax_model.msgpack": b"flax",
    }  # fmt: skip


def repos(hub: Hub, folder: Path) -> HubRepos:
    return HubRepos(folder / "hub", endpoint=hub.url)


async def test_only_what_is_needed_is_fetched_and_the_commit_is_kept(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    async with open_hub({FIRST: files}) as hub:
        told: list[tuple[str, int, int]] = []
        offer = await repos(hub, tmp_path).offer(NAME)
        assert hub.fetched == []
        fetched = await repos(hub, tmp_path).fetch(offer, lambda *tick: told.append(tick))
    assert fetched.revision == offer.revision == FIRST
    assert not any(name.endswith((".bin", ".py", ".md", ".msgpack")) for name in offer.files)
    assert offer.size_bytes == sum(len(files[name]) for name in offer.files)
    assert told[-1][1:] == (offer.size_bytes, offer.size_bytes)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert look(fetched.path).class_name == "StableDiffusionPipeline"


async def test_a_broken_download_goes_on_where_it_ended(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 100_000)
    async with open_hub({FIRST: files}) as hub:
        hub.cut[WEIGHTS] = 1_000_000
        offer = await repos(hub, tmp_path).offer(NAME)
        fetched = await repos(hub, tmp_path).fetch(offer)
    assert hub.ranges == ["bytes=1000000-"]
    assert hub.fetched.count(f"1 {WEIGHTS}") == 2
    assert (fetched.path / WEIGHTS).read_bytes() == files[WEIGHTS]


async def test_what_is_here_is_not_fetched_again(files: dict[str, bytes], tmp_path: Path) -> None:
    async with open_hub({FIRST: files}) as hub:
        offer = await repos(hub, tmp_path).offer(NAME)
        await repos(hub, tmp_path).fetch(offer)
        count = len(hub.fetched)
        await repos(hub, tmp_path).fetch(offer)
        assert len(hub.fetched) == count


async def test_a_revision_is_pinned_while_the_branch_goes_on(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    newer = files | {"scheduler/scheduler_config.json": b'{"_class_name": "DDIMScheduler"}'}
    async with open_hub({FIRST: files, SECOND: newer}) as hub:
        own = repos(hub, tmp_path)
        old = await own.fetch(await own.offer(NAME))
        hub.branches["main"] = SECOND
        new = await own.fetch(await own.offer(NAME))
        again = await own.offer(NAME, FIRST)
        assert (old.revision, new.revision, again.revision) == (FIRST, SECOND, FIRST)
        # What both hold is on the disk once.
        assert (old.path / WEIGHTS).resolve() == (new.path / WEIGHTS).resolve()
        freed = await own.forget(new.source, new.revision)
    assert freed == len(newer["scheduler/scheduler_config.json"])
    assert not new.path.exists()
    assert look(old.path).shapes


async def test_a_repository_of_pickles_is_refused_before_anything_is_fetched(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    pickles = {name: data for name, data in files.items() if name != WEIGHTS}
    async with open_hub({FIRST: pickles}) as hub:
        with pytest.raises(BadBase, match=r"diffusion_pytorch_model\.bin is a pickle"):
            await repos(hub, tmp_path).offer(NAME)
        assert hub.fetched == []


async def test_one_file_of_a_repository(files: dict[str, bytes], tmp_path: Path) -> None:
    async with open_hub({FIRST: files}) as hub:
        own = repos(hub, tmp_path)
        with pytest.raises(BadBase, match="is a pickle"):
            await own.offer(NAME, file="unet/diffusion_pytorch_model.bin")
        with pytest.raises(BadBase, match=r"It has: .*tiny\.safetensors"):
            await own.offer(NAME, file="tidy.safetensors")
        fetched = await own.fetch(await own.offer(NAME, file="tiny.safetensors"))
    assert fetched.path.read_bytes() == b"x" * 9


async def test_names_that_are_not_there_are_told(files: dict[str, bytes], tmp_path: Path) -> None:
    async with open_hub({FIRST: files}) as hub:
        with pytest.raises(BadBase, match="no such repository"):
            await repos(hub, tmp_path).offer("ada/other")
        with pytest.raises(BadBase, match="no such revision"):
            await repos(hub, tmp_path).offer(NAME, "v9")


async def test_a_disk_without_room_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    async with open_hub({}) as hub:
        offer = Offer(NAME, FIRST, {"a.safetensors": 1 << 60})
        with pytest.raises(DiskFull):
            await repos(hub, tmp_path).fetch(offer)
        assert hub.fetched == []
