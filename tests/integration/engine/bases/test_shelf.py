"""Bases are told by their headers, kept as versions, served, pinned and forgotten."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import engine
from engine.bases.parts import merge_lines, vocabulary
from engine.bases.shelf import (
    REPOSITORY,
    BaseShelf,
    Fetched,
    Offer,
    Tick,
    Wanted,
    hash_of,
    silent,
)
from engine.bases.sources import REPOSITORIES
from engine.errors import BadBase, BadRequest, NotFound
from engine.families import FAMILIES
from engine.families.known import fingerprints
from engine.messages import Base, SpaceId
from engine.storage.bases import BaseStore
from engine.storage.database import Database
from tests.fakes.engine_room import TEMPLATE

MINIATURE = Path(engine.__file__).parent / "miniature" / "base"
SPACE = SpaceId("web:studio")


@dataclass
class NoHub:
    """A hub that only forgets."""

    forgotten: list[tuple[str, str]] = field(default_factory=list)

    async def offer(
        self, repository: str, revision: str = "", variant: str = "", file: str = ""
    ) -> Offer:
        raise NotImplementedError

    async def fetch(self, offer: Offer, tick: Tick = silent) -> Fetched:
        raise NotImplementedError

    async def forget(self, source: str, revision: str) -> int:
        self.forgotten.append((source, revision))
        return 7


def hash_of_small(files: tuple[Path, ...], root: Path, tick: Tick) -> tuple[str, int]:
    """Bytes of files that are as long as real ones are not read: they are all zero."""
    small = sum(file.stat().st_size for file in files) < 1 << 28
    return hash_of(files, root, tick) if small else (str(root), 1)


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[BaseShelf]:
    url = f"sqlite:///{tmp_path / 'atelier.db'}"
    await TEMPLATE.furnish(tmp_path)
    database = await Database.open(url)
    yield BaseShelf(BaseStore(database), tmp_path / "bases", NoHub(), hash_of=hash_of_small)
    await database.close()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MINIATURE, tmp_path / "copied"))


def ldm_checkpoint(
    folder: Path,
    family: str,
    metadata: dict[str, str] | None = None,
    *,
    whole: bool = True,
    without: str = "-",
) -> Path:
    """A checkpoint with every name of a family's denoiser: shapes are real, bytes are few."""
    denoiser = fingerprints()[family].denoiser
    assert denoiser is not None
    front = "model.diffusion_model." if whole else ""
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    at = 0
    native = denoiser.native()
    named = {name: each.layer for name, each in native.items()}
    covered = {piece.path for each in native.values() for piece in each.pieces}
    # Some layers are called by their makers as diffusers calls them.
    named |= {path: each for path, each in denoiser.layers().items() if path not in covered}
    shapes = {
        f"{front}{name}.weight": (each.outputs, each.inputs, *(each.kernel or ()))
        for name, each in named.items()
    }
    if whole:
        shapes |= {f"conditioner.embedders.{number}.a.weight": (1, 1) for number in (0, 1)}
        shapes |= {"first_stage_model.decoder.conv_in.weight": (1, 1)}
    shapes = {name: shape for name, shape in shapes.items() if not name.startswith(without)}
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        header[name] = {"dtype": "F8_E4M3", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    file = folder / f"{family}.safetensors"
    with file.open("wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        out.truncate(8 + len(text) + at)
    return file


async def test_a_folder_is_told_by_its_layers(shelf: BaseShelf, copied: Path) -> None:
    added = await shelf.add(Wanted(copied, name="Mini One"))
    base = added.base
    assert (base.name, base.family, base.version, base.form) == (
        "mini-one", "miniature", 1, "folder",
    )  # fmt: skip
    assert added.serves
    assert base.folder == str(copied)
    assert base.size_bytes == sum(file.stat().st_size for file in copied.rglob("*.safetensors"))


async def test_adding_the_same_again_changes_nothing(shelf: BaseShelf, copied: Path) -> None:
    await shelf.add(Wanted(copied, name="m"))
    again = await shelf.add(Wanted(copied, name="m"))
    assert (again.base.version, again.serves, len(await shelf.list())) == (1, True, 1)


async def test_an_old_version_serves_until_the_new_one_is_pinned(
    shelf: BaseShelf, copied: Path
) -> None:
    await shelf.add(Wanted(MINIATURE, name="m"))
    newer = await shelf.add(Wanted(copied, name="m"))
    assert (newer.base.version, newer.serves) == (2, False)
    assert [base.version for base in await shelf.bases.all()] == [1]
    await shelf.pin("m", 2)
    assert [base.version for base in await shelf.bases.all()] == [2]


async def test_a_space_stays_with_its_version(shelf: BaseShelf, copied: Path) -> None:
    await shelf.add(Wanted(MINIATURE, name="m"))
    await shelf.add(Wanted(copied, name="m"))
    await shelf.pin("m", 1, SPACE)
    await shelf.pin("m", 2)

    async def served(space: SpaceId) -> int:
        base = await shelf.bases.get("m", space)
        assert base is not None
        return base.version

    assert (await served(SPACE), await served(SpaceId("web:other"))) == (1, 2)
    assert [(each.base.version, each.serves, each.spaces) for each in await shelf.list()] == [
        (1, False, (SPACE,)), (2, True, ()),
    ]  # fmt: skip
    assert await shelf.unpin("m", SPACE)
    assert await served(SPACE) == 2


async def test_a_removed_version_hands_over_and_its_files_stay(
    shelf: BaseShelf, copied: Path
) -> None:
    await shelf.add(Wanted(MINIATURE, name="m"))
    await shelf.add(Wanted(copied, name="m"))
    await shelf.pin("m", 2)
    await shelf.pin("m", 2, SPACE)
    assert await shelf.remove(await shelf.find("m")) == 0
    serving = await shelf.bases.get("m", SPACE)
    assert serving is not None
    assert serving.version == 1
    assert (copied / "model_index.json").is_file()
    await shelf.remove(await shelf.find("m", 1))
    assert await shelf.bases.all() == ()


async def test_only_a_download_that_nobody_else_uses_is_deleted(shelf: BaseShelf) -> None:
    hub = shelf.hub
    assert isinstance(hub, NoHub)
    wanted = Wanted(MINIATURE, source="hub:a/b", revision="1")
    one = (await shelf.add(replace(wanted, name="one"))).base
    two = (await shelf.add(replace(wanted, name="two"))).base
    assert await shelf.remove(one, with_download=True) == 0
    assert hub.forgotten == []
    assert await shelf.remove(two, with_download=True) == 7
    assert hub.forgotten == [("hub:a/b", "1")]


async def test_a_checkpoint_brings_its_settings_along(shelf: BaseShelf, tmp_path: Path) -> None:
    said = {"modelspec.title": "Pony Diffusion V6", "modelspec.prediction_type": "v"}
    file = ldm_checkpoint(tmp_path, "sdxl", said)
    base = (await shelf.add(Wanted(file, name="pony"))).base
    assert (base.family, base.sub_family, base.form) == ("sdxl", "pony", "single-file")
    folder = Path(base.folder)
    assert json.loads((folder / "unet/config.json").read_text())["cross_attention_dim"] == 2048
    scheduler = json.loads((folder / "scheduler/scheduler_config.json").read_text())
    assert scheduler["prediction_type"] == "v_prediction"
    words = json.loads((folder / "tokenizer_2/vocab.json").read_text(encoding="utf-8"))
    assert words["<|endoftext|>"] == 49407


async def test_a_denoiser_alone_needs_the_rest(shelf: BaseShelf, tmp_path: Path) -> None:
    file = ldm_checkpoint(tmp_path, "flux1", whole=False)
    with pytest.raises(BadBase, match="text encoders") as refused:
        await shelf.add(Wanted(file))
    assert refused.value.facts["cure"] == (
        "Add a whole flux1 base first, or name a folder with these parts: --parts. On the hub "
        "black-forest-labs/FLUX.1-dev has them: text_encoder, text_encoder_2, tokenizer, "
        "tokenizer_2, vae"
    )
    await shelf.bases.put(Base(name="whole", family="flux1", folder=str(MINIATURE)))
    for parts in ("", "whole", str(MINIATURE)):
        assert (await shelf.add(Wanted(file, parts=parts))).base.folder == str(MINIATURE)


async def test_only_the_part_that_is_missing_is_named_with_where_it_is(
    shelf: BaseShelf, copied: Path, tmp_path: Path
) -> None:
    file = ldm_checkpoint(tmp_path, "sdxl", without="first_stage_model.")
    with pytest.raises(BadBase, match="it holds no autoencoder"):
        await shelf.add(Wanted(file))
    shutil.rmtree(copied / "vae")
    (copied / "vae").mkdir()
    with pytest.raises(BadBase, match="no weights for vae") as refused:
        await shelf.add(Wanted(file, parts=str(copied)))
    assert str(refused.value.facts["cure"]).endswith(
        "On the hub stabilityai/stable-diffusion-xl-base-1.0 has them: vae"
    )


def test_every_family_that_lacks_parts_has_a_repository_that_a_base_can_be_added_from() -> None:
    drawable = set(FAMILIES.all()) - {"miniature"}
    assert drawable == set(REPOSITORIES)
    assert all(REPOSITORY.match(each) for each in REPOSITORIES.values())


async def test_a_relative_with_other_layers_needs_the_hosts_word(
    shelf: BaseShelf, copied: Path
) -> None:
    weights = copied / "unet" / "diffusion_pytorch_model.safetensors"
    save_file({"conv_in.weight": np.zeros((64, 16, 3, 3), np.float32)}, weights)
    with pytest.raises(BadBase, match="nearest is miniature: 1 of") as refused:
        await shelf.add(Wanted(copied))
    assert refused.value.facts["cure"] == (
        "If it is a pruned or changed relative, say so: --family miniature"
    )
    added = await shelf.add(Wanted(copied, family="miniature"))
    assert "because you said so: 1 of" in added.notes[0]


async def test_a_base_that_nothing_draws_with_is_named(shelf: BaseShelf, tmp_path: Path) -> None:
    file = ldm_checkpoint(tmp_path, "wan-1.3b", whole=False)
    with pytest.raises(BadBase, match=r"it is wan-1\.3b, which nothing here can draw with"):
        await shelf.add(Wanted(file))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "model_index.json").unlink(), "no model_index"),
        (lambda folder: (folder / "model_index.json").write_text("[]"), "is no object"),
        (lambda folder: shutil.rmtree(folder / "vae"), "names vae, and there is no such folder"),
        (
            lambda folder: (folder / "unet/diffusion_pytorch_model.safetensors").rename(
                folder / "unet/diffusion_pytorch_model.bin"
            ),
            "unet/diffusion_pytorch_model.bin is a pickle",
        ),
        (
            lambda folder: (folder / "unet/diffusion_pytorch_model.safetensors").write_bytes(
                b"<html>"
            ),
            "not a whole safetensors file",
        ),
        (
            lambda folder: (folder / "unet/config.json").write_text(
                '{"quantization_config": {"quant_method": "bitsandbytes"}}'
            ),
            "its unet is packed by bitsandbytes",
        ),
        (
            lambda folder: (folder / "unet/diffusion_pytorch_model.safetensors").unlink(),
            "unet has no weights",
        ),
    ],
)
async def test_a_damaged_folder_is_refused_by_name(
    shelf: BaseShelf, copied: Path, spoil: object, told: str
) -> None:
    assert callable(spoil)
    spoil(copied)
    with pytest.raises(BadBase) as refused:
        await shelf.add(Wanted(copied))
    assert told in str(refused.value.facts["problem"])
    assert refused.value.facts["cure"]


async def test_what_is_not_there_is_told(shelf: BaseShelf, tmp_path: Path) -> None:
    with pytest.raises(BadBase, match="nothing is there"):
        await shelf.add(Wanted(tmp_path / "none"))
    with pytest.raises(NotFound):
        await shelf.find("none")
    await shelf.add(Wanted(MINIATURE, name="m"))
    with pytest.raises(BadRequest, match="for m: 1"):
        await shelf.pin("m", 9)


async def test_a_version_whose_files_are_gone_is_not_pinned(shelf: BaseShelf, copied: Path) -> None:
    await shelf.add(Wanted(MINIATURE, name="m"))
    await shelf.add(Wanted(copied, name="m"))
    shutil.rmtree(copied)
    with pytest.raises(BadBase, match="its folder is gone"):
        await shelf.pin("m", 2)
    assert [each.problem for each in await shelf.list()] == ["", "its folder is gone"]


def test_the_vocabulary_is_that_of_clip() -> None:
    words = vocabulary(merge_lines())
    assert len(words) == 49408
    known = {"!": 0, "a</w>": 320, "cat</w>": 2368, "photo</w>": 1125, "<|startoftext|>": 49406}
    assert {word: words[word] for word in known} == known


async def test_a_few_step_base_is_told_by_its_repository_and_says_so(
    shelf: BaseShelf, tmp_path: Path
) -> None:
    file = ldm_checkpoint(tmp_path, "sdxl")
    added = await shelf.add(Wanted(file, name="quick", source="hub:stabilityai/sdxl-turbo"))
    assert added.base.distilled == "sdxl-turbo"
    (note,) = added.notes
    assert "SDXL Turbo (4 steps, guidance 1" in note
    assert "called sdxl-turbo; --distilled no" in note
    kept = await shelf.find("quick")
    assert kept.distilled == "sdxl-turbo"


async def test_a_few_step_base_is_told_by_what_its_file_says(
    shelf: BaseShelf, tmp_path: Path
) -> None:
    file = ldm_checkpoint(tmp_path, "sdxl", {"modelspec.title": "My Pony Lightning"})
    added = await shelf.add(Wanted(file, name="one"))
    assert (added.base.sub_family, added.base.distilled) == ("pony", "lightning")


async def test_a_host_overrules_what_a_name_says(shelf: BaseShelf, tmp_path: Path) -> None:
    file = ldm_checkpoint(tmp_path, "sdxl")
    none = await shelf.add(Wanted(file, name="lightning-storm", distilled="no"))
    assert (none.base.distilled, none.notes) == ("", ())
    said = await shelf.add(Wanted(file, name="lightning-storm", distilled="hyper"))
    assert (said.base.distilled, said.base.version) == ("hyper", 2)
    with pytest.raises(BadRequest) as refused:
        await shelf.add(Wanted(file, name="x", distilled="sd-turbo"))
    assert "lightning" in str(refused.value.facts["valid"])
