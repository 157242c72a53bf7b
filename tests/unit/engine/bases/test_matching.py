"""Which family a base is of, told by the names and shapes of its denoiser."""

import pytest

from engine.bases.matching import best, layers_in, matched
from engine.families import FAMILIES
from engine.families.known import fingerprints
from engine.families.layers import Layer, Layers


def shapes_of(layers: Layers, front: str = "") -> dict[str, tuple[int, ...]]:
    return {
        f"{front}{name}.weight": (layer.outputs, layer.inputs, *(layer.kernel or ()))
        for name, layer in layers.items()
    }


def denoiser(family: str, *, native: bool = False) -> dict[str, Layer]:
    own = fingerprints()[family].denoiser
    assert own is not None
    if native:
        return {name: layer.layer for name, layer in own.native().items()}
    return dict(own.layers())


@pytest.mark.parametrize("family", list(FAMILIES))
def test_a_folder_of_each_family_is_told(family: str) -> None:
    match = best(layers_in(shapes_of(denoiser(family))), fingerprints(), FAMILIES)
    assert match is not None
    assert (match.family, match.is_whole) == (family, True)


@pytest.mark.parametrize("family", ["sd1", "sdxl", "sd3-medium", "flux1"])
def test_a_checkpoint_under_the_makers_names_is_told(family: str) -> None:
    shapes = shapes_of(denoiser(family, native=True), "model.diffusion_model.")
    shapes |= {"first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3)}
    match = best(layers_in(shapes), fingerprints(), FAMILIES)
    assert match is not None
    assert (match.family, match.is_whole) == (family, True)


def test_other_names_of_the_same_rows_are_not_asked_for() -> None:
    layers = denoiser("flux1", native=True)
    as_downloaded = {
        name: layer
        for name, layer in layers.items()
        if not name.endswith(("to_qkv", "to_added_qkv", "linear1_qkv"))
    }
    assert len(as_downloaded) < len(layers)
    assert matched(as_downloaded, fingerprints()["flux1"], "flux1").is_whole


def test_a_pruned_base_names_what_is_missing() -> None:
    layers = denoiser("sdxl")
    del layers["mid_block.attentions.0.proj_in"]
    match = matched(layers, fingerprints()["sdxl"], "sdxl")
    assert not match.is_whole
    assert match.found == match.of - 1
    assert match.differs == "mid_block.attentions.0.proj_in is missing, not 1280 to 1280"


def test_a_width_that_differs_is_named() -> None:
    layers = denoiser("sd1") | {"conv_in": Layer(9, 320, (3, 3))}
    match = matched(layers, fingerprints()["sd1"], "sd1")
    assert match.differs == "conv_in is 9 to 320 3x3, not 4 to 320 3x3"


def test_nothing_alike_is_no_match() -> None:
    assert best({"lm_head": Layer(10, 10)}, fingerprints()) is None
