"""Every form that people have a base in draws the same picture as its diffusers folder."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.errors import BaseBroken
from engine.families import FAMILIES
from engine.families.architectures.unet import Unet
from engine.families.footprint import Fit
from engine.messages import Base, JobId, Plan
from engine.workers.loading import load
from engine.workers.loop import Loop
from engine.workers.lora import Shelf, Stacks
from engine.workers.miniature.random_bases import build
from engine.workers.pipelines.pipeline import Pipeline
from engine.workers.rows import encode, rows_of
from engine.workers.seams import Seams
from tests.integration.engine.workers.checkpoints import checkpoint
from tests.integration.engine.workers.conftest import CPU, plan
from tests.integration.engine.workers.loras import lora_file, modules_by_suffix

FAMILY_OF = {"sd1": "sd1", "sd2": "sd2", "sdxl": "sdxl", "sd3": "sd3-medium", "flux": "flux1"}
UNETS = {
    "sd1": Unet(channels=(32, 64), depths=(1, 0), mid_depth=1, context=32, resnets=1),
    "sd2": Unet(
        channels=(32, 64), depths=(1, 0), mid_depth=1, context=64, resnets=1,
        linear_projection=True,
    ),
    "sdxl": Unet(
        channels=(32, 64, 64), depths=(0, 1, 2), mid_depth=2, context=96, resnets=1,
        linear_projection=True, added=112,
    ),
}  # fmt: skip
SETTINGS = (".json", ".txt")


@dataclass(frozen=True)
class Saved:
    """A random base on disk, as a folder with everything."""

    layout: str
    folder: Path

    def base(self, **changes: object) -> Base:
        told = {"name": "b", "family": FAMILY_OF[self.layout], "folder": str(self.folder)}
        return Base.model_validate(told | changes)

    def plan(self) -> Plan:
        is_flow = self.layout in ("sd3", "flux")
        return plan(
            base="b", family=FAMILY_OF[self.layout], steps=2,
            scheduler="Flow Euler" if is_flow else "Euler",
        )  # fmt: skip

    def settings_alone(self, folder: Path) -> Path:
        """The same folder without any weights."""
        shutil.copytree(
            self.folder, folder,
            ignore=lambda place, names: [
                name for name in names
                if (Path(place) / name).is_file() and not name.endswith(SETTINGS)
            ],
        )  # fmt: skip
        for index in folder.rglob("*.index.json"):
            index.unlink()
        return folder


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Saved]:
    found = {}
    for layout in FAMILY_OF:
        folder = tmp_path_factory.mktemp(layout)
        build(layout, 3).save_pretrained(folder)
        found[layout] = Saved(layout, folder)
    return found


@torch.inference_mode()
def picture(pipeline: Pipeline, asked: Plan) -> torch.Tensor:
    loop = Loop(pipeline, Seams(pipeline.roots))
    (row,) = rows_of(JobId("j"), asked, pipeline, encode(pipeline, asked))
    loop.join([row])
    while loop.rows:
        loop.tick()
    return pipeline.decode(row.latents)


def drawn(base: Base, asked: Plan, fit: Fit | None = None) -> torch.Tensor:
    return picture(load(base, FAMILIES.get(base.family), CPU, fit), asked)


def assert_alike(found: torch.Tensor, expected: torch.Tensor) -> None:
    assert (expected.max() - expected.min()) > 0.01, "a flat picture proves nothing"
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("layout", list(UNETS))
def test_a_checkpoint_in_one_file_draws_as_its_folder(
    layout: str, saved: dict[str, Saved], tmp_path: Path
) -> None:
    whole = saved[layout]
    file = checkpoint(build(layout, 3), UNETS[layout], tmp_path / "base.safetensors")
    settings = whole.settings_alone(tmp_path / "settings")
    found = drawn(whole.base(folder=str(settings), file=str(file)), whole.plan())
    assert_alike(found, drawn(whole.base(), whole.plan()))


@pytest.mark.parametrize("layout", ["sd3", "flux"])
def test_a_denoiser_alone_draws_with_the_rest_of_a_folder(
    layout: str, saved: dict[str, Saved], tmp_path: Path
) -> None:
    whole = saved[layout]
    file = tmp_path / "transformer.safetensors"
    save_file(build(layout, 4).transformer.state_dict(), file)
    found = drawn(whole.base(file=str(file)), whole.plan())
    expected = load(whole.base(), FAMILIES.get(FAMILY_OF[layout]), CPU)
    expected.parts.transformer.load_state_dict(build(layout, 4).transformer.state_dict())
    assert_alike(found, picture(expected, whole.plan()))


def test_a_variant_of_the_weights_is_read(saved: dict[str, Saved], tmp_path: Path) -> None:
    whole = saved["sdxl"]
    build("sdxl", 3).save_pretrained(tmp_path, variant="fp16")
    assert not list(tmp_path.rglob("model.safetensors"))
    found = drawn(whole.base(folder=str(tmp_path), variant="fp16"), whole.plan())
    assert_alike(found, drawn(whole.base(), whole.plan()))


def test_weights_in_several_files_are_read(saved: dict[str, Saved], tmp_path: Path) -> None:
    whole = saved["flux"]
    build("flux", 3).save_pretrained(tmp_path, max_shard_size="200KB")
    assert len(list((tmp_path / "transformer").glob("*-of-*.safetensors"))) > 1
    found = drawn(whole.base(folder=str(tmp_path)), whole.plan())
    assert_alike(found, drawn(whole.base(), whole.plan()))


def test_a_pickle_in_a_folder_is_not_opened(saved: dict[str, Saved], tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(saved["sd1"].folder, folder)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save({"a": torch.zeros(1)}, weights.with_suffix(".bin"))
    weights.unlink()
    with pytest.raises(BaseBroken):
        load(saved["sd1"].base(folder=str(folder)), FAMILIES.get("sd1"), CPU)


def test_a_pickle_beside_a_folder_is_not_opened(saved: dict[str, Saved], tmp_path: Path) -> None:
    file = tmp_path / "base.ckpt"
    torch.save({"a": torch.zeros(1)}, file)
    with pytest.raises(BaseBroken, match=r"base\.ckpt is a pickle"):
        load(saved["sd1"].base(file=str(file)), FAMILIES.get("sd1"), CPU)


def test_code_in_a_folder_is_not_run(saved: dict[str, Saved], tmp_path: Path) -> None:
    folder = tmp_path / "coded"
    shutil.copytree(saved["sd1"].folder, folder)
    mark = tmp_path / "ran"
    code = f"from pathlib import Path\nPath({str(mark)!r}).touch()\n"
    (folder / "pipeline.py").write_text(code)
    index = json.loads((folder / "model_index.json").read_text())
    index["_class_name"] = ["pipeline", "StableDiffusionPipeline"]
    (folder / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(BaseBroken, match="custom code"):
        load(saved["sd1"].base(folder=str(folder)), FAMILIES.get("sd1"), CPU)
    assert not mark.exists()


def test_numbers_kept_in_eight_bits_draw_nearly_the_same(saved: dict[str, Saved]) -> None:
    whole = saved["flux"]
    pipeline = load(whole.base(dtype="fp8"), FAMILIES.get("flux1"), CPU)
    kept = {each.dtype for each in pipeline.denoiser.parameters()}
    assert torch.float8_e4m3fn in kept
    assert pipeline.dtype == torch.float32
    found, expected = picture(pipeline, whole.plan()), drawn(whole.base(), whole.plan())
    assert 0 < (found - expected).abs().mean() < 0.05


def test_loras_act_on_a_base_kept_in_eight_bits(saved: dict[str, Saved], tmp_path: Path) -> None:
    pipeline = load(saved["flux"].base(dtype="fp8"), FAMILIES.get("flux1"), CPU)
    seams = Seams(pipeline.roots)
    path = "transformer.transformer_blocks.0.attn.to_q"
    tensors = {
        f"{path}.lora_A.weight": torch.ones(2, 64),
        f"{path}.lora_B.weight": torch.ones(64, 2),
    }
    shelf = Shelf(read=lambda _file: modules_by_suffix(tensors))
    stack = Stacks(shelf, seams).get([lora_file(tmp_path / "a.safetensors", tensors, 1.0)])
    assert {share.down.dtype for share in stack.layers.values()} == {torch.float32}


def test_tiles_are_switched_on_where_the_fit_says_so(saved: dict[str, Saved]) -> None:
    whole = saved["sdxl"]
    fit = Fit("fp32", tiles_vae=True)
    pipeline = load(whole.base(), FAMILIES.get("sdxl"), CPU, fit)
    assert pipeline.parts.vae.use_tiling
    assert_alike(picture(pipeline, whole.plan()), drawn(whole.base(), whole.plan()))


def test_without_its_package_a_quantised_file_is_refused_with_the_cure(
    saved: dict[str, Saved], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "flux.gguf"
    file.write_bytes(b"GGUF")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(BaseBroken, match="pip install gguf"):
        load(saved["flux"].base(file=str(file)), FAMILIES.get("flux1"), CPU)
