"""What a file's metadata claim about its base. They lie: used only to choose among what fits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.formats.metadata import said

_KEYS = ("ss_base_model_version", "modelspec.architecture")
"""In order of trust; sd-scripts and musubi, ai-toolkit and OneTrainer write both or one."""

# The first pattern that is found decides, so the narrower ones stand first.
_BASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^miniature", ("miniature",)),
    (r"kolors", ("kolors",)),
    (r"pony.?v7|auraflow", ("auraflow",)),
    (r"^sdxl|stable-diffusion-xl|^sd_xl|illustrious|noobai|^pony", ("sdxl",)),
    (r"(sd|stable.diffusion).{0,3}v?3[._-]?5.*medium", ("sd35-medium",)),
    (r"(sd|stable.diffusion).{0,3}v?3[._-]?5.*large", ("sd35-large",)),
    (r"(sd|stable.diffusion).{0,3}v?3[._-]?5", ("sd35-medium", "sd35-large")),
    (r"(sd|stable.diffusion).{0,3}v?3(?!\d)", ("sd3-medium",)),
    (r"(sd|stable.diffusion).{0,3}v?2(?!\d)", ("sd2",)),
    (r"(sd|stable.diffusion).{0,3}v?1(?!\d\d)", ("sd1",)),
    (r"chroma", ("chroma",)),
    (r"flux.?2.*klein.*4b", ("flux2-klein-4b",)),
    (r"flux.?2.*klein.*9b", ("flux2-klein-9b",)),
    (r"flux.?2", ("flux2-dev",)),
    (r"flux", ("flux1",)),
    (r"z.?image", ("z-image",)),
    (r"lumina", ("lumina2",)),
    (r"qwen.?image", ("qwen-image",)),
    (r"hidream", ("hidream",)),
    (r"wan", ("wan-14b", "wan-1.3b", "wan22-5b")),
    (r"hunyuan.?image", ("hunyuan-image-2.1",)),
    (r"hunyuan", ("hunyuan-video",)),
    (r"pixart", ("pixart-sigma",)),
)


@dataclass(frozen=True, slots=True)
class Hint:
    """One metadata value that names a base."""

    key: str
    value: str
    bases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is left of the bases that fit, after the metadata were heard."""

    bases: tuple[str, ...]
    problems: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def base_hints(metadata: Mapping[str, str]) -> tuple[Hint, ...]:
    """Every value that names a base, in order of trust."""
    hints = []
    for key in _KEYS:
        value = said(metadata, key)[:100]
        for pattern, bases in _BASES:
            if value and re.search(pattern, value.lower()):
                hints.append(Hint(key, value, frozenset(bases)))
                break
    # sd-scripts writes False for everything else, so only True says something.
    if said(metadata, "ss_v2").lower() == "true":
        hints.append(Hint("ss_v2", "True", frozenset({"sd2"})))
    return tuple(hints)


def chosen(fitting: Sequence[str], hints: Sequence[Hint]) -> Choice:
    """Bases that fit the layers, narrowed by the metadata where these agree with some of them."""
    left = tuple(fitting)
    problems, evidence = [], []
    for hint in hints if fitting else ():
        told = f"The metadata say {hint.value} ({hint.key})"
        if hint.bases.isdisjoint(fitting):
            problems.append(f"{told}, but the layers are those of {' or '.join(fitting)}.")
            continue
        agreed = tuple(base for base in left if base in hint.bases)
        if not agreed:
            problems.append(f"{told}, and something else too.")
            return Choice(tuple(fitting), tuple(problems))
        if len(agreed) < len(left):
            evidence.append(f"{told}.")
        left = agreed
    return Choice(left, tuple(problems), tuple(evidence))
