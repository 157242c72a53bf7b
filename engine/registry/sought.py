"""What a search for looks means and what it finds: kinds, bases and words, however it was asked.

Pure. A search that was read once finds the same looks on every page of its answer.
"""

import re
from collections.abc import Iterable
from typing import Final

from engine.messages import Base, Card, LoraKind, Search
from engine.registry.compat import Refused, fits
from engine.registry.search import Searchable

KINDS: Final[dict[str, LoraKind]] = {
    "style": "style", "styles": "style", "stile": "style", "stil": "style", "estilo": "style",
    "estilos": "style", "character": "character", "characters": "character",
    "person": "character", "people": "character", "persons": "character",
    "charaktere": "character", "figuren": "character", "personnages": "character",
    "personajes": "character", "lighting": "lighting", "lightings": "lighting",
    "light": "lighting", "lights": "lighting", "licht": "lighting", "luces": "lighting",
    "effect": "effect", "effects": "effect", "effekte": "effect", "effets": "effect",
    "efectos": "effect", "object": "object", "objects": "object", "prop": "object",
    "props": "object", "objekte": "object", "objets": "object", "objetos": "object",
    "concept": "concept", "concepts": "concept", "slider": "slider", "sliders": "slider",
    "speed": "speed",
}  # fmt: skip
"""Words for a kind of look."""
_LOOSE: Final = frozenset({"light", "person", "people", "speed", "prop", "stil"})
"""Words that are also ordinary ones: they name a kind only where nothing else is sought."""
ALL_KINDS: Final[tuple[LoraKind, ...]] = (
    "character", "style", "lighting", "effect", "object", "concept", "speed", "slider",
)  # fmt: skip
_FAMILIES: Final[dict[str, str]] = {
    "sd1": r"sd\s?-?1(?:[.\s][45]|5)?|stable\s+diffusion\s+1(?:\.[45])?",
    "sd2": r"sd\s?-?2(?:\.[01])?",
    "sd3": r"sd\s?-?3(?:\.5)?",
    "sdxl": r"sd\s?-?xl|xl",
    "flux2": r"flux\.?\s?2",
    "flux1": r"flux(?:\.?\s?1)?(?:[\s-](?:dev|schnell))?",
    "pony": r"pony(?:\s?xl|(?=\s+(?:base|models?|v6)))",
    "illustrious": r"illustrious",
    "noobai": r"noob\s?ai",
    "chroma": r"chroma(?=\s+(?:base|models?)|$)",
    "qwen-image": r"qwen(?:[\s-]image)?",
    "z-image": r"z[\s-]image(?:[\s-]turbo)?",
}
"""Family -> what people call it."""
_FAMILY: Final = re.compile(
    rf"\b(?:{'|'.join(f'(?P<f{at}>{said})' for at, said in enumerate(_FAMILIES.values()))})"
    r"(?![\w])(?:\s+(?:base|dev|schnell|models?|checkpoints?))?",
    re.IGNORECASE,
)
_ABOUT_BASES: Final = re.compile(
    r"\b(?:fits?|works?|goes?|run|runs|for|with|on|in|made|compatible|act|acts|and|are|that"
    r"|supports?|usable|using|base|bases|everything|all|ones|things?|stuff)\b",
    re.IGNORECASE,
)
_BUT: Final = re.compile(
    r"\b(?:not|no|except(?:\s+for)?|without|besides|other\s+than)\s+(?:the\s+)?(\w+)", re.IGNORECASE
)
MOST = 50
QUERY_CHARS = 100


def read_search(
    plain: str, query: str | None = None, *, bases: Iterable[Base] = (), cards: Iterable[Card] = ()
) -> Search:
    """The kinds and bases that a question names, and the words that are left of its query."""
    families, words = _families(plain if query is None else query, plain, bases, cards)
    words = _ABOUT_BASES.sub(" ", words) if families else words
    unwanted = {KINDS[said] for said in _BUT.findall(plain.casefold()) if said in KINDS}
    words = _BUT.sub(" ", words) if unwanted else words
    sure = {word for word in words.split() if word.casefold() not in KINDS}
    named = [word for word in re.findall(r"\w+", plain.casefold()) if word in KINDS]
    kinds = {KINDS[word] for word in named if word not in _LOOSE or not sure} - unwanted
    if unwanted:
        kinds = set(kinds or ALL_KINDS) - unwanted
    meant = {word for word in KINDS if KINDS[word] in kinds | unwanted}
    said = [word for word in words.split() if word.casefold() not in meant]
    return Search(
        query=" ".join(said)[:QUERY_CHARS],
        kinds=tuple(kind for kind in ALL_KINDS if kind in kinds),
        families=tuple(sorted(families)),
    )


def find(search: Search, searchable: Searchable) -> tuple[Card, ...]:
    """The cards that a search means, best first."""
    return tuple(card for card in searchable.rank(search.query) if is_sought(card, search))


def widened(search: Search, searchable: Searchable) -> Search:
    """The search itself, or its words alone when no look of the kinds answers to them."""
    if not search.query or not search.kinds or search.families or find(search, searchable):
        return search
    loose = search.model_copy(update={"kinds": ()})
    return loose if find(loose, searchable) else search


def is_sought(card: Card, search: Search) -> bool:
    """Whether a card is of a kind and for a base that the search asks for."""
    if search.kinds and card.kind not in search.kinds:
        return False
    acts = (not isinstance(fits(card.family, family), Refused) for family in search.families)
    return not search.families or any(acts)


def _families(
    query: str, plain: str, bases: Iterable[Base], cards: Iterable[Card]
) -> tuple[frozenset[str], str]:
    """Families that the question names, and the query without them."""
    names = tuple(_FAMILIES)
    found = {
        names[int(name[1:])]
        for match in _FAMILY.finditer(plain)
        for name, said in match.groupdict().items()
        if said
    }
    rest = _FAMILY.sub(" ", query)
    own = {base.name: base.family for base in bases}
    own |= {family: family for family in dict.fromkeys(card.family for card in cards)}
    for name, family in own.items():
        said = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        if said.search(plain):
            found.add(family)
            rest = said.sub(" ", rest)
    return frozenset(found), rest
