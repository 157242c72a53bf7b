"""LoRA file formats. Add a format: one file and one row here; exactly one may claim a file."""

from engine.formats.claim import Format
from engine.registration import Table

FORMATS: Table[Format] = Table(
    "formats",
    Format,  # type: ignore[type-abstract]  # only used to check the rows' kind
    {
        "kohya": "engine.formats.kohya:KOHYA",
        "kohya-ldm-names": "engine.formats.kohya:KOHYA_LDM_NAMES",
        "kohya-diffusers-names": "engine.formats.kohya:KOHYA_DIFFUSERS_NAMES",
        "kohya-oft": "engine.formats.kohya_oft:KOHYA_OFT",
        "onetrainer-kohya": "engine.formats.onetrainer:ONETRAINER_KOHYA",
        "simpletuner-lycoris": "engine.formats.simpletuner_lycoris:SIMPLETUNER_LYCORIS",
        "comfy-dotted": "engine.formats.comfy_dotted:COMFY_DOTTED",
        "diffusers-peft": "engine.formats.diffusers_peft:DIFFUSERS_PEFT",
        "diffusion-pipe": "engine.formats.diffusers_peft:DIFFUSION_PIPE",
        "diffusers-dotlora": "engine.formats.diffusers_dotlora:DIFFUSERS_DOTLORA",
        "diffusers-attn-processor": "engine.formats.attn_processor:DIFFUSERS_ATTN_PROCESSOR",
        "peft-base_model": "engine.formats.peft_base_model:PEFT_BASE_MODEL",
        "xlabs": "engine.formats.xlabs:XLABS",
        "nunchaku": "engine.formats.nunchaku:NUNCHAKU",
        "bfl-control": "engine.formats.bfl:BFL_CONTROL",
        "bfl-dotted": "engine.formats.bfl:BFL_DOTTED",
        "dotted-noprefix": "engine.formats.noprefix:DOTTED_NOPREFIX",
    },
)
