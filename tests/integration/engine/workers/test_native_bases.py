"""SD 3, SD 3.5 and FLUX.1 as people download them: added by the shelf, drawn as their folder.

Weights are random and narrow. diffusers' converter of FLUX takes its width for granted: it runs
here with that one number changed, and as it is in the long run (ATELIER_LONG_RUN).
"""

import inspect
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import FluxTransformer2DModel
from diffusers.loaders import single_file_model, single_file_utils

from engine.bases.shelf import BaseShelf, Wanted
from engine.errors import BadBase, BaseBroken
from engine.families import FAMILIES
from engine.families.architectures.flux import Flux
from engine.families.architectures.mmdit import Mmdit
from engine.families.facts import Fingerprint
from engine.families.layers import Architecture
from engine.messages import Base
from engine.storage.bases import BaseStore
from engine.storage.database import Database
from engine.storage.migration import upgrade
from engine.workers.loading import load
from engine.workers.miniature.random_bases import build
from tests.integration.engine.bases.test_shelf import NoHub
from tests.integration.engine.workers.checkpoints import (
    State,
    all_in_one,
    in_eight_bits,
    native_transformer,
    saved,
)
from tests.integration.engine.workers.conftest import CPU, plan
from tests.integration.engine.workers.test_loading import picture

WIDTH = 64
LAYOUTS: dict[str, Architecture] = {
    "sd3": Mmdit(blocks=2, width=WIDTH, context=64, pooled=64),
    "sd35": Mmdit(blocks=2, width=WIDTH, dual=1, context=64, pooled=64),
    "flux": Flux(double=2, single=2, width=WIDTH, context=32, pooled=32),
}
FAMILY_OF = {"sd3": "sd3-medium", "sd35": "sd35-medium", "flux": "flux1"}
KNOWN = {FAMILY_OF[name]: Fingerprint(denoiser=layout) for name, layout in LAYOUTS.items()}


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The converter of FLUX that diffusers has, at the width of the models here."""
    source = inspect.getsource(single_file_utils.convert_flux_transformer_checkpoint_to_diffusers)
    assert source.count("inner_dim = 3072") == 1
    place: dict[str, Any] = {"torch": torch}
    exec(source.replace("inner_dim = 3072", f"inner_dim = {WIDTH}"), place)  # noqa: S102  # diffusers' code
    row = single_file_model.SINGLE_FILE_LOADABLE_CLASSES["FluxTransformer2DModel"]
    own = place["convert_flux_transformer_checkpoint_to_diffusers"]
    monkeypatch.setitem(row, "checkpoint_mapping_fn", own)


@dataclass(frozen=True)
class Original:
    """A random base, and its folder with weights and without."""

    layout: str
    pipe: Any
    folder: Path
    settings: Path

    @property
    def family(self) -> str:
        return FAMILY_OF[self.layout]

    def native(self) -> State:
        maker = "flux" if self.layout == "flux" else "sd3"
        return native_transformer(self.pipe.transformer, LAYOUTS[self.layout], maker)


def original(layout: str, place: Path) -> Original:
    pipe = build(layout, 3)
    if layout != "flux":
        # What diffusers gives CLIP-L of SD 3: nothing is projected there.
        torch.nn.init.eye_(pipe.text_encoder.text_projection.weight)
    folder, settings = place / "folder", place / "settings"
    pipe.save_pretrained(folder)
    shutil.copytree(folder, settings)
    for file in settings.rglob("*.safetensors*"):
        file.unlink()
    return Original(layout, pipe, folder, settings)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Original]:
    return {layout: original(layout, tmp_path_factory.mktemp(layout)) for layout in LAYOUTS}


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[BaseShelf]:
    url = f"sqlite:///{tmp_path / 'atelier.db'}"
    await upgrade(url)
    database = await Database.open(url)
    yield BaseShelf(BaseStore(database), tmp_path / "bases", NoHub(), known=KNOWN)
    await database.close()


@torch.inference_mode()
def drawn(base: Base, change: State | None = None) -> torch.Tensor:
    pipeline = load(base, FAMILIES.get(base.family), CPU)
    if change is not None:
        pipeline.parts.transformer.load_state_dict(change)
    asked = plan(base=base.name, family=base.family, steps=1, scheduler="Flow Euler")
    return picture(pipeline, asked)


def of_folder(whole: Original, change: State | None = None) -> torch.Tensor:
    return drawn(Base(name="b", family=whole.family, folder=str(whole.folder)), change)


def assert_same(found: torch.Tensor, expected: torch.Tensor) -> None:
    assert (expected.max() - expected.min()) > 0.01, "a flat picture proves nothing"
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("layout", list(LAYOUTS))
async def test_an_all_in_one_file_draws_as_its_folder(
    layout: str, originals: dict[str, Original], shelf: BaseShelf, tmp_path: Path
) -> None:
    whole = originals[layout]
    state = all_in_one(whole.pipe, whole.native(), ("clip_l", "clip_g", "t5xxl"))
    file = saved(state, tmp_path / "all.safetensors")
    added = await shelf.add(Wanted(file, parts=str(whole.settings)))
    assert (added.base.family, added.base.form) == (whole.family, "single-file")
    assert_same(drawn(added.base), of_folder(whole))


@pytest.mark.parametrize("layout", list(LAYOUTS))
async def test_a_transformer_alone_draws_with_the_parts_of_a_base(
    layout: str, originals: dict[str, Original], shelf: BaseShelf, tmp_path: Path
) -> None:
    whole = originals[layout]
    await shelf.add(Wanted(whole.folder, name="whole"))
    other = build(layout, 4)
    maker = "flux" if layout == "flux" else "sd3"
    state = native_transformer(other.transformer, LAYOUTS[layout], maker)
    front = "" if layout == "flux" else "diffusion_model."
    file = saved({front + key: one for key, one in state.items()}, tmp_path / "unet.safetensors")
    added = await shelf.add(Wanted(file))
    assert added.base.folder == str(whole.folder)
    assert_same(drawn(added.base), of_folder(whole, other.transformer.state_dict()))


@pytest.mark.parametrize(
    ("end", "by_row"),
    [("scale_weight", False), ("weight_scale", True)],
    ids=["ComfyUI's scales", "a scale for each row"],
)
async def test_layers_in_eight_bits_are_read_with_their_scales(
    end: str, by_row: bool, originals: dict[str, Original], shelf: BaseShelf, tmp_path: Path
) -> None:
    whole = originals["flux"]
    written, _ = in_eight_bits(whole.native(), end, by_row=by_row)
    written["scaled_fp8"] = torch.zeros(2, dtype=torch.float8_e4m3fn)
    written |= {"img_in.scale_input": torch.ones(()), "img_in.comfy_quant": torch.zeros(3).byte()}
    file = saved(written, tmp_path / "fp8.safetensors")
    added = await shelf.add(Wanted(file, parts=str(whole.folder)))
    found = load(added.base, FAMILIES.get("flux1"), CPU).parts.transformer.state_dict()
    for name, tensor in whole.pipe.transformer.state_dict().items():
        # Three bits behind the point: a sixteenth of the number, or of the smallest step.
        most = tensor.abs().max() / 448 if tensor.ndim == 2 else 1e-6
        torch.testing.assert_close(found[name], tensor, rtol=1 / 15, atol=float(most))
    assert 0 < (drawn(added.base) - of_folder(whole)).abs().mean() < 0.05


async def test_layers_in_eight_bits_without_scales_are_read_as_they_are(
    originals: dict[str, Original], shelf: BaseShelf, tmp_path: Path
) -> None:
    whole = originals["sd35"]
    small = {name: one.to(torch.float8_e4m3fn) for name, one in whole.native().items()}
    state = all_in_one(whole.pipe, small, ("clip_l", "clip_g", "t5xxl"), "first_stage_model.")
    file = saved(state, tmp_path / "fp8.safetensors")
    added = await shelf.add(Wanted(file, parts=str(whole.settings)))
    meant = {
        name: one.to(torch.float8_e4m3fn).float()
        for name, one in whole.pipe.transformer.state_dict().items()
    }
    assert_same(drawn(added.base), of_folder(whole, meant))


async def test_sd3_without_its_largest_encoder_draws_and_says_so(
    originals: dict[str, Original], shelf: BaseShelf, tmp_path: Path
) -> None:
    whole = originals["sd3"]
    state = all_in_one(whole.pipe, whole.native(), ("clip_l", "clip_g"))
    file = saved(state, tmp_path / "clips.safetensors")
    added = await shelf.add(Wanted(file, parts=str(whole.settings)))
    assert any("text_encoder_3" in note for note in added.notes)
    pipeline = load(added.base, FAMILIES.get("sd3-medium"), CPU)
    assert pipeline.parts.text_encoder_3 is None
    assert drawn(added.base).std() > 0


@pytest.mark.parametrize(
    ("parts", "gone", "told"),
    [
        (("clip_l", "t5xxl"), "", "text_encoder_2"),
        (("clip_l", "clip_g", "t5xxl"), "vae", "vae"),
        ((), "", "text_encoder, text_encoder_2"),
    ],
)
async def test_what_is_neither_in_the_file_nor_beside_it_is_named(
    parts: tuple[str, ...], gone: str, told: str, originals: dict[str, Original],
    shelf: BaseShelf, tmp_path: Path,
) -> None:  # fmt: skip
    whole = originals["sd3"]
    state = all_in_one(whole.pipe, whole.native(), parts)
    state = {name: one for name, one in state.items() if not gone or not name.startswith(gone)}
    file = saved(state, tmp_path / "some.safetensors")
    with pytest.raises(BadBase) as refused:
        await shelf.add(Wanted(file, parts=str(whole.settings)))
    assert f"no weights for {told} " in str(refused.value.facts["problem"])
    assert "--parts" in str(refused.value.facts["cure"])


@pytest.mark.parametrize(
    ("name", "tensor", "told"),
    [
        ("img_in.weight.absmax", torch.zeros(4), "bitsandbytes"),
        ("img_in.qweight", torch.zeros(4, 4), "Nunchaku"),
        ("img_in.weight", torch.zeros(4, 4, dtype=torch.uint8), "U8"),
        ("img_in.weight_scale", torch.zeros(64, 2), "blocks"),
    ],
)
async def test_a_file_packed_in_a_way_that_nothing_here_reads_is_refused(
    name: str, tensor: torch.Tensor, told: str, originals: dict[str, Original],
    shelf: BaseShelf, tmp_path: Path,
) -> None:  # fmt: skip
    whole = originals["flux"]
    file = saved(whole.native() | {name: tensor}, tmp_path / "packed.safetensors")
    with pytest.raises(BadBase, match=told) as refused:
        await shelf.add(Wanted(file, parts=str(whole.folder)))
    assert "GGUF" in str(refused.value.facts["cure"])


async def test_a_part_that_went_away_later_is_named(
    originals: dict[str, Original], tmp_path: Path
) -> None:
    whole = originals["flux"]
    file = saved(whole.native(), tmp_path / "unet.safetensors")
    base = Base(name="b", family="flux1", folder=str(whole.settings), file=str(file))
    with pytest.raises(BaseBroken, match="text_encoder, text_encoder_2, vae"):
        load(base, FAMILIES.get("flux1"), CPU)


@pytest.mark.skipif("ATELIER_LONG_RUN" not in os.environ, reason="a gigabyte of weights")
async def test_flux_at_its_true_width_draws_as_its_folder(
    shelf: BaseShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    layout = Flux(double=1, single=1, context=32, pooled=32)
    pipe = build("flux", 3)
    config = dict(pipe.transformer.config)
    config |= {"num_layers": 1, "num_single_layers": 1, "attention_head_dim": 128}
    config |= {"num_attention_heads": 24, "axes_dims_rope": (16, 56, 56)}
    del config["_use_default_values"]
    pipe.transformer = FluxTransformer2DModel.from_config(config)
    pipe.save_pretrained(tmp_path / "folder")
    state = native_transformer(pipe.transformer, layout, "flux")
    file = saved(state, tmp_path / "flux.safetensors")
    wide = replace(shelf, known={"flux1": Fingerprint(denoiser=layout)})
    added = await wide.add(Wanted(file, parts=str(tmp_path / "folder")))
    folder = Base(name="b", family="flux1", folder=str(tmp_path / "folder"))
    assert_same(drawn(added.base), drawn(folder))
