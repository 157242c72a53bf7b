"""Every foldable algorithm does to a layer what its own library does, to float tolerance."""

import copy
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from lycoris.modules.diag_oft import DiagOFTModule
from lycoris.modules.full import FullModule
from lycoris.modules.glora import GLoRAModule
from lycoris.modules.ia3 import IA3Module
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn

from engine.formats.claim import Module
from engine.formats.endings import Algorithm, split
from engine.workers.folding import Pair, Product, folded
from engine.workers.layers import Kron, Share, Stack, placed, summed, weighted
from engine.workers.lora import Shelf, Stacks
from engine.workers.seams import Seams
from tests.integration.engine.workers.conftest import miniature
from tests.integration.engine.workers.loras import lora_file

CLOSE = 2e-5
"""Largest difference allowed, at outputs of about one; the tests measure up to 4e-6."""
RANK, ALPHA = 4, 2.0
LINEAR = (24, 40)
CONV = (16, 32)


def linear(*, bias: bool = True) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(*LINEAR, bias=bias)


def conv(kernel: int = 3) -> nn.Conv2d:
    torch.manual_seed(0)
    return nn.Conv2d(*CONV, kernel, stride=2, padding=kernel // 2)


def inputs_for(layer: nn.Module) -> Tensor:
    torch.manual_seed(9)
    return torch.randn(3, 7, LINEAR[0]) if isinstance(layer, nn.Linear) else torch.randn(
        3, CONV[0], 10, 10
    )  # fmt: skip


def by_lycoris(kind: Any, layer: nn.Module, **options: object) -> tuple[Tensor, dict[str, Tensor]]:
    """The layer's output with LyCORIS' module on it, and the tensors that it would save."""
    own = copy.deepcopy(layer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = kind("layer", own, 1.0, RANK, ALPHA, **options)
    torch.manual_seed(3)
    for name, parameter in module.named_parameters():
        if name != "alpha" and "org" not in name and "dora" not in name:
            nn.init.normal_(parameter, std=0.3)
    if hasattr(module, "dora_scale"):
        nn.init.uniform_(module.dora_scale, 0.5, 2.0)
    module.apply_to()
    module.eval()
    with torch.no_grad():
        output = own(inputs_for(layer))
    saved = module.custom_state_dict() or module.state_dict()
    return output, {key: value.detach() for key, value in saved.items() if "org" not in key}


def module_of(
    algorithm: Algorithm, layer: nn.Linear | nn.Conv2d, saved: dict[str, Tensor]
) -> tuple[Module, dict[str, Tensor]]:
    """The canonical module that names these tensors."""
    tensors = {f"layer.{key}": value for key, value in saved.items()}
    parts = {found[1]: key for key in tensors if (found := split(key))}
    is_conv = isinstance(layer, nn.Conv2d)
    ranks = {"lokr": "lokr_w2_b", "loha": "hada_w1_b"}.get(algorithm, "down")
    key = parts.get(ranks, parts.get("lokr_w1_b"))
    module = Module(
        path="unet.layer",
        down=parts.get("down", ""),
        up=parts.get("up", ""),
        rank=0 if key is None else tensors[key].shape[0],
        inputs=layer.weight.shape[1],
        outputs=layer.weight.shape[0],
        alpha=parts.get("alpha"),
        mid=parts.get("mid"),
        kernel=tuple(layer.weight.shape[2:]) if is_conv else None,
        algorithm=algorithm,
        parts=() if algorithm == "lora" else tuple(parts.items()),
    )
    return module, tensors


def share_of(
    layer: nn.Linear | nn.Conv2d,
    module: Module,
    tensors: dict[str, Tensor],
    weight: float = 1.0,
) -> Share:
    made = folded(module, tensors)
    assert made.problem_on(layer) == ""
    share = placed(layer, made.share_on(layer))
    return weighted({"layer": share}, weight)["layer"]


def ours(layer: nn.Linear | nn.Conv2d, share: Share) -> Tensor:
    """The layer's output with our seam on it."""
    seams = Seams({"unet": nn.ModuleDict({"layer": layer})})
    seams.activate(Stack(pairs={"unet.layer": share}))
    with torch.inference_mode():
        output: Tensor = layer(inputs_for(layer)).clone()
    seams.prove()
    seams.clear()
    return output


CASES: Sequence[tuple[str, Algorithm, Any, Callable[[], Any], dict[str, object]]] = [
    ("LoRA", "lora", LoConModule, linear, {}),
    ("LoCon", "lora", LoConModule, conv, {}),
    ("LoCon 1x1", "lora", LoConModule, lambda: conv(1), {}),
    ("LoCon Tucker", "lora", LoConModule, conv, {"use_tucker": True}),
    ("LoHa", "loha", LohaModule, linear, {}),
    ("LoHa conv", "loha", LohaModule, conv, {}),
    ("LoHa Tucker", "loha", LohaModule, conv, {"use_tucker": True}),
    ("LoKr whole", "lokr", LokrModule, linear, {}),
    ("LoKr", "lokr", LokrModule, linear, {"factor": 2}),
    ("LoKr both", "lokr", LokrModule, linear, {"factor": 8, "decompose_both": True}),
    ("LoKr conv", "lokr", LokrModule, conv, {}),
    ("LoKr conv low rank", "lokr", LokrModule, conv, {"factor": 2}),
    ("LoKr Tucker", "lokr", LokrModule, conv, {"factor": 2, "use_tucker": True}),
    ("full", "full", FullModule, lambda: linear(bias=False), {}),
    ("DoHa", "loha", LohaModule, linear, {"weight_decompose": True}),
    ("DoKr", "lokr", LokrModule, linear, {"weight_decompose": True}),
    ("DoKr small", "lokr", LokrModule, linear,
     {"factor": 8, "decompose_both": True, "weight_decompose": True}),
    ("DoKr conv", "lokr", LokrModule, conv, {"weight_decompose": True}),
    ("DoKr by input", "lokr", LokrModule, linear,
     {"weight_decompose": True, "wd_on_out": False}),
    ("DoRA", "dora", LoConModule, linear, {"weight_decompose": True}),
    ("DoRA conv", "dora", LoConModule, conv, {"weight_decompose": True}),
    ("DoRA by input", "dora", LoConModule, linear,
     {"weight_decompose": True, "wd_on_out": False}),
    ("DoRA conv by input", "dora", LoConModule, conv,
     {"weight_decompose": True, "wd_on_out": False}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "algorithm", "kind", "make", "options"), CASES)
def test_a_layer_does_what_lycoris_makes_it_do(
    name: str,
    algorithm: Algorithm,
    kind: Any,
    make: Callable[[], nn.Linear | nn.Conv2d],
    options: dict[str, object],
) -> None:
    layer = make()
    plain = layer(inputs_for(layer)).detach()
    theirs, saved = by_lycoris(kind, layer, **options)
    module, tensors = module_of(algorithm, layer, saved)
    mine = ours(layer, share_of(layer, module, tensors))
    assert (theirs - plain).abs().max() > 0.05, name
    assert (theirs - mine).abs().max() < CLOSE * max(1.0, float(theirs.abs().max())), name


@pytest.mark.parametrize("make", [linear, conv])
def test_dora_is_that_of_peft(make: Callable[[], nn.Linear | nn.Conv2d]) -> None:
    layer = make()
    network = nn.Sequential()
    network.add_module("layer", copy.deepcopy(layer))
    config = LoraConfig(r=RANK, lora_alpha=8, use_dora=True, target_modules=["layer"])
    theirs = get_peft_model(network, config)
    torch.manual_seed(4)
    tensors = {}
    for key, parameter in theirs.named_parameters():
        if "lora_" in key:
            if "magnitude" in key:
                nn.init.uniform_(parameter, 0.5, 2.0)
            else:
                nn.init.normal_(parameter, std=0.3)
            tensors[key.replace(".default", "")] = parameter.detach()
    parts = {found[1]: key for key in tensors if (found := split(key))}
    module = Module(
        path="unet.layer", down="", up="", rank=RANK, inputs=layer.weight.shape[1],
        outputs=layer.weight.shape[0], alpha=8.0, algorithm="dora", parts=tuple(parts.items()),
    )  # fmt: skip
    with torch.no_grad():
        wanted = theirs.eval()(inputs_for(layer))
    mine = ours(layer, share_of(layer, module, tensors))
    assert (wanted - mine).abs().max() < CLOSE * max(1.0, float(wanted.abs().max()))


@pytest.mark.parametrize("is_by_input", [False, True])
def test_stacked_doras_do_not_depend_on_their_order(is_by_input: bool) -> None:
    layer = linear()
    options = {"weight_decompose": True, "wd_on_out": not is_by_input}
    _, first = by_lycoris(LoConModule, layer, **options)
    second = {key: value * 0.7 if key != "alpha" else value for key, value in first.items()}
    shares = [share_of(layer, *module_of("dora", layer, saved)) for saved in (first, second)]
    forth, back = (ours(layer, summed(order)) for order in (shares, shares[::-1]))
    assert torch.allclose(forth, back, atol=1e-6)


@pytest.mark.parametrize("algorithm", ["loha", "lokr", "dora"])
def test_a_part_of_a_fused_layer_is_the_rows_of_the_whole(algorithm: Algorithm) -> None:
    layer = linear()
    kinds: dict[str, Any] = {"loha": LohaModule, "lokr": LokrModule, "dora": LoConModule}
    _, saved = by_lycoris(kinds[algorithm], layer, **(
        {"weight_decompose": True} if algorithm == "dora" else {}))  # fmt: skip
    module, tensors = module_of(algorithm, layer, saved)
    all_rows = folded(module, tensors)
    rows = Module(**{name: getattr(module, name) for name in Module.__slots__} | {
        "rows": ((8, 16), (0, 4)), "outputs": 12})  # fmt: skip
    part = folded(rows, tensors)
    whole_change, change = change_of(all_rows), change_of(part)
    assert torch.allclose(change, torch.cat([whole_change[8:16], whole_change[:4]]), atol=1e-6)
    if all_rows.lengths is not None and part.lengths is not None:
        wanted = torch.cat([all_rows.lengths[8:16], all_rows.lengths[:4]])
        assert torch.equal(part.lengths, wanted)


def change_of(made: Pair | Product) -> Tensor:
    """What is added to a weight, lengths aside."""
    if isinstance(made, Product):
        return Kron(made.left, made.right).dense()
    return (made.up.flatten(1) @ made.down.flatten(1)).view(-1, *made.down.shape[1:])


FILES: Sequence[tuple[Algorithm, Any, dict[str, object]]] = [
    ("lora", LoConModule, {}),
    ("loha", LohaModule, {}),
    ("lokr", LokrModule, {"factor": 4}),
    ("full", FullModule, {}),
    ("dora", LoConModule, {"weight_decompose": True}),
    ("oft", DiagOFTModule, {}),
    ("glora", GLoRAModule, {}),
    ("ia3", IA3Module, {}),
]


@pytest.mark.parametrize(("algorithm", "kind", "options"), FILES, ids=lambda each: str(each)[:5])
def test_a_whole_file_does_to_the_miniature_what_lycoris_does(
    algorithm: Algorithm, kind: Any, options: dict[str, object], tmp_path: Path
) -> None:
    unet = miniature().denoiser
    theirs = copy.deepcopy(unet)
    tensors: dict[str, Tensor] = {}
    torch.manual_seed(7)
    for path, layer in list(theirs.named_modules()):
        if not path.endswith((".to_k", ".to_out.0", "conv1", "proj_in", "ff.net.2")):
            continue
        module = kind("layer", layer, 1.0, RANK, ALPHA, **options)
        for name, parameter in module.named_parameters():
            is_kept = name == "alpha" or "org" in name or "dora" in name or "b" in name[-6:]
            if not is_kept or name.startswith(("hada", "lokr", "oft")):
                nn.init.normal_(parameter, std=0.25 if algorithm == "loha" else 0.1)
        module.apply_to()
        module.eval()
        saved = module.custom_state_dict() or module.state_dict()
        flat = "lora_unet_" + path.replace(".", "_")
        tensors |= {f"{flat}.{key}": value.detach().clone() for key, value in saved.items()
                    if "org" not in key and key != "diff_b"}  # fmt: skip
    file = lora_file(tmp_path / "look.safetensors", tensors, 1.0)
    seams = Seams(miniature().roots)
    stack = Stacks(Shelf(), seams).get([file])
    torch.manual_seed(1)
    noise, text = torch.randn(2, 16, 8, 8), torch.randn(2, 9, 96)
    with torch.inference_mode():
        plain = unet(noise, 500, text).sample
        wanted = theirs(noise, 500, text).sample
        seams.activate(stack)
        mine = unet(noise, 500, text).sample
        seams.prove()
        seams.clear()
        again = unet(noise, 500, text).sample
    assert torch.equal(plain, again)
    assert (wanted - plain).abs().max() > 0.01
    assert (wanted - mine).abs().max() < CLOSE
