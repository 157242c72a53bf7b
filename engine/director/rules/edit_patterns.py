"""Changes said in words, as patterns: add, drop, swap, weaker, stronger, elsewhere, otherwise."""

import re

from engine.director.rules.edit_words import VIEWS
from engine.director.rules.vocabulary import COLORS

_VIEWS = "|".join(re.escape(view) for view in sorted(VIEWS, key=len, reverse=True))
_COLORS = "|".join(sorted(map(re.escape, COLORS), key=len, reverse=True))
LEAD = re.compile(
    r"(?:(?:it|that|this|she|he|they)(?:['\u2019]s)?\s+)?(?:(?:i\s+)?(?:really\s+|kinda\s+)?(?:like|love|dig)\s+(?:it|this|that|her|him|them)"
    r"|(?:(?:looks?|is|are|was|came\s+out)\s+)?(?:so\s+|really\s+|very\s+|pretty\s+|already\s+)*(?:good|great|nice|cool"
    r"|amazing|awesome|lovely|perfect|beautiful|close|fine|almost(?:\s+(?:there|perfect))?|ok(?:ay)?|not\s+bad|sweet|neat|cute))"
    r"[\s,]+(?:but|just|only|now|tho(?:ugh)?)[\s,]+(?=\S)"
    r"|(?:actually|wait|no+\s+wait|hm+|oh|ok(?:ay)?|well|then|please|pls|maybe|perhaps|alright"
    r"|hey|no|yeah"
    r"|yes|nice|great|cool|perfect|good|love\s+it|looks?\s+good|not\s+bad|but)\s*[,.!:;-]+\s*(?=\S)"
    r"|(?:no+|nah+)\s+(?=(?:go|make|change|put|use|try|turn|swap|keep|add|switch)\b)"
    r"|(?:actually|but|wait|then|maybe|perhaps|hm+|let['\u2019]?s|rather|this\s+time|try(?:\s+(?:it"
    r"|that|this))?"
    r"|(?:can|could)\s+it\s+(?:be|look)|(?:i(?:['\u2019]?d|\s+would)?)\s+(?:rather"
    r"|prefer)(?:\s+(?:have|see|it))?(?:\s+(?=in\b|as\b))?|what\s+would\s+(?:it|this|that|she"
    r"|he|they)\s+look\s+like(?=\s+(?:as|in|with|at|on)\b)|what\s+if(?:\s+(?:we|you))?"
    r"|can\s+(?:we|you|it)"
    r"|could\s+(?:we|you|it)|how\s+about"
    r"|what\s+about"
    r"|next\s+time|for\s+this\s+one|on\s+this\s+one|go|do)\s+(?=\S)"
    r"|(?:and|also|so)\s+(?=(?:now|then|without|make|change|remove|less|more|no|replace|swap"
    r"|turn|put|give)\b)"
    r"|(?:i\s+)?(?:don['\u2019]?t|do\s+not)\s+like\s+[^,.;!]{1,40}[,.;!]\s*(?=(?:make|change"
    r"|add|remove|put|use|swap|replace|try|give|turn|can|could|more|less)\b)"
    r"|now,?\s+(?=(?:with|in|at|on|by|make|add|without|as|under|from|during|put|give|change|remove"
    r"|less|more|try|have|let|turn|swap|replace|she|he|it|they|her|his|drop|no)\b)",
    re.IGNORECASE,
)
SAME = re.compile(
    r"(?:(?:the\s+)?(?:exact\s+)?same(?:\s+(?:again|one|thing|pictures?|image|pic|prompt|scene"
    r"|seed|shot"
    r"|as\s+before|character|subject|composition|setup|idea|but))?|again|"
    r"(?:keep|leave|hold)\s+(?:[\w-]+(?:\s[\w-]+)?(?=\s+but\b)|it|everything|all|her|him|them"
    r"|the\s+[\w ]{2,24}?)"
    r"(?:\s+(?:the\s+)?(?:same|as\s+(?:it\s+)?is|like\s+that|there))?(?=\s*(?:,|\b(?:but|and"
    r"|just|only|except)\b))|"
    r"(?:do\s+)?(?:it|that|this)\s+again|another(?:\s+one)?|one\s+more|like\s+(?:that|this)"
    r"|(?:exactly\s+)?(?:that|this)(?=,|\s+but\b))"
    r"[\s,:]+(?:(?:but|only|just|except|and|then)\b\s*)*(?:this\s+time\s+)?(?=\S)",
    re.IGNORECASE,
)
SAME_STYLE = re.compile(
    r"(?:use\s+|keep\s+|in\s+|with\s+)?(?:the\s+)?(?:exact\s+)?same\s+(?:style|look|looks|vibe"
    r"|loras?|aesthetic|lighting\s+and\s+style|settings|treatment)"
    r"(?:\s+as\s+(?:before|that|this|the\s+last\s+one))?[\s,:]+(?:(?:but|for|with|only|just|on"
    r"|now|draw|make|of|and)\b\s*)*(?=\S)",
    re.IGNORECASE,
)
MAKE = re.compile(
    r"(?:make|turn|change|set|do|have|redo|redraw|render|draw|paint|show|get|recreate|convert)\s+"
    r"(?:it|this|that|him|her|them|everything|the\s+(?:picture|image|one|whole\s+thing|scene))"
    r"(?:\s+(?:in|to|all)?\s*(?:into|to\s+be|look(?:\s+(?:more\s+)?like)?|be|to|again))?\s+(?=\S)",
    re.IGNORECASE,
)
ADD = re.compile(
    r"(?:(?:and|also|now|plus|please)[\s,]+)*(?:add|include|throw\s+in|put\s+in|insert|append"
    r"|drop\s+in|bring\s+in)"
    r"(?:\s+in)?\s+(?P<what>.+)"
    r"|(?:and|also|plus)[\s,]+(?P<what2>(?!(?:make|add|change|replace|swap|put|give|remove|drop"
    r"|turn|use|draw|then|now|do|with|without|in|on|at|by|from|under|no|less|more|not|also|she"
    r"|he|it|they)\b).+)"
    r"|(?:let|have|make)\s+(?P<what9>.+?)\s+join(?:\s+(?:her|him|it|them|in|too|as\s+well))*"
    r"|(?P<what10>(?!(?:let|have|make)\b).+?)\s+joins(?:\s+(?:her|him|it|them|in|too))*"
    r"|put\s+(?P<what8>(?:an?|some|two|three|more|lots\s+of)\s.+)"
    r"|put\s+(?P<what3>.+?)\s+on\s+(?:her|him|it|them)"
    r"|(?:give|get|hand|lend)\s+(?:her|him|it|them|the\s+\w+)\s+(?P<what4>(?:an?|some|the|two"
    r"|\w+)\b.*)"
    r"|(?:i\s+(?:also\s+)?want|can\s+we\s+have|have)\s+(?P<what5>.+?)\s+(?:too|as\s+well"
    r"|in\s+(?:it|there))"
    r"|put\s+(?P<what6>.+?)\s+in\s+(?:it|there|too|as\s+well)"
    r"|(?P<what7>.+?)\s+(?:too|as\s+well)",
    re.IGNORECASE,
)
ADV = (
    r"(?:(?:(?:a\s+)?(?:tiny\s+|little\s+|wee\s+)?(?:bit|little|tad|touch|lot|smidge)|much|way"
    r"|slightly|far|even|just|still|really|waaay|so)\s+)*"
)
THE = r"(?:(?:of\s+)?(?:the|that|this|those|these|her|his|its|my|our|any|all\s+the|all\s+that)\s+)?"
BACK = (
    r"(?:\s+(?:further|harder|a\s+(?:bit|little|notch|tad|lot)|some|please|pls|this\s+time"
    r"|overall|then"
    r"|slightly|next\s+time|more))*"
)
WEAKER = re.compile(
    rf"{ADV}(?:less(?:\s+of)?|fewer|weaker|subtler|tone\s+down|turn\s+down|dial\s+(?:down"
    rf"|back)|reduce|lower"
    rf"|not\s+(?:so|as|that|quite\s+so)(?:\s+much|\s+strong|\s+heavy)?|decrease|lessen|soften"
    rf"|weaken|mute|ease\s+(?:off|up)(?:\s+on)?"
    rf"|go\s+eas(?:y|ier)\s+on|easy\s+on|easier\s+on|back\s+off(?:\s+on)?|pull\s+back(?:\s+on)?"
    rf"|cut\s+(?:back|down)(?:\s+on)?|halve|(?:only|just)?\s*half(?:\s+as\s+much|\s+of)?"
    rf"|scale\s+(?:back|down)"
    rf"|lighten(?:\s+up)?(?:\s+on)?|(?:it(?:['\u2019]?s|\s+is)|there(?:['\u2019]?s"
    rf"|\s+is))?\s*{ADV}too\s+(?:much|many))\s+{THE}(?P<what>.+?){BACK}"
    rf"|{THE}(?P<what2>.+?)\s*(?:is|are|was|looks?|feels?|comes\s+(?:out|across)|\u2019s"
    rf"|'s)?\s*{ADV}(?:too\s+(?:strong|much|heavy|intense|present|dominant|visible|obvious"
    rf"|pronounced|overpowering)|overpowering|overwhelming)"
    rf"|(?:cut|drop|bring|turn|dial|take)\s+{THE}(?P<what7>.+?)\s+(?:in|by|to)\s+half{BACK}"
    rf"|(?:turn|tone|dial|bring|pull|take|crank|push|scale"
    rf"|knock)\s+{THE}(?P<what3>.+?)\s+(?:down|back){BACK}"
    rf"|(?:make|have|keep|get)\s+{THE}(?P<what4>.+?)\s+(?:be\s+|look\s+)?{ADV}(?:weaker"
    rf"|subtler|gentler|fainter|milder|more\s+subtle|less\s+(?:strong|intense|heavy|obvious"
    rf"|pronounced|dominant|visible)){BACK}"
    rf"|{THE}(?P<what5>.+?)\s+(?:(?:should|could|must|can|needs?\s+to"
    rf"|has\s+to)\s+be\s+)?{ADV}(?:weaker|subtler|less\s+(?:strong|intense|heavy)){BACK}",
    re.IGNORECASE,
)
STRONGER = re.compile(
    rf"{ADV}(?:more(?:\s+of)?|stronger|heavier|increase|boost|turn\s+up|raise|dial\s+up"
    rf"|crank(?:\s+up)?|amp(?:\s+up)?|push(?:\s+up)?"
    rf"|emphasi[sz]e|strengthen|intensify|bump(?:\s+up)?|up|not\s+enough"
    rf"|double(?:\s+down\s+on)?|max(?:\s+out)?)\s+{THE}(?P<what>.+?){BACK}"
    rf"|{THE}(?P<what2>.+?)\s*(?:is|are|was|looks?|feels?|\u2019s"
    rf"|'s)?\s*{ADV}(?:too\s+(?:weak|faint|subtle)|not\s+(?:strong|visible|heavy|obvious)\s+enough"
    rf"|barely\s+(?:visible|there|noticeable)|hardly\s+(?:visible|there|noticeable)"
    rf"|isn['\u2019]?t\s+(?:strong|visible|there|showing)(?:\s+enough)?)"
    rf"|(?:i\s+)?(?:can(?:['\u2019]?t|not)?|could(?:n['\u2019]?t)?"
    rf"|do(?:n['\u2019]?t))\s+(?:really\s+|barely\s+|hardly\s+|even\s+)?(?:see|notice"
    rf"|tell)\s+(?:much\s+of\s+|any\s+)?{THE}(?P<what6>.+?)(?:\s+at\s+all)?"
    rf"|(?:turn|dial|bring|crank|bump|push|amp)\s+{THE}(?P<what3>.+?)\s+up{BACK}"
    rf"|(?:make|have|get)\s+{THE}(?P<what4>.+?)\s+(?:be\s+|look\s+)?{ADV}(?:stronger|heavier"
    rf"|more\s+(?:intense|pronounced|obvious|visible|prominent)){BACK}"
    rf"|{THE}(?P<what5>.+?)\s+(?:(?:should|could|must|can|needs?\s+to"
    rf"|has\s+to)\s+be\s+)?{ADV}(?:stronger|heavier|more\s+(?:intense|pronounced"
    rf"|obvious)){BACK}",
    re.IGNORECASE,
)
FULL_BLAST = re.compile(
    rf"{THE}(?P<what>.+?)\s+(?:(?:at|to|on|turned\s+up\s+to)\s+)?(?:(?:the\s+)?max(?:imum)?(?:ed(?:\s+out)?)?"
    rf"|full\s+(?:blast|power|volume|throttle|tilt|force|on)|eleven|11|100\s?%){BACK}"
    rf"|(?:full(?!\s+(?:body|face|moon|length|figure|shot|view|portrait|colou?r|frame|screen|size|hd|size|head"
    rf"|profile|bleed|sun|beard))|max(?:imum)?)\s+(?:blast\s+|power\s+)?(?:on\s+)?{THE}(?P<what2>.+?){BACK}",
    re.IGNORECASE,
)
ALL_WEAKER = re.compile(
    rf"(?:tone|dial|turn|bring)\s+(?:it|that|this|everything|things)\s+down{BACK}"
    rf"|{ADV}(?:weaker|subtler|more\s+subtle|less\s+(?:strong|intense|extreme)){BACK}"
    rf"|(?:only\s+|at\s+)?(?:half|low|lower|reduced|less)\s+strength{BACK}",
    re.IGNORECASE,
)
ALL_STRONGER = re.compile(
    rf"(?:dial|turn|crank|amp|push)\s+(?:it|that|this|everything|things)\s+up{BACK}"
    rf"|{ADV}(?:stronger|more\s+(?:intense|extreme)|heavier){BACK}"
    rf"|(?:at\s+)?(?:full|double|high|higher|more|max|maximum)\s+strength{BACK}",
    re.IGNORECASE,
)
DROP = re.compile(
    r"(?:without|with\s+no|no\s+more|no|not|undo(?=\s+the\b)|drop|remove|lose|skip|ditch|minus|get\s+rid\s+of"
    r"|take\s+(?:out|off|away)"
    r"|leave\s+(?:out|off)|turn\s+off|stop(?=\s+the\b)|switch\s+off|delete|erase|hide"
    r"|cut(?:\s+out)?"
    r"|stop\s+using|(?:please\s+)?do(?:n['\u2019]?t|\s+not)\s+(?:use|show|draw|include|add|put"
    r"|have)"
    r"|disable|forget(?:\s+about)?|(?:i\s+)?do(?:n['\u2019]?t|\s+not)\s+(?:want|need)|omit"
    r"|exclude|strip(?:\s+out)?|kill|scrap|lay\s+off)\s+"
    r"(?:(?:the|any|that|those|these|this|her|his|its|their|all(?:\s+(?:the|that))?|using"
    r"|in)\s+)*(?P<what>.+?)"
    r"(?:\s+(?:anymore|any\s+more|this\s+time|at\s+all|please|from\s+(?:it|this|that"
    r"|the\s+(?:picture|image|background))))*"
    r"|(?:turn|take|leave|switch|cut|get)\s+(?:the\s+|that\s+|those\s+)?(?P<what2>.+?)\s+(?:off"
    r"|out|away)(?:\s+of\s+(?:there|it))?"
    r"|(?P<what4>[\w-]+(?:\s[\w-]+)?)\s+off"
    r"|(?:the\s+)?(?P<what3>.+?)\s+(?:should|has\s+to|have\s+to|must|needs?\s+to"
    r"|can)\s+(?:go(?:\s+away)?|disappear|be\s+gone|be\s+removed|leave)",
    re.IGNORECASE,
)
BIGGER = re.compile(
    r"(?:(?:a\s+(?:bit|little)|much|even)\s+)?(?P<how>bigger|larger|smaller)(?:\s+please)?",
    re.IGNORECASE,
)
INSTEAD = re.compile(r"[\s,]+(?:instead|rather)\b\s*", re.IGNORECASE)
SWAP = (
    re.compile(
        r"(?:replace|swap|exchange|change|switch|trade|turn|convert)\s+(?:out\s+)?(?:(?:the|her"
        r"|his|its|that|this)\s+)?(?P<old>.{1,80}?)"
        r"\s+(?:out\s+)?(?:with|for|by|to|into|in\s+favou?r\s+of)\s+(?P<new>.{1,200})",
        re.I,
    ),
    re.compile(
        r"instead\s+of\s+(?:(?:the|her|his|that)\s+)?(?P<old>.{1,80}?)(?:,\s*"
        r"|\s+)(?:i['\u2019]?d\s+like\s+|i\s+want\s+|let['\u2019]?s\s+(?:do|have|use|try)\s+)?"
        r"(?:use|with|make\s+(?:it|her|him)|put|try|do|go\s+with|give\s+(?:me|her|him)|have"
        r"|(?=(?:an?|some)\s))\s*(?P<new>.{1,200})",
        re.I,
    ),
    re.compile(
        r"(?:use|with|try|make\s+(?:it|her|him)|put|have|do|in|go\s+(?:with|for)|give\s+(?:me"
        r"|her|him)|i\s+want|draw)?\s*(?P<new>.{1,120}?)"
        r",?\s+(?:instead\s+of|rather\s+than|in\s+place\s+of|not)\s+(?:(?:the|an?|her"
        r"|his)\s+)?(?P<old>.{1,80})",
        re.I,
    ),
    re.compile(r"(?P<old>[^>]{1,80}?)\s*(?:->|=>|\u2192)\s*(?P<new>.{1,200})"),
)
TO = re.compile(
    r"(?:(?:switch|change|swap|go|move)\s+(?:it\s+|over\s+|back\s+)?|back\s+)to\s+(?P<new>.{1,120})",
    re.I,
)
LEVEL = re.compile(
    r"(?:set|put|bring|dial|adjust|change|keep|make|turn|drop|lower|raise|use|try"
    r"|have)\s+(?:the\s+)?"
    r"(?P<what>[^\d]{2,60}?)\s+(?:lora\s+|strength\s+|weight\s+)*(?:(?:down|up|back)\s+)?(?:to"
    r"|at|=|:)\s*"
    r"(?:a\s+)?(?:strength\s+|weight\s+)?(?:of\s+)?(?P<number>[01]?\.\d+|[012]"
    r"|\d{1,3}\s?%)(?:\s+strength)?",
    re.IGNORECASE,
)
LEVEL_ALONE = re.compile(
    r"(?:the\s+)?(?P<what>[^\W\d][\w-]*(?:\s[\w-]+){0,2})\s+(?:(?:down|up|back)\s+)?(?:to|at"
    r"|=)\s*(?P<number>[01]?\.\d+|\d{1,3}\s?%)",
    re.IGNORECASE,
)
PLACE_MOVE = re.compile(
    r"(?:put|place|move|set|have|take|bring|send|transport|relocate|drop|stick)\s+"
    r"(?P<who>it|this|that|him|her|them|everything|(?:the\s+)?(?!an?\s|some\s|more\s)\w+(?:\s\w+)?)\s+"
    r"(?:(?:somewhere|out|over|back|standing|sitting|walking)\s+)?(?P<where>(?:in|on|at|to|into"
    r"|onto|under|inside|near|beside|next\s+to|by|over|above|behind|underwater|outside|indoors"
    r"|outdoors)\b(?!\s*[\d.]).{0,120})",
    re.IGNORECASE,
)
TURN = re.compile(
    r"(?:make|turn|paint|change|colou?r|dye|have|set)\s+(?:the|her|his|its|their"
    r"|that)\s+(?P<what>[\w'-]+(?:\s[\w'-]+){0,2}?)\s+"
    r"(?:to\s+|into\s+|be\s+|look\s+)?(?P<how>[\w'-]+(?:\s(?:and\s)?[\w'-]+){0,3})",
    re.IGNORECASE,
)
SHOULD = re.compile(
    r"(?:can\s+|could\s+|maybe\s+)?(?:but\s+)?(?:she|he|they|it|her|him)(?:['\u2019]?(?:s|d|ll"
    r"|re)|\s+(?:is|was|are|were"
    r"|should|must|needs?\s+to|has\s+to|have\s+to|can|could|would|now))*"
    r"\s*(?:be\s+|have\s+|has\s+)?(?P<rest>.*)",
    re.IGNORECASE,
)
WANTED = re.compile(
    r"(?:i(?:['\u2019]?d)?\s+(?:want|like|need|prefer|would\s+like)|can|could|should)\s+(?:the"
    r"|her|his|its|their)\s+"
    r"(?P<what>[\w'-]+(?:\s[\w'-]+)?)\s+(?:to\s+be|be|in|to\s+look)\s+(?P<how>.{1,40})",
    re.IGNORECASE,
)
DRESSED = re.compile(
    r"(?:dress|clothe|wrap|cover|paint|surround)\s+(?:her|him|it|them"
    r"|the\s+\w+)\s+(?P<how>(?:in|with)\s+.+)",
    re.IGNORECASE,
)
OTHER_PART = re.compile(
    r"(?:(?:with|in|from|try|give\s+(?:her|him|it|them))\s+)?(?:an?\s+)?(?:different|another"
    r"|new|other)\s+"
    r"(?:poses?|angles?|expressions?|outfits?|clothes|backgrounds?|views?|hair(?:style|cut)?"
    r"|colou?rs?|hats?|dress"
    r"|places?|settings?|lighting|composition|perspective|mood|weather|time\s+of\s+day)",
    re.IGNORECASE,
)
OTHER_GROUND = re.compile(
    r"(?:with\s+)?(?:(?:an?\s+)?(?:different|another|new|other)\s+)?back(?:ground|drop)\s*[,:]\s*"
    r"(?:maybe\s+|like\s+)?(?P<new>(?!but\b|same\b|please\b).{2,80})",
    re.IGNORECASE,
)
PLAIN_GROUND = re.compile(
    rf"(?:(?:no+|nah+|nope)[\s,]+)?(?:just\s+)?(?:an?\s+)?"
    rf"(?P<new>(?:(?:plain|solid|simple|blank|flat)\s+)?(?:{_COLORS}|gr[ae]y)|plain|blank|simple|solid)"
    rf"\s+back(?:ground|drop)(?:\s+(?:please|pls|instead|now))?",
    re.IGNORECASE,
)
OWNED = re.compile(
    r"(?:(?:her|his|its|their|the)\s+)?(?P<what>(?!she\b|he\b|it\b|they\b|that\b|this\b"
    r"|there\b)[\w-]+(?:\s[\w-]+)?)\s+(?:was|were|should\s+be"
    r"|needs\s+to\s+be|must\s+be|has\s+to\s+be|is\s+now)\s+(?P<how>.{1,60})",
    re.IGNORECASE,
)
MAKE_THEM = re.compile(
    r"(?:make|have|let|get)\s+(?:her|him|them|it"
    r"|(?P<who>(?:the\s+)?[\w-]+))\s+(?P<rest>\w.*)",
    re.IGNORECASE,
)
TOO = re.compile(
    r"(?:(?:(?:you|u)\s+(?:made|drew|got)\s+)?(?:it|her|him|them|that|this|the\s+\w+|(?:his|her|its|their)\s+(?P<part>\w+))"
    r"(?:['\u2019]?s|\s+is|\s+are|\s+looks?|\s+feels?|\s+seems?)?\s+)?(?:a\s+(?:bit|little|tad)\s+|way\s+|much\s+|far\s+|kinda\s+|just\s+)*"
    r"too\s+(?P<adjective>[\w-]+)(?:\s+for\s+me|\s+now|\s+out|\s+in)?",
    re.IGNORECASE,
)
COMPARED = re.compile(
    rf"(?:(?:make|get|do)\s+(?:it|her|him|them|this|that)\s+)?{ADV}(?P<word>\w+er|closer"
    rf"|further|farther)(?:\s+(?:away|colors?|colours?|please|in|out|looking))?",
    re.IGNORECASE,
)
TREATED = re.compile(
    r"(?P<verb>brighten|darken|lighten|soften|simplify|declutter|blur|dim|illuminate|widen"
    r"|moderni[sz]e|beautify|roughen|sharpen|tidy|deepen|flatten|shrink|warm(?=\s+(?:it|that|this|the\s"
    r"|her|him|them|things|everything)\b.*\bup\b|\s+up\b)|cool(?=\s+(?:it|that|this|the\s|her|him|them|things"
    r"|everything)\b.*\bdown\b|\s+down\b)|age(?=\s+(?:her|him|them|it)\b))"
    r"(?:\s+(?:up|down|in|out))?(?:\s+(?:(?:the|his|her|its|their)\s+(?!whole|picture|image|scene)(?P<what>[\w-]+"
    r"(?:\s[\w-]+)?)|it|that|this|him|her|them|things|everything|all"
    r"|the\s+(?:whole\s+(?:thing|picture|image|scene)|picture|image|scene)))?"
    r"(?:\s+(?:up|down|in|out))?(?:\s+(?:a\s+(?:bit|little|tad|touch|lot)|some|slightly|please|more|overall))*",
    re.IGNORECASE,
)
COMPARED_THING = re.compile(
    rf"{ADV}(?P<word>\w+er)\s+(?:the\s+)?(?P<what>(?!than\b|please\b|and\b|version\b)[\w-]+)(?:\s+(?:please|pls))?",
    re.IGNORECASE,
)
VIEW = re.compile(
    rf"(?:(?:make|do|try|show|get|as|now|from|with)\s+(?:it\s+|me\s+"
    rf"|an?\s+)?)?{ADV}(?:an?\s+)?(?P<view>{_VIEWS})"
    r"(?:\s+(?:a\s+(?:bit|little)|more|please|shot|view|(?:on|of)\s+(?:(?:her|his|its|their"
    r"|the)\s+\w+|her|him|it|the\s+\w+|\w+)))*",
    re.IGNORECASE,
)
PREPOSITION = re.compile(
    r"(?:in|at|on|by|with|under|during|from|inside|near|against|without|as|wearing|holding"
    r"|standing|sitting|while|over|behind|beside|next\s+to|surrounded|riding|looking|indoors"
    r"|outdoors|underwater)\b",
    re.IGNORECASE,
)
THING = re.compile(r"(?:an?|two|three|four)\s+\w", re.IGNORECASE)
MOMENT = re.compile(
    r"(?:(?:it['\u2019]?s|its|be|was|were|is|to|as|into|at|in|by|during|the|a|an|some|with"
    r"|let\s+it|more|time"
    r"|of)\s+)*"
    r"(?:early\s+|late\s+|heavy\s+|light\s+|dark\s+)?(?P<word>[a-z]+)(?:\s+(?:time|light|sky"
    r"|weather|scene|outside|version|edition|variant|mode|vibes?|mood|setting|shot|one"
    r"|instead))?",
    re.IGNORECASE,
)
