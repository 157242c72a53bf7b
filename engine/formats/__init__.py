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
        "diffusers-peft": "engine.formats.diffusers_peft:DIFFUSERS_PEFT",
        "diffusers-dotlora": "engine.formats.diffusers_dotlora:DIFFUSERS_DOTLORA",
        "peft-base_model": "engine.formats.peft_base_model:PEFT_BASE_MODEL",
    },
)
