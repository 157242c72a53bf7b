"""Settings in words, as patterns: counts, sizes, formats, seed, steps, guidance, sampler, base."""

import re

from engine.director.rules.vocabulary import ASPECTS, NUMBERS

_COUNT_WORDS = "|".join(word for word in NUMBERS if word not in ("a", "an"))
_COUNT = rf"(?P<count>\d{{1,4}}|(?:a\s+)?(?:{_COUNT_WORDS}))"
_PICTURES = (
    r"(?:pictures?|images?|pics?|photos?|versions?|variations?|variants?|options?|takes|shots?|"
    r"renders?|samples?|copies|bilder|im[a\u00e1]genes|fotos|dessins|drawings?|paintings?|results?|outputs?)"
)
_OTHERS = r"(?:(?:different|separate|more|new|nice|quick|small|big|random|other)\s+){0,2}"
_SEGMENT_START = r"(?:^|(?<=[,;.!?\n])|(?<=[,;.!?\n]\s))"
_SEGMENT_END = r"(?=\s*(?:[,;.!?\n]|$|\b(?:please|pls|thanks)\b))"
_END = rf"(?:\s+please)?{_SEGMENT_END}"

COUNTS = (
    re.compile(r"(?:--?(?:n|count|batch|images)[\s=:]+)(?P<count>\d{1,4})\b", re.I),
    re.compile(rf"{_SEGMENT_START}\s*{_COUNT}(?:\s+of)?\s+{_OTHERS}{_PICTURES}\s+of(?=\s)", re.I),
    re.compile(
        rf"{_SEGMENT_START}\s*(?:and\s+|in\s+|make\s+(?:it\s+)?|give\s+me\s+|as\s+"
        rf"|with\s+)?{_COUNT}\s+"
        rf"{_OTHERS}{_PICTURES}(?:\s+(?:of\s+)?(?:it|them|that|this|those))?{_END}",
        re.I,
    ),
    re.compile(rf"{_SEGMENT_START}\s*{_COUNT}\s+{_OTHERS}{_PICTURES}\s*(?=:)", re.I),
    re.compile(
        rf"(?:\b(?:make|give\s+me|do|draw|i\s+want|and)\s+)?\b{_COUNT}\s+of\s+(?:them|it|these"
        rf"|those|each)\b",
        re.I,
    ),
    re.compile(r"\bbatch\s+of\s+(?P<count>\d{1,4})\b(?:\s+of\b)?", re.I),
    re.compile(
        r"(?<![\w.])(?:x\s?(?P<count>\d{1,3})|(?P<count2>\d{1,3})\s?x)(?![\w.]|\s?\d)", re.I
    ),
    re.compile(rf"(?<=\s)(?P<twice>twice){_END}", re.I),
    re.compile(rf"(?<=\s)(?:in|at)\s+{_COUNT}\s+(?:versions|variations|variants|takes)\b", re.I),
    re.compile(
        rf"(?<=\s){_COUNT}\s+(?:versions|variations|variants|options|pictures|images|pics)\s*$",
        re.I,
    ),
)
SIZE = re.compile(
    r"(?:\b(?:size|resolution)\s*[:=]?\s*|--size[\s=]+|\b(?:at|in|as)\s+)?(?<![\w.])"
    r"(?P<width>\d{2,5})\s?(?:px)?\s?(?:[x\u00d7X*]|\bby\b)\s?(?P<height>\d{2,5})(?:\s?(?:px"
    r"|pixels?))?"
    r"(?![\w])(?:\s+(?:pixels?|resolution|size))?",
    re.I,
)
SIDE = re.compile(
    r"(?:\b(?:at|in)\s+)?(?<![\w.])(?P<side>\d{2,5})\s?(?:px|pixels)\b(?:\s+square)?", re.I
)
WIDTH = re.compile(r"(?:--?w(?:idth)?|\bwidth)[\s=:]+(?P<width>\d{1,5})\b", re.I)
HEIGHT = re.compile(r"(?:--?h(?:eight)?|\bheight)[\s=:]+(?P<height>\d{1,5})\b", re.I)
RATIO = re.compile(
    r"(?:(?:--ar|--aspect(?:-ratio)?|\baspect(?:\s+ratio)?|\bratio|\bformat)\s*[:=]?\s*|"
    r"\b(?:in|at|as|make\s+it)\s+(?:a\s+)?)?"
    r"(?<![\w:.])(?P<a>\d{1,2})(?::|\s?[x/]\s?|\s+by\s+)(?P<b>\d{1,2})(?![\w:])"
    r"(?:\s+(?:format|aspect|ratio|aspect\s+ratio))?",
    re.I,
)
_SHAPES = "|".join(re.escape(word) for word in ASPECTS)
ASPECT = (
    re.compile(
        rf"(?:\b(?:in|as|with)\s+)?(?:an?\s+|the\s+)?\b(?P<shape>{_SHAPES})[\s-]+"
        r"(?:format|orientation|mode|aspect(?:\s+ratio)?|size|sized|crop|canvas|ratio"
        r"|dimensions?|layout)\b",
        re.I,
    ),
    re.compile(
        r"\b(?:in|into)\s+(?P<shape>portrait|landscape|widescreen|square|vertical"
        r"|horizontal)(?=\s*(?:[,;.!?\n]|$|please\b))",
        re.I,
    ),
    re.compile(
        rf"{_SEGMENT_START}\s*(?:make\s+it\s+|and\s+|but\s+|now\s+|in\s+|as\s+a\s+)?"
        rf"(?P<shape>portrait|landscape|square|wide|widescreen|tall|vertical|horizontal"
        rf"|panoramic|panorama|ultrawide)"
        rf"{_END}",
        re.I,
    ),
    re.compile(
        r"\bmake\s+(?:it|this|that)\s+(?P<shape>wide|square|tall|vertical|horizontal"
        r"|widescreen)\b",
        re.I,
    ),
    re.compile(
        r"(?:\b(?:in|as\s+a)\s+)?\b(?P<shape>widescreen|ultrawide|panoramic)\b(?:\s+(?:picture"
        r"|image|shot)(?=\s*(?:[,;.!?]|$)))?",
        re.I,
    ),
    re.compile(
        rf"{_SEGMENT_START}\s*(?:an?\s+)?(?P<shape>wide|square|tall|vertical|horizontal)\s+"
        r"(?:picture|image|pic)(?:\s+of(?=\s))?",
        re.I,
    ),
    re.compile(
        r"\b(?:as\s+)?(?:a\s+)?(?:(?:phone|desktop)\s+)?(?P<shape>wallpaper"
        r"|banner)(?:\s+(?:size|format))\b",
        re.I,
    ),
)
SEED = re.compile(
    r"(?:\b(?:with|using|use|on|and|the|at)\s+)*(?:--seed|\bseed)(?:\s+(?:number|is"
    r"|of))?\s*[:=#]?\s*"
    r"(?P<seed>\d{1,20})\b",
    re.I,
)
STEPS = (
    re.compile(
        r"(?:\b(?:with|using|at)\s+)?(?:--steps?|\bsteps)\s*[:=]?\s*(?P<steps>\d{1,5})\b", re.I
    ),
    re.compile(
        r"\b(?:in|using|with|at|for|do|over)\s+(?P<steps>\d{1,5})\s+(?:sampling\s+"
        r"|denoising\s+)?steps\b",
        re.I,
    ),
    re.compile(
        rf"{_SEGMENT_START}\s*(?:and\s+)?(?P<steps>\d{{1,5}})\s+(?:sampling\s+)?steps{_END}", re.I
    ),
    re.compile(r"(?<!\S)(?P<steps>\d{1,5})\s+(?:sampling\s+)?steps\b", re.I),
)
GUIDANCE = re.compile(
    r"(?:\b(?:with|using|at|and)\s+)?(?:--(?:cfg|guidance|scale)|\bcfg"
    r"|\bguidance)(?:[\s-]+scale)?"
    r"(?:\s+of)?\s*[:=]?\s*(?P<guidance>\d{1,3}(?:\.\d{1,3})?)\b",
    re.I,
)
SAMPLER = re.compile(
    r"(?:\b(?:with|using)\s+(?:the\s+)?)?(?:--(?:sampler|scheduler)[\s=]+|\b(?:sampler"
    r"|scheduler)\s*[:=]?\s+)"
    r"(?P<sampler>[\w+]{2,20}(?:[ -](?:a|2m|sde|karras|\+\+)\b)?)",
    re.I,
)
STAIRS = re.compile(
    r"\b(?:stair|ladder|temple|pyramid|stone|marble|door|porch|climb|dance|walk)", re.I
)
_BASE_NAMES = (
    r"sd\s?1\.?5|sd\s?1|sd\s?2(?:\.1)?|sdxl|sd\s?xl|sd\s?3(?:\.5)?(?:\s(?:medium|large))?"
    r"|flux(?:\.?1)?(?:\s(?:dev|schnell))?|pony|illustrious|noobai|chroma|qwen(?:-image)?|z-image"
    r"|stable\s+diffusion(?:\s+(?:xl|1\.5|3))?"
)
BASE_FLAG = re.compile(
    r"(?:--(?:base|model|checkpoint)[\s=]+|\b(?:base|model"
    r"|checkpoint)\s*[:=]\s*)(?P<base>[\w.+-]{1,60})",
    re.I,
)
BASE = re.compile(
    rf"\b(?:using|use|with|on|via|in|by)\s+(?:the\s+)?(?P<base>{_BASE_NAMES})(?:\s+(?:base"
    rf"|model|checkpoint))?(?![\w-])"
    rf"|\b(?P<base2>{_BASE_NAMES})\s+(?:base|model|checkpoint)\b",
    re.I,
)
BASE_ALIASES = {
    "sd15": "sd1", "sd1": "sd1", "stablediffusion15": "sd1", "sd2": "sd2", "sd21": "sd2",
    "sdxl": "sdxl", "stablediffusionxl": "sdxl", "flux": "flux1", "flux1": "flux1",
    "flux1dev": "flux1", "fluxdev": "flux1", "fluxschnell": "flux1", "flux1schnell": "flux1",
    "sd3": "sd3-medium",
    "sd3medium": "sd3-medium", "stablediffusion3": "sd3-medium", "sd35": "sd35-large",
    "sd35medium": "sd35-medium", "sd35large": "sd35-large", "qwen": "qwen-image",
    "qwenimage": "qwen-image", "zimage": "z-image",
}  # fmt: skip
"""Spellings of families without spaces and dots -> identifier."""
