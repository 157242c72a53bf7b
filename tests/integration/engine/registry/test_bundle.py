"""Bundles and the drop folder: out, in again, checked anew; what is no LoRA stays outside."""

import io
import json
import shutil
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.errors import BadRequest
from engine.messages import PersonId, SpaceId
from engine.registry.bundle import Bundles
from engine.registry.demo import MINIATURE, read_loras
from engine.registry.drop_folder import DropFolder
from engine.registry.facts import CardFacts
from engine.registry.shelf import Shelf
from engine.storage.entries import Entry, EntryState
from engine.storage.stores import Stores
from engine.wiring import utc_now
from tests.fakes.engine_room import Room, open_room, visit

HERE, THERE = SpaceId("fake:garden"), SpaceId("fake:there")
HOST = PersonId("atelier:host")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path / "data") as room:
        await room.engine.read(visit(), "hello")
        yield room


async def furnished(stores: Stores) -> None:
    shelf = Shelf(blobs=stores.blobs, entries=stores.entries, clock=utc_now)
    for path, facts in read_loras(MINIATURE / "loras")[:3]:
        await shelf.add(HERE, path, facts, HOST)


async def test_a_bundle_brings_files_and_decisions_along(room: Room, tmp_path: Path) -> None:
    stores = room.engine.stores
    await furnished(stores)
    bundles: Bundles = room.engine.registry.bundles
    assert await bundles.save(HERE, tmp_path / "all.tar") == 3
    found = await bundles.load(THERE, tmp_path / "all.tar", HOST)
    assert (len(found.added), found.known, found.refused) == (3, (), ())
    here, there = await stores.entries.cards(HERE), await stores.entries.cards(THERE)
    assert [card.model_dump(exclude={"entry"}) for card in here] == [
        card.model_dump(exclude={"entry"}) for card in there
    ]
    again = await bundles.load(THERE, tmp_path / "all.tar", HOST)
    assert (again.added, len(again.known)) == ((), 3)


async def test_what_nobody_said_of_people_waits_after_an_import(room: Room, tmp_path: Path) -> None:
    stores = room.engine.stores
    shelf = Shelf(blobs=stores.blobs, entries=stores.entries, clock=utc_now)
    (path, _), *_ = read_loras(MINIATURE / "loras")
    await shelf.add(HERE, path, CardFacts(name="Ann", kind="character"), HOST)
    await room.engine.registry.bundles.save(HERE, tmp_path / "all.tar")
    found = await room.engine.registry.bundles.load(THERE, tmp_path / "all.tar", HOST)
    assert (found.added, found.waiting) == ((), ("Ann",))
    (pending,) = await stores.entries.in_state(THERE, "pending")
    assert pending.card.name == "Ann"


async def test_a_bundle_reads_what_is_there_once(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = room.engine.stores
    await furnished(stores)
    await room.engine.registry.bundles.save(HERE, tmp_path / "all.tar")
    asked, whole = [], stores.entries.in_state

    async def counted(space: SpaceId, state: EntryState) -> tuple[Entry, ...]:
        asked.append(state)
        return await whole(space, state)

    monkeypatch.setattr(stores.entries, "in_state", counted)
    found = await room.engine.registry.bundles.load(THERE, tmp_path / "all.tar", HOST)
    assert (len(found.added), sorted(asked)) == (3, ["approved", "pending"])


async def test_a_changed_file_in_a_bundle_is_refused(room: Room, tmp_path: Path) -> None:
    stores = room.engine.stores
    await furnished(stores)
    await room.engine.registry.bundles.save(HERE, tmp_path / "all.tar")
    with tarfile.open(tmp_path / "all.tar") as old, tarfile.open(tmp_path / "bad.tar", "w") as bad:
        for member in old:
            content = old.extractfile(member)
            data = content.read() if content else b""
            if member.name != "registry.json":
                data = data[:-4] + b"\x00\x00\xc0\x7f"
            bad.addfile(member, io.BytesIO(data))
        outside = tarfile.TarInfo("../../outside.safetensors")
        outside.size = 4
        bad.addfile(outside, io.BytesIO(b"evil"))
    found = await room.engine.registry.bundles.load(THERE, tmp_path / "bad.tar", HOST)
    assert (found.added, len(found.refused)) == ((), 3)
    assert not (tmp_path.parent / "outside.safetensors").exists()


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\0" * 2048])
async def test_what_is_no_bundle_is_refused(room: Room, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(BadRequest) as refusal:
        await room.engine.registry.bundles.load(THERE, tmp_path / "x.tar", HOST)
    assert "lora export" in str(refusal.value.facts["valid"])


async def test_files_in_the_drop_folder_come_into_their_place_once(
    room: Room, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    (drop / "fake_garden").mkdir(parents=True)
    (drop / "fake:nowhere").mkdir()
    for name in ("neon.safetensors", "neon.json"):
        shutil.copy(MINIATURE / "loras" / name, drop / "fake_garden" / name)
    shutil.copy(MINIATURE / "loras" / "zib.safetensors", drop / "fake:nowhere" / "z.safetensors")
    (drop / "fake_garden" / "link.safetensors").symlink_to("/etc/hostname")
    engine = room.engine
    young = DropFolder(drop, engine.registry.intake, engine.stores.spaces, now=lambda: 0.0)
    assert await young.look() == 0
    folder = DropFolder(drop, engine.registry.intake, engine.stores.spaces, now=lambda: 1e12)
    assert await folder.look() == 1
    assert await folder.look() == 0
    assert (drop / "fake_garden" / "taken" / "neon.safetensors").is_file()
    intakes = await engine.stores.intakes.of_space(
        HERE, ("received", "checked", "identified", "previewing", "waiting"), 9
    )
    facts = json.loads((MINIATURE / "loras" / "neon.json").read_text())
    assert [intake.facts["name"] for intake in intakes] == [facts["name"]]
