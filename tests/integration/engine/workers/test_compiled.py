"""A compiled denoiser survives every change of LoRAs without being compiled anew."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
import torch
from torch import Tensor, nn
from torch.fx import GraphModule

from engine.messages import Sha256
from engine.workers.compiled import Compiled, filled
from engine.workers.layers import NO_STACK, Kron, Share, Stack
from engine.workers.loop import Loop
from engine.workers.rows import Row
from engine.workers.seams import Seams
from tests.integration.engine.workers.conftest import miniature, plan
from tests.integration.engine.workers.test_oracle import CLOSE, apart, row_of

WIDE, PLACES = 8, 4


class Network(nn.Module):
    """Of both kinds of layers that LoRAs change."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(4, WIDE, 3, padding=1)
        self.middle = nn.Linear(WIDE, WIDE)
        self.last = nn.Linear(WIDE, WIDE)

    def forward(self, given: Tensor) -> Tensor:
        through = self.first(given).flatten(2).mT
        found: Tensor = self.last(torch.relu(self.middle(through)))
        return found


def lora(seed: int, rank: int = 2) -> Stack:
    """On two layers, with a gain on one of them."""
    torch.manual_seed(seed)
    spatial = Share(torch.randn(rank, 4, 3, 3), torch.randn(WIDE, rank, 1, 1))
    flat = Share(
        torch.randn(rank, WIDE), torch.randn(WIDE, rank), torch.randn(WIDE), torch.randn(WIDE)
    )
    shares = {"unet.first": spatial, "unet.middle": flat}
    return Stack(((Sha256(f"lora{seed}"), 1.0),), shares)


def lokr(seed: int) -> Stack:
    """A product, and a gain by inputs."""
    torch.manual_seed(seed)
    product = Share(
        torch.zeros(0, WIDE), torch.zeros(WIDE, 0), inner=torch.randn(WIDE),
        krons=(Kron(torch.randn(2, 2), torch.randn(4, 4)),),
    )  # fmt: skip
    return Stack(((Sha256(f"lokr{seed}"), 1.0),), {"unet.middle": product})


class Counting:
    """A compiler that changes nothing and counts."""

    def __init__(self) -> None:
        self.graphs = 0

    def __call__(self, graph: GraphModule, _inputs: object) -> GraphModule:
        self.graphs += 1
        return graph


@pytest.fixture(autouse=True)
def _no_graphs() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@torch.inference_mode()
def test_changes_of_loras_compile_nothing_anew() -> None:
    compiler, network, plain = Counting(), Network(), Network()
    Compiled(network, compiler)
    fixed = Seams({"unet": network}, is_static=True)
    moving = Seams({"unet": plain})
    given = torch.randn(PLACES, 4, 6, 6)

    def check(*stacks: Stack, batch: str = "batch") -> None:
        fixed.arrange(stacks, [1] * PLACES, batch)
        moving.arrange(stacks, [1] * PLACES, batch)
        assert apart(network(given), plain(given)) <= CLOSE

    check(lora(1), lokr(2), lora(3), NO_STACK)
    assert compiler.graphs == 1
    check(NO_STACK, lora(4, rank=16), lokr(5), lokr(6))
    check(*[lora(7)] * PLACES)
    check(*[NO_STACK] * PLACES)
    fixed.clear()
    assert fixed.is_clean()
    check(lokr(8), lora(1), lora(9), lora(3))
    # Another batch of the same size has slots of its own, as large as these are.
    check(lora(10), NO_STACK, NO_STACK, NO_STACK, batch="other")
    assert compiler.graphs == 1, "a change of LoRAs was compiled"
    # A layer that no LoRA touched before is another graph, and is not forgotten.
    last = Stack((("last", 1.0),), {  # type: ignore[arg-type]
        "unet.last": Share(torch.randn(2, WIDE), torch.randn(WIDE, 2))})  # fmt: skip
    check(last, lora(1), NO_STACK, lokr(2))
    assert compiler.graphs == 2


@torch.inference_mode()
def test_what_cannot_be_compiled_draws_as_ever_and_says_so_once() -> None:
    def broken(_graph: GraphModule, _inputs: object) -> GraphModule:
        raise RuntimeError("no compiler here")

    network, plain = Network(), Network()
    compiled = Compiled(network, broken)
    given = torch.randn(PLACES, 4, 6, 6)
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            assert torch.equal(network(given), plain(given))
    told = [line for line in logs if line["event"] == "compile.failed"]
    assert len(told) == 1
    assert "no compiler here" in told[0]["problem"]
    assert not compiled.is_on


@torch.inference_mode()
def test_every_graph_is_told_in_the_log_and_no_call_of_one() -> None:
    network = Network()
    Compiled(network, Counting())
    with structlog.testing.capture_logs() as logs:
        for size in (6, 6, 8, 6):
            network(torch.randn(PLACES, 4, size, size))
    told = [line for line in logs if line["event"] == "compile.done"]
    assert len(told) == 2
    assert told[1]["graphs"] == told[0]["graphs"] + 1


def test_an_error_of_the_network_itself_is_told_as_it_is() -> None:
    network = Network()
    Compiled(network, Counting())
    with pytest.raises(RuntimeError, match="expected input"):
        network(torch.randn(PLACES, 5, 6, 6))
    assert network(torch.randn(PLACES, 4, 6, 6)).shape == (PLACES, 36, WIDE)


class Always:
    """Says that it compiled, and did not."""

    is_on = True
    graphs = 0


@torch.inference_mode()
def test_rows_are_filled_up_and_drawn_as_without(monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = miniature()
    places: list[int] = []
    denoise = pipeline.denoise

    def seen(latents: Tensor, *more: Any) -> Tensor:
        places.append(latents.shape[0])
        return denoise(latents, *more)

    monkeypatch.setattr(pipeline, "denoise", seen)

    def drawn(compiled: Always | None, *guidance: float) -> list[Row]:
        seams = Seams(pipeline.roots, is_static=compiled is not None)
        plans = [plan(seed=n, steps=2, guidance=each) for n, each in enumerate(guidance)]
        rows = [row_of(n, own, pipeline, seams, NO_STACK) for n, own in enumerate(plans)]
        loop = Loop(pipeline, seams, compiled=compiled)  # type: ignore[arg-type]
        loop.join(rows)
        while loop.rows:
            loop.tick()
        return rows

    for guidance, wanted in (((4.0, 4.0, 4.0), 8), ((4.0, 1.0, 1.0, 1.0), 8)):
        expected = drawn(None, *guidance)
        places.clear()
        found = drawn(Always(), *guidance)
        assert places == [wanted] * 2
        for one, other in zip(found, expected, strict=True):
            assert apart(one.latents, other.latents) <= CLOSE


@pytest.mark.parametrize(
    ("count", "most", "wanted"), [(1, 8, 1), (3, 8, 4), (5, 8, 8), (5, 6, 6), (9, 4, 9)]
)
def test_few_numbers_of_rows_are_drawn(count: int, most: int, wanted: int) -> None:
    assert filled(count, most) == wanted
