"""Random pipelines of other layouts are real enough to draw with and to save."""

from pathlib import Path

import pytest
import torch
from diffusers import DiffusionPipeline

from engine.workers.miniature.random_bases import LAYOUTS, build


@pytest.mark.filterwarnings("ignore:`FluxPosEmbed` is deprecated:FutureWarning")
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_layout_draws_a_picture(layout: str) -> None:
    pipe = build(layout)

    own = {"use_resolution_binning": False, "clean_caption": False} if layout == "pixart" else {}
    picture = pipe("a red circle", num_inference_steps=1, height=64, width=64, **own).images[0]

    assert picture.size == (64, 64)


def test_same_seed_gives_the_same_weights() -> None:
    first, second, other = build("flux", 1), build("flux", 1), build("flux", 2)

    def weights(pipe: DiffusionPipeline) -> torch.Tensor:
        first: torch.Tensor = next(pipe.transformer.parameters())
        return first

    assert torch.equal(weights(first), weights(second))
    assert not torch.equal(weights(first), weights(other))


def test_layout_is_saved_in_the_pipeline_layout(tmp_path: Path) -> None:
    build("sdxl").save_pretrained(tmp_path)

    names = {path.name for path in tmp_path.iterdir()}
    assert {"model_index.json", "unet", "vae", "text_encoder_2", "tokenizer_2"} <= names
