"""Samplers by the names people know: what they are called here, and what others call them.

Names are those of the A1111 web UI; its older versions write the noise schedule behind the name
(`DPM++ 2M Karras`), newer ones beside it, ComfyUI in one word (`dpmpp_2m`), diffusers as a class.
"""

import re
from collections.abc import Mapping
from typing import Final

from engine.errors import BadRequest

KARRAS: Final = " Karras"
SGM: Final = " SGM Uniform"
"""Steps spaced so that the first is at pure noise ("trailing"): what few-step LoRAs ask for."""
PLAIN: Final = (
    "DPM++ 2M", "DPM++ 2M SDE", "DPM++ 3M SDE", "DPM++ SDE", "DPM++ 2S", "Euler", "Euler a", "Heun",
    "DPM2", "DPM2 a", "UniPC", "DEIS", "DDIM", "PLMS", "LCM", "TCD",
)  # fmt: skip
WITH_KARRAS: Final = frozenset(
    {"DPM++ 2M", "DPM++ 2M SDE", "DPM++ 3M SDE", "DPM++ SDE", "DPM++ 2S", "Euler", "Heun", "DPM2",
     "DPM2 a", "UniPC", "DEIS"}
)  # fmt: skip
WITH_SGM: Final = frozenset({"Euler", "Euler a", "DPM++ 2M", "DDIM"})
NOISE: Final = tuple(
    name
    for plain in PLAIN
    for name in (
        plain,
        *((plain + KARRAS,) if plain in WITH_KARRAS else ()),
        *((plain + SGM,) if plain in WITH_SGM else ()),
    )
)
"""Samplers of bases that predict noise or velocity."""
FLOW: Final = ("Flow Euler", "Flow DPM++ 2M", "Flow UniPC", "Flow Heun", "Flow LCM")
"""Samplers of flow-matching bases."""
FLOW_SHIFTED: Final = tuple(name for name in FLOW if name != "Flow Heun")
"""Of those that shift by the picture's size, which Heun's form does not know."""
_FLOW_FOR: Final = {
    "Euler": "Flow Euler", "DPM++ 2M": "Flow DPM++ 2M", "UniPC": "Flow UniPC", "Heun": "Flow Heun",
    "LCM": "Flow LCM",
}  # fmt: skip
"""What a name means on a flow-matching base, where it means anything."""
_CALLED: Final = {
    "dpm++2m": "DPM++ 2M", "dpm++2mk": "DPM++ 2M Karras", "dpmsolvermultistep": "DPM++ 2M",
    "dpmsolver++": "DPM++ 2M", "dpm++": "DPM++ 2M", "dpmsolver": "DPM++ 2M",
    "dpm++sdek": "DPM++ SDE Karras", "dpm++2msdegpu": "DPM++ 2M SDE",
    "dpm++3msdegpu": "DPM++ 3M SDE", "dpm++sdegpu": "DPM++ SDE",
    "dpmsolversinglestep": "DPM++ 2S", "dpm++2sa": "DPM++ SDE", "dpm++2mheun": "DPM++ 2M",
    "eulera": "Euler a", "eulerancestral": "Euler a", "eulerancestraldiscrete": "Euler a",
    "eulerdiscrete": "Euler", "heundiscrete": "Heun", "unipcmultistep": "UniPC",
    "unipcbh2": "UniPC", "deismultistep": "DEIS", "pndm": "PLMS", "ddimuniform": "DDIM",
    "dpm2ancestral": "DPM2 a", "kdpm2discrete": "DPM2", "kdpm2": "DPM2", "kdpm2a": "DPM2 a",
    "kdpm2ancestraldiscrete": "DPM2 a", "kdpm2ancestral": "DPM2 a",
    "flowmatcheuler": "Flow Euler", "flowmatcheulerdiscrete": "Flow Euler",
    "eulerflow": "Flow Euler", "flowmatchheundiscrete": "Flow Heun", "flowmatchlcm": "Flow LCM",
}  # fmt: skip
"""Other spellings, as `_key` writes them."""


def _key(name: str) -> str:
    key = "".join(letter for letter in name.lower() if letter.isalnum() or letter == "+")
    return key.replace("dpmpp", "dpm++").removesuffix("scheduler")


_ENDINGS: Final[Mapping[str, str]] = {
    "karras": KARRAS, "sgmuniform": SGM, "trailing": SGM, "normal": "", "simple": "",
    "automatic": "", "uniform": "",
}  # fmt: skip
_BY_KEY: Final[Mapping[str, str]] = {_key(name): name for name in (*NOISE, *FLOW)} | _CALLED


def sampler_named(name: str) -> str | None:
    """The name used here of what somebody typed; None when nobody calls a sampler so.

    Takes `k_euler_ancestral`, `DPM++ 2M, Karras`, `DPM++ 2M (schedule type: Karras)` and the like.
    """
    told = re.sub(r"\b(schedule|sampler|sampling)(\s+(type|method))?\b\s*:?", " ", name.lower())
    key = _key(told)
    for tried in (key, key.removeprefix("k") if key.startswith("k") else key):
        if tried in _BY_KEY:
            return _BY_KEY[tried]
        for ending, schedule in _ENDINGS.items():
            plain = _BY_KEY.get(tried.removesuffix(ending))
            if tried.endswith(ending) and plain is not None:
                return plain + schedule if plain + schedule in NOISE else plain
    return None


def chosen(name: str, offered: tuple[str, ...]) -> str:
    """The offered sampler that a name means; raises `BadRequest` with those that would work."""
    found = sampler_named(name)
    for meant in (found, _FLOW_FOR.get(found or "")):
        if meant in offered:
            return meant
    raise BadRequest(name="scheduler", value=name, valid=", ".join(offered))


def first(*names: str, of: tuple[str, ...] = NOISE) -> tuple[str, ...]:
    """All of them, these first: the default is the first one of a family."""
    return (*names, *(name for name in of if name not in names))
