"""Files that come along with a LoRA: our own card, and what other programs keep beside one.

What they say of triggers, weight and base is weighed with the file's own metadata; the rest is
proposed, where nobody said otherwise, with the file that it comes from.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import Field, JsonValue

from engine.formats.metadata import json_object
from engine.formats.sidecars import ENDINGS, MOST_BYTES, text_of, told_by
from engine.messages import Message
from engine.registry.facts import UNNAMED, CardFacts, facts_from_json
from engine.registry.naming import NAME_CHARS, one_line
from engine.registry.sites import as_map, civitai_facts, mature_minor, plain_words

FOREIGN: Final = frozenset(
    {
        "activation text", "sd version", "preferred weight", "negative text", "trainedWords",
        "TrainedWords", "baseModel", "BaseModel", "civitai", "model_name", "ModelName", "modelId",
        "ModelId", "usage_tips", "base_model", "file_path",
    }
)  # fmt: skip
"""Fields of other programs: a `.json` with one of them is theirs, any other is our card."""
ASIDE: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4", ".txt", ".md", ".yaml", ".toml")
"""What programs put beside a LoRA that says nothing of use here."""
PROPOSED: Final = frozenset(
    {"name", "kind", "tags", "description", "rating", "licence", "creator", "source", "real_person"}
)
"""What may be proposed of a card; triggers and weight come by the file's metadata."""
TOLD_CHARS: Final = 60


class Beside(Message):
    """What files beside a LoRA say: words for its identification, and a card's proposals."""

    words: dict[str, str] = Field(default_factory=dict)
    facts: dict[str, JsonValue] = Field(default_factory=dict)
    told: tuple[str, ...] = ()
    """Evidence: which file says what."""
    refusal: str = ""


def is_beside(file_name: str) -> bool:
    """Whether a file is one that stands beside a LoRA and says something of it."""
    return file_name.casefold().endswith(ENDINGS)


def stem_of(file_name: str) -> str:
    """What a LoRA's and its companions' names have in common, folded for comparison."""
    name = file_name.casefold().replace("\\", "/").rpartition("/")[2]
    for ending in (*ENDINGS, ".safetensors"):
        if name.endswith(ending):
            name = name.removesuffix(ending)
            break
    return "".join(char for char in name if char.isalnum())


def texts_beside(path: Path) -> dict[str, str]:
    """The companions of a file on disk, by name; blocking. A link could lead anywhere: left out."""
    found = {}
    for ending in ENDINGS:
        beside = path.with_name(path.stem + ending)
        text = "" if beside.is_symlink() else text_of(beside)
        if text:
            found[beside.name] = text
    return found


def read_beside(texts: Mapping[str, str]) -> tuple[CardFacts | None, Beside]:
    """Our own card among them, and what all others say, the first kind that says it counting.

    Raises `BadRequest` for a card of ours that is wrong.
    """
    card: CardFacts | None = None
    words: dict[str, str] = {}
    facts: dict[str, JsonValue] = {}
    told: list[str] = []
    refusal = ""
    for name, text in sorted(texts.items(), key=_rank):
        data = json_object(text[:MOST_BYTES])
        if name.casefold().endswith(".json") and not FOREIGN & data.keys():
            card = card or facts_from_json(text, one_line(name, 80))
            continue
        words = {**told_by(text), **words}
        fresh = {key: value for key, value in proposals(data).items() if key not in facts}
        facts |= fresh
        told += _evidence(name, told_by(text), fresh)
        version, about = halves(data)
        refusal = refusal or mature_minor({**as_map(version.get("model")), **about})
    return card, Beside(words=words, facts=facts, told=tuple(told), refusal=refusal)


def proposals(data: Mapping[str, Any]) -> dict[str, JsonValue]:
    """What one file of another program proposes for a card: only what it says."""
    version, about = halves(data)
    facts = civitai_facts(version, about, _page(version, data))
    found = facts.model_dump(mode="json", include=set(PROPOSED), exclude_defaults=True)
    if found["name"] == UNNAMED:
        del found["name"]
    notes = data.get("notes")
    if not found.get("description") and isinstance(notes, str) and notes.strip():
        found["description"] = plain_words(notes)
    return {name: value for name, value in found.items() if value}


def halves(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A version and its whole in Civitai's words, from any program's file."""
    version = as_map(data.get("civitai")) or dict(data)
    about: dict[str, Any] = {
        "name": _text(data, "model_name", "ModelName"),
        "description": _text(data, "modelDescription", "ModelDescription", "description"),
        "tags": data.get("tags") or data.get("Tags"),
        "nsfw": data.get("nsfw") or data.get("Nsfw"),
        "nsfwLevel": data.get("preview_nsfw_level"),
        "creator": version.get("creator") or data.get("creator"),
    }
    model = as_map(version.get("model"))
    kept = {key: value for key, value in about.items() if value and not model.get(key)}
    return version, kept


def _rank(named: tuple[str, str]) -> tuple[int, str]:
    name = named[0].casefold()
    return next((n for n, end in enumerate(ENDINGS) if name.endswith(end)), len(ENDINGS)), name


def _page(version: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    number = version.get("modelId") or data.get("ModelId")
    is_number = isinstance(number, int) and not isinstance(number, bool) and number > 0
    return f"https://civitai.com/models/{number}" if is_number else ""


def _text(data: Mapping[str, Any], *keys: str) -> str:
    return next((v for key in keys if isinstance(v := data.get(key), str) and v.strip()), "")


def _evidence(
    file: str, words: Mapping[str, str], facts: Mapping[str, JsonValue]
) -> tuple[str, ...]:
    """One line for a file: what is proposed because of it."""
    said: list[tuple[str, object]] = [
        ("trigger", words.get("sidecar.triggers", "").replace("\n", " or ")),
        ("weight", words.get("sidecar.weight")),
        ("base", words.get("sidecar.base")),
        *((name.replace("_", " "), value) for name, value in facts.items()),
    ]
    told = []
    for name, value in said:
        listed = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
        short = one_line(listed, TOLD_CHARS)
        if short:
            told.append(f"{name} {short}{'…' if len(listed) > TOLD_CHARS else ''}")
    return (f"{one_line(file, NAME_CHARS)} says: {'; '.join(told)}.",) if told else ()
