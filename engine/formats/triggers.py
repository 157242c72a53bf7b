"""Trigger words from a file's metadata, each with where it was found.

Fields: ModelSpec 1.0.1, sd-scripts, SimpleTuner, ai-toolkit. Explicit fields come first; tags count
only when they stand under at least 80 % of the pictures and are not everyday words.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.formats.metadata import clean, json_list, json_object, said

LONGEST_WORD = 100
MOST_WORDS = 10
LEAST_SHARE = 0.8
_REPEATS = re.compile(r"\A\d{1,4}_")
_COMMAS = re.compile(r"[,;\n]")
_EVERYDAY = re.compile(
    r"(1|2|3|4|5|6\+?)?_?(girls?|boys?|others?)|solo( focus)?|no humans|(fe)?male focus|"
    r"man|men|woman|women|person|people|face|character|style|object|photo(graph)?|picture|image|"
    r"(rating|score|source|year|quality)[ _:].*|rating.*|safe|sensitive|questionable|explicit|"
    r"nsfw|general|masterpiece|(best|high|good|normal|low|worst|amazing|great) quality|highres|"
    r"absurdres|"
    r"(very )?aesthetic|newest|recent|realistic|photorealistic|anime|illustration|art|"
    r"looking at viewer|(simple|white|black|gr[ae]y) background|standing|sitting|smile|blush|"
    r"upper body|full body|portrait|close-?up|long hair|short hair|breasts|open mouth|simple"
)
_FOLDER = re.compile(r"img|imgs|images?|pictures?|train(ing)?|data(set)?s?|default|concept|\d*")


@dataclass(frozen=True, slots=True)
class FoundTrigger:
    """A word or phrase that probably wakes the LoRA, and the evidence in plain words."""

    word: str
    evidence: str


def find_triggers(metadata: Mapping[str, str]) -> tuple[FoundTrigger, ...]:
    """Words from explicit fields; if there are none, from tags; if none, from folder names."""
    for source in (_explicit, _from_tags, _from_folders):
        found: dict[str, FoundTrigger] = {}
        for word, evidence in source(metadata):
            cleaned = clean(word)
            if cleaned and len(cleaned) <= LONGEST_WORD:
                found.setdefault(cleaned.lower(), FoundTrigger(cleaned, evidence))
        if found:
            return tuple(found.values())[:MOST_WORDS]
    return ()


def _explicit(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Fields that are there to hold trigger words."""
    for key in ("modelspec.trigger_phrase", "trained_words"):
        text = metadata.get(key, "")[:2000]
        listed = json_list(text)
        words = [item for item in listed if isinstance(item, str)] if listed else [text]
        for word in words:
            for part in _COMMAS.split(word):
                if said({"word": part}, "word"):
                    yield part, f"{key} names it."
    for subset in _subsets(metadata):
        tokens = subset.get("class_tokens")
        if isinstance(tokens, str) and not _EVERYDAY.fullmatch(clean(tokens).lower()):
            yield tokens, "The data set's class tokens in ss_datasets."


def _subsets(metadata: Mapping[str, str]) -> Iterator[Mapping[str, object]]:
    for dataset in json_list(metadata.get("ss_datasets", "")):
        subsets = dataset.get("subsets") if isinstance(dataset, dict) else None
        for subset in subsets if isinstance(subsets, list) else ():
            if isinstance(subset, dict):
                yield subset


def _from_tags(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Tags under nearly every picture of all folders together, the commonest first."""
    counts: Counter[str] = Counter()
    pictures = 0
    sizes = json_object(metadata.get("ss_dataset_dirs", ""))
    for folder, tags in json_object(metadata.get("ss_tag_frequency", "")).items():
        if not isinstance(tags, dict):
            continue
        numbers = {str(tag): _count(number) for tag, number in tags.items()}
        about = sizes.get(folder)
        known = _count(about.get("img_count")) if isinstance(about, dict) else 0
        pictures += known or max(numbers.values(), default=0)
        for tag, number in numbers.items():
            counts[clean(tag).lower()] += number
    for tag, number in counts.most_common():
        if number < LEAST_SHARE * pictures or number == 0:
            return
        if not _EVERYDAY.fullmatch(tag):
            share = min(100, round(100 * number / pictures))
            yield tag, f"A tag of {share} % of the pictures it was trained on."


def _from_folders(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Names of data folders, without the number of repeats in front (`20_ohwx man`)."""
    for key in ("ss_tag_frequency", "ss_dataset_dirs"):
        for folder in json_object(metadata.get(key, "")):
            name = clean(_REPEATS.sub("", folder))
            is_plain = _FOLDER.fullmatch(name.lower()) or _EVERYDAY.fullmatch(name.lower())
            if _REPEATS.match(folder) and not is_plain:
                yield name, "The name of the folder it was trained on."


def _count(value: object) -> int:
    """A number of pictures; 0 for nonsense."""
    return value if isinstance(value, int) and 0 < value < 10**9 else 0
