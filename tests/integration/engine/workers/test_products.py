"""Kronecker products, DoRA at any weight and whole changes: what they equal and what they cost."""

import copy
from collections.abc import Callable, Sequence

import accelerate
import pytest
import torch
from lycoris.modules.locon import LoConModule
from lycoris.modules.lokr import LokrModule
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from engine.formats.claim import Module
from engine.formats.endings import split
from engine.workers.folding import MOST_ERROR, Pair, Product, folded, reduced, whole
from engine.workers.layers import HOME, Kron, Share, Stack, placed, summed, weighted
from engine.workers.merged import merged
from engine.workers.seams import Seams
from engine.workers.unpacked import Unreadable, bias_of, weight_of
from tests.integration.engine.workers.test_folding import (
    CLOSE,
    RANK,
    by_lycoris,
    conv,
    inputs_for,
    linear,
    module_of,
    ours,
    share_of,
)

Layer = nn.Linear | nn.Conv2d


class Counted(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own base
    """Counts operations that do work; views are free."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(
        self, func: object, types: object, args: tuple[object, ...] = (), kwargs: object = None
    ) -> object:
        self.count += not func.is_view  # type: ignore[attr-defined]
        return func(*args, **(kwargs or {}))  # type: ignore[operator, arg-type]


def seamed(layer: Layer) -> Seams:
    return Seams({"unet": nn.ModuleDict({"layer": layer})})


def stack_of(number: int, *shares: Share) -> Stack:
    if not shares:
        return Stack(((f"s{number}", 1.0),))  # type: ignore[arg-type]
    return Stack(((f"s{number}", 1.0),), {"unet.layer": summed(shares)})  # type: ignore[arg-type]


def lokr(layer: Layer, *, factor: int = 4) -> Share:
    _, saved = by_lycoris(LokrModule, layer, factor=factor)
    return share_of(layer, *module_of("lokr", layer, saved), weight=0.7)


def lora(layer: Layer) -> Share:
    _, saved = by_lycoris(LoConModule, layer)
    return share_of(layer, *module_of("lora", layer, saved), weight=-0.5)


def dora(layer: Layer, *, by_input: bool) -> Share:
    _, saved = by_lycoris(LoConModule, layer, weight_decompose=True, wd_on_out=not by_input)
    return share_of(layer, *module_of("dora", layer, saved), weight=0.8)


def dense(layer: Layer) -> Share:
    torch.manual_seed(5)
    return placed(layer, whole(0.1 * torch.randn_like(layer.weight)).share_on(layer))


# In inference mode a copy that `reshape` makes would not be seen.
@torch.no_grad()
def counted(layer: Layer, stacks: Sequence[Stack], rows: int = 3) -> int:
    """Operations that these stacks add to a forward."""
    seams, given = seamed(layer), inputs_for(layer)[:rows]
    with Counted() as bare:
        layer(given)
    seams.arrange(stacks, [1] * len(stacks))
    with Counted() as busy:
        layer(given)
    seams.clear()
    added: int = busy.count - bare.count
    return added


@pytest.mark.parametrize("make", [linear, conv], ids=["linear", "conv"])
def test_a_product_costs_two_operations_alone_and_one_more_for_strangers(
    make: Callable[[], Layer],
) -> None:
    layer = make()
    one = lokr(layer)
    assert one.rank == 0
    assert [kron.count for kron in one.krons] == [1]
    assert counted(layer, [stack_of(0, one)] * 3) == 2
    assert counted(layer, [stack_of(0, one, one)] * 3) == 3, "and a copy where there are several"
    assert counted(layer, [stack_of(0, *[one] * 8)] * 3) == 3, "however many"
    strangers = [stack_of(0, one), stack_of(1, one), stack_of(2)]
    assert counted(layer, strangers) == 3
    beside = [stack_of(0, one), stack_of(1, lora(layer)), stack_of(2, one, one)]
    assert counted(layer, beside) == 2 + 4, "a pair's two, and both copies"


def test_a_whole_change_costs_two_operations_with_everybody() -> None:
    layer = linear()
    assert counted(layer, [stack_of(0, dense(layer))] * 3) == 2
    assert counted(layer, [stack_of(0, dense(layer)), stack_of(1), stack_of(2)]) == 2


def test_a_lokr_is_kept_as_small_as_its_file() -> None:
    layer = linear()
    kept = lokr(layer)
    (kron,) = kept.krons
    a, b, c, d = kron.sides
    assert (a * c, b * d) == (layer.out_features, layer.in_features)
    assert kept.size_bytes == 4 * (a * b + c * d)
    assert kept.size_bytes < layer.weight.nbytes / 3


@pytest.mark.parametrize("make", [linear, conv], ids=["linear", "conv"])
@torch.inference_mode()
def test_strangers_in_one_forward_get_what_each_gets_alone(make: Callable[[], Layer]) -> None:
    """Pairs, products of two kinds and of two counts, whole changes, both DoRAs, and nothing."""
    layer = make()
    stacks = [
        stack_of(0, lokr(layer), lora(layer)),
        stack_of(1, lokr(layer), lokr(layer), lokr(layer, factor=2)),
        stack_of(2, dora(layer, by_input=True), dense(layer)),
        stack_of(3),
        stack_of(4, dora(layer, by_input=False), dora(layer, by_input=True)),
    ]
    given = torch.cat([inputs_for(layer), inputs_for(layer) + 1])[: len(stacks)]
    alone, written = [], []
    pristine = layer.weight.detach().clone()
    for number, stack in enumerate(stacks):
        seams = seamed(layer)
        seams.activate(stack)
        alone.append(layer(given[number : number + 1]).clone())
        seams.clear()
        seams.merge(stack)
        written.append(layer(given[number : number + 1]).clone())
        seams.clear()
        assert torch.equal(layer.weight, pristine)
    for is_static in (False, True):
        seams = Seams({"unet": nn.ModuleDict({"layer": layer})}, is_static=is_static)
        # Others sat there before: nothing of theirs is left in the slots.
        seams.arrange(stacks[::-1], [1] * len(stacks), "batch")
        layer(given)
        seams.arrange(stacks, [1] * len(stacks), "batch")
        together = layer(given)
        seams.clear()
        assert seams.is_clean()
        torch.testing.assert_close(together, torch.cat(alone), atol=CLOSE * 5, rtol=0)
    torch.testing.assert_close(torch.cat(written), torch.cat(alone), atol=CLOSE * 5, rtol=0)


# --- DoRA at any weight ---------------------------------------------------------------------------


def by_peft(layer: Layer, weight: float) -> tuple[Tensor, Module, dict[str, Tensor]]:
    """The output with PEFT's DoRA at a weight, and its tensors."""
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
    theirs.base_model.model.layer.scaling["default"] *= weight
    parts = {found[1]: key for key in tensors if (found := split(key))}
    module = Module(
        path="unet.layer", down="", up="", rank=RANK, inputs=layer.weight.shape[1],
        outputs=layer.weight.shape[0], alpha=8.0, algorithm="dora", parts=tuple(parts.items()),
    )  # fmt: skip
    with torch.no_grad():
        return theirs.eval()(inputs_for(layer)), module, tensors


@pytest.mark.parametrize("make", [linear, conv], ids=["linear", "conv"])
@pytest.mark.parametrize("weight", [-0.8, 0.0, 0.4, 1.0, 1.7])
def test_a_dora_at_any_weight_is_that_of_peft(make: Callable[[], Layer], weight: float) -> None:
    layer = make()
    wanted, module, tensors = by_peft(layer, weight)
    mine = ours(layer, share_of(layer, module, tensors, weight))
    assert (wanted - mine).abs().max() < CLOSE * max(1.0, float(wanted.abs().max()))


def test_another_weight_of_a_dora_does_nothing_as_large_as_the_layer() -> None:
    layer = nn.Linear(64, 96)
    torch.manual_seed(2)
    down, up = torch.randn(2, 64), torch.randn(96, 2)
    made = Pair(down, up, lengths=torch.rand(96) + 0.5)
    share = placed(layer, made.share_on(layer))
    largest = 0

    class Watched(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(
            self, func: object, types: object, args: tuple[object, ...] = (), kwargs: object = None
        ) -> object:
            nonlocal largest
            found = func(*args, **(kwargs or {}))  # type: ignore[operator, arg-type]
            if isinstance(found, Tensor):
                largest = max(largest, found.numel())
            return found

    with Watched():  # type: ignore[no-untyped-call]
        weighted({"layer": share}, 0.3)
    assert 0 < largest <= 96 * 2


def test_a_dora_by_input_is_no_larger_than_its_file() -> None:
    layer = linear()
    share = dora(layer, by_input=True)
    assert not share.krons
    assert share.rank == RANK
    assert share.inner is not None


# --- the base's own numbers -----------------------------------------------------------------------


class Packed(nn.Linear):
    """As quantised layers of several packages are: bytes, unpacked where the layer is run."""

    def __init__(self, of: nn.Linear) -> None:
        super().__init__(of.in_features, of.out_features, bias=of.bias is not None)
        wide = of.weight.detach()
        self.scale = wide.abs().amax(1, keepdim=True) / 127
        packed = (wide / self.scale).round().to(torch.int8)
        self.weight = nn.Parameter(packed, requires_grad=False)
        self.bias = of.bias
        self.compute_dtype = torch.float32

    @property
    def unpacked(self) -> Tensor:
        return self.weight.float() * self.scale

    def forward(self, given: Tensor) -> Tensor:
        return functional.linear(given, self.unpacked, self.bias)


def test_a_dora_finds_its_lengths_on_a_quantised_layer() -> None:
    packed = Packed(linear())
    plain = linear()
    plain.weight = nn.Parameter(packed.unpacked.clone())
    torch.testing.assert_close(weight_of(packed), plain.weight.detach(), atol=1e-6, rtol=0)
    wanted, module, tensors = by_peft(plain, 0.6)
    mine = ours(packed, share_of(packed, module, tensors, 0.6))
    assert (wanted - mine).abs().max() < CLOSE * max(1.0, float(wanted.abs().max()))


def test_numbers_of_a_layer_that_comes_and_goes_are_found() -> None:
    layer = linear()
    weight, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
    setattr(layer, HOME, torch.device("cpu"))
    network = nn.ModuleDict({"layer": layer})
    stack = stack_of(0, lora(layer))
    accelerate.cpu_offload(network, torch.device("cpu"))
    assert layer.weight.is_meta
    found = bias_of(layer)
    assert found is not None
    assert torch.equal(weight_of(layer), weight)
    assert torch.equal(found, bias)
    assert not Seams({"unet": network}).may_merge(stack), "it would be written and lost"


def test_what_has_no_way_back_to_numbers_is_told() -> None:
    layer = conv()
    layer.weight = nn.Parameter(torch.zeros(4, dtype=torch.uint8), requires_grad=False)
    with pytest.raises(Unreadable):
        weight_of(layer)


# --- whole changes --------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(96, 128), (64, 16, 3, 3)])
def test_a_whole_change_of_low_rank_is_a_pair_with_its_error(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    wide = shape[1] * 9 if len(shape) == 4 else shape[1]
    change = (torch.randn(shape[0], 5) @ torch.randn(5, wide)).view(shape)
    made = reduced(change)
    assert isinstance(made, Pair)
    assert made.down.shape[0] == 5
    rebuilt = (made.up.flatten(1) @ made.down.flatten(1)).view(shape)
    found = float((rebuilt - change).norm() / change.norm())
    assert found <= MOST_ERROR
    assert made.error == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize("shape", [(6, 4), (40, 2, 3, 3), (96, 128)])
def test_a_whole_change_that_has_no_small_pair_is_kept_as_it_is(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    change = torch.randn(shape)
    made = reduced(change)
    assert isinstance(made, Product)
    assert torch.equal(Kron(made.left, made.right).dense(), change)
    assert made.error == 0


def test_nothing_is_made_of_no_change() -> None:
    assert isinstance(reduced(torch.zeros(8, 8)), Product)


def test_a_lokr_whose_pair_is_cheaper_is_a_pair() -> None:
    layer = nn.Linear(256, 256)
    torch.manual_seed(0)
    saved = {"lokr_w1": torch.randn(2, 2), "lokr_w2_a": torch.randn(128, 1),
             "lokr_w2_b": torch.randn(1, 128)}  # fmt: skip
    made = folded(*module_of("lokr", layer, saved))
    assert isinstance(made, Pair)
    assert made.down.shape[0] == 2
    whole_change = torch.kron(saved["lokr_w1"], saved["lokr_w2_a"] @ saved["lokr_w2_b"])
    assert torch.allclose(made.up @ made.down, whole_change, atol=1e-4)
    written = merged(layer.weight.detach(), placed(layer, made.share_on(layer)))
    assert torch.allclose(written - layer.weight, whole_change, atol=1e-4)
