"""What Civitai and Hugging Face answer, as data: which file, and what their pages tell of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from engine.errors import BadLoraFile
from engine.messages import LoraKind, Rating, Trigger
from engine.registry.facts import UNNAMED, CardFacts
from engine.registry.naming import NAME_CHARS, name_of, one_line, trigger_words

FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sd 1.4": "sd1", "sd 1.5": "sd1", "sd 1.5 lcm": "sd1", "sd 1.5 hyper": "sd1",
        "sd 2.0": "sd2", "sd 2.1": "sd2", "sdxl 0.9": "sdxl", "sdxl 1.0": "sdxl",
        "sdxl 1.0 lcm": "sdxl", "sdxl lightning": "sdxl", "sdxl hyper": "sdxl", "pony": "pony",
        "illustrious": "illustrious", "noobai": "noobai", "sd 3": "sd3-medium",
        "sd 3.5 medium": "sd35-medium", "sd 3.5 large": "sd35-large", "flux.1 d": "flux1",
        "flux.1 s": "flux1-schnell", "flux.1 krea": "flux1-krea", "flux.1 kontext": "flux1-kontext",
        "chroma": "chroma", "qwen": "qwen-image", "zimageturbo": "z-image", "zimagebase": "z-image",
    }
)  # fmt: skip
"""Civitai's `baseModel` -> family; what is not here is kept as it is written there."""
KINDS: Final[Mapping[str, LoraKind]] = MappingProxyType(
    {
        "character": "character", "celebrity": "character", "style": "style", "concept": "concept",
        "poses": "concept", "objects": "object", "clothing": "object", "vehicle": "object",
    }
)  # fmt: skip
"""Civitai's categories (they are tags there) -> kind, where only one of them is given."""
LORA_TYPES: Final = frozenset({"lora", "locon", "dora"})
COMMERCIAL: Final = frozenset({"image", "rent", "rentcivit", "sell"})
MATURE_LEVEL: Final = 4
SUGGESTIVE_LEVEL: Final = 2
Json = Mapping[str, Any]
_TAG: Final = re.compile(r"<[a-zA-Z/!][^<>]*>")


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that a page offers, and what the page tells of it."""

    url: str
    file_name: str
    facts: CardFacts
    sha256: str | None = None


def civitai_offer(version: Json, about: Json, page: str) -> Offer:
    """The LoRA of a version; `about` is what the site says of the whole.

    Raises `BadLoraFile` for what is no LoRA, and for what is offered as a pickle only.
    """
    whole = {**as_map(version.get("model")), **about}
    kind = str(whole.get("type") or "LORA")
    name = one_line(str(whole.get("name") or ""), NAME_CHARS)
    if kind.casefold() not in LORA_TYPES:
        raise refused(name or page, f"That page offers a {one_line(kind, 40)}, not a LoRA.")
    if why := mature_minor(whole):
        raise refused(name or page, why)
    file = _safetensors(version, name or page)
    hashes = as_map(file.get("hashes"))
    facts = civitai_facts(version, about, page)
    if facts.name == UNNAMED:
        facts = facts.model_copy(update={"name": name_of(str(file.get("name") or ""))})
    sha256 = str(hashes.get("SHA256") or "").casefold()
    url = str(file.get("downloadUrl") or "")
    return Offer(
        url, one_line(str(file.get("name") or "lora.safetensors"), 120), facts, sha256 or None
    )


def civitai_facts(version: Json, about: Json, page: str) -> CardFacts:
    """What Civitai's words say of a LoRA, wherever they were kept."""
    whole = {**as_map(version.get("model")), **about}
    tags = [one_line(str(tag), 60) for tag in _list(whole.get("tags"))[:30]]
    kinds = {KINDS[tag.casefold()] for tag in tags if tag.casefold() in KINDS}
    creator = whole.get("creator")
    by = as_map(creator).get("username") or creator
    base = str(version.get("baseModel") or "")
    return CardFacts(
        name=one_line(str(whole.get("name") or ""), NAME_CHARS) or UNNAMED,
        kind=kinds.pop() if len(kinds) == 1 else "style",
        family=FAMILIES.get(base.casefold(), one_line(base, 60)) or None,
        triggers=_triggers(_list(version.get("trainedWords"))),
        tags=tuple(tag for tag in tags if tag),
        description=plain_words(str(version.get("description") or whole.get("description") or "")),
        rating=_rating(whole, version),
        licence=_licence(whole),
        creator=one_line(by if isinstance(by, str) else "", 200),
        source=page,
        real_person="yes" if whole.get("poi") else "unasked",
    )


def mature_minor(whole: Json) -> str:
    """Why nobody may have it, where its page says so itself; empty for all else."""
    if whole.get("minor") and whole.get("nsfw"):
        return "Its page calls it mature and says that it shows a minor."
    return ""


def huggingface_offer(about: Json, path: str | None, page: str) -> Offer:
    """The file of a repository; `path` when the link named one. `url` is left to the caller.

    Raises `BadLoraFile` when the repository has none, or several to choose from.
    """
    repo = str(about.get("id") or about.get("modelId") or page)
    files = [str(as_map(each).get("rfilename") or "") for each in _list(about.get("siblings"))]
    offered = [name for name in files if name.endswith(".safetensors")]
    if path is None:
        if not offered:
            raise refused(repo, "That repository holds no .safetensors file.")
        if len(offered) > 1:
            names = ", ".join(one_line(name, 80) for name in offered[:5])
            raise refused(repo, f"That repository holds several: link to one of them: {names}.")
        path = offered[0]
    card = as_map(about.get("cardData"))
    prompt = card.get("instance_prompt")
    words = trigger_words([str(prompt)] if isinstance(prompt, str) else [])
    base = card.get("base_model")
    base = base[0] if isinstance(base, list) and base else base
    licence = card.get("license") or card.get("license_name") or ""
    tags = [one_line(str(tag), 60) for tag in _list(card.get("tags"))[:30]]
    is_mature = "not-for-all-audiences" in _list(about.get("tags"))
    facts = CardFacts(
        name=name_of(repo.rpartition("/")[2]) if len(offered) < 2 else name_of(path),
        family=one_line(str(base), 60) if isinstance(base, str) else None,
        triggers=tuple(Trigger(word=word) for word in words[:1]),
        tags=tuple(tag for tag in tags if tag),
        rating="mature" if is_mature else "general",
        licence=one_line(str(licence), 200),
        creator=one_line(str(about.get("author") or repo.partition("/")[0]), 200),
        source=page,
    )
    return Offer("", one_line(path.rpartition("/")[2], 120), facts)


def refused(file: str, why: str) -> BadLoraFile:
    """The refusal of what a link leads to."""
    return BadLoraFile(file=one_line(file, 120), verdict="reject", problems=(why,))


def _safetensors(version: Json, name: str) -> Json:
    """The file to fetch: the primary one among the safetensors."""
    files = [as_map(each) for each in _list(version.get("files"))]
    ours = [
        file
        for file in files
        if str(file.get("name") or "").casefold().endswith(".safetensors")
        and str(file.get("type") or "Model") == "Model"
    ]
    if not ours:
        why = "It is offered as a pickle only" if files else "It has no file"
        raise refused(name, f"{why}: a .safetensors file is needed.")
    return next((file for file in ours if file.get("primary")), ours[0])


def _triggers(words: Sequence[Any]) -> tuple[Trigger, ...]:
    """One entry may hold several words with commas; several ways to wake it are to pick from."""
    found = trigger_words(part for each in words if isinstance(each, str) for part in [each])
    role = "required" if len(found) == 1 else "optional"
    return tuple(Trigger.model_validate({"word": word, "role": role}) for word in found)


def _rating(whole: Json, version: Json) -> Rating:
    level = version.get("nsfwLevel") or whole.get("nsfwLevel")
    if whole.get("nsfw") or (isinstance(level, int) and level >= MATURE_LEVEL):
        return "mature"
    return "suggestive" if isinstance(level, int) and level >= SUGGESTIVE_LEVEL else "general"


def _licence(whole: Json) -> str:
    """The permissions that a page sets, in words."""
    if "allowCommercialUse" not in whole and "allowNoCredit" not in whole:
        return ""
    uses = whole.get("allowCommercialUse")
    named = [uses] if isinstance(uses, str) else _list(uses)
    sold = sorted({str(use).casefold() for use in named} & COMMERCIAL)
    told = [
        "no credit needed" if whole.get("allowNoCredit") else "credit needed",
        f"commercial use: {', '.join(sold)}" if sold else "no commercial use",
        "derivatives allowed" if whole.get("allowDerivatives") else "no derivatives",
    ]
    return "; ".join(told)


def plain_words(markup: str) -> str:
    """A page's description without its tags."""
    return one_line(_TAG.sub(" ", markup[:20_000]), 2_000)


def as_map(value: object) -> dict[str, Any]:
    """An object of JSON; empty for anything else."""
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
