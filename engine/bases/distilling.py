"""Whether a base was taught to draw in few steps, and what tells so: pure rules."""

from dataclasses import dataclass
from typing import Final

from engine.bases.looking import Sight
from engine.errors import BadRequest
from engine.families.distilled import Distilled, kind_of, kinds_of, named

NOT_ONE: Final = "no"
"""What a host says of a base that only looks like one."""
GUIDANCE_INPUT: Final = "time_embedding.cond_proj.weight"
"""The layer by which a UNet takes guidance as a number (Latent Consistency Models)."""
_BY_SCHEDULER: Final = {"LCMScheduler": "lcm", "TCDScheduler": "hyper"}
_NAMING_KEYS: Final = ("modelspec.title", "modelspec.architecture", "ss_base_model_version")
MOST_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Found:
    """The kind of few-step base, empty for any other; `note` is for the host."""

    name: str = ""
    note: str = ""


def distilled(family: str, sight: Sight, called: tuple[str, ...], said: str = "") -> Found:
    """Tell the kind: by what the host says, by its layers, by its scheduler, by its names.

    `called` is what it is called beside its own file. Raises `BadRequest` for a kind that the
    family has not.
    """
    if said == NOT_ONE:
        return Found()
    if said:
        return Found(_known(family, said).name)
    names = (*called, sight.path.stem)
    for kind, why in (_by_layers(family, sight), _by_scheduler(family, sight),
                      _by_names(family, sight, names)):  # fmt: skip
        if kind is not None:
            return Found(kind.name, f"drawn with as {kind.title} ({kind.told}), because {why}")
    return Found(note=_doubt(family, sight))


def _known(family: str, said: str) -> Distilled:
    kind = kind_of(family, said)
    if kind is None:
        valid = ", ".join((*kinds_of(family), NOT_ONE))
        raise BadRequest(name="distilled", value=said, valid=valid)
    return kind


def _by_layers(family: str, sight: Sight) -> tuple[Distilled | None, str]:
    if kind := kind_of(family, ""):
        return kind, "its layers are those of a few-step base"
    if any(name.endswith(GUIDANCE_INPUT) for name in sight.shapes):
        return kind_of(family, "lcm-guided"), "its UNet takes guidance as an input"
    return None, ""


def _by_scheduler(family: str, sight: Sight) -> tuple[Distilled | None, str]:
    told = str(sight.scheduler.get("_class_name", ""))
    return kind_of(family, _BY_SCHEDULER.get(told, "")), f"its scheduler is {told}"


def _by_names(family: str, sight: Sight, names: tuple[str, ...]) -> tuple[Distilled | None, str]:
    titles = (sight.metadata.get(key, "")[:MOST_CHARS] for key in _NAMING_KEYS)
    found = named(family, (*titles, *names))
    if found is None:
        return None, ""
    return found[0], f"it is called {found[1][:80]}; --distilled {NOT_ONE} if it is none"


def _doubt(family: str, sight: Sight) -> str:
    """What a scheduler hints at that begins at pure noise, with no name to prove more."""
    config = sight.scheduler
    is_spaced = config.get("timestep_spacing") == "trailing"
    is_usual = config.get("prediction_type", "epsilon") == "epsilon"
    if not is_spaced or not is_usual or config.get("rescale_betas_zero_snr"):
        return ""
    kinds = ", ".join(kinds_of(family))
    if not kinds:
        return ""
    return f"its scheduler is that of few-step bases: if it is one, --distilled {kinds}"
