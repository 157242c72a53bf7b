"""OFT, BOFT, GLoRA and (IA)3 do to a layer what LyCORIS and PEFT do, to float tolerance."""

import copy
from typing import Any

import pytest
import torch
from lycoris.modules.boft import ButterflyOFTModule
from lycoris.modules.diag_oft import DiagOFTModule
from lycoris.modules.glora import GLoRAModule
from lycoris.modules.ia3 import IA3Module
from peft import IA3Config, get_peft_model
from torch import Tensor, nn

from engine.formats.claim import Module
from engine.formats.endings import Algorithm, split
from engine.workers.layers import Share, placed, weighted
from engine.workers.turning import Turn, turn_of
from tests.integration.engine.workers.test_folding import (
    ALPHA,
    CLOSE,
    RANK,
    by_lycoris,
    conv,
    inputs_for,
    linear,
    ours,
)

Layer = nn.Linear | nn.Conv2d
LAYERS: dict[str, Layer] = {
    "linear": nn.Linear(24, 64), "bare": nn.Linear(24, 64, bias=False), "conv": conv(),
    "small": conv(1),
}  # fmt: skip


def turn(algorithm: Algorithm, saved: dict[str, Tensor], **more: Any) -> Turn:
    """What a worker keeps of these tensors."""
    tensors = {f"layer.{key}": value for key, value in saved.items()}
    parts = tuple((found[1], key) for key in tensors if (found := split(key)))
    assert len(parts) == len(tensors)
    module = Module(
        "unet.layer", "", "", more.pop("rank", 0), 0, 0, algorithm=algorithm, parts=parts, **more
    )
    return turn_of(module, tensors)


def share(layer: Layer, made: Turn, weight: float = 1.0) -> Share:
    assert made.problem_on(layer) == ""
    return weighted({"layer": placed(layer, made.share_on(layer))}, weight)["layer"]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("rescaled", [False, True])
@pytest.mark.parametrize("constraint", [0, 0.01])
@pytest.mark.parametrize("kind", [DiagOFTModule, ButterflyOFTModule])
def test_turned_weights_are_those_of_lycoris(
    name: str, rescaled: bool, constraint: float, kind: Any
) -> None:
    layer = LAYERS[name]
    algorithm: Algorithm = "oft" if kind is DiagOFTModule else "boft"
    expected, saved = by_lycoris(kind, layer, constraint=constraint, rescaled=rescaled)
    made = turn(algorithm, {**saved, "alpha": torch.tensor(constraint)})
    assert (ours(layer, share(layer, made)) - expected).abs().max() < CLOSE


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("tucker", [False, True])
def test_glora_is_that_of_lycoris(name: str, tucker: bool) -> None:
    layer = LAYERS[name]
    expected, saved = by_lycoris(GLoRAModule, layer, use_tucker=tucker)
    made = turn("glora", {**saved, "alpha": torch.tensor(ALPHA)}, rank=RANK)
    difference = (ours(layer, share(layer, made)) - expected).abs().max()
    assert difference < CLOSE * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("by_input", [False, True])
def test_ia3_is_that_of_lycoris(name: str, by_input: bool) -> None:
    layer = LAYERS[name]
    expected, saved = by_lycoris(IA3Module, layer, train_on_input=by_input)
    made = turn("ia3", {**saved, "on_input": torch.tensor(int(by_input))})
    assert (ours(layer, share(layer, made)) - expected).abs().max() < CLOSE


@pytest.mark.parametrize("forward", [[], ["layer"]], ids=["behind", "before"])
def test_ia3_of_peft_is_the_same_and_refused_where_it_scales_a_bias(forward: list[str]) -> None:
    layer = linear(bias=False)
    config = IA3Config(target_modules=["layer"], feedforward_modules=forward)
    whole = get_peft_model(nn.ModuleDict({"layer": copy.deepcopy(layer)}), config)
    scaled = whole.base_model.model["layer"]
    torch.manual_seed(3)
    nn.init.uniform_(scaled.ia3_l["default"], 0.5, 1.5)
    with torch.no_grad():
        expected = scaled(inputs_for(layer))
    made = turn("ia3", {"ia3_l": scaled.ia3_l["default"].detach()})
    assert (ours(layer, share(layer, made)) - expected).abs().max() < CLOSE
    has_bias = made.problem_on(linear())
    assert has_bias == ("" if forward else "it scales a bias, too")


def test_a_weight_scales_the_change_as_a_whole() -> None:
    layer = LAYERS["linear"]
    _, saved = by_lycoris(DiagOFTModule, layer)
    made = turn("oft", saved)
    still = ours(layer, share(layer, made, 0.0))
    whole = ours(layer, share(layer, made)) - still
    half = ours(layer, share(layer, made, 0.5)) - still
    assert (half - whole / 2).abs().max() < CLOSE


@pytest.mark.parametrize(
    ("algorithm", "saved"),
    [
        ("oft", {"oft_blocks": torch.zeros(4, 5, 5)}),
        ("boft", {"oft_blocks": torch.zeros(2, 4, 5, 5)}),
        ("ia3", {"weight": torch.zeros(7), "on_input": torch.tensor(0)}),
        ("ia3", {"weight": torch.zeros(40), "on_input": torch.tensor(1)}),
    ],
)
def test_what_has_another_width_is_told(algorithm: Algorithm, saved: dict[str, Tensor]) -> None:
    assert turn(algorithm, saved).problem_on(LAYERS["linear"])


def test_of_a_fused_layer_only_its_own_rows_are_taken() -> None:
    layer = linear()
    scales = torch.rand(120)
    rows = ((40, 80),)
    made = turn("ia3", {"weight": scales, "on_input": torch.tensor(0)}, rows=rows)
    expected = layer(inputs_for(layer)) + (layer(inputs_for(layer)) - layer.bias) * scales[40:80]
    assert (ours(layer, share(layer, made)) - expected).abs().max() < CLOSE
    oft = turn("oft", {"oft_blocks": torch.zeros(24, 5, 5)}, rows=rows)
    assert "several layers at once" in oft.problem_on(layer)
