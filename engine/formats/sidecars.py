"""Files beside a LoRA that say something of it: Civitai's, A1111's and Lora-Manager's.

What they say goes into the metadata under names of its own, so that one set of rules reads both.
Sources: Civitai's version JSON (`.civitai.info`), A1111 (`<name>.json`), ComfyUI-Lora-Manager
(`<name>.metadata.json`, whose `usage_tips` is JSON in a text).
"""

from collections.abc import Mapping
from pathlib import Path

from engine.formats.metadata import clean, json_object

ENDINGS = (".civitai.info", ".metadata.json", ".cm-info.json", ".json")
MOST_BYTES = 1024 * 1024
MOST_WORDS = 50


def told_beside(path: Path) -> dict[str, str]:
    """What files beside this one say, the first kind that says something counting first."""
    found: dict[str, str] = {}
    for ending in ENDINGS:
        beside = path.with_name(path.stem + ending)
        for key, value in told_by(text_of(beside)).items():
            found.setdefault(key, value)
    return found


def told_by(text: str) -> dict[str, str]:
    """What one such file says; nothing of what is not understood."""
    data = json_object(text)
    inner = data.get("civitai")
    version: Mapping[str, object] = inner if isinstance(inner, dict) else data
    found = {
        "sidecar.base": _first(data, version, ("baseModel", "base_model", "BaseModel")),
        "sidecar.triggers": "\n".join(_words(data, version)),
        "sidecar.weight": _weight(data),
        "sidecar.name": _first(data, version, ("model_name", "ModelName", "name")),
    }
    sd_version = data.get("sd version")
    if not found["sidecar.base"] and isinstance(sd_version, str):
        found["sidecar.base"] = {"SD1": "SD 1.5", "SD2": "SD 2.1"}.get(sd_version, sd_version)
    return {key: value for key, value in found.items() if value}


def text_of(path: Path) -> str:
    """A small text file; empty for whatever else is there."""
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return ""
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return ""


def _first(data: Mapping[str, object], version: Mapping[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        for source in (version, data):
            value = source.get(key)
            if isinstance(value, str) and value.strip():
                return clean(value[:200])
    return ""


def _words(data: Mapping[str, object], version: Mapping[str, object]) -> list[str]:
    for key in ("trainedWords", "TrainedWords", "trigger_words"):
        for source in (version, data):
            listed = source.get(key)
            if isinstance(listed, list):
                words = [word for word in listed[:MOST_WORDS] if isinstance(word, str)]
                if words:
                    return [word.replace("\n", ",") for word in words]
    text = data.get("activation text")
    return [text.replace("\n", ",")] if isinstance(text, str) and text.strip() else []


def _weight(data: Mapping[str, object]) -> str:
    tips = data.get("usage_tips")
    inner = json_object(tips) if isinstance(tips, str) else {}
    low, high = inner.get("strength_min"), inner.get("strength_max")
    middle = (
        (low + high) / 2 if isinstance(low, float | int) and isinstance(high, float | int) else 0
    )
    for value in (data.get("preferred weight"), inner.get("strength"), middle):
        if isinstance(value, int | float) and not isinstance(value, bool) and value:
            return str(float(value))
    return ""
