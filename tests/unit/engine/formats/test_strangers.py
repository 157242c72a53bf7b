"""What is no LoRA for pictures is called by its name."""

import pytest

from engine.formats.identify import identity_of
from tests.stripped.headers import Tensors, header_of

LANGUAGE = [
    "base_model.model.model.layers.{}.self_attn.q_proj",
    "base_model.model.transformer.h.{}.attn.c_attn",
    "base_model.model.model.decoder.layers.{}.encoder_attn.k_proj",
    "base_model.model.model.language_model.layers.{}.mlp.gate_proj",
    "base_model.model.gpt_neox.layers.{}.attention.query_key_value",
    "base_model.model.model.layers.{}.block_sparse_moe.gate",
    "base_model.model.backbone.layers.{}.mixer.in_proj",
    "base_model.model.encoder.block.{}.layer.0.SelfAttention.q",
    "base_model.model.bert.encoder.layer.{}.attention.self.query",
    "model.layers.{}.self_attn.q_proj",
]


@pytest.mark.parametrize("path", LANGUAGE)
@pytest.mark.parametrize("ends", [("lora_A", "lora_B"), ("lora_A.default", "lora_B.default")])
def test_a_lora_of_a_language_network_is_called_so(path: str, ends: tuple[str, str]) -> None:
    tensors: Tensors = {}
    for block in range(3):
        name = path.format(block)
        tensors[f"{name}.{ends[0]}.weight"] = ("BF16", (8, 64))
        tensors[f"{name}.{ends[1]}.weight"] = ("BF16", (64, 8))
    found = identity_of(header_of(tensors, {"ss_base_model_version": "sdxl_base_v1-0"}))
    assert (found.is_lora, found.format, found.base) == (False, "peft-llm", None)


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        (["double_blocks.0.img_attn.qkv.weight", "double_blocks.0.img_attn.norm.k.scale"],
         "checkpoint"),
        (["encoder.block.0.layer.0.SelfAttention.q.weight", "shared.weight"], "checkpoint"),
        (["transformer.resblocks.0.mlp.c_fc.weight", "token_embedding.weight"], "checkpoint"),
        (["model.layers.0.self_attn.q_proj.weight", "lm_head.weight"], "checkpoint"),
        (["conv_first.weight", "body.0.rdb1.conv1.weight"], "checkpoint"),
        (["down_blocks.0.motion_modules.0.temporal_transformer.proj_in.weight"], "checkpoint"),
        (["model.diffusion_model.out.2.weight", "first_stage_model.decoder.conv_in.weight"],
         "checkpoint"),
        (["decoder.conv_in.weight", "encoder.down.0.block.0.conv1.weight"], "vae"),
        (["decoder.middle.0.residual.0.gamma", "conv1.weight"], "vae"),
        (["1.weight", "3.conv.0.weight"], "vae"),
        (["controlnet_cond_embedding.conv_in.weight", "down_blocks.0.resnets.0.conv1.weight"],
         "controlnet"),
        (["controlnet_x_embedder.weight", "transformer_blocks.0.attn.to_q.weight"], "controlnet"),
        (["lora_controlnet", "input_blocks.1.0.in_layers.2.down"], "controlnet"),
        (["lllite_unet_input_blocks_4_1_attn1_to_k.down.0.weight"], "controlnet"),
        (["adapter.body.0.block1.weight"], "controlnet"),
        (["clip_l", "clip_g"], "textual-inversion"),
        (["<cat-toy>"], "textual-inversion"),
        (["bundle_emb.zolt.clip_l"], "textual-inversion"),
        (["image_proj.proj.0.weight", "ip_adapter.0.to_q_lora.down.weight"], "ip-adapter"),
        (["ip_adapter_proj_model.proj.weight", "double_blocks.0.processor.ip_adapter_k.weight"],
         "ip-adapter"),
        ([], "empty"),
    ],
)  # fmt: skip
def test_other_networks_are_called_by_their_kind(keys: list[str], kind: str) -> None:
    found = identity_of(header_of(dict.fromkeys(keys, ("F16", (4, 4)))))
    assert (found.verdict, found.is_lora, found.format) == ("reject", False, kind)
    assert "bring a LoRA" in found.problems[0]
