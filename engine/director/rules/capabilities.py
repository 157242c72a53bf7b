"""What the bot can do and what its words mean: "can you make videos?", "what's a seed?"."""

import re

MOST_WORDS = 16
_TERMS = (
    r"(?:loras?|lycoris|sliders?|seeds?|steps|cfg(?:\s+scale)?|guidance(?:\s+scale)?|samplers?|schedulers?"
    r"|checkpoints?|base(?:\s+models?)?|models?|weights?|strengths?|triggers?(?:\s+words?)?|negative\s+prompts?"
    r"|prompts?|prompting|upscal(?:ing|er|e)|looks?|styles?|aspect\s+ratios?|ratios?|variations?|re-?rolls?|inpainting|img2img"
    r"|control\s?net|denoising|clip\s?skip|embeddings?|vae|tokens?|queue|speed\s+loras?|stacks?|emphasis)"
)
_TERM = re.compile(
    r"(?:(?:so|ok(?:ay)?|wait|and|um+|sorry|hey|hi)[\s,]+)*(?:"
    rf"(?:what|wat)(?:\s+exactly)?(?:['\u2019]?s|\s+is|\s+are|\s+does|\s+do)\s+(?:an?\s+|the\s+|these\s+)?"
    rf"(?:thing\s+called\s+)?[\"'\u201c\u2018]?{_TERMS}[\"'\u201d\u2019]?(?:\s+(?:mean|means|do|does|for|stand\s+for|used\s+for"
    r"|anyway|exactly|here|even))*"
    rf"|what\s+(?:do|does)\s+(?:you|u|it|that)\s+mean\s+by\s+(?:an?\s+)?{_TERMS}"
    rf"|(?:can\s+you\s+)?(?:explain|define)\s+(?:me\s+)?(?:what\s+)?(?:an?\s+|the\s+)?{_TERMS}(?:\s+(?:is|are|means?))?"
    rf"|(?:i\s+)?(?:don['\u2019]?t|do\s+not)\s+(?:know|understand|get)\s+what\s+(?:an?\s+|the\s+)?{_TERMS}\s+(?:is|are|means?)"
    rf"|(?:what['\u2019]?s|what\s+is)\s+the\s+difference\s+between\s+.{{2,60}}"
    r")[\s?!.]*",
    re.IGNORECASE,
)
_KINDS = (
    r"(?:videos?|gifs?|animations?|animated(?:\s+\w+)?|movies?|music|songs?|audio|sounds?|voices?|3d(?:\s+models?|\s+prints?)?"
    r"|nsfw(?:\s+\w+)?|porn|nudes?|hentai|text|letters|words|writing|hands?|fingers|faces|transparent(?:\s+\w+)?"
    r"|transparency|vectors?|svgs?|pdfs?|high(?:er)?\s+res(?:olution)?|4k|8k|hd|uhd|big(?:ger)?\s+(?:pictures|images)"
    r"|real\s+people|celebrities|inpainting|outpainting|img2img|upscaling|other\s+languages|german|french|spanish"
    r"|japanese|portuguese|italian|english)"
)
_OURS = re.compile(
    r"(?:(?:so|ok(?:ay)?|wait|and|um+|hey|hi|btw|quick\s+question)[\s,]+)*(?:"
    r"(?:can|could|may|how\s+(?:do|can|could|would))\s+(?:i|we)\s+(?:also\s+|just\s+)?(?:use|add|upload|bring|import|share|submit|send|get|save"
    r"|download|delete|change|turn\s+off|switch|see)\s+(?:an?\s+|my\s+|our\s+|own\s+|the\s+|other\s+|some\s+|custom\s+)*(?:loras?|styles?"
    r"|looks?|files?|history|data|settings|defaults?|language|api|photos?|prompts?|gallery)\b.{0,40}"
    r"|.{0,30}\b(?:do|does|will|are|is|can|who|how\s+(?:long|much|many)|where)\b.{0,30}\b(?:stored?|keep|kept|saved?|cost|costs|free|paid|private"
    r"|privacy|public|limits?|quota|copyright|licen[sc]ed?|commercial(?:ly)?|rules|allowed|price|pay)\b.{0,40}"
    r")[\s?!.]*",
    re.IGNORECASE,
)
_OF_PICTURES = re.compile(r"\b(?:draw|paint|of\s+an?|wearing|holding|with\s+an?)\b", re.IGNORECASE)
_DO = (
    r"(?:do|make|draw|create|generate|paint|render|output|produce|handle|support|understand|speak"
    r"|edit|use|read|see)"
)
_ABLE = re.compile(
    r"(?:(?:so|ok(?:ay)?|wait|and|um+|hey|hi|btw|quick\s+question)[\s,]+)*(?:"
    rf"(?:can|could|do|does|will)\s+(?:you|u|it|this|this\s+bot|the\s+bot|this\s+thing|atelier)\s+(?:also\s+|even\s+|actually\s+"
    rf"|really\s+|only\s+|just\s+)*{_DO}\s+(?:in\s+|with\s+|any\s+|good\s+|proper\s+)?{_KINDS}(?:\s+(?:too|as\s+well|yet|now"
    r"|properly|well|at\s+all|correctly|here|or\s+(?:only|just|not)\b.{0,20}|lol|tho))*"
    rf"|(?:are\s+you|is\s+it|is\s+this(?:\s+bot)?)\s+able\s+to\s+{_DO}\s+.{{2,30}}"
    rf"|(?:can|could|do|does)\s+(?:you|u|it|this\s+bot|the\s+bot)\s+(?:even|actually)\s+{_DO}\s+.{{2,30}}"
    r"|what(?:['\u2019]?s|\s+is)\s+the\s+(?:max(?:imum)?|biggest|largest|highest|most)\s+.{2,40}"
    r"|how\s+(?:big|large|many\s+(?:pictures|images|loras|words))\s+can\s+.{2,40}"
    r")[\s?!.]*",
    re.IGNORECASE,
)


def asks_of_us(text: str) -> bool:
    """Whether a turn asks what a word of the trade means, or what can be done here at all."""
    plain = text.strip()
    if _TERM.fullmatch(plain) or _ABLE.fullmatch(plain):
        return True
    asks = "?" in plain or re.match(r"(?:how|who|where|do|does|is|are|can|will)\b", plain, re.I)
    if not asks or len(plain.split()) > MOST_WORDS or _OF_PICTURES.search(plain):
        return False
    return _OURS.fullmatch(plain) is not None
