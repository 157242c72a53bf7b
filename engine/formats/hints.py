"""What a file's metadata claim about its base. They lie: used only to choose among what fits."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.families.known import fingerprints
from engine.formats.metadata import said

_KEYS = ("ss_base_model_version", "modelspec.architecture", "base_model", "sidecar.base")
"""In order of trust: sd-scripts, musubi and ai-toolkit, OneTrainer, cards, files beside it."""
_WEAK_KEYS = ("ss_sd_model_name", "modelspec.implementation", "ss_network_module")
"""Names of files and modules: heard only when the others say nothing."""

_TRAINERS = ("ss_network_module", "ss_network_dim", "ot_branch", "ot_revision", "training_info")
"""Keys of sd-scripts, OneTrainer and ai-toolkit, none of which trains Kolors."""

_ALL_WAN = ("wan-14b", "wan-14b-i2v", "wan-1.3b", "wan22-5b")
_ALL_FLUX2 = ("flux2-dev", "flux2-klein-9b", "flux2-klein-4b")
# The first pattern that is found decides, so the narrower ones stand first.
_BASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^miniature", ("miniature",)),
    (r"kolors", ("kolors",)),
    (r"pony.{0,3}v?7|aura.?flow", ("auraflow",)),
    (r"krea.?2", ("krea2",)),
    (r"anima(?!gine|tediff|te|tion)", ("anima",)),
    (r"cosmos", ("cosmos-predict2-2b",)),
    (r"ideogram", ("ideogram4",)),
    (r"ernie", ("ernie-image",)),
    (r"chroma", ("chroma",)),
    (r"sd.?xl|stable.diffusion.xl|illustrious|\bilxl|noob|^pony|pony.?diffusion|animagine|^xl\b",
     ("sdxl",)),
    (r"(sd|stable.diffusion|^).{0,3}v?3[._-]?5.*medium", ("sd35-medium",)),
    (r"(sd|stable.diffusion|^).{0,3}v?3[._-]?5.*large", ("sd35-large",)),
    (r"(sd|stable.diffusion).{0,3}v?3[._-]?5", ("sd35-medium", "sd35-large")),
    (r"(sd|stable.diffusion).{0,3}v?3(?!\d)", ("sd3-medium",)),
    (r"(sd|stable.diffusion).{0,3}v?2(?!\d)", ("sd2",)),
    (r"(sd|stable.diffusion).{0,3}v?1(?!\d\d)|^v1-5-pruned", ("sd1",)),
    (r"flux.?2.*(klein.*4b|4b)", ("flux2-klein-4b",)),
    (r"flux.?2.*(klein.*9b|9b)", ("flux2-klein-9b",)),
    (r"flux.?2.*klein", ("flux2-klein-9b", "flux2-klein-4b")),
    (r"flux.?2.*dev", ("flux2-dev",)),
    (r"flux.?\.?2", _ALL_FLUX2),
    (r"flux", ("flux1",)),
    (r"z.?image", ("z-image",)),
    (r"lumina", ("lumina2",)),
    (r"qwen", ("qwen-image",)),
    (r"hi.?dream", ("hidream",)),
    (r"wan.*(1[._]3b)", ("wan-1.3b",)),
    (r"wan.?2?.?2.*(ti2v|5b)", ("wan22-5b",)),
    (r"wan.?2?.?1.*i2v.*14b|wan.*14b.*i2v.*(480|720)p", ("wan-14b-i2v", "wan-14b")),
    (r"\bwan|wan\d|^wan", _ALL_WAN),
    (r"hunyuan.?image", ("hunyuan-image-2.1",)),
    (r"hunyuan.?video.?1.?5|hv.?1.?5", ("hunyuan-video-1.5",)),
    (r"hunyuan", ("hunyuan-video",)),
    (r"framepack", ("hunyuan-video",)),
    (r"pixart", ("pixart-sigma",)),
    (r"sana", ("sana",)),
    (r"cogview", ("cogview4",)),
    (r"ltx", ("ltx-video",)),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), frozenset(bases)) for pattern, bases in _BASES)


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
    hints = [hint for key in _KEYS for hint in _hints(metadata, key)]
    if said(metadata, "ss_v2").lower() == "true":
        hints.append(Hint("ss_v2", "True", frozenset({"sd2"})))
    if not hints:
        hints = [hint for key in _WEAK_KEYS for hint in _hints(metadata, key)][:1]
    return tuple(hints) or _excluded(metadata)


def _excluded(metadata: Mapping[str, str]) -> tuple[Hint, ...]:
    """What a trainer leaves out that names no base: it is none that it can't train."""
    everything = frozenset(fingerprints())
    hints = []
    if said(metadata, "ss_v2").lower() == "false":
        hints.append(Hint("ss_v2", "False", everything - {"sd2"}))
    trainer = next((key for key in _TRAINERS if key in metadata), None)
    if trainer is not None:
        hints.append(Hint(trainer, said(metadata, trainer)[:60], everything - {"kolors"}))
    return tuple(hints)


def bases_named(text: str) -> frozenset[str]:
    """The bases that a text names; empty when it names none."""
    lowered = text.lower()
    return next((bases for pattern, bases in _PATTERNS if pattern.search(lowered)), frozenset())


def _hints(metadata: Mapping[str, str], key: str) -> list[Hint]:
    value = said(metadata, key)[:100]
    bases = bases_named(value) if value else frozenset()
    return [Hint(key, value, bases)] if bases else []


def chosen(fitting: Sequence[str], hints: Sequence[Hint], partial: Collection[str] = ()) -> Choice:
    """Bases that fit the layers, narrowed by the metadata where these agree with some of them.

    Of what is left then, bases drop out that fit others' files as well (`yields_to`), but for
    those of which only a part is there.
    """
    left = tuple(fitting)
    problems, evidence = [], []
    for hint in hints if fitting else ():
        told = f"The metadata say {hint.value} ({hint.key})"
        if hint.bases.isdisjoint(fitting):
            layers = " or ".join(_unyielding(fitting, partial))
            problems.append(f"{told}, but the layers are those of {layers}.")
            continue
        agreed = tuple(base for base in left if base in hint.bases)
        if not agreed:
            problems.append(f"{told}, and something else too.")
            return Choice(_unyielding(fitting, partial), tuple(problems))
        if len(agreed) < len(left):
            evidence.append(f"{told}.")
        left = agreed
    return Choice(_unyielding(left, partial), tuple(problems), tuple(evidence))


def _unyielding(found: Sequence[str], partial: Collection[str]) -> tuple[str, ...]:
    """These bases without those that yield to another of them."""
    known = fingerprints()
    return tuple(
        base for base in found if base in partial or not set(known[base].yields_to) & set(found)
    )
