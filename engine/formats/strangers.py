"""What a file is when it is not a LoRA: by its first bytes, and by the names of its tensors."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_BYTES: tuple[tuple[bytes, str], ...] = (
    (b"\x80\x02", "a pickle file"),
    (b"\x80\x03", "a pickle file"),
    (b"\x80\x04", "a pickle file"),
    (b"\x80\x05", "a pickle file"),
    (b"PK\x03\x04", "a zip archive (PyTorch's .pt, .ckpt and .bin are such)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"GGUF", "a GGUF file"),
    (b"ggjt", "a GGML file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a WebP picture or another RIFF file"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"version https://git-lfs", "a Git LFS pointer, which stands for a file not fetched"),
)
_HTML = re.compile(rb"\s*<(!doctype\s+html|html|head|!--|\?xml)", re.IGNORECASE)
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e]{8,}\Z")


def named_by_bytes(start: bytes) -> str | None:
    """What a file is by its first bytes; None when it may be safetensors."""
    if not start:
        return "an empty file"
    # A header's length may look like anything; its JSON text begins behind it.
    if start[8:9] == b"{" and start[4:8] == b"\0\0\0\0":
        return None
    if _HTML.match(start):
        return "a web page"
    for magic, name in _BYTES:
        if start.startswith(magic):
            return name
    if start.lstrip()[:1] in (b"{", b"["):
        return "a JSON text"
    return "a plain text" if _TEXT.match(start[:256]) else None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A whole safetensors file that is not a LoRA for pictures."""

    format: str
    title: str
    pattern: str
    """Some tensor's name matches this from its start."""


_LANGUAGE = re.compile(
    r"(base_model\.model\.)*"
    r"(?P<front>(model|language_model|transformer|thinker|talker|audio_tower|bert|roberta|vit|"
    r"wav2vec2)\.)*"
    r"(layers|h|(encoder|decoder)\.(layers?|block))\.\d+\.(?P<inside>.+)"
)
_SEQUENCE = re.compile(
    r"base_model\.model\.(\w+\.)*(layers?|h|blocks?)\.\d+\."
    r"(?!.*\b(to_[qkv]|to_out|attn[12]|img_|txt_|adaLN|adaln|feed_forward)\b)"
)
_INSIDE = re.compile(
    r"(self_attn|attn|attention|self_attention|linear_attn|encoder_attn|mlp|mixer|block_sparse_moe|"
    r"feed_forward|layer\.\d+\.\w+|attention\.self)\."
    r"([qkvo]_proj|out_proj|qkv_proj|query|key|value|query_key_value|c_attn|c_proj|c_fc|dense\w*|"
    r"(gate|up|down|gate_up)_proj|experts\..*|fc[12]|in_proj\w*|[qkvo]|w[io]\w*|w[qkv])\Z"
)
_INSIDE_BARE = re.compile(r"(self_attn\.[qkvo]_proj|attention\.w[qkvo])\Z")
_EARLY: tuple[Stranger, ...] = (
    Stranger(
        "ip-adapter",
        "an IP-Adapter",
        r"(image_proj|ip_adapter|image_proj_model|ip_adapter_\w*proj\w*)\.|"
        r".*\.processor\.ip_adapter_|.*\.to_[kv]_ip\.weight\Z",
    ),
    Stranger(
        "controlnet",
        "a ControlNet",
        r"(control_model|controlnet_\w+|zero_convs|input_hint_block)\.|lllite_|"
        r"lora_controlnet\Z|controlnet\.",
    ),
)
"""Whole networks that may hold LoRA layers too."""
_EARLY_FRONTS = ("image_proj", "ip_adapter", "control", "zero_convs", "input_hint", "lllite_",
                 "lora_controlnet", "double_blocks.0.processor.ip", "1.to_k_ip")  # fmt: skip
_NAMES: tuple[Stranger, ...] = (
    *_EARLY,
    Stranger("controlnet", "a T2I adapter", r"(adapter\.)?body\.\d+\.block[12]\."),
    Stranger("checkpoint", "a whole checkpoint",
             r"(model\.diffusion_model|cond_stage_model|conditioner|text_encoders)\.(?!.*lora)"),
    Stranger("textual-inversion", "a textual inversion (an embedding)",
             r"(emb_params|string_to_param.*|clip_[lg]|<[^>]*>|t5xxl|bundle_emb\..*)\Z"),
    Stranger("vae", "a VAE",
             r"(first_stage_model\.|(vae\.)?(encoder|decoder)\.(down|up|mid|conv_in|conv_out|"
             r"down_blocks|up_blocks|mid_block|downsamples|upsamples|middle|layers\.\d+\.conv|"
             r"\d+\.(weight|conv))\b|(post_)?quant_conv\.|\d+\.conv\.\d+\.)"),
    Stranger("checkpoint", "a whole network without a LoRA",
             r"((unet|transformer|diffusion_model|net|model)\.)?(down_blocks|up_blocks|mid_block|"
             r"input_blocks|output_blocks|middle_block|(joint_|single_)?transformer_blocks|"
             r"double_blocks|single_blocks|joint_blocks|(double|single)_stream_blocks|text_model|"
             r"vision_model|layers|blocks|encoder|embed_tokens|model|lm_head|shared|body|"
             r"double_layers|single_layers|img_in|x_embedder|conv_in|conv_first|resblocks|visual|"
             r"token_embedding|text_projection|time_embed|time_embedding|patch_embed\w*)\."
             r"(?!.*lora)(?!.*(hada|lokr|oft)_).*(weight|bias|scale)\Z"),
)  # fmt: skip


def is_language(names: Iterable[str]) -> bool:
    """Whether most layers are those of a language or speech network, not of one for pictures."""
    listed = list(names)
    found = 0
    for name in listed:
        match = _LANGUAGE.match(name)
        if match is None or name.startswith("encoder."):
            # CLIP without its first level begins so, too.
            continue
        # Networks for pictures call their blocks `layers`, too, with little else alike.
        inside = _INSIDE if match["front"] else _INSIDE_BARE
        found += inside.search(match["inside"]) is not None
    return 2 * found > len(listed)


def is_sequence(names: Iterable[str]) -> bool:
    """Whether most layers stand in numbered blocks called as no network for pictures calls them.

    Asked only of layers that no base here has.
    """
    listed = list(names)
    return 2 * sum(_SEQUENCE.match(name) is not None for name in listed) > len(listed)


def whole_network(names: Iterable[str]) -> Stranger | None:
    """An adapter of another kind that LoRA layers in it must not hide."""
    listed = [name for name in names if name.startswith(_EARLY_FRONTS)]
    for stranger in _EARLY:
        pattern = re.compile(stranger.pattern)
        if any(pattern.match(name) for name in listed):
            return stranger
    return None


def named_by_tensors(names: Iterable[str]) -> Stranger | None:
    """What a file without LoRA layers is, by the first pattern that one of its tensors matches."""
    listed = list(names)
    if not listed:
        return Stranger("empty", "a file without any tensor", "")
    for stranger in _NAMES:
        pattern = re.compile(stranger.pattern)
        if any(pattern.match(name) for name in listed):
            return stranger
    return None
