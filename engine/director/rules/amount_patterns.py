"""Settings in words, as patterns: counts, sizes, formats, seed, steps, guidance, sampler, base."""

import re

from engine.director.rules.vocabulary import ASPECTS, FOREIGN_NUMBERS, NUMBERS

_COUNT_WORDS = "|".join(word for word in (*NUMBERS, *FOREIGN_NUMBERS) if word not in ("a", "an"))
_COUNT = rf"(?P<count>\d{{1,4}}|(?:a\s+)?(?:{_COUNT_WORDS}))"
_PICTURES = (
    r"(?:pictures?|images?|pics?|photos?|versions?|variations?|variants?|options?|takes|shots?|"
    r"varianten|versionen|variantes|variaciones|versiones|varianti|renders?|samples?|copies"
    r"|bildern?|fotografien|zeichnungen|dibujos|imagenes|ilustraciones"
    r"|immagini|imagens|bilder|im[a\u00e1]genes|fotos|dessins|drawings?|paintings?|results?"
    r"|outputs?|st(?:\u00fc|ue)ck|stk|mal(?=\s*(?:[,;.!?]|$))|veces|fois)"
)
_OTHERS = r"(?:(?:different|separate|more|new|nice|quick|small|big|random|other)\s+){0,2}"
_SEGMENT_START = r"(?:^|(?<=[,;.!?\n])|(?<=[,;.!?\n]\s))"
_SEGMENT_END = r"(?=\s*(?:[,;.!?\n]|$|\b(?:please|pls|thanks)\b))"
_END = rf"(?:\s+please)?{_SEGMENT_END}"

COUNTS = (
    re.compile(r"(?:--?(?:n|count|batch|images)[\s=:]+)(?P<count>\d{1,4})\b", re.I),
    re.compile(
        rf"{_SEGMENT_START}\s*{_COUNT}(?:\s+of)?\s+{_OTHERS}{_PICTURES}\s+(?:of|von|vom|mit|de"
        rf"|del|di|d['\u2019](?=\w))(?=\s|\w)",
        re.I,
    ),
    re.compile(
        r"(?P<count>\d{1,2}|[\u4e8c\u4e09\u56db\u4e94\u516d])\s?\u679a(?:\u306e|\u3067"
        r"|\u304f\u3060\u3055\u3044)?"
    ),
    re.compile(
        rf"{_SEGMENT_START}\s*(?:and\s+|in\s+|bitte\s+|please\s+|make\s+(?:it\s+|that\s+)?"
        rf"|give\s+me\s+|as\s+"
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
    re.compile(rf"{_SEGMENT_START}\s*(?:like|about|maybe|some)\s+{_COUNT}\s+of\s+(?=\w)", re.I),
    re.compile(
        rf"{_SEGMENT_START}\s*(?:please\s+|and\s+)?(?:make|draw|do|gimme|give\s+me|i\s+(?:want|need)|generate)\s+{_COUNT}{_END}",
        re.I,
    ),
    re.compile(
        rf"{_SEGMENT_START}\s*(?:(?:make|draw|give)(?:\s+me)?\s+|gimme\s+)?{_COUNT}\s+of\s+"
        r"(?=an?\s+(?!kind\b))",
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
        rf"{_SEGMENT_START}\s*(?:an?\s+|the\s+)?(?P<shape>wide|square|tall|vertical|horizontal)\s+"
        r"(?=(?:[\w-]+\s)?(?:wallpaper|poster|banner|logo|icon|cover|card|screensaver|sticker)\b)",
        re.I,
    ),
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
        rf"{_SEGMENT_START}\s*(?:as\s+|in\s+)?(?:an?\s+)?(?P<shape>portrait|landscape|wide|square|tall|vertical"
        rf"|horizontal|widescreen)\s+(?:one|version|variant|format|shot|crop|edition){_END}",
        re.I,
    ),
    re.compile(
        r"\b(?:as\s+)?(?:a\s+)?(?:(?:phone|desktop)\s+)?(?P<shape>wallpaper"
        r"|banner)(?:\s+(?:size|format))\b",
        re.I,
    ),
)
PANORAMA = re.compile(
    rf"{_SEGMENT_START}\s*(?:an?\s+|the\s+)?(?:(?:ultra-?\s?)?(?:wide|vast|big|huge|epic|long"
    r"|full|sweeping|grand|beautiful|stunning|cinematic|dramatic|aerial|misty|snowy|mountain|city"
    r"|night|360(?:\s?degree)?)[\s,]+){0,3}"
    r"(?:panorama|(?:wide|panoramic)\s+(?:view|vista|shot|photo|landscape))"
    rf"(?:\s+(?:view|shot|photo))?(?=\s+(?:of|over|across)\b|{_SEGMENT_END[3:-1]})",
    re.I,
)
"""A picture that is a panorama: the words stay, the format follows."""
LAST_SHAPE = re.compile(
    r"\b(?P<shape>portrait|landscape|square|vertical|horizontal|widescreen)(?=\s*[.!]*\s*$)", re.I
)
SEED = re.compile(
    r"(?:\b(?:with|using|use|on|and|the|at)\s+)*(?:--seed|\bseed)(?:\s+(?:number|is"
    r"|of))?\s*[:=#]?\s*"
    r"(?P<seed>\d{1,20})\b",
    re.I,
)
STEPS = (
    re.compile(
        r"\b(?:more|fewer|less|higher|lower)\s+steps\W{1,3}(?:(?:like|say|maybe|about|around)\s+)?"
        r"(?P<steps>\d{1,5})\b",
        re.I,
    ),
    re.compile(
        r"(?:\b(?:with|using|at)\s+)?(?:--steps?|\bsteps)\s*[:=]?\s*(?P<steps>\d{1,5})\b", re.I
    ),
    re.compile(
        r"(?:@\s*|\b(?:in|use|using|with|at|for|do|over)\s+)(?P<steps>\d{1,5})\s+(?:sampling\s+"
        r"|denoising\s+)?steps\b",
        re.I,
    ),
    re.compile(
        rf"{_SEGMENT_START}\s*(?:and\s+)?(?P<steps>\d{{1,5}})\s+(?:sampling\s+)?steps{_END}", re.I
    ),
    re.compile(r"(?<!\S)(?P<steps>\d{1,5})\s+(?:sampling\s+)?steps\b", re.I),
)
GUIDANCE = re.compile(
    r"(?:\b(?:higher|lower|more|less)\s+)?(?:\b(?:with|using|at|and)\s+)?(?:--(?:cfg|guidance"
    r"|scale)|\bcfg"
    r"|\bguidance)(?:[\s-]+scale)?"
    r"(?:\s+(?:of|to))?\s*[:=,]?\s*(?P<guidance>\d{1,3}(?:\.\d{1,3})?)\b",
    re.I,
)
SAMPLER = re.compile(
    r"(?:--(?:sampler|scheduler)[\s=]+|\b(?:with|using|use)\s+(?:the\s+)?(?:sampler|scheduler)"
    r"\s*[:=]?\s+|\b(?:sampler|scheduler)(?:\s*[:=]\s*|\s+(?=(?:k_)?(?:euler|dpm|ddim|unipc|lcm|heun"
    r"|plms|pndm|deis|tcd|lms|flow))))"
    r"(?P<sampler>[\w+]{2,20}(?:[ -](?:a|[23][ms]|sde|karras|ancestral|\+\+)(?!\w)){0,3})",
    re.I,
)
CLIP_SKIP = re.compile(
    r"(?:\b(?:with|using|at)\s+)?(?:--clip[-_ ]?skip|\bclip[-_ ]?skip)\s*[:=]?\s*"
    r"(?P<skip>\d{1,2})\b",
    re.I,
)
FORMATS = (
    (
        re.compile(
            r"\b(?:im\s+|in\s+)?hochformat\b|\b(?:en\s+|in\s+)?formato\s+(?:vertical|verticale"
            r"|retrato)\b"
            r"|\b(?:en\s+|au\s+)?(?:format|mode)\s+(?:portrait|vertical)\b|\ben\s+vertical\b"
            r"|\u7e26\u9577|\u7e26\u5411\u304d",
            re.I,
        ),
        "portrait",
    ),
    (
        re.compile(
            r"\b(?:im\s+|in\s+)?querformat\b|\b(?:en\s+|in\s+)?formato\s+(?:horizontal"
            r"|orizzontale|apaisado|paisaje)\b"
            r"|\b(?:en\s+|au\s+)?(?:format|mode)\s+(?:paysage|horizontal)\b"
            r"|\ben\s+(?:horizontal|apaisado)\b|\u6a2a\u9577|\u6a2a\u5411\u304d",
            re.I,
        ),
        "landscape",
    ),
    (
        re.compile(
            r"\bquadratisch(?:es\s+bild)?\b|\b(?:en\s+)?format\s+carr[e\u00e9]\b"
            r"|\b(?:en\s+)?(?:formato\s+)?cuadrado\b|\bformato\s+quadrato\b|\u6b63\u65b9\u5f62",
            re.I,
        ),
        "square",
    ),
    (
        re.compile(
            r"\b(?:as\s+)?(?:an?\s+|my\s+)?(?:(?:phone|mobile|iphone|android|smartphone"
            r"|lock\s?screen)\s+(?:wallpaper|background)|lock\s?screen)(?:\s+of(?=\s))?"
            r"|\b(?:as\s+)?(?:an?\s+)?(?:wallpaper|background)\s+for\s+(?:my|a|the)\s+(?:phone"
            r"|mobile|iphone|lock\s?screen)(?:\s+of(?=\s))?"
            r"|\b(?:for\s+)?(?:an?\s+|my\s+)?(?:instagram|insta|ig|tiktok|snapchat)\s+(?:story"
            r"|reel|reels|stories)(?:\s+of(?=\s))?|\bfor\s+my\s+phone(?:\s+screen)?\b"
            r"|\bphone[\s-]sized?\b",
            re.I,
        ),
        "tall",
    ),
    (
        re.compile(
            r"\b(?:as\s+)?(?:an?\s+|my\s+)?(?:desktop|pc|laptop|computer"
            r"|monitor)\s+(?:wallpaper|background)(?:\s+of(?=\s))?"
            r"|\b(?:as\s+)?(?:an?\s+)?(?:wallpaper|background)\s+for\s+(?:my|a"
            r"|the)\s+(?:desktop|pc|laptop|computer|monitor|tv)(?:\s+of(?=\s))?"
            r"|\b(?:youtube|yt|video)\s+thumbnail(?:\s+of(?=\s))?|\bfor\s+(?:an?|my"
            r"|the)\s+(?:youtube|yt)\s+thumbnail\b|(?:^|(?<=[,.]\s))wallpaper\s+of(?=\s)"
            r"|\bas\s+(?:a\s+)?wallpaper\b",
            re.I,
        ),
        "wallpaper",
    ),
    (
        re.compile(
            r"\b(?:twitch|twitter|discord|youtube|web|website"
            r"|linkedin)\s+banner(?:\s+of(?=\s))?|\bbanner\s+for\s+(?:my|our|the)\s+\w+",
            re.I,
        ),
        "banner",
    ),
    (
        re.compile(
            r"\b(?:as\s+)?(?:an?\s+)?(?:pfp|profile\s+(?:pic|picture)|avatar)\s+of(?=\s)"
            r"|\b(?:for|as)\s+(?:my|an?)\s+(?:pfp|profile\s+(?:pic|picture)|avatar)\b"
            r"|\bsquare\s+(?:crop|one|please)\b",
            re.I,
        ),
        "square",
    ),
)
"""What a picture is for, and formats in other languages -> format."""
CLIMBED = re.compile(r"\s+(?:leading|up|down|to|of|carved|going|into|made|in)\b", re.I)
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
    rf"|(?:^|[,;:]\s*)(?P<base3>{_BASE_NAMES})(?=\s*(?:please|pls)?\s*(?:$|[,;:]))"
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
