"""What a header says: base, format, algorithm, and what is wrong, whatever the metadata claim."""

import json
from collections.abc import Mapping

import pytest

from engine.formats.identify import Identity, identity_of
from tests.stripped.headers import Tensors, header_of, load

Shape = tuple[int, ...]


def pair(
    name: str, down: Shape, up: Shape, ends: tuple[str, str] = ("lora_A", "lora_B")
) -> Tensors:
    return {f"{name}.{ends[0]}.weight": ("F16", down), f"{name}.{ends[1]}.weight": ("F16", up)}


def kohya(name: str, down: Shape, up: Shape) -> Tensors:
    return pair(name, down, up, ("lora_down", "lora_up")) | {f"{name}.alpha": ("F16", ())}


def changed(fixture: str, metadata: Mapping[str, str]) -> Identity:
    header = load(fixture)
    tensors = {key: (info.dtype, info.shape) for key, info in header.tensors.items()}
    return identity_of(header_of(tensors, metadata))


def without(fixture: str, *endings: str, keep: str = "") -> Identity:
    tensors = {
        key: (info.dtype, info.shape)
        for key, info in load(fixture).tensors.items()
        if keep in key and not any(ending in key for ending in endings)
    }
    return identity_of(header_of(tensors))


# --- bases ------------------------------------------------------------------------------------


def test_width_of_cross_attention_tells_sd1_from_sd2() -> None:
    name = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"
    assert identity_of(header_of(pair(name, (4, 768), (320, 4)))).base == "sd1"
    assert identity_of(header_of(pair(name, (4, 1024), (320, 4)))).base == "sd2"
    assert identity_of(header_of(pair(name, (4, 96), (64, 4)))).base == "miniature"


def test_self_attention_alone_cannot_tell_sd1_from_sd2() -> None:
    found = without("sd1-diffusers-dotlora", "attn2")
    assert found.base == "ambiguous:sd1|sd2"
    assert found.alternatives == ("sd1", "sd2")
    assert found.verdict == "ask"


def test_flux_without_modulation_may_be_chroma() -> None:
    assert changed("flux1-diffusers-peft", {}).base == "ambiguous:flux1|chroma"


def test_attention_of_the_first_flux_blocks_may_also_be_klein() -> None:
    tensors: Tensors = {}
    for block in range(5):
        path = f"transformer.transformer_blocks.{block}.attn.to_q"
        tensors |= pair(path, (4, 3072), (3072, 4))
    assert set(identity_of(header_of(tensors)).alternatives) == {
        "flux1", "chroma", "flux2-klein-4b", "qwen-image", "hunyuan-video",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("block", "expected"),
    [(7, {"flux1", "hunyuan-video"}), (18, {"flux1"}), (19, {"hunyuan-video"})],
)
def test_a_few_blocks_of_flux_may_be_hunyuan_video_until_the_last_is_there(
    block: int, expected: set[str]
) -> None:
    path = f"transformer.transformer_blocks.{block}.norm1.linear"
    found = identity_of(header_of(pair(path, (4, 3072), (18432, 4))))
    assert set(found.alternatives or (found.base,)) == expected
    said = identity_of(header_of(pair(path, (4, 3072), (18432, 4)), {"base_model": "flux1-dev"}))
    assert (said.base == "flux1") == (block <= 18)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (("self_attn.q", "self_attn.o"), {"wan-14b", "wan-14b-i2v"}),
        (("self_attn.q", "cross_attn.k"), {"wan-14b"}),
        (("self_attn.q", "cross_attn.k_img"), {"wan-14b-i2v"}),
    ],
)
def test_wan_without_what_tells_pictures_from_words_is_left_open(
    layers: tuple[str, ...], expected: set[str]
) -> None:
    tensors: Tensors = {}
    for layer in layers:
        tensors |= pair(f"diffusion_model.blocks.3.{layer}", (4, 5120), (5120, 4))
    found = identity_of(header_of(tensors))
    assert set(found.alternatives or (found.base,)) == expected


def test_flux_with_modulation_is_flux_whatever_the_metadata_say() -> None:
    found = changed("flux1-kohya", {"ss_base_model_version": "chroma"})
    assert found.base == "flux1"
    assert "chroma" in " ".join(found.problems)


def test_a_second_attention_makes_it_sd35_medium() -> None:
    name = "transformer.transformer_blocks.3.attn2.to_q"
    assert identity_of(header_of(pair(name, (4, 1536), (1536, 4)))).base == "sd35-medium"


def test_sd3_attention_without_metadata_is_asked_about() -> None:
    found = changed("sd3-medium-diffusers-peft", {})
    assert found.base == "ambiguous:sd3-medium|sd35-medium"


def test_text_encoder_two_proves_sdxl_without_metadata() -> None:
    assert changed("sdxl-kohya", {}).base == "sdxl"


@pytest.mark.parametrize(
    "metadata",
    [
        {"ss_base_model_version": "sd_1.5"},
        {"modelspec.architecture": "flux-1-dev/lora"},
        {"ss_v2": "True"},
        {"ss_base_model_version": "wan_2.2_14b", "modelspec.architecture": "chroma/lora"},
    ],
)
def test_lying_metadata_change_nothing_but_are_told(metadata: Mapping[str, str]) -> None:
    found = changed("sdxl-kohya", metadata)
    assert found.base == "sdxl"
    assert found.verdict == "accept"
    assert len(found.problems) == len(metadata)
    assert all("the layers are those of sdxl" in problem for problem in found.problems)


@pytest.mark.parametrize("nothing", ["", "unknown", "None", "null"])
def test_metadata_that_say_nothing_are_no_problem(nothing: str) -> None:
    found = changed("sdxl-kohya", {"ss_base_model_version": nothing})
    assert found.problems == ()


def test_metadata_choose_among_what_fits() -> None:
    told = {"modelspec.architecture": "stable-diffusion-xl-v1-base/lora"}
    assert changed("sdxl-diffusers-peft", told).base == "sdxl"
    assert (
        changed("sdxl-diffusers-peft", {"modelspec.architecture": "Kolors/lora"}).base == "kolors"
    )


def test_a_trainer_that_names_no_base_rules_out_what_it_can_not_train() -> None:
    assert changed("sdxl-diffusers-peft", {"ss_network_module": "networks.lora"}).base == "sdxl"
    name = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_k"
    tensors = pair(name, (4, 320), (320, 4))
    assert identity_of(header_of(tensors, {"ss_v2": "False"})).base == "sd1"
    assert identity_of(header_of(tensors, {"ss_v2": "True"})).base == "sd2"


def test_metadata_that_contradict_each_other_choose_nothing() -> None:
    told = {"modelspec.architecture": "Kolors/lora", "ss_base_model_version": "sdxl_base_v1-0"}
    found = changed("sdxl-diffusers-peft", told)
    assert found.base == "ambiguous:sdxl|kolors"
    assert found.verdict == "ask"


def test_a_foreign_width_is_no_base_and_the_nearest_is_told() -> None:
    name = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"
    found = identity_of(header_of(pair(name, (4, 999), (320, 4))))
    assert (found.base, found.verdict, found.is_lora) == (None, "reject", True)
    assert "999" in found.problems[0]


@pytest.mark.parametrize(
    ("path", "down", "up"),
    [
        ("down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k", (4, 768), (333, 4)),
        ("down_blocks.0.resnets.0.conv1", (4, 320, 1, 1), (320, 4, 1, 1)),
        ("down_blocks.0.resnets.0.conv1", (4, 2880, 3, 3), (320, 4, 1, 1)),
        ("down_blocks.0.resnets.0.conv1", (4, 2880), (320, 4)),
    ],
)
def test_a_wrong_output_width_or_kernel_is_no_base(path: str, down: Shape, up: Shape) -> None:
    found = identity_of(header_of(pair(f"unet.{path}", down, up)))
    assert (found.base, found.verdict) == (None, "reject")
    assert "nearest" in found.problems[0]


def test_a_base_nobody_knows_here_is_refused() -> None:
    tensors = kohya("lora_unet_towers_0_self_attn_q", (8, 5120), (5120, 8))
    found = identity_of(header_of(tensors, {"ss_base_model_version": "towers"}))
    assert (found.base, found.format, found.verdict) == (None, "kohya", "reject")


def test_few_unknown_layers_are_asked_about() -> None:
    tensors = {k: (i.dtype, i.shape) for k, i in load("sd1-kohya").tensors.items()}
    tensors |= kohya("lora_unet_down_blocks_9_resnets_0_conv1", (8, 10, 3, 3), (10, 8, 1, 1))
    found = identity_of(header_of(tensors))
    assert (found.base, found.verdict) == ("sd1", "ask")
    assert "down_blocks_9" in found.problems[0]


# --- names ------------------------------------------------------------------------------------


def test_a_fused_native_layer_becomes_one_module_for_each_projection() -> None:
    tensors = kohya("lora_unet_double_blocks_0_img_attn_qkv", (4, 3072), (9216, 4))
    modules = identity_of(header_of(tensors)).modules
    assert {module.path.rpartition(".")[2]: module.rows for module in modules} == {
        "to_q": ((0, 3072),),
        "to_k": ((3072, 6144),),
        "to_v": ((6144, 9216),),
    }
    assert len({(module.down, module.up) for module in modules}) == 1
    assert {module.outputs for module in modules} == {3072}


def test_the_final_modulation_of_flux_has_its_halves_swapped() -> None:
    tensors = kohya("lora_unet_final_layer_adaLN_modulation_1", (4, 3072), (6144, 4))
    (module,) = identity_of(header_of(tensors)).modules
    assert module.path == "transformer.norm_out.linear"
    assert module.rows == ((3072, 6144), (0, 3072))


def test_text_layers_are_known_with_and_without_text_model() -> None:
    path = "encoder.layers.0.self_attn.q_proj"
    for name in (f"text_encoder.text_model.{path}", f"text_encoder.{path}"):
        (module,) = identity_of(header_of(pair(name, (8, 96), (96, 8)))).modules
        assert module.path == f"text_encoder.text_model.{path}"


def test_a_half_converted_file_is_read_whole() -> None:
    block = "unet.down_blocks.0.attentions.0.transformer_blocks.0"
    tensors = pair(f"{block}.attn2.to_k", (4, 768), (320, 4), ("lora.down", "lora.up"))
    tensors |= pair(f"{block}.ff.net.2", (4, 1280), (320, 4))
    found = identity_of(header_of(tensors))
    assert (found.format, found.layers, len(found.modules)) == ("diffusers-dotlora", 2, 2)


def test_the_same_layer_twice_under_two_names_is_broken() -> None:
    path = "encoder.layers.0.self_attn.q_proj"
    tensors = pair(f"text_encoder.{path}", (8, 96), (96, 8))
    tensors |= pair(f"text_encoder.text_model.{path}", (8, 96), (96, 8))
    found = identity_of(header_of(tensors))
    assert found.verdict == "reject"
    assert "same layer" in found.problems[0]


# --- alpha ------------------------------------------------------------------------------------

TO_K = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"


@pytest.mark.parametrize(
    ("settings", "alpha"),
    [
        ({"unet.lora_alpha": 2}, 2.0),
        ({"lora_alpha": 2.5}, 2.5),
        ({"unet.lora_alpha": 2, "unet.alpha_pattern": {"attn2.to_k": 3}}, 3.0),
        ({"unet.lora_alpha": 2, "unet.alpha_pattern": {"to_q": 3}}, 2.0),
        ({"unet.lora_alpha": 2, "unet.use_rslora": True}, 4.0),
        ({"unet.lora_alpha": True}, None),
        ({"unet.lora_alpha": -1}, None),
        ({"unet.lora_alpha": 10**400}, None),
        ({"unet.lora_alpha": "2"}, None),
        ({}, None),
    ],
)
def test_alpha_of_a_peft_file_is_in_its_metadata(
    settings: Mapping[str, object], alpha: float | None
) -> None:
    metadata = {"lora_adapter_metadata": json.dumps(settings)}
    (module,) = identity_of(header_of(pair(TO_K, (4, 768), (320, 4)), metadata)).modules
    assert module.alpha == alpha


@pytest.mark.parametrize("text", ["", "{", "[" * 5000, "NaN", '{"unet.lora_alpha": NaN}', "[1]"])
def test_settings_that_are_no_json_count_as_nothing(text: str) -> None:
    found = identity_of(header_of(pair(TO_K, (4, 768), (320, 4)), {"lora_adapter_metadata": text}))
    assert found.modules[0].alpha is None


def test_regular_expressions_for_alpha_are_asked_about() -> None:
    metadata = {"lora_adapter_metadata": json.dumps({"unet.alpha_pattern": {"(a+)+$": 1}})}
    found = identity_of(header_of(pair(TO_K, (4, 768), (320, 4)), metadata))
    assert found.verdict == "ask"


# --- broken and refused -----------------------------------------------------------------------

KEY = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ({f"{KEY}.lora_down.weight": ("F16", (4, 768))}, "no up half"),
        ({f"{KEY}.lora_up.weight": ("F16", (320, 4))}, "no down half"),
        (pair(KEY, (4, 768), (320, 8), ("lora_down", "lora_up")), "different ranks"),
        (kohya(KEY, (400, 768), (320, 400)), "larger than makes sense"),
        (kohya(KEY, (2000, 768), (320, 2000)), "larger than makes sense"),
        (kohya(KEY, (4,), (320, 4)), "neither matrices"),
        (kohya(KEY, (4, 768, 1, 1), (320, 4, 3, 3)), "kernel of its own"),
        (kohya(KEY, (4, 768), (320, 4)) | {f"{KEY}.alpha": ("F16", (3,))}, "single number"),
        (kohya(KEY, (4, 768), (320, 4)) | {f"{KEY}.alpha": ("C64", ())}, "floating"),
        (kohya(KEY, (4, 768), (320, 4)) | {f"{KEY}.mystery": ("F16", (1,))}, "no layer"),
    ],
)  # fmt: skip
def test_a_broken_lora_is_refused_with_the_reason(tensors: Tensors, told: str) -> None:
    found = identity_of(header_of(tensors))
    assert (found.verdict, found.is_lora) == ("reject", True)
    assert told in found.problems[0]
    assert found.modules == ()


def test_an_embedding_that_comes_along_is_told() -> None:
    tensors = kohya(KEY, (4, 768), (320, 4)) | {"bundle_emb.zolt.clip_l": ("F16", (1, 768))}
    found = identity_of(header_of(tensors))
    assert (found.verdict, found.base) == ("ask", "sd1")
    assert "text embedding" in found.problems[0]


def test_many_problems_of_a_kind_are_told_in_one_sentence() -> None:
    tensors: Tensors = {}
    for block in range(300):
        tensors[f"{KEY}_{block}.lora_down.weight"] = ("F16", (4, 768))
    (problem,) = identity_of(header_of(tensors)).problems
    assert "and 299 more" in problem


@pytest.mark.parametrize(
    ("parts", "algorithm"),
    [
        ({"hada_w1_a": (320, 4), "hada_w1_b": (4, 768), "hada_w2_a": (320, 4),
          "hada_w2_b": (4, 768)}, "loha"),
        ({"lokr_w1": (4, 4), "lokr_w2_a": (80, 4), "lokr_w2_b": (4, 192)}, "lokr"),
        ({"oft_blocks": (4, 80, 80)}, "oft"),
        ({"oft_blocks": (2, 4, 80, 80)}, "boft"),
        ({"a1.weight": (768, 4), "a2.weight": (4, 768), "b1.weight": (320, 4),
          "b2.weight": (4, 768)}, "glora"),
        ({"weight": (320,), "on_input": ()}, "ia3"),
        ({"diff": (320, 768)}, "full"),
        ({"lora_down.weight": (4, 768), "lora_up.weight": (320, 4), "dora_scale": (320, 1)},
         "dora"),
    ],
)  # fmt: skip
def test_every_algorithm_becomes_modules(parts: Mapping[str, Shape], algorithm: str) -> None:
    tensors = {f"{KEY}.{part}": ("F16", shape) for part, shape in parts.items()}
    found = identity_of(header_of(tensors))
    assert (found.algorithm, found.is_lora) == (algorithm, True)
    # What has one width only may be for several bases.
    assert found.verdict == "accept" or algorithm in {"oft", "boft", "ia3"}
    assert "sd1" in (found.base, *found.alternatives)
    (module,) = found.modules
    assert module.algorithm == algorithm
    named = dict(module.parts)
    assert set(named.values()) == {f"{KEY}.{part}" for part in parts}


@pytest.mark.parametrize(
    "parts", [{"oft_R.weight": (4, 3160)}, {"boft_R": (2, 4, 80, 80), "boft_s": (320, 1)}]
)
def test_what_peft_turns_its_own_way_is_refused_with_what_would_work(
    parts: Mapping[str, Shape],
) -> None:
    tensors = {f"{KEY}.{part}": ("F16", shape) for part, shape in parts.items()}
    found = identity_of(header_of(tensors))
    assert found.verdict == "reject"
    assert "PEFT" in found.problems[0]
    assert "would work" in found.problems[0]


def test_a_tucker_convolution_keeps_its_core() -> None:
    name = "lora_unet_down_blocks_0_resnets_0_conv1"
    tensors = kohya(name, (4, 320, 1, 1), (320, 4, 1, 1))
    found = identity_of(header_of({**tensors, f"{name}.lora_mid.weight": ("F16", (4, 4, 3, 3))}))
    assert (found.verdict, found.algorithm) == ("ask", "locon")
    assert [module.mid for module in found.modules] == [f"{name}.lora_mid.weight"]


def test_a_lora_in_a_naming_not_known_is_still_called_a_lora() -> None:
    found = identity_of(header_of(pair("diffusion_model.double_blocks.0.x", (4, 8), (8, 4))))
    assert (found.verdict, found.is_lora, found.algorithm) == ("reject", True, "lora")


@pytest.mark.parametrize(
    ("key", "shape", "told"),
    [
        ("model.diffusion_model.input_blocks.0.0.weight", (320, 4, 3, 3), "checkpoint"),
        ("unet.down_blocks.0.resnets.0.conv1.weight", (320, 320, 3, 3), "checkpoint"),
        ("text_model.encoder.layers.0.mlp.fc1.weight", (3072, 768), "checkpoint"),
        ("first_stage_model.decoder.conv_in.weight", (512, 4, 3, 3), "vae"),
        ("decoder.up_blocks.0.resnets.0.conv1.weight", (512, 512, 3, 3), "vae"),
        ("emb_params", (4, 768), "textual-inversion"),
        ("clip_g", (4, 1280), "textual-inversion"),
        ("image_proj.proj.weight", (3072, 1024), "ip-adapter"),
        ("control_model.input_blocks.0.0.weight", (320, 4, 3, 3), "controlnet"),
        ("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", (8, 4096), "peft-llm"),
    ],
)
def test_what_is_not_a_lora_is_named(key: str, shape: Shape, told: str) -> None:
    found = identity_of(header_of({key: ("F16", shape)}, {"ss_base_model_version": "sdxl"}))
    assert (found.verdict, found.is_lora, found.format) == ("reject", False, told)
    assert found.base is None


def test_a_file_without_tensors_is_empty_whatever_it_says() -> None:
    found = identity_of(header_of({}, {"ss_base_model_version": "sdxl_base_v1-0"}))
    assert (found.verdict, found.format, found.base) == ("reject", "empty", None)


# --- what else the metadata say ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("metadata", "family"),
    [
        ({"ss_sd_model_name": "ponyDiffusionV6XL.safetensors"}, "pony"),
        ({"ss_sd_model_name": "Illustrious-XL-v0.1"}, "illustrious"),
        ({"ss_sd_model_name": "noobaiXL", "modelspec.prediction_type": "v"}, "noobai-vpred"),
        ({"ss_sd_model_name": "sd_xl_base_1.0.safetensors"}, None),
    ],
)
def test_the_branch_of_sdxl_is_what_it_was_trained_on(
    metadata: Mapping[str, str], family: str | None
) -> None:
    assert changed("sdxl-kohya", metadata).sub_family == family


def test_a_guidance_layer_proves_flux_dev() -> None:
    tensors = kohya("lora_unet_guidance_in_in_layer", (4, 256), (3072, 4))
    found = identity_of(header_of(tensors, {"modelspec.architecture": "flux-1-schnell/lora"}))
    assert found.sub_family == "flux1-dev"


def test_kind_and_weight_come_from_what_the_maker_wrote() -> None:
    metadata = {"ss_output_name": "age_slider_v2", "modelspec.usage_hint": "Strength: 0.7 to 0.9"}
    found = changed("sdxl-kohya", metadata)
    assert (found.kind, found.recommended_weight) == ("slider", 0.8)
    assert changed("sdxl-kohya", {"modelspec.title": "SDXL-Lightning 4 steps"}).kind == "speed"
    assert changed("sdxl-kohya", {"modelspec.title": "lightning storms"}).kind == "speed"
    assert changed("sdxl-kohya", {"modelspec.usage_hint": "weight 900"}).recommended_weight is None
