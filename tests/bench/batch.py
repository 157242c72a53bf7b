"""What many stacks over one base cost, against the ways that others take, in one run.

A UNet of SDXL's shape (722 layers that LoRAs change) at a narrow width, 8 x 8 latents, guidance,
one thread; CPU seconds, medians of interleaved rounds. Ratios are what to read.
"""

import copy
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import torch
from diffusers import EulerDiscreteScheduler, UNet2DConditionModel
from peft import LoraConfig, get_peft_model_state_dict, inject_adapter_in_model
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from engine.formats.claim import Module
from engine.messages import JobId, LoraFile, Plan
from engine.workers.layers import NO_STACK, Stack
from engine.workers.loop import Loop
from engine.workers.lora import Shelf, Stacks
from engine.workers.merged import LaneCosts
from engine.workers.pipelines.pipeline import Conditioning
from engine.workers.pipelines.unet_xl import UnetXlPipeline
from engine.workers.rows import Row, rows_of
from engine.workers.seams import Seams
from tests.bench.rows import Row as Figure
from tests.integration.engine.workers.loras import lora_file

ROUNDS = 5
STEPS = 10
RANK = 16
WIDTHS = (32, 64, 64)
TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "net.0.proj", "net.2"]
PLAN = Plan(
    base="bench", family="sdxl", prompt="", width=64, height=64, steps=50, guidance=5.0,
    scheduler="Euler", seed=1,
)  # fmt: skip


@cache
def unet() -> UNet2DConditionModel:
    """SDXL's topology, narrow."""
    torch.manual_seed(0)
    made = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=WIDTHS,
        layers_per_block=2, norm_num_groups=8, cross_attention_dim=64,
        attention_head_dim=(2, 4, 4), use_linear_projection=True,
        transformer_layers_per_block=(1, 2, 10), addition_embed_type="text_time",
        addition_time_embed_dim=8, projection_class_embeddings_input_dim=32 + 6 * 8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    made.eval().requires_grad_(requires_grad=False)
    return made


def pipeline(network: UNet2DConditionModel) -> UnetXlPipeline:
    """Our pipeline around a bare network."""
    parts = SimpleNamespace(
        unet=network, vae_scale_factor=8, scheduler=EulerDiscreteScheduler(steps_offset=1)
    )
    return UnetXlPipeline(parts, torch.device("cpu"), torch.float32)


def told(seed: int) -> Conditioning:
    """A prompt of noise, with its negative."""
    generator = torch.Generator().manual_seed(seed)

    def words() -> dict[str, Tensor]:
        return {
            "encoder_hidden_states": torch.randn(1, 77, 64, generator=generator),
            "text_embeds": torch.randn(1, 32, generator=generator),
            "time_ids": torch.full((1, 6), 64.0),
        }

    return Conditioning(words(), words())


class Counted(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own base
    """Counts operations that do work; views are free."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count: int = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:  # fmt: skip
        self.count += not func.is_view
        return func(*args, **(kwargs or {}))


@dataclass
class Rivals:
    """The same LoRAs in our engine and in PEFT, on two copies of one network."""

    ours: UnetXlPipeline
    seams: Seams
    stacks: Stacks
    files: list[LoraFile]
    states: list[dict[str, Tensor]]
    peft: UNet2DConditionModel

    def row(self, stack: Stack, seed: int) -> Row:
        """One picture on its way."""
        plan = PLAN.model_copy(update={"seed": seed})
        (row,) = rows_of(JobId(str(seed)), plan, self.ours, told(seed), stack)
        return row

    def stack(self, *numbers: int) -> Stack:
        """A stack of these LoRAs."""
        return self.stacks.get([self.files[number] for number in numbers])


def rivals(folder: Path, count: int = 8) -> Rivals:
    """Eight LoRAs of one rank on every layer that LoRAs of SDXL change."""
    peft = copy.deepcopy(unet())
    config = LoraConfig(r=RANK, lora_alpha=RANK, target_modules=TARGETS)
    files, states, known = [], [], {}
    for number in range(count):
        inject_adapter_in_model(config, peft, adapter_name=f"l{number}")
        generator = torch.Generator().manual_seed(number)
        for key, value in peft.named_parameters():
            if f".l{number}." in key:
                value.data = 0.02 * torch.randn(value.shape, generator=generator)
        state = get_peft_model_state_dict(peft, adapter_name=f"l{number}")
        states.append({key: value.clone() for key, value in state.items()})
        tensors = {f"unet.{key}": value for key, value in states[-1].items()}
        files.append(lora_file(folder / f"l{number}.safetensors", tensors, 0.5 + 0.1 * number))
        known[files[-1].sha256] = _modules(tensors)
    peft.requires_grad_(requires_grad=False)
    peft._hf_peft_config_loaded = True
    ours = pipeline(unet())
    seams = Seams(ours.roots)
    shelf = Shelf(read=lambda file: known[file.sha256])
    return Rivals(ours, seams, Stacks(shelf, seams), files, states, peft)


def _modules(tensors: dict[str, Tensor]) -> tuple[Module, ...]:
    ending = ".lora_A.weight"
    paths = [key.removesuffix(ending) for key in tensors if key.endswith(ending)]
    return tuple(
        Module(path, f"{path}{ending}", f"{path}.lora_B.weight", RANK, inputs=1, outputs=1)
        for path in paths
    )


def cpu_s(action: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    action()
    return time.process_time() - began


class Ready:
    """An action with a part before it that is not timed."""

    def __init__(self, prepare: Callable[[], object], action: Callable[[], object]) -> None:
        self._prepare = prepare
        self._action = action

    def ready(self) -> Callable[[], object]:
        """Prepare, and give what is timed."""
        self._prepare()
        return self._action

    def __call__(self) -> object:
        """Both, for whoever times the whole."""
        self._prepare()
        return self._action()


def medians(actions: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median CPU seconds of each, the actions interleaved so that noise hits all alike."""
    seen: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(rounds + 1):
        for name, action in actions.items():
            ready = action.ready() if isinstance(action, Ready) else action
            seconds = cpu_s(ready)
            if number:
                seen[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in seen.items()}


class Bench:
    """The measurements, one method a question."""

    def __init__(self, both: Rivals) -> None:
        self.both = both

    def _peft_step(self, *numbers: int) -> Callable[[], object]:
        both, words = self.both, told(1)
        latents = torch.randn(2, 4, 8, 8)
        names = [f"l{number}" for number in numbers]
        together = {
            name: torch.cat([(words.negative or {})[name], words.positive[name]])
            for name in words.positive
        }
        rival = pipeline(both.peft)

        def swap() -> None:
            both.peft.set_adapters(names, [both.files[number].weight for number in numbers])

        def step() -> None:
            rival.denoise(latents, torch.full((2,), 500.0), together)

        return Ready(swap, step)

    def _our_step(self, *stacks: Stack, merged: bool = False) -> Callable[[], object]:
        both = self.both
        rows = [both.row(stack, seed) for seed, stack in enumerate(stacks)]

        loop = Loop(both.ours, both.seams)

        def prepare() -> None:
            for row in rows:
                row.step = 0
                row.sampler.scheduler.set_begin_index(0)  # type: ignore[attr-defined]
                row.sampler.scheduler._step_index = None  # type: ignore[attr-defined]
            loop._rows = list(rows)
            for bucket in loop._buckets.values():
                bucket.costs = LaneCosts(1.0, 1.0, 1.0)
            if merged:
                both.seams.merge(stacks[0])
                loop._silent[stacks[0].key] = frozenset()
            else:
                name = (rows[0].bucket, 0)
                both.seams.arrange(stacks, [2] * len(stacks), name)

        return Ready(prepare, loop.tick)

    def swaps(self) -> list[Figure]:
        """Another stack for the same base."""
        both = self.both
        one, other = both.stack(0, 1), both.stack(2, 3)
        turn = iter(range(10**6))
        fresh = iter(range(1, 10**6))

        def cached() -> None:
            both.seams.arrange([(one, other)[next(turn) % 2]], [2])

        def new_weight() -> None:
            files = [
                file.model_copy(update={"weight": next(fresh) / 1e5}) for file in both.files[:2]
            ]
            both.seams.arrange([both.stacks.get(files)], [2])

        def set_adapters() -> None:
            pair = ("l0", "l1") if next(turn) % 2 else ("l2", "l3")
            both.peft.set_adapters(list(pair), [0.5, 0.6])

        def merge() -> None:
            both.seams.merge((one, other)[next(turn) % 2])

        found = medians({"cached": cached, "weight": new_weight, "peft": set_adapters})
        found |= medians({"merge": merge})
        both.seams.clear()
        base = found["peft"]
        return [
            Figure("batch", "cached stack of two put in place", found["cached"], "s",
                   baseline="PEFT set_adapters, 8 kept", ratio=found["cached"] / base,
                   aim="ratio <= 0.10"),
            Figure("batch", "the same LoRAs at other weights", found["weight"], "s",
                   baseline="PEFT set_adapters, 8 kept", ratio=found["weight"] / base),
            Figure("batch", "stack of two merged into the weights", found["merge"], "s",
                   baseline="PEFT set_adapters, 8 kept", ratio=found["merge"] / base),
        ]  # fmt: skip

    def steps(self) -> list[Figure]:
        """One step with a stack of four."""
        four = self.both.stack(0, 1, 2, 3)
        found = medians({
            "base": self._our_step(NO_STACK),
            "ours": self._our_step(four),
            "peft": self._peft_step(0, 1, 2, 3),
            "merged": self._our_step(four, merged=True),
        })  # fmt: skip
        self.both.seams.clear()
        return [
            Figure("batch", "step with a stack of four", found["ours"], "s",
                   baseline="PEFT, 4 active", ratio=found["ours"] / found["peft"],
                   aim="ratio <= 0.85"),
            Figure("batch", "step with a stack of four", found["ours"], "s",
                   baseline="bare base", ratio=found["ours"] / found["base"]),
            Figure("batch", "step with a stack of four, merged", found["merged"], "s",
                   baseline="bare base", ratio=found["merged"] / found["base"]),
        ]  # fmt: skip

    def crowd(self) -> list[Figure]:
        """Four people with four stacks."""
        stacks = [self.both.stack(0), self.both.stack(1), self.both.stack(2, 3), NO_STACK]
        stacks[3] = self.both.stack(4)
        actions: dict[str, Callable[[], object]] = {"together": self._our_step(*stacks)}
        for number, stack in enumerate(stacks):
            actions[f"ours {number}"] = self._our_step(stack)
        for number, numbers in enumerate(((0,), (1,), (2, 3), (4,))):
            actions[f"peft {number}"] = self._peft_step(*numbers)
        each = medians(actions)
        found = {
            name: sum(seconds for key, seconds in each.items() if key.startswith(name))
            for name in ("together", "ours", "peft")
        }
        self.both.seams.clear()
        return [
            Figure("batch", "a step of four people with four stacks", found["together"], "s",
                   baseline="PEFT one by one: how many times faster",
                   ratio=found["peft"] / found["together"], aim="ratio >= 2"),
            Figure("batch", "a step of four people with four stacks", found["together"], "s",
                   baseline="ours one by one: how many times faster",
                   ratio=found["ours"] / found["together"], aim="ratio >= 1.3"),
        ]  # fmt: skip

    def pictures(self) -> list[Figure]:
        """A picture of ten steps with a stack of two that nobody had just before."""
        both = self.both
        weights = [both.files[0].weight, both.files[1].weight]
        turn = iter(range(10**6))
        loaded = copy.deepcopy(unet())
        swapped = copy.deepcopy(unet())
        swapped.enable_lora_hotswap(target_rank=64)
        joined = _concatenated(both.states[:2], weights)
        swapped.load_lora_adapter(joined, adapter_name="one", prefix=None)
        patched = copy.deepcopy(unet())

        def reload() -> None:
            for number in (0, 1):
                loaded.load_lora_adapter(
                    dict(both.states[number]), adapter_name=f"l{number}", prefix=None
                )
            loaded.set_adapters(["l0", "l1"], weights)
            loaded.delete_adapters(["l0", "l1"])

        def hotswap() -> None:
            swapped.load_lora_adapter(joined, adapter_name="one", prefix=None, hotswap=True)

        def ours() -> None:
            pair = (0, 1) if next(turn) % 2 else (2, 3)
            both.stacks._ready.clear()
            both.seams.arrange([both.stack(*pair)], [2])

        loop = Loop(both.ours, both.seams)

        def drawn() -> None:
            """Everything: the stack made ready, the lane chosen, ten steps."""
            pair = (0, 1) if next(turn) % 2 else (2, 3)
            both.stacks._ready.clear()
            plan = PLAN.model_copy(update={"steps": STEPS})
            loop.join(rows_of(JobId("j"), plan, both.ours, told(1), both.stack(*pair)))
            while loop.rows:
                loop.tick()

        rival = pipeline(swapped)
        words = told(1)
        together = {
            name: torch.cat([(words.negative or {})[name], words.positive[name]])
            for name in words.positive
        }
        latents, times = torch.randn(2, 4, 8, 8), torch.full((2,), 500.0)
        found = medians({
            "reload": reload,
            "hotswap": hotswap,
            "ours": ours,
            "patch": lambda: _patch(patched, both.states[:2], weights),
            "step": self._our_step(both.stack(0, 1)),
            "peft": self._peft_step(0, 1),
            "swap": lambda: both.peft.set_adapters(["l0", "l1"], weights),
            "base": self._our_step(NO_STACK),
            "merge": lambda: both.seams.merge(both.stack(0, 1)),
            "merged": self._our_step(both.stack(0, 1), merged=True),
            "hotstep": lambda: rival.denoise(latents, times, together),
            "drawn": drawn,
        }, rounds=3)  # fmt: skip
        both.seams.clear()
        picture = found["ours"] + STEPS * found["step"]
        others = {
            "diffusers load and unload": (found["reload"] + STEPS * found["peft"], ">= 1.5"),
            "PEFT set_adapters": (found["swap"] + STEPS * found["peft"], ">= 1.3"),
            "patched for each prompt": (found["patch"] + STEPS * found["base"], ""),
            "PEFT hotswap, pre-joined": (found["hotswap"] + STEPS * found["hotstep"], ""),
        }
        what = f"a picture of {STEPS} steps with another stack of two"
        by_merging = found["ours"] + found["merge"] + STEPS * found["merged"]
        patching = found["patch"] + STEPS * found["base"]
        return [
            Figure("batch", f"{what}, merged", by_merging, "s",
                   baseline="patched for each prompt: how many times faster",
                   ratio=patching / by_merging, aim="ratio >= 1"),
            Figure("batch", f"{what}, drawn whole in the lane that was chosen", found["drawn"], "s",
                   baseline="patched for each prompt: how many times faster",
                   ratio=patching / found["drawn"], aim="ratio >= 1"),
            *(
                Figure("batch", what, picture, "s", baseline=f"{name}: how many times faster",
                       ratio=seconds / picture, aim=f"ratio {aim}" if aim else "")
                for name, (seconds, aim) in others.items()
            ),
        ]  # fmt: skip

    def operations(self) -> list[Figure]:
        """Operations of one forward, which no noise touches."""
        both = self.both
        layers = len(both.stack(0).layers)

        def count(action: Callable[[], object]) -> int:
            action()
            with Counted() as counted:
                action()
            found: int = counted.count
            return found

        def ours(*stacks: Stack) -> int:
            """Of the network alone: the samplers' own are the same for all."""
            both.seams.arrange(stacks, [2] * len(stacks))
            words = told(1).positive
            rows = 2 * len(stacks)
            wide = {name: part.expand(rows, *part.shape[1:]) for name, part in words.items()}
            latents, times = torch.zeros(rows, 4, 8, 8), torch.full((rows,), 500.0)
            return count(lambda: both.ours.denoise(latents, times, wide))

        def peft(*numbers: int) -> int:
            both.peft.set_adapters([f"l{n}" for n in numbers], [0.5] * len(numbers))
            words = told(1).positive
            wide = {name: part.expand(2, *part.shape[1:]) for name, part in words.items()}
            rival = pipeline(both.peft)
            latents, times = torch.zeros(2, 4, 8, 8), torch.full((2,), 500.0)
            return count(lambda: rival.denoise(latents, times, wide))

        base = ours(NO_STACK)
        eight = both.stack(*range(8))
        cases = {
            "a stack of one": ours(both.stack(0)),
            "a stack of eight": ours(eight),
            "four people with four stacks": ours(both.stack(0), both.stack(1, 2), NO_STACK, eight),
            "PEFT, 1 active": peft(0),
            "PEFT, 4 active": peft(0, 1, 2, 3),
        }
        both.seams.clear()
        aim = f"<= {base} + 2 x {layers}"
        return [
            Figure("batch", f"operations of a forward, {name}", float(found), "",
                   baseline=f"bare base, {base}", ratio=found / base,
                   aim="" if name.startswith("PEFT") else aim)
            for name, found in cases.items()
        ]  # fmt: skip


def _concatenated(states: list[dict[str, Tensor]], weights: list[float]) -> dict[str, Tensor]:
    """Two LoRAs as one of twice the rank, which is what hotswap can hold."""
    joined = {}
    for key in states[0]:
        parts = [state[key] for state in states]
        if "lora_B" in key:
            joined[key] = torch.cat(
                [part * w for part, w in zip(parts, weights, strict=True)], dim=1
            )
        else:
            joined[key] = torch.cat(parts)
    return joined


def _patch(
    network: UNet2DConditionModel, states: list[dict[str, Tensor]], weights: list[float]
) -> None:
    """Every prompt writes its stack into the weights and puts the copies back after it."""
    kept = {}
    for key in states[0]:
        if "lora_A" not in key:
            continue
        path = key.removesuffix(".lora_A.weight")
        layer: Any = network.get_submodule(path)
        kept[path] = layer.weight.detach().clone()
        for state, weight in zip(states, weights, strict=True):
            up, down = state[f"{path}.lora_B.weight"], state[key]
            layer.weight.data += weight * (up @ down)
    for path, weight in kept.items():
        layer = network.get_submodule(path)
        layer.weight.data.copy_(weight)


@torch.inference_mode()
def run() -> list[Figure]:
    """All questions; about a minute."""
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        bench = Bench(rivals(Path(folder)))
        return [
            *bench.operations(),
            *bench.swaps(),
            *bench.steps(),
            *bench.crowd(),
            *bench.pictures(),
        ]
