"""Branch, kind and weight out of what metadata say, as far as layers allow."""

import pytest

from engine.formats.claim import Claim
from engine.formats.hints import bases_named
from engine.formats.nature import kind_of, recommended_weight, sub_family


def claim(*traits: str) -> Claim:
    return Claim("kohya", "lora", 1, (), traits=frozenset(traits))


@pytest.mark.parametrize(
    ("base", "key", "value", "branch"),
    [
        ("sdxl", "ss_sd_model_name", "ponyDiffusionV6XL.safetensors", "pony"),
        ("sdxl", "ss_sd_model_name", "waiNSFWIllustrious_v140", "illustrious"),
        ("sdxl", "sidecar.base", "NoobAI", "noobai"),
        ("sdxl", "ss_sd_model_name", "noobaiXLNAIXL_vPred10", "noobai-vpred"),
        ("sdxl", "ss_sd_model_name", "sd_xl_base_1.0.safetensors", None),
        ("flux1", "modelspec.architecture", "flux-1-schnell/lora", "flux1-schnell"),
        ("flux1", "ss_base_model_version", "flux.1_kontext", "flux1-kontext"),
        ("flux1", "modelspec.architecture", "Flux.1-fill-dev/lora", "flux1-fill"),
        ("flux1", "sidecar.base", "Flux.1 D", "flux1-dev"),
        ("flux1", "sidecar.base", "Flux.1 S", "flux1-schnell"),
        ("flux1", "ss_base_model_version", "flux1", None),
        ("auraflow", "sidecar.base", "Pony V7", "pony-v7"),
        ("qwen-image", "ss_base_model_version", "qwen_image_edit", "qwen-image-edit"),
        ("z-image", "sidecar.base", "ZImageTurbo", "z-image-turbo"),
        ("wan-14b", "ss_base_model_version", "wan_2.2_14b", "wan2.2"),
        ("wan-14b", "sidecar.base", "Wan Video 2.2 T2V-A14B", "wan2.2"),
        ("wan-14b", "ss_base_model_version", "wan22_14b:t2v", "wan2.2"),
        ("wan-14b", "ss_base_model_version", "wan_2.1_14b", None),
        ("sd1", "ss_sd_model_name", "ponyDiffusion", None),
    ],
)
def test_the_branch_is_what_it_was_trained_on(
    base: str, key: str, value: str, branch: str | None
) -> None:
    assert sub_family([base], claim(), {key: value}) == branch


def test_an_undecided_base_has_no_branch() -> None:
    assert sub_family(["flux1", "chroma"], claim(), {"sidecar.base": "Flux.1 D"}) is None


def test_noise_of_wan_is_told_by_the_name() -> None:
    told = {"ss_base_model_version": "wan_2.2_14b", "ss_output_name": "cat_high_noise"}
    assert sub_family(["wan-14b"], claim(), told) == "wan2.2-high-noise"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("age_slider_v2", "slider"), ("sdxl_lightning_4step_lora", "speed"),
        ("Hyper-FLUX.1-dev-8steps-lora", "speed"), ("lcm-lora-sdv1-5", "speed"),
        ("dmd2_sdxl_4step", "speed"), ("Qwen-Image-Lightning-8steps-V1.0", "speed"),
        ("Wan21_CausVid_14B", "speed"), ("lightx2v_T2V_14B", "speed"),
        ("mychar_z_image_turbo_v1", "lora"), ("hyper detail", "lora"), ("v1_step_2000", "lora"),
        ("flash-sd3-lora", "speed"), ("flux1-turbo-alpha", "speed"),
        ("hyperrealism", "lora"), ("turbograph", "lora"), ("red dress", "lora"),
        ("canny-control-lora", "control-lora"),
    ],
)  # fmt: skip
def test_the_kind_is_told_by_the_name(name: str, kind: str) -> None:
    assert kind_of({}, name, claim()) == kind


@pytest.mark.parametrize("trait", ["control", "picture-input"])
def test_layers_prove_a_control_lora(trait: str) -> None:
    assert kind_of({}, "a slider", claim(trait)) == "control-lora"


@pytest.mark.parametrize(
    ("told", "weight"),
    [
        ({"sidecar.weight": "0.8"}, 0.8),
        ({"modelspec.usage_hint": "use at weight 0.7"}, 0.7),
        ({"modelspec.usage_hint": "Strength 0.6-0.8 works best"}, 0.7),
        ({"modelspec.usage_hint": "0.9"}, 0.9),
        ({"modelspec.usage_hint": '{"strength": 0.65}'}, 0.65),
        ({"modelspec.usage_hint": "weight: 17"}, None),
        ({"modelspec.usage_hint": "for 1024 pixels"}, None),
        ({"sidecar.weight": "nan"}, None),
        ({}, None),
    ],
)
def test_the_weight_is_what_somebody_named(told: dict[str, str], weight: float | None) -> None:
    assert recommended_weight(told) == weight


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("sd_v1", "sd1"), ("SD 1.5", "sd1"), ("SD 1.5 LCM", "sd1"), ("sd_1.5", "sd1"),
        ("sd_v2_768_v", "sd2"), ("SD 2.1 768", "sd2"), ("stable-diffusion-v2", "sd2"),
        ("sdxl_base_v1-0", "sdxl"), ("sdxl_", "sdxl"), ("Pony", "sdxl"), ("Illustrious", "sdxl"),
        ("NoobAI", "sdxl"), ("SDXL Lightning", "sdxl"), ("Pony V7", "auraflow"),
        ("stable-diffusion-3-medium", "sd3-medium"), ("sd3-medium", "sd3-medium"),
        ("stable-diffusion-v3-medium", "sd3-medium"), ("SD 3.5 Large", "sd35-large"),
        ("SD 3.5 Medium", "sd35-medium"), ("flux1", "flux1"), ("Flux.1 D", "flux1"),
        ("flux-1-dev", "flux1"), ("Flux.1 Kontext", "flux1"), ("flux.1_kontext", "flux1"),
        ("Flux.1 Krea", "flux1"), ("Flux.2 D", "flux2-dev"), ("flux2_klein_4b", "flux2-klein-4b"),
        ("flux_2_klein_4b", "flux2-klein-4b"), ("Flux.2 Klein 9B-base", "flux2-klein-9b"),
        ("Chroma1", "chroma"), ("zimage", "z-image"), ("z_image", "z-image"),
        ("ZImageTurbo", "z-image"), ("lumina-2", "lumina2"), ("Qwen", "qwen-image"),
        ("qwen_image_edit", "qwen-image"), ("hidream_i1", "hidream"), ("PixArt E", "pixart-sigma"),
        ("pixart-sigma", "pixart-sigma"), ("krea2", "krea2"), ("Krea 2", "krea2"),
        ("anima-preview", "anima"), ("hunyuan-image-2.1", "hunyuan-image-2.1"),
        ("hunyuan_video", "hunyuan-video"), ("Ernie", "ernie-image"), ("Ideogram", "ideogram4"),
        ("Kolors", "kolors"), ("AuraFlow", "auraflow"), ("ltxv", "ltx-video"), ("CogView4",
        "cogview4"), ("sana", "sana"), ("Wan Video 1.3B t2v", "wan-1.3b"),
    ],
)  # fmt: skip
def test_the_names_of_the_field_name_a_base(text: str, base: str) -> None:
    assert base in bases_named(text)


@pytest.mark.parametrize("text", ["unknown thing", "model.safetensors", "swan lake", "Other"])
def test_other_names_name_none(text: str) -> None:
    assert bases_named(text) == frozenset()
