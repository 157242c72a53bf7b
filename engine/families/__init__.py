"""Base-model families, one file of facts each. Add a base: one file and one row here."""

from engine.families.facts import Family
from engine.registration import Table

FAMILIES: Table[Family] = Table(
    "families",
    Family,
    {
        "miniature": "engine.families.miniature:FAMILY",
        "sd1": "engine.families.sd1:FAMILY",
        "sdxl": "engine.families.sdxl:FAMILY",
        "sd3-medium": "engine.families.sd3:FAMILY",
        "flux1": "engine.families.flux1:FAMILY",
    },
)
