"""Trigger words from a file's metadata, each with where it was found and how it is used.

Fields: ModelSpec 1.0.1, sd-scripts, SimpleTuner, ai-toolkit, and the files beside it (`sidecars`).
Fields made for it come first; then tags under at least 80 % of the pictures that are not made of
everyday words; then the names of folders. Nothing generic is ever taken.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.formats.everyday import is_everyday, is_everyday_word, is_generic, is_plain_folder
from engine.formats.metadata import clean, json_list, json_object, said
from engine.messages import TriggerRole

LONGEST_WORD = 100
MOST_WORDS = 10
LEAST_SHARE = 0.8
SURE_SHARE = 0.95
MOST_TAGS = 20_000
LONGEST_TAG_WORDS = 6
LEAST_PICTURES = 8
_REPEATS = re.compile(r"\A\d{1,4}_")
_COMMAS = re.compile(r"[,;\n|]")
_LORA_TAG = re.compile(r"<(lora|lyco|hypernet)[^>]*>")
_WEIGHTED = re.compile(r"[(\[{]+\s*([^()\[\]{}]+?)\s*(?::\s*-?[\d.]+)?\s*[)\]}]+")
_LABEL = re.compile(
    r"\A(trigger|activation|trained|instance)( ?(word|phrase|token|text))?s? ?: ?", re.I
)
_TRICK = re.compile(
    r"@(everyone|here)\b|<[@#:]|https?:|www\.|discord\.gg|\]\(|```|[*_~|]{2}|[<>{}]"
)


@dataclass(frozen=True, slots=True)
class FoundTrigger:
    """A word or phrase that probably wakes the LoRA, and the evidence in plain words."""

    word: str
    evidence: str
    role: TriggerRole = "required"


@dataclass(slots=True)
class _Folder:
    """One data folder: how often which tag stands under its pictures, as first written."""

    name: str
    pictures: int
    counts: Counter[str] = field(default_factory=Counter)
    spelt: dict[str, str] = field(default_factory=dict)


def find_triggers(
    metadata: Mapping[str, str], embeddings: Iterable[str] = ()
) -> tuple[FoundTrigger, ...]:
    """Words from the first of the sources that names any.

    `embeddings` are names of text embeddings that the file carries: they are words of its own.
    """
    sources = (
        _beside(metadata), _explicit(metadata), _own(embeddings), _subsets(metadata),
        _from_tags(metadata), _from_captions(metadata), _from_folders(metadata),
    )  # fmt: skip
    for source in sources:
        found: dict[str, FoundTrigger] = {}
        for word, evidence, role in source:
            cleaned = tidy(word)
            if cleaned:
                found.setdefault(cleaned.lower(), FoundTrigger(cleaned, evidence, role))
        if found:
            return tuple(found.values())[:MOST_WORDS]
    return ()


def tidy(word: str) -> str:
    """A word as a prompt would have it; empty for what is none, generic or a trick."""
    plain = _LABEL.sub("", clean(_LORA_TAG.sub("", word)))
    weighted = _WEIGHTED.fullmatch(plain)
    plain = (weighted[1] if weighted else plain).strip(" .'\"")
    if not plain or len(plain) > LONGEST_WORD or _TRICK.search(plain):
        return ""
    return "" if is_generic(plain.lower()) else plain


Found = Iterator[tuple[str, str, TriggerRole]]


def _own(embeddings: Iterable[str]) -> Found:
    for name in embeddings:
        yield name, "A text embedding in the file has this name.", "required"


def _beside(metadata: Mapping[str, str]) -> Found:
    """What a file beside it names: words of one entry belong together, entries are choices."""
    entries = [entry for entry in metadata.get("sidecar.triggers", "").split("\n") if entry.strip()]
    role: TriggerRole = "required" if len(entries) == 1 else "pick_one"
    for entry in entries[:MOST_WORDS]:
        for part in _COMMAS.split(entry[:8000]):
            yield part, "A file beside it names it.", role


def _explicit(metadata: Mapping[str, str]) -> Found:
    """Fields that are there to hold trigger words."""
    for key in ("modelspec.trigger_phrase", "trained_words", "trigger_word", "trigger_words",
                "instance_prompt"):  # fmt: skip
        text = metadata.get(key, "")[:8000]
        listed = json_list(text)
        words = [item for item in listed if isinstance(item, str)] if listed else [text]
        for word in words:
            for part in _COMMAS.split(word):
                if said({"word": part}, "word"):
                    yield part, f"{key} names it.", "required"


def _subsets(metadata: Mapping[str, str]) -> Found:
    """Class tokens of the data set, which stand in for captions."""
    for dataset in json_list(metadata.get("ss_datasets", "")):
        subsets = dataset.get("subsets") if isinstance(dataset, dict) else None
        for subset in subsets if isinstance(subsets, list) else ():
            tokens = subset.get("class_tokens") if isinstance(subset, dict) else None
            is_own = isinstance(subset, dict) and subset.get("is_reg") is not True
            if isinstance(tokens, str) and is_own and said({"word": tokens}, "word"):
                for part in _COMMAS.split(tokens):
                    yield part, "The data set's class tokens in ss_datasets.", "required"


def _from_tags(metadata: Mapping[str, str]) -> Found:
    """Tags under nearly every picture of all folders; else of a folder, one of which to pick."""
    folders = _folders(metadata)
    pictures = sum(folder.pictures for folder in folders)
    together: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    for folder in folders:
        together.update(folder.counts)
        spelt = folder.spelt | spelt
    rare = [(tag, number) for tag, number in together.most_common()
            if number >= LEAST_SHARE * pictures and _may_wake(tag)]  # fmt: skip
    if rare:
        for tag, number in rare:
            yield spelt[tag], _share(number, pictures), _role(number, pictures)
        return
    for folder in folders if len(folders) > 1 else ():
        for tag, number in folder.counts.most_common():
            if number >= LEAST_SHARE * folder.pictures and _may_wake(tag):
                told = f"{_share(number, folder.pictures)} (in one of {len(folders)} folders)"
                yield folder.spelt[tag], told, "pick_one"
    yield from _put_there(folders)


def _put_there(folders: list[_Folder]) -> Found:
    """Tags of everyday words that somebody meant: first of all, or what the folder is called."""
    first = _first_of_all(folders)
    if first:
        yield first, "The first tag of every picture it was trained on.", "optional"
        return
    for folder in folders:
        named = folder.name.lower().replace("_", " ")
        for tag, number in folder.counts.items():
            if tag == named and number >= SURE_SHARE * folder.pictures and not is_generic(tag):
                yield folder.spelt[tag], _share(number, folder.pictures), "optional"


def _first_of_all(folders: list[_Folder]) -> str:
    """The one everyday tag that stands first and under every picture: put there on purpose."""
    whole = []
    for folder in folders:
        under_all = [tag for tag, number in folder.counts.items() if number >= folder.pictures]
        own = [tag for tag in under_all if not is_generic(tag) and not _is_sentence(tag)]
        is_first = own and own[0] == next(iter(folder.counts))
        whole.append(own[0] if is_first and len(own) == 1 else "")
    is_enough = sum(folder.pictures for folder in folders) >= LEAST_PICTURES
    if not is_enough or len(set(whole)) != 1 or not whole[0]:
        return ""
    return folders[0].spelt[whole[0]]


def _from_captions(metadata: Mapping[str, str]) -> Found:
    """A word that no dictionary has, in nearly every sentence that stands under a picture."""
    folders = _folders(metadata)
    pictures = sum(folder.pictures for folder in folders)
    counts: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    for folder in folders:
        for tag, number in folder.counts.items():
            words = set(re.findall(r"[\w\-]+", tag)) if " " in tag else set()
            for word in words:
                counts[word] += number
        for original in folder.spelt.values():
            for word in re.findall(r"[\w\-]+", original):
                spelt.setdefault(word.lower(), word)
    if pictures < 5:
        return
    for word, number in counts.most_common(200):
        if number < LEAST_SHARE * pictures:
            return
        if not is_everyday_word(word) and not is_everyday(word):
            told = f"A word in the captions of {min(100, round(100 * number / pictures))} %."
            yield _phrase(spelt.get(word, word), folders), told, _role(number, pictures)


def _phrase(word: str, folders: list[_Folder]) -> str:
    """The folder's name where it begins with the word (`ohwx man`): it was written so, too."""
    named = {folder.name.lower(): folder.name for folder in folders}
    return next((name for low, name in named.items() if low.split()[:1] == [word.lower()]), word)


def _from_folders(metadata: Mapping[str, str]) -> Found:
    """Names of data folders, without the number of repeats in front (`20_ohwx man`)."""
    names = [name for key in ("ss_dataset_dirs", "ss_tag_frequency")
             for name in json_object(metadata.get(key, ""))]  # fmt: skip
    for folder in dict.fromkeys(names):
        name = clean(_REPEATS.sub("", folder))
        if _REPEATS.match(folder) and not is_plain_folder(name.lower()):
            yield name, "The name of the folder it was trained on.", "optional"


def _folders(metadata: Mapping[str, str]) -> list[_Folder]:
    """The data folders with their tags, at most some thousand tags in all."""
    sizes = json_object(metadata.get("ss_dataset_dirs", ""))
    folders, left = [], MOST_TAGS
    for name, tags in json_object(metadata.get("ss_tag_frequency", "")).items():
        if not isinstance(tags, dict) or left <= 0:
            continue
        folder = _Folder(clean(_REPEATS.sub("", name)), 0)
        for written, number in list(tags.items())[:left]:
            tag = clean(str(written))
            folder.counts[tag.lower()] += _count(number)
            folder.spelt.setdefault(tag.lower(), tag)
        left -= len(tags)
        about = sizes.get(name)
        known = _count(about.get("img_count")) if isinstance(about, dict) else 0
        # A sentence stands under one picture; a tag under as many as it is counted.
        sentences = sum(n for tag, n in folder.counts.items() if _is_sentence(tag))
        folder.pictures = known or max(*folder.counts.values(), sentences, 0, 0)
        if folder.pictures:
            folders.append(folder)
    return folders


def _is_sentence(tag: str) -> bool:
    return tag.count(" ") >= LONGEST_TAG_WORDS


def _may_wake(tag: str) -> bool:
    return not _is_sentence(tag) and not is_everyday(tag)


def _share(number: int, pictures: int) -> str:
    share = min(100, round(100 * number / pictures))
    return f"A tag of {share} % of the pictures it was trained on."


def _role(number: int, pictures: int) -> TriggerRole:
    return "required" if number >= SURE_SHARE * pictures else "optional"


def _count(value: object) -> int:
    """A number of pictures; 0 for nonsense."""
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if 0 < value < 10**9 else 0
