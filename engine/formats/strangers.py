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


_NAMES: tuple[Stranger, ...] = (
    Stranger("peft-llm", "a LoRA of a language model",
             r"base_model\.model\.(model\.)?(language_model\.)?(layers|h|transformer\.h)\.\d+\."),
    Stranger("peft-llm", "a LoRA of a language model", r"model\.layers\.\d+\.self_attn\..*lora_"),
    Stranger("ip-adapter", "an IP-Adapter", r"(image_proj|ip_adapter|image_proj_model)\."),
    Stranger("controlnet", "a ControlNet",
             r"(control_model|controlnet_\w+|zero_convs|input_hint_block)\.|lllite_"),
    Stranger("checkpoint", "a whole checkpoint",
             r"(model\.diffusion_model|cond_stage_model|conditioner)\.(?!.*lora)"),
    Stranger("textual-inversion", "a textual inversion (an embedding)",
             r"(emb_params|string_to_param.*|clip_[lg]|<[^>]*>|t5xxl)\Z"),
    Stranger("vae", "a VAE",
             r"(first_stage_model\.|(vae\.)?(encoder|decoder)\.(down|up|mid|conv_in|down_blocks|"
             r"up_blocks|mid_block|layers\.\d+\.conv)\b|quant_conv\.)"),
    Stranger("checkpoint", "a whole network without a LoRA",
             r"(unet\.|transformer\.|diffusion_model\.)?(down_blocks|up_blocks|mid_block|"
             r"input_blocks|output_blocks|transformer_blocks|single_transformer_blocks|"
             r"double_blocks|single_blocks|joint_blocks|text_model|layers|blocks)\."
             r"(?!.*lora)(?!.*(hada|lokr|oft)_).*\.(weight|bias)\Z"),
)  # fmt: skip


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
