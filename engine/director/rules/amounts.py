"""Settings said in words: counts, sizes and formats, seed, steps, guidance, sampler, base."""

import re
from typing import TypedDict

from engine.director.rules.amount_patterns import (
    ASPECT,
    BASE,
    BASE_ALIASES,
    BASE_FLAG,
    CLIMBED,
    CLIP_SKIP,
    COUNTS,
    FORMATS,
    GUIDANCE,
    HEIGHT,
    LAST_SHAPE,
    PANORAMA,
    RATIO,
    SAMPLER,
    SEED,
    SIDE,
    SIZE,
    STAIRS,
    STEPS,
    WIDTH,
)
from engine.director.rules.text import Script
from engine.director.rules.vocabulary import FOREIGN_NUMBERS, NUMBERS, RATIOS
from engine.messages import Base, Settings


class Amounts(TypedDict, total=False):
    """What the words set; keys are fields of `Settings`."""

    width: int
    height: int
    aspect: str
    steps: int
    guidance: float
    count: int
    seed: int
    base: str
    scheduler: str
    clip_skip: int


def read_amounts(script: Script, bases: tuple[Base, ...]) -> Settings:
    """The settings of a text; what set them is taken out of the script."""
    found: Amounts = {}
    for reader in (
        _base,
        _seed,
        _guidance,
        _sampler,
        _clip_skip,
        _size,
        _aspect,
        _steps,
        _count,
        _last_word,
    ):
        reader(script, bases, found)
    return Settings(**found)


def base_named(said: str, bases: tuple[Base, ...]) -> str:
    """The base or family meant by a spelling; the spelling itself when nothing is known of it."""
    bare = re.sub(r"[\s._-]", "", said).casefold()
    for base in bases:
        if bare in (re.sub(r"[\s._-]", "", name).casefold() for name in (base.name, base.family)):
            return base.name
    return BASE_ALIASES.get(bare, said.strip().casefold()[:60])


def _base(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    patterns = [BASE_FLAG, BASE]
    own = sorted({name for base in bases for name in (base.name, base.family)}, key=len)
    if own:
        names = "|".join(re.escape(name[:60]) for name in reversed(own[:50]))
        patterns.append(
            re.compile(
                rf"\b(?:using|with|on|via|use)\s+(?:the\s+)?(?P<base>{names})"
                rf"(?:\s+(?:base|model|checkpoint))(?![\w-])"
                rf"|\b(?:using|via|use)\s+(?P<base2>{names})(?![\w-])",
                re.IGNORECASE,
            )
        )
    for pattern in patterns:
        for match in script.find(pattern):
            groups = match.groupdict()
            found.setdefault(
                "base",
                base_named(
                    groups["base"] or groups.get("base2") or groups.get("base3") or "", bases
                ),
            )
            script.take(*match.span())


def _seed(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    for match in script.find(SEED):
        found["seed"] = int(match["seed"])
        script.take(*match.span())


def _guidance(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    for match in script.find(GUIDANCE):
        found["guidance"] = float(match["guidance"])
        script.take(*match.span())


def _sampler(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    for match in script.find(SAMPLER):
        found["scheduler"] = match["sampler"].strip().casefold()
        script.take(*match.span())


def _clip_skip(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    for match in script.find(CLIP_SKIP):
        found["clip_skip"] = int(match["skip"])
        script.take(*match.span())


def _steps(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    for pattern in STEPS:
        for match in script.find(pattern):
            before = script.text[max(0, match.start() - 40) : match.start()]
            is_loose = pattern is STEPS[-1] and not script.is_cut_before(match.start())
            after = script.text[match.end() : match.end() + 24]
            if not is_loose and not STAIRS.search(before) and not CLIMBED.match(after):
                found["steps"] = int(match["steps"])
                script.take(*match.span())


def _size(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    for match in script.find(SIZE):
        found["width"], found["height"] = int(match["width"]), int(match["height"])
        if max(found["width"], found["height"]) < 32:
            del found["width"], found["height"]
            continue
        script.take(*match.span())
    for match in script.find(SIDE):
        found.setdefault("width", int(match["side"]))
        found.setdefault("height", int(match["side"]))
        script.take(*match.span())
    for match in script.find(WIDTH):
        found["width"] = int(match["width"])
        script.take(*match.span())
    for match in script.find(HEIGHT):
        found["height"] = int(match["height"])
        script.take(*match.span())


def _aspect(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    for match in script.find(RATIO):
        ratio = f"{int(match['a'])}:{int(match['b'])}"
        if ratio in RATIOS:
            found["aspect"] = ratio
            script.take(*match.span())
    for form, aspect in FORMATS:
        for match in script.find(form):
            found.setdefault("aspect", aspect)
            script.take(*match.span())
    if not found.keys() & {"aspect", "width", "height"} and next(script.find(PANORAMA), None):
        found["aspect"] = "panorama"
    for pattern in ASPECT:
        for match in script.find(pattern):
            shape = match["shape"].casefold()
            found.setdefault("aspect", shape)
            script.take(*match.span())


def _count(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    for pattern in COUNTS:
        for match in script.find(pattern):
            groups = match.groupdict()
            if groups.get("twice"):
                found.setdefault("count", 2)
            else:
                found.setdefault("count", _number(groups.get("count") or groups["count2"] or "1"))
            script.take(*match.span())


def _last_word(script: Script, bases: tuple[Base, ...], found: Amounts) -> None:
    """A format that is left alone at the end: "haystack x2 landscape"."""
    for match in script.find(LAST_SHAPE):
        if script.is_cut_before(match.start()) and match.start():
            found.setdefault("aspect", match["shape"].casefold())
            script.take(*match.span())


def _number(said: str) -> int:
    word = said.casefold().split()[-1]
    if word.isdecimal():
        return int(word)
    return NUMBERS.get(word) or FOREIGN_NUMBERS[word]
