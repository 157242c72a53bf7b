"""The settings that come with the program make the bases that they are named for."""

import json
from pathlib import Path

import diffusers
import pytest
import torch
import transformers
from torch import nn

from engine.bases.parts import LAYOUTS, write_parts
from engine.families.known import layers_of, text_parts
from engine.families.layers import Layer

FAMILIES = sorted(file.stem for file in LAYOUTS.glob("*.json"))


def layers_in(part: nn.Module, front: str) -> dict[str, Layer]:
    found = {}
    for path, layer in part.named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            shape = tuple(layer.weight.shape)
            found[f"{front}.{path}"] = Layer(shape[1], shape[0], shape[2:] or None)
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_every_layer_of_the_base_is_made(family: str, tmp_path: Path) -> None:
    folder = write_parts(family, tmp_path)
    index = json.loads((folder / "model_index.json").read_text())
    known = layers_of(family)
    with torch.device("meta"):
        config = json.loads((folder / "unet" / "config.json").read_text())
        unet = diffusers.UNet2DConditionModel.from_config(config)
        made = layers_in(unet, "unet")
        for name in text_parts(family):
            kind = getattr(transformers, index[name][1])
            text = kind(kind.config_class.from_pretrained(folder / name))
            for path, layer in layers_in(text, name).items():
                inner = path.removeprefix(f"{name}.").removeprefix("text_model.")
                is_projection = inner == "text_projection"
                made[f"{name}.{'' if is_projection else 'text_model.'}{inner}"] = layer
    assert made == dict(known)


@pytest.mark.parametrize("family", FAMILIES)
def test_tokenizer_scheduler_and_autoencoder_are_read(family: str, tmp_path: Path) -> None:
    folder = write_parts(family, tmp_path, "v_prediction", zero_snr=True)
    tokenizer = transformers.CLIPTokenizer.from_pretrained(folder / "tokenizer")
    ids = tokenizer("a photo of a cat").input_ids
    assert ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    settings = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    kind = getattr(diffusers, settings["_class_name"])
    assert kind.from_config(settings).config.prediction_type == "v_prediction"
    assert settings["rescale_betas_zero_snr"]
    with torch.device("meta"):
        config = json.loads((folder / "vae" / "config.json").read_text())
        assert diffusers.AutoencoderKL.from_config(config).config.latent_channels == 4
