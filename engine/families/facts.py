"""What a base-model family is, as data: sizes, defaults, the layers a LoRA may touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.errors import BadRequest
from engine.families.layers import Architecture

Prediction = Literal["epsilon", "v_prediction", "flow"]
TextPart = Literal["text_encoder", "text_encoder_2", "text_encoder_3", "text_encoder_4"]


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How a LoRA header is told to belong here: the layers of the base, by name and width.

    Written as architectures (block counts and widths), from which `engine.families.known`
    lists every layer; `text` holds the CLIP, T5 or language model behind each text part.
    """

    denoiser: Architecture | None = None
    text: Mapping[TextPart, Architecture] = field(default_factory=dict)
    yields_to: tuple[str, ...] = ()
    """Bases with the same layers but for those that prove this one: a file that touches none of
    these is taken for theirs."""
    yields_by: tuple[str, ...] = ()
    """Parts of canonical paths: only a file with one of them is so whole that nothing more would
    have been left out of this base's. Without one both are possible. None: it always yields."""


@dataclass(frozen=True, slots=True)
class Family:
    """Facts of one family. The worker finds its pipeline by `pipeline`, a row of its own table."""

    name: str
    title: str
    pipeline: str
    """Row of `engine.workers.pipelines.PIPELINES`: unet, unet-xl, mmdit, flux."""
    diffusers_class: str
    denoiser: Literal["unet", "transformer"]
    prediction: Prediction
    sizes: tuple[Size, ...]
    """Offered sizes, default first."""
    size_step: int
    least_side: int
    most_pixels: int
    steps: int
    most_steps: int
    guidance: float
    guidance_range: tuple[float, float]
    schedulers: tuple[str, ...]
    """Names people know, default first."""
    has_negative_prompt: bool
    fingerprint: Fingerprint
    negative_prompt: str = ""
    loads_as: frozenset[str] = frozenset()
    """Other families whose LoRAs act here."""
    most_clip_skip: int = 1
    """The deepest layer that its text encoder may be left at; 1 where it knows no clip skip."""
    most_side: int | None = None
    """Longest side in pixels, where the number of pixels alone is no limit."""

    @property
    def size(self) -> Size:
        """The default size."""
        return self.sizes[0]

    def check_size(self, width: int, height: int) -> Size:
        """The asked size, or `BadRequest` that names the sizes that would work."""
        fits = (
            width % self.size_step == 0
            and height % self.size_step == 0
            and min(width, height) >= self.least_side
            and width * height <= self.most_pixels
            and (self.most_side is None or max(width, height) <= self.most_side)
        )
        if fits:
            return Size(width, height)
        offered = ", ".join(f"{size.width}x{size.height}" for size in self.sizes)
        raise BadRequest(name="size", value=f"{width}x{height}", valid=offered)
