"""The GPU protocol: one script for any card, a table and a plot. `atelier bench gpu` runs it.

SDXL's network at its real size with random weights; nothing is downloaded. Every way of drawing
with stacks is timed by the device's own events, after warm-ups, in one run. Without a card the same
script runs a small network on the CPU: that shows that it works, and nothing else.
"""

import argparse
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import torch
from diffusers import EulerDiscreteScheduler, UNet2DConditionModel
from peft import LoraConfig, inject_adapter_in_model
from PIL import Image, ImageDraw
from torch import Tensor

from engine.workers.compiled import Compiled
from engine.workers.layers import Share, Stack
from engine.workers.loading import quiet
from engine.workers.pipelines.pipeline import Told
from engine.workers.pipelines.unet_xl import UnetXlPipeline
from engine.workers.seams import Seams

TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "net.0.proj", "net.2"]
WIDTHS = {"real": (320, 640, 1280), "tiny": (32, 64, 64)}
DEPTHS = {"real": (1, 2, 10), "tiny": (1, 1, 2)}
USUAL = {
    "real": {"sizes": (1024, 768, 512), "rows": (1, 2, 4, 8), "loras": (0, 1, 2, 4)},
    "tiny": {"sizes": (64,), "rows": (1, 2, 4), "loras": (0, 1, 2)},
}
"""What is measured unless something else is asked for."""
RUNS = {"real": 10, "tiny": 3}
WARM_UPS = {"real": 3, "tiny": 1}
BAR, LEFT, WIDE = 22, 360, 760


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured."""

    device: torch.device
    dtype: torch.dtype
    is_tiny: bool
    sizes: tuple[int, ...]
    rows: tuple[int, ...]
    stacks: tuple[int, ...]
    rank: int
    runs: int
    compiles: bool

    @property
    def scale(self) -> str:
        """Of the network and of everything around it."""
        return "tiny" if self.is_tiny else "real"


@dataclass(frozen=True, slots=True)
class Timed:
    """One line of the table: milliseconds of a forward, for so many rows."""

    what: str
    size: int
    rows: int
    loras: int
    p50_ms: float
    p95_ms: float
    rows_per_s: float
    peak_gib: float


def network(asked: Asked) -> UNet2DConditionModel:
    """SDXL's topology; `is_tiny` makes it narrow."""
    torch.manual_seed(0)
    wide, depths = WIDTHS[asked.scale], DEPTHS[asked.scale]
    text = 64 if asked.is_tiny else 2048
    pooled = 32 if asked.is_tiny else 1280
    time_wide = 8 if asked.is_tiny else 256
    with torch.device(asked.device):
        made = UNet2DConditionModel(
            sample_size=128, in_channels=4, out_channels=4, block_out_channels=wide,
            layers_per_block=2, norm_num_groups=8 if asked.is_tiny else 32,
            cross_attention_dim=text,
            attention_head_dim=(2, 4, 4) if asked.is_tiny else (5, 10, 20),
            use_linear_projection=True, transformer_layers_per_block=depths,
            addition_embed_type="text_time", addition_time_embed_dim=time_wide,
            projection_class_embeddings_input_dim=pooled + 6 * time_wide,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        )  # fmt: skip
    with quiet():
        made.to(asked.dtype)
    made.eval().requires_grad_(requires_grad=False)
    return made


def told(asked: Asked, rows: int) -> Told:
    """A prompt of noise for each place."""
    text, pooled = (64, 32) if asked.is_tiny else (2048, 1280)
    made = {
        "encoder_hidden_states": torch.randn(rows, 77, text),
        "text_embeds": torch.randn(rows, pooled),
        "time_ids": torch.full((rows, 6), 1024.0),
    }
    return {name: part.to(asked.device, asked.dtype) for name, part in made.items()}


def random_stack(unet: UNet2DConditionModel, asked: Asked, loras: int, seed: int) -> Stack:
    """A stack of so many LoRAs on every layer that LoRAs of SDXL change."""
    generator = torch.Generator(asked.device).manual_seed(seed)
    shares = {}
    for path, layer in unet.named_modules():
        if isinstance(layer, torch.nn.Linear) and path.endswith(tuple(TARGETS)):
            rank = asked.rank * loras
            halves = [
                torch.randn(shape, generator=generator, device=asked.device, dtype=asked.dtype)
                for shape in ((rank, layer.in_features), (layer.out_features, rank))
            ]
            shares[f"unet.{path}"] = Share(halves[0], 0.01 * halves[1])
    return Stack(((f"random{seed}", float(loras)),), shares)  # type: ignore[arg-type]


class Clock:
    """Milliseconds of a call, by the device's own events where it has some."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._is_cuda = asked.device.type == "cuda"

    def of(self, action: Callable[[], object]) -> tuple[float, float]:
        """Median and 95th percentile after warm-ups."""
        for _ in range(WARM_UPS[self._asked.scale]):
            action()
        seen = sorted(self._once(action) for _ in range(self._asked.runs))
        return statistics.median(seen), seen[min(len(seen) - 1, round(0.95 * len(seen)))]

    def _once(self, action: Callable[[], object]) -> float:
        if not self._is_cuda:
            began = time.perf_counter()
            action()
            return 1000 * (time.perf_counter() - began)
        start = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        end = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        torch.cuda.synchronize()
        start.record()
        action()
        end.record()
        torch.cuda.synchronize()
        milliseconds: float = start.elapsed_time(end)
        return milliseconds


class Protocol:
    """All measurements on one network."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._clock = Clock(asked)
        self._unet = network(asked)
        parts = SimpleNamespace(
            unet=self._unet, vae_scale_factor=8, scheduler=EulerDiscreteScheduler(steps_offset=1)
        )
        self._pipeline = UnetXlPipeline(parts, asked.device, asked.dtype)
        self._seams = Seams(self._pipeline.roots)
        self._fixed = Seams(self._pipeline.roots, is_static=True)
        self.timed: list[Timed] = []

    @torch.inference_mode()
    def run(self) -> list[Timed]:
        """Every combination, and the changes of stacks once."""
        for size in self._asked.sizes:
            for rows in self._asked.rows:
                self._ours(size, rows)
        self._swaps()
        self._peft()
        return self.timed

    def _forward(self, size: int, rows: int) -> Callable[[], Tensor]:
        words = told(self._asked, 2 * rows)
        side = size // 8
        shape = (2 * rows, 4, side, side)
        latents = torch.randn(shape, device=self._asked.device, dtype=self._asked.dtype)
        times = torch.full((2 * rows,), 500.0, device=self._asked.device)
        return lambda: self._pipeline.denoise(latents, times, words)

    def _note(self, what: str, size: int, rows: int, loras: int, act: Callable[[], object]) -> None:
        if self._asked.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
        p50, p95 = self._clock.of(act)
        is_cuda = self._asked.device.type == "cuda"
        peak = torch.cuda.max_memory_allocated() / 2**30 if is_cuda else 0.0
        self.timed.append(Timed(what, size, rows, loras, p50, p95, 1000 * rows / p50, peak))
        told = _told(self.timed[-1])
        sys.stderr.write(f"{told}: {p50:.2f} ms\n")

    def _ours(self, size: int, rows: int) -> None:
        step = self._forward(size, rows)
        for loras in self._asked.stacks:
            if not loras:
                self._seams.clear()
                self._note("bare base", size, rows, 0, step)
                continue
            stacks = [random_stack(self._unet, self._asked, loras, seed) for seed in range(rows)]
            self._seams.arrange(stacks, [2] * rows)
            self._note("stacks of their own", size, rows, loras, step)
            self._seams.merge(stacks[0])
            self._note("one stack, merged", size, rows, loras, step)
            self._seams.forget()
            if self._asked.compiles:
                self._compiled(size, rows, loras, stacks)

    def _compiled(self, size: int, rows: int, loras: int, stacks: list[Stack]) -> None:
        """Compiled over static slots: LoRAs change, the graph stays."""
        compiled = Compiled(self._unet)
        try:
            self._fixed.arrange(stacks, [2] * rows, "compiled")
            step = self._forward(size, rows)
            self._note("own stacks, compiled", size, rows, loras, step)
            graphs = compiled.graphs
            self._fixed.arrange(stacks[::-1], [2] * rows, "compiled")
            self._note("after a change, compiled", size, rows, loras, step)
            if compiled.graphs != graphs or not compiled.is_on:
                sys.stderr.write("The change was compiled anew, or nothing was compiled at all.\n")
        finally:
            compiled.stop()
            self._fixed.clear()

    def _swaps(self) -> None:
        pair = [random_stack(self._unet, self._asked, 2, seed) for seed in (1, 2)]
        turn = iter(range(10**6))
        self._note("swap of a ready stack", 0, 1, 2,
                   lambda: self._seams.arrange([pair[next(turn) % 2]], [2]))  # fmt: skip
        self._note("merge of another stack", 0, 1, 2,
                   lambda: self._seams.merge(pair[next(turn) % 2]))  # fmt: skip
        self._seams.forget()

    def _peft(self) -> None:
        """Last, because PEFT rewrites the network."""
        most = max(self._asked.stacks)
        config = LoraConfig(r=self._asked.rank, lora_alpha=self._asked.rank, target_modules=TARGETS)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Already found a `peft_config`")
            for number in range(most):
                inject_adapter_in_model(config, self._unet, adapter_name=f"l{number}")
        with quiet():
            self._unet.to(self._asked.device, self._asked.dtype)
        self._unet._hf_peft_config_loaded = True
        for loras in sorted(set(self._asked.stacks) - {0}):
            # One picture after another, which is all that PEFT can do with stacks.
            names = [f"l{number}" for number in range(loras)]
            self._unet.set_adapters(names, [0.5] * loras)
            size = self._asked.sizes[0]
            self._note("PEFT, one by one", size, 1, loras, self._forward(size, 1))
            swap = partial(self._unet.set_adapters, names, [0.5] * loras)
            self._note("PEFT set_adapters", 0, 1, loras, swap)


def table(timed: Sequence[Timed]) -> str:
    """The table, as Markdown."""
    lines = ["| what | px | rows | LoRAs | p50 ms | p95 ms | rows/s | peak GiB |", "|" + "---|" * 8]
    for one in timed:
        # A change of stacks draws nothing.
        size, rows, speed = (
            (one.size, one.rows, f"{one.rows_per_s:.2f}") if one.size else ("", "", "")
        )
        lines.append(
            f"| {one.what} | {size} | {rows} | {one.loras} | {one.p50_ms:.2f} "
            f"| {one.p95_ms:.2f} | {speed} | {one.peak_gib:.1f} |"
        )
    return "\n".join(lines)


def _told(one: Timed) -> str:
    """A figure's name, for the plot and while it is measured."""
    loras = f"{one.loras} LoRAs" if one.loras != 1 else "1 LoRA"
    if not one.size:
        return f"{one.what}, {loras}"
    return f"{one.what}, {one.size} px, {one.rows} {'row' if one.rows == 1 else 'rows'}, {loras}"


def plot(timed: Sequence[Timed], file: Path) -> None:
    """Rows a second as bars, in a PNG."""
    shown = [one for one in timed if one.size]
    most = max((one.rows_per_s for one in shown), default=1.0)
    image = Image.new("RGB", (LEFT + WIDE + 90, BAR * (len(shown) + 1)), "white")
    pen = ImageDraw.Draw(image)
    for number, one in enumerate(shown):
        top = BAR * number + 4
        pen.text((8, top), _told(one), fill="black")
        end = LEFT + round(WIDE * one.rows_per_s / most)
        pen.rectangle((LEFT, top, max(end, LEFT + 1), top + BAR - 8), fill=(70, 110, 170))
        pen.text((end + 6, top), f"{one.rows_per_s:.2f}/s", fill="black")
    image.save(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the plot."""
    given = _arguments(arguments)
    device = torch.device(given.device)
    is_tiny = given.tiny or device.type != "cuda"
    if is_tiny:
        # Threads that wait for each other on a busy machine would be all that is measured.
        torch.set_num_threads(1)
        sys.stderr.write("A small network, to try the script: its figures say nothing of a card.\n")
    scale = "tiny" if is_tiny else "real"
    asked = Asked(
        device,
        torch.bfloat16 if device.type == "cuda" else torch.float32,
        is_tiny,
        rank=given.rank,
        runs=given.runs or RUNS[scale],
        compiles=given.compile,
        sizes=tuple(given.sizes or USUAL[scale]["sizes"]),
        rows=tuple(given.rows or USUAL[scale]["rows"]),
        stacks=tuple(given.loras or USUAL[scale]["loras"]),
    )
    timed = Protocol(asked).run()
    if given.json:
        sys.stdout.writelines(json.dumps(asdict(one)) + "\n" for one in timed)
    else:
        sys.stdout.write(table(timed) + "\n")
    given.plot.parent.mkdir(parents=True, exist_ok=True)
    plot(timed, given.plot)
    sys.stderr.write(f"The plot is {given.plot}\n")
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="atelier bench gpu", description=__doc__)
    parser.add_argument("--device", default="cuda:0" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--tiny", action="store_true", help="a small network, as on a CPU always")
    parser.add_argument("--sizes", type=int, nargs="+", help="pixels a side")
    parser.add_argument("--rows", type=int, nargs="+", help="pictures at once")
    parser.add_argument("--loras", type=int, nargs="+", help="LoRAs of each picture")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--runs", type=int, help="of each figure")
    parser.add_argument("--compile", action="store_true", help="also torch.compile, minutes each")
    parser.add_argument("--plot", type=Path, default=Path("bench-gpu.png"))
    parser.add_argument("--json", action="store_true", help="a line for each figure")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
