"""Any header that was read is identified: nothing in names, shapes or metadata raises."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.formats.identify import identity_of, verdicts
from tests.stripped.headers import header_of, load, names

PREFIXES = [
    "lora_unet_",
    "lora_te1_",
    "unet.",
    "transformer.",
    "base_model.model.",
    "oft_unet_",
    "",
]
MIDDLES = [
    "down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k",
    "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k",
    "input_blocks_4_1_proj_in",
    "double_blocks_0_img_attn_qkv",
    "text_model_encoder_layers_0_mlp_fc1",
    "x",
]
ENDS = [
    "lora_down.weight", "lora_up.weight", "lora_mid.weight", "alpha", "lora_A.weight",
    "lora_B.default.weight", "lora.up.weight", "dora_scale", "hada_w1_a", "lokr_w1", "lokr_w2_b",
    "oft_blocks", "diff", "diff_b", "on_input", "weight", "bias", "a1.weight",
]  # fmt: skip
KEYS = [
    "ss_base_model_version", "modelspec.architecture", "ss_v2", "ss_tag_frequency", "ss_datasets",
    "ss_dataset_dirs", "lora_adapter_metadata", "modelspec.trigger_phrase", "ss_output_name",
    "modelspec.usage_hint",
]  # fmt: skip
VALUES = st.text(max_size=40) | st.sampled_from(
    ["sdxl", "flux", "True", '{"1_a": {"b": 1}}', '{"a": {"b": []}}', '[{"subsets": 1}]', "[[",
     '{"unet.alpha_pattern": {"x": null}}', '{"unet.lora_alpha": 1e999}', "weight 0.7"]
)  # fmt: skip

name = st.builds(
    lambda prefix, middle, end: f"{prefix}{middle}.{end}",
    st.sampled_from(PREFIXES),
    st.sampled_from(MIDDLES),
    st.sampled_from(ENDS),
)
shape = st.lists(st.sampled_from([1, 2, 4, 320, 768, 3072]), max_size=5).map(tuple)
tensor = st.tuples(st.sampled_from(["F16", "F32", "I64", "U8"]), shape)
metadata = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)


@given(st.dictionaries(name, tensor, max_size=8), metadata)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_mixture_of_names_and_shapes_raises(
    tensors: dict[str, tuple[str, tuple[int, ...]]], told: dict[str, str]
) -> None:
    header = header_of(tensors, told)
    found = identity_of(header, "file")
    assert len(verdicts(header)) <= 1
    assert found.verdict == "accept" or found.problems
    assert found.base is None or found.is_lora


PAIRS = [name for name in names() if not name.startswith("made-")]


@given(st.sampled_from(PAIRS), st.randoms(use_true_random=False), metadata)
@settings(max_examples=12, deadline=None)
def test_a_file_that_lost_a_tensor_is_never_accepted(
    fixture: str, random: Random, told: dict[str, str]
) -> None:
    tensors = {key: (info.dtype, info.shape) for key, info in load(fixture).tensors.items()}
    lost = random.choice([key for key in tensors if not key.endswith(".alpha")])
    del tensors[lost]
    found = identity_of(header_of(tensors, told))
    assert found.verdict == "reject"
    assert "half" in found.problems[0]
