"""Turns that ask for no new picture, as patterns: what people type to search, ask, stop, chat."""

import re

_LOOKS = (
    r"(?:looks?|styles?|loras?|presets?|filters?|characters?|aesthetics?"
    r"|effects?|lightings?|objects?)"
)
_PLURAL = r"(?:looks|styles|loras|presets|filters|characters|aesthetics|effects|objects|options)"
SEARCHES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:what|which)\s+(?:kinds?\s+of\s+|sorts?\s+of\s+"
        rf"|types?\s+of\s+)?(?P<query>(?:[\w'-]+\s+){{0,4}}?){_LOOKS}\s+"
        r"(?:do\s+(?:you|we)\s+(?:have|know|offer|support)|are\s+(?:there|available|installed"
        r"|on)|can\s+(?:i|you|we)\s+(?:use|do|draw|pick|choose|try)|have\s+you\s+got"
        r"|is\s+there)\b(?P<more>.*)",
        rf"(?:what|which)\s+{_PLURAL}(?P<more>\s+(?!did|was|were|made|is\s+th).*)?",
        rf"{_PLURAL}\s+(?:for|with|about)\s+(?P<query>.+)",
        r"can\s+you\s+do\s+"
        r"(?P<query>(?!(?:an?|the|it|that|this|some|more)\b)[\w-]+(?:\s(?!in\b|on\b)[\w-]+)?)",
        rf"(?:show|list|browse|see|find|search|display)(?:\s+(?:me|us|for|through|all|of|the"
        rf"|your|our|my|available|every|some"
        rf"|any)){{0,5}}\s+(?P<query>(?:[\w'-]+\s+){{0,4}}?)(?:{_PLURAL}|look|lora|style"
        rf"|preset)(?P<more>\s+(?:for|with|like|of|about|that|you|available|here|in).*)?",
        rf"(?:all|available|your|my|our|list\s+of"
        rf"|any)\s+(?P<query>(?:[\w'-]+\s+){{0,4}}?){_PLURAL}(?P<more>\s+(?:for|with|like|of"
        rf"|about|that|you|available).*)?",
        rf"(?:do\s+(?:you|we)\s+have|is\s+there|are\s+there|have\s+you\s+got|got)\s+(?:an?\s+"
        rf"|any\s+|some\s+"
        rf"|something\s+)?(?P<query>(?:[\w'-]+\s+){{0,5}}?){_LOOKS}(?P<more>\s+.*)?",
        r"(?:do\s+you\s+have|have\s+you\s+got|is\s+there|got)\s+(?:anything"
        r"|something)\s+(?P<query>.+)",
        rf"(?:i['\u2019]?m\s+)?(?:looking\s+for|search(?:ing)?(?:\s+for)?|find)\s+(?:an?\s+"
        rf"|some\s+|any\s+)?(?P<query>(?:[\w'-]+\s+){{0,5}}?){_LOOKS}(?P<more>\s+.*)?",
        r"(?:search|/looks|browse)(?:\s+(?:for|looks))?(?P<query>\s+.*)?",
        rf"(?P<query>(?!(?:an?|the|good|her|his)\b)(?:[\w'-]+\s+){{0,2}}){_PLURAL}",
        r"list(?P<query>)",
        r"what\s+(?:can|could)\s+(?:i|you)\s+(?:use|choose|pick)\s*(?:from|here)?",
    )
)
INFO = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:what|who)(?:\s+(?:is|are|was|were)|['\u2019]s|s)\s+(?P<about>.+)",
        r"(?:tell\s+me|info|information|details?|more)\s+(?:more\s+)?(?:about"
        r"|on)\s+(?P<about>.+)",
        r"what\s+does\s+(?P<about>.+?)\s+(?:do|look\s+like|mean)",
        r"(?:explain|describe)\s+(?P<about>.+)",
        r"(?:why|how\s+come)\b(?P<about>.*)",
        r"(?:what|which)\s+(?:made|looks?|loras?|settings?|seed|prompt|base|model|weights?"
        r"|trigger(?:\s+words?)?|style|steps|size|negative)\b(?P<about>.*)",
        r"how\s+(?:was|were|did\s+you)\s+(?:this|that|it|the\s+last\s+one"
        r"|these)?\s*(?P<about>made|make|do|drawn|draw|get)\b.*",
        r"how\s+(?:strong|heavy)\s+(?:is|was)\s+(?P<about>.+)",
        r"(?:show|give)(?:\s+me)?\s+(?:the\s+)?(?:settings|recipe|plan|details|seed"
        r"|prompt)\b(?P<about>.*)",
        r"info(?:\s+(?P<about>.+))?",
        r"do\s+you\s+(?:know|have)\s+(?P<about>.+)",
    )
)
STATUS = re.compile(
    r"(?:status|queue|eta|progress|my\s+(?:queue|jobs?|place|position)|where(?:['\u2019]s|\s+is"
    r"|\s+are|\s+am)\s+(?:my|i|the|it)\b.{0,40}|"
    r"where(?:['\u2019]s|\s+is)\s+it|how\s+(?:long|much\s+longer)\b.{0,60}"
    r"|how\s+many\s+(?:\w+\s+){0,2}(?:are\s+)?(?:ahead|before|jobs|in\s+the\s+queue)\b.{0,40}|"
    r"(?:is|are)\s+(?:it|they|my\s+[\w ]{1,20}|the\s+(?:picture|image|pic)s?)\s+(?:done|ready"
    r"|finished|coming|still|stuck|there)\b.{0,30}|"
    r"(?:still|are\s+you\s+(?:still\s+)?)\s*(?:working|drawing|there|running|alive)\b.{0,20}"
    r"|what(?:['\u2019]s|\s+is)\s+(?:the\s+status|my\s+(?:place|position)|in\s+the\s+queue"
    r"|the\s+queue|running|happening|taking\s+so\s+long)\b.{0,40}|"
    r"done\s+yet|any\s+(?:news|progress)|when\s+(?:will|is|does)\s+(?:it|my|the\s+(?:picture"
    r"|image))\b.{0,40})",
    re.IGNORECASE,
)
CANCEL = re.compile(
    r"(?:(?:please\s+)?(?:cancel|stop|abort|halt|kill|scrap|forget)(?:\s+(?:it|that|this|them"
    r"|now|all|everything|please|"
    r"drawing|generating|rendering|working|about\s+(?:it|that)|(?:my|the|all|all\s+my|that"
    r"|this)\s+(?:last\s+|current\s+|running\s+)?(?:jobs?|pictures?|images?|pics?|requests?"
    r"|drawings?|queue|one|generation|render)))*|"
    r"never\s?mind(?:\s+(?:that|it))?|nvm|don['\u2019]?t\s+(?:bother|draw\s+(?:it|that|this)"
    r"|do\s+(?:it|that))(?:\s+anymore)?|"
    r"(?:take\s+me\s+)?(?:out\s+of|off|leave)\s+the\s+queue)",
    re.IGNORECASE,
)
HELP = re.compile(
    r"(?:help(?:\s+me)?(?:\s+(?:with|about|on)\s+(?P<topic>.{1,60}))?|/?(?:help|start|commands?"
    r"|manual|instructions)|"
    r"how\s+(?:does|do)\s+(?:this|it|you|that|the\s+bot|atelier)\s+work|what\s+(?:can"
    r"|do)\s+(?:you|u|i)\s+do(?:\s+(?:here|with\s+(?:you|this)))?|"
    r"how\s+(?:do|can|to|should)\s+(?:i|we|you|use|make|draw|upload|add|train|change"
    r"|get)\b.{0,80}|how\s+to\b.{1,60}|"
    r"what\s+(?:are\s+)?(?:the\s+)?commands(?:\s+are\s+there)?|i\s+need\s+help|\?+)",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"(?:hi+|hey+|hello+|yo|sup|howdy|hola|good\s+(?:morning|evening|afternoon|night|day)"
    r"|greetings|gm|gn)"
    r"(?:\s+(?:there|bot|atelier|all|everyone|again|friend|buddy))?",
    re.IGNORECASE,
)
THANKS = re.compile(
    r"(?:(?:many\s+|ok\s+|okay\s+|great\s+|perfect\s+|nice\s+)?(?:thanks|thank\s+you|thx|ty"
    r"|cheers|tysm|merci|danke)(?:\s+(?:a\s+lot|so\s+much|very\s+much|bot|again|for\s+(?:that"
    r"|this|the\s+\w+)|man|mate|everyone))*|"
    r"much\s+appreciated)",
    re.IGNORECASE,
)
PRAISE = re.compile(
    r"(?:(?:wow|omg|haha|lol|oh|this\s+is|that['\u2019]?s|that\s+is|it['\u2019]?s|it\s+is"
    r"|looks?|so|very|really|i)[,!\s]+)*"
    r"(?:wow|nice(?:\s+(?:one|work|job))?|cool|awesome|great(?:\s+(?:job|work|stuff))?|amazing"
    r"|beautiful|perfect|lovely|love\s+(?:it|this|that|them)|like\s+(?:it|this|that)|"
    r"good(?:\s+(?:job|bot|work|one))?|well\s+done|excellent|brilliant|gorgeous|cute|funny|lol"
    r"|haha+|omg|sweet|neat|fantastic|ok|okay|k|yes|no|yep|nope|yeah|sure|please|yes\s+please|no\s+thanks|bye|goodbye|see\s+you"
    r"|good\s+night|"
    r"bad|ugly|terrible|awful|meh|hate\s+(?:it|this|that)|(?:don['\u2019]?t"
    r"|do\s+not)\s+like\s+(?:it|this|that))(?:[,!\s]+(?:bot|man|thanks|wow|haha|lol|so\s+much"
    r"|a\s+lot))*",
    re.IGNORECASE,
)
SMALL_TALK = re.compile(
    r"(?:how\s+are\s+you(?:\s+(?:doing|today))?|who\s+are\s+you|what\s+are\s+you"
    r"|are\s+you\s+(?:a\s+)?(?:bot|human|real|there|ai|an\s+ai)|"
    r"what['\u2019]?s\s+up|what\s+is\s+your\s+name|what['\u2019]?s\s+your\s+name"
    r"|who\s+made\s+you|tell\s+me\s+a\s+(?:joke|story|secret)|what\s+time\s+is\s+it)",
    re.IGNORECASE,
)
REROLL = re.compile(
    r"(?:(?:and\s+)?(?:do|draw|make|run|try|generate|give\s+me)?\s*(?:it|that|this"
    r"|the\s+same(?:\s+(?:one|thing|picture))?)?\s*(?:once\s+)?(?:again|one\s+more\s+time)"
    r"|another(?:\s+(?:one|try|go|roll|picture|image|take|attempt))?|"
    r"(?:one\s+)?more(?:\s+of\s+the\s+same)?|one\s+more(?:\s+(?:time|like\s+(?:it|that)|of\s+(?:those|these|that)"
    r"|please|try))?|re-?\s?roll(?:\s+(?:it|that|this))?|re-?do(?:\s+(?:it|that))?|re-?generate"
    r"|re-?try|roll\s+again|repeat(?:\s+(?:it|that))?|"
    r"(?:same|the\s+same)(?:\s+(?:thing|one|prompt|picture))?(?:\s+(?:again|please"
    r"|but\s+(?:with\s+)?an?(?:other|\s+(?:new|different))\s+seed|with\s+an?(?:other|\s+(?:new"
    r"|different))\s+seed))?|"
    r"(?:with\s+)?(?:an?\s+)?(?:new|different|another|random)\s+seed"
    r"|(?:a\s+)?different\s+(?:one|picture|take)|new\s+one|next(?:\s+one)?|shuffle|encore)"
    r"(?:\s+(?:please|pls))?",
    re.IGNORECASE,
)
VARY = re.compile(
    r"(?:(?:make|give\s+me|do|create|show\s+me)?\s*(?:an?\s+|some\s+|a\s+few\s+"
    r"|more\s+)?(?:slight\s+|small\s+|subtle\s+)?variations?(?:\s+(?:of|on)\s+(?:it|this|that"
    r"|the\s+last(?:\s+one)?|these))?|vary(?:\s+(?:it|this|that|a\s+(?:bit|little)|slightly))*|"
    r"(?:a\s+little\s+|a\s+bit\s+|slightly\s+)different|(?:something|one|a\s+few|some"
    r"|give\s+me)?\s*(?:more\s+)?(?:similar|like\s+(?:that|this)(?:\s+one)?)"
    r"|more\s+like\s+(?:this|that|it)(?:\s+one)?|(?:another\s+)?(?:version|variant"
    r"|take)\s+of\s+(?:it|this|that)|remix(?:\s+(?:it|this|that))?)",
    re.IGNORECASE,
)
LAST = re.compile(
    r"\s*(?:(?:was|is|were|are|did|do|does|have|has|for|of|in|on|made|used)\s+)*"
    r"(?:$|(?:it|this|that|these|those|you|we|so|used|made|use|the\s+(?:last|picture|image|seed"
    r"|prompt|settings|one))\b.*)",
    re.IGNORECASE,
)
LEADS = re.compile(
    r"^(?:the|a|an|this|look|lora|style|character|called|of|about|is|are|you|did|do|we|have|has"
    r"|use|used|pick|picked|choose|chose|for|to|with|trigger|words?)\s+",
    re.IGNORECASE,
)
EMPTY_WISH = re.compile(
    r"(?:please\s+)?(?:(?:draw|paint|make|create|generate|imagine|show|give|render|sketch)"
    r"(?:\s+(?:me|us))?\s*)?"
    r"(?:(?:an?\s+)?(?:new\s+|nice\s+|cool\s+)?(?:picture|image|pic|drawing|one)"
    r"|something(?:\s+(?:nice|cool|new|random))?|anything|surprise\s+me"
    r"|whatever(?:\s+you\s+(?:like|want))?|art)?",
    re.IGNORECASE,
)
_NOISE = """
    a about all an any are available can do every for got have here i in installed is kind
    know like look looks lora loras me my of offer on our please preset presets server show
    some style styles support that the there this to try use we what which with you your
"""
NOISE = frozenset(_NOISE.split())
"""Words of a search that say nothing about what is searched."""
