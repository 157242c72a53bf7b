"""Base-model families, one file of facts each. Add a base: one file and one row here."""

from engine.families.facts import Family
from engine.registration import Table

FAMILIES: Table[Family] = Table(
    "families",
    Family,
    {
        "miniature": "engine.families.miniature:FAMILY",
        "sd1": "engine.families.sd1:FAMILY",
        "sd2": "engine.families.sd2:FAMILY",
        "sdxl": "engine.families.sdxl:FAMILY",
        "sd3-medium": "engine.families.sd3:FAMILY",
        "sd35-medium": "engine.families.sd35_medium:FAMILY",
        "sd35-large": "engine.families.sd35_large:FAMILY",
        "flux1": "engine.families.flux1:FAMILY",
        "flux1-schnell": "engine.families.flux1_schnell:FAMILY",
        "chroma": "engine.families.chroma:FAMILY",
        "pixart-sigma": "engine.families.pixart:FAMILY",
    },
)
