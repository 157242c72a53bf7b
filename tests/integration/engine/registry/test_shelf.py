"""The intake on a real database and a real folder: checks, one blob, one entry, audit lines."""

import json
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.errors import BadLoraFile, BadRequest, BaseBroken
from engine.messages import Base, Owner, PersonId, SpaceId, Trigger
from engine.registry import demo
from engine.registry.facts import CardFacts, facts_from_json
from engine.registry.shelf import Shelf
from engine.storage.blobs import FolderBlobs
from engine.storage.migration import upgrade
from engine.storage.spaces import Entrance
from engine.storage.stores import Stores
from tests.servers import run_apart

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
SPACE, OTHER = SpaceId("console:here"), SpaceId("console:there")
ADMIN = PersonId("console:admin")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
Lora = Callable[..., Path]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("shelf") / "atelier.db"
    run_apart(upgrade(f"sqlite:///{file}"))
    return file


@pytest.fixture
async def stores(tmp_path: Path, template: Path) -> AsyncIterator[Stores]:
    shutil.copy(template, tmp_path / "atelier.db")
    url = f"sqlite:///{tmp_path / 'atelier.db'}"
    stores = await Stores.of(url, FolderBlobs(tmp_path / "blobs"), busy_timeout_s=30, pool_size=2)
    await stores.open()
    for space in (SPACE, OTHER):
        owner = Owner(space=space, person=ADMIN)
        await stores.spaces.enter(Entrance(owner, "console", "Here", "local", "Admin"), NOW)
    yield stores
    await stores.close()


@pytest.fixture
def shelf(stores: Stores) -> Shelf:
    return Shelf(blobs=stores.blobs, entries=stores.entries, clock=lambda: NOW)


@pytest.fixture
def lora(tmp_path: Path) -> Lora:
    """A small LoRA of the miniature; another `value` is another file."""

    def written(name: str = "neon.safetensors", value: float = 1.0) -> Path:
        tensors = {
            f"{LAYER}.alpha": np.array(4.0, dtype=np.float16),
            f"{LAYER}.lora_down.weight": np.full((4, 96), value, dtype=np.float16),
            f"{LAYER}.lora_up.weight": np.full((64, 4), value, dtype=np.float16),
        }
        save_file(tensors, tmp_path / name)
        return tmp_path / name

    return written


NEON = CardFacts(
    name="Neon",
    aliases=("glow",),
    triggers=(Trigger(word="nuvo neon"),),
    tags=("light",),
    weight=0.9,
    licence="Apache-2.0",
)


async def test_a_lora_becomes_an_approved_entry_with_its_bytes_stored(
    shelf: Shelf, stores: Stores, lora: Lora
) -> None:
    path = lora()
    entry = await shelf.add(SPACE, path, NEON, ADMIN)

    assert entry.state == "approved"
    assert (entry.card.name, entry.card.family, entry.card.weight) == ("Neon", "miniature", 0.9)
    assert entry.card.sha256 is not None
    assert await stores.blobs.read(entry.card.sha256) == path.read_bytes()
    assert await stores.entries.cards(SPACE) == (entry.card,)
    assert await stores.entries.cards(OTHER) == ()


async def test_who_did_what_is_in_the_audit(shelf: Shelf, stores: Stores, lora: Lora) -> None:
    await shelf.add(SPACE, lora(), NEON, ADMIN)

    lines = await stores.audit.read(SPACE, 10)
    assert {line.actor for line in lines} == {ADMIN}
    assert [line.what for line in lines] == ["entry.approved", "entry.added.pending"]


async def test_without_approval_no_card_appears(shelf: Shelf, stores: Stores, lora: Lora) -> None:
    entry = await shelf.add(SPACE, lora(), NEON, ADMIN, approve=False)

    assert entry.state == "pending"
    assert await stores.entries.cards(SPACE) == ()


async def test_the_same_file_twice_is_one_entry(shelf: Shelf, stores: Stores, lora: Lora) -> None:
    first = await shelf.add(SPACE, lora(), NEON, ADMIN, approve=False)
    again = await shelf.add(SPACE, lora("copy.safetensors"), NEON, ADMIN)

    assert again.id == first.id
    assert again.state == "approved"
    assert len(await stores.entries.cards(SPACE)) == 1


async def test_two_spaces_share_the_bytes_and_nothing_else(
    shelf: Shelf, stores: Stores, lora: Lora
) -> None:
    here = await shelf.add(SPACE, lora(), NEON, ADMIN)
    there = await shelf.add(OTHER, lora(), NEON, ADMIN)

    assert here.id != there.id
    assert here.card.sha256 == there.card.sha256


@pytest.mark.parametrize(
    "facts",
    [
        CardFacts(name="neon"),
        CardFacts(name="Glow"),
        CardFacts(name="Other", aliases=("NEON",)),
    ],
)
async def test_a_taken_name_is_refused_with_a_free_one(
    shelf: Shelf, lora: Lora, facts: CardFacts
) -> None:
    await shelf.add(SPACE, lora(), NEON, ADMIN)

    with pytest.raises(BadRequest) as refused:
        await shelf.add(SPACE, lora("other.safetensors", 2.0), facts, ADMIN)

    assert refused.value.facts["name"] == "name"
    assert " 2" in str(refused.value.facts["valid"])


async def test_what_is_no_lora_is_refused_and_not_stored(
    shelf: Shelf, stores: Stores, tmp_path: Path
) -> None:
    path = tmp_path / "evil.safetensors"
    path.write_bytes(b"\x80\x04pickle")

    with pytest.raises(BadLoraFile) as refused:
        await shelf.add(SPACE, path, NEON, ADMIN)

    assert refused.value.facts["problems"]
    assert await stores.entries.in_state(SPACE, "pending") == ()


async def test_a_card_that_claims_another_base_is_refused(shelf: Shelf, lora: Lora) -> None:
    facts = NEON.model_copy(update={"family": "sdxl"})

    with pytest.raises(BadLoraFile) as refused:
        await shelf.add(SPACE, lora(), facts, ADMIN)

    assert "miniature" in str(refused.value.facts["problems"])


async def test_a_file_over_the_cap_is_refused(stores: Stores, lora: Lora) -> None:
    tiny = Shelf(blobs=stores.blobs, entries=stores.entries, clock=lambda: NOW, cap_bytes=100)

    with pytest.raises(BadRequest):
        await tiny.add(SPACE, lora(), NEON, ADMIN)


def test_a_wrong_card_file_is_named_with_its_field() -> None:
    with pytest.raises(BadRequest) as refused:
        facts_from_json('{"name": "A", "kind": "poem"}', "a.json")

    assert refused.value.facts["name"] == "kind of a.json"


@pytest.fixture
def furniture(tmp_path: Path, lora: Lora) -> Path:
    """A folder laid out like the miniature's."""
    folder = tmp_path / "miniature"
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "model_index.json").write_text("{}")
    (folder / "loras").mkdir()
    lora("neon.safetensors").rename(folder / "loras" / "neon.safetensors")
    card = {
        "name": "Neon",
        "kind": "style",
        "family": "miniature",
        "triggers": [{"word": "nuvo neon", "role": "required"}],
        "figures": {"1.0": 0.9},
    }
    (folder / "loras" / "neon.json").write_text(json.dumps(card))
    return folder


async def test_the_demo_furnishes_new_spaces_and_may_be_repeated(
    shelf: Shelf, stores: Stores, furniture: Path
) -> None:
    new, bare = SpaceId("local:demo"), SpaceId("local:bare")
    where = {SPACE: None, new: frozenset({"Neon"}), bare: frozenset({"Zib"})}
    await demo.furnish(shelf, stores.bases, stores.spaces, where, folder=furniture)
    names = await demo.furnish(shelf, stores.bases, stores.spaces, where, folder=furniture)

    assert names == ("Neon",)
    assert [base.name for base in await stores.bases.all()] == ["miniature"]
    for space in (SPACE, new):
        assert [card.name for card in await stores.entries.cards(space)] == ["Neon"]
    assert await stores.entries.cards(bare) == ()


async def test_the_demo_without_its_base_says_how_to_get_it(
    shelf: Shelf, stores: Stores, furniture: Path
) -> None:
    (furniture / "base" / "model_index.json").unlink()

    with pytest.raises(BaseBroken) as broken:
        await demo.furnish(shelf, stores.bases, stores.spaces, {SPACE: None}, folder=furniture)

    assert "make miniature" in str(broken.value.facts["problem"])


async def test_a_program_that_was_moved_finds_its_base_again(
    stores: Stores, furniture: Path, tmp_path: Path
) -> None:
    gone = Base(name="miniature", family="miniature", folder=str(tmp_path / "gone"))
    await stores.bases.put(gone)
    await demo.find_again(stores.bases, folder=furniture)
    assert [base.folder for base in await stores.bases.all()] == [str(furniture / "base")]


async def test_a_base_of_the_host_by_that_name_is_left_alone(
    stores: Stores, furniture: Path
) -> None:
    own = Base(name="miniature", family="sd1", folder="/bases/own")
    await stores.bases.put(own)
    await demo.find_again(stores.bases, folder=furniture)
    assert await stores.bases.all() == (own,)
