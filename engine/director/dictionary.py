"""Ordinary words and proper names: what is never taken for a misspelt LoRA."""

from functools import cache
from importlib.resources import files

EXTRA = frozenset(
    [
        "ai",
        "anime",
        "manga",
        "bokeh",
        "cyberpunk",
        "steampunk",
        "vaporwave",
        "synthwave",
        "linocut",
        "woodcut",
        "gouache",
        "ukiyo",
        "claymation",
        "lowpoly",
        "isometric",
        "noir",
        "chibi",
        "kawaii",
        "hentai",
        "selfie",
        "emoji",
        "app",
        "apps",
        "blog",
        "webcam",
        "lora",
        "loras",
        "sdxl",
        "flux",
        "cfg",
        "checkpoint",
        "checkpoints",
        "jpg",
        "jpeg",
        "png",
        "gif",
        "hdr",
        "cgi",
        "pixar",
        "ghibli",
        "lego",
        "minecraft",
        "pokemon",
        "photoreal",
        "photorealistic",
        "hyperreal",
        "hyperrealistic",
        "colour",
        "colours",
        "color",
        "colors",
        "grey",
        "gray",
        "tv",
        "pc",
        "dj",
        "bw",
        "ok",
        "okay",
        "pls",
        "plz",
        "thx",
        "ty",
        "hey",
        "hi",
        "yeah",
        "yep",
        "nope",
        "gonna",
        "wanna",
        "gimme",
        "lemme",
    ]
)


@cache
def words() -> frozenset[str]:
    """Ordinary English words, folded."""
    return _load("english.txt") | EXTRA


@cache
def names() -> frozenset[str]:
    """Names of people and places, folded."""
    return _load("names.txt")


def is_ordinary(word: str) -> bool:
    """Whether a folded word is an ordinary one (or a plain plural of one), or a number."""
    if len(word) < 3 or word.isdigit():
        return True
    known = words()
    if word in known:
        return True
    if word.endswith("es") and word[:-2] in known:
        return True
    return word.endswith("s") and word[:-1] in known


def is_real(word: str) -> bool:
    """Whether a folded word is ordinary or a proper name: then it is spelt as it was meant."""
    return is_ordinary(word) or word in names()


def _load(name: str) -> frozenset[str]:
    text = files("engine.director").joinpath("words", name).read_text(encoding="utf-8")
    return frozenset(text.split())
