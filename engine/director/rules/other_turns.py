"""Turns that ask for no new picture, as patterns: what people type to search, ask, stop, chat."""

import re

_LOOKS = (
    r"(?:options?|looks?|styles?|loras?|presets?|filters?|characters?|aesthetics?"
    r"|effects?|lightings?|lights|objects?|props|concepts?|sliders?|speed\s+loras?)"
)
_PLURAL = (
    r"(?:looks|styles|loras|presets|filters|characters|aesthetics|effects|objects|options|lights"
    r"|lightings|lighting|props|concepts|sliders)"
)
_BASE = (
    r"(?:sd\s?-?[123](?:\.[0145])?|sd\s?-?1\.?5|sd\s?-?xl|xl|flux(?:\.?\s?[12])?(?:[\s-](?:dev"
    r"|schnell|kontext))?|pony|illustrious"
    r"|noob\s?ai|chroma|qwen(?:[\s-]image)?|z[\s-]image|(?:the\s+|this\s+|that\s+)?[\w.-]+\s+"
    r"(?:base|model|checkpoint))"
)
_HAVE = (
    r"(?:do\s+(?:you|we)\s+(?:have|offer|support|own|carry)|(?:have|has)\s+(?:you|we"
    r"|this\s+server)(?:\s+got)?"
    r"|(?:you|we)(?:['\u2019]?ve|\s+have)?\s+(?:got|have|offer)|is\s+there|are\s+there"
    r"|there\s+(?:is|are)|are\s+available"
    r"|is\s+available|exist|can\s+(?:i|you|we)\s+use)"
)
_ON = (
    r"(?:for|on|with|in|about|that\s+(?:fits?|works?\s+(?:on|with)|runs?\s+on)|made\s+for"
    r"|to\s+do\s+with|related\s+to|like)"
)
SEARCHES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:(?:show|list|give|tell)(?:\s+(?:me|us))?\s+)?(?:everything|all(?:\s+(?:of\s+it"
        rf"|the\s+stuff|looks))?"
        rf"|whatever|anything|what(?:\s+(?:stuff|things|else))?|which\s+ones?)"
        rf"(?:\s+that)?\s+{_HAVE}(?:\s+{_ON})?\s+(?P<query>.{{2,60}})",
        rf"(?:show\s+(?:me\s+)?|list\s+|got\s+|any\s+|is\s+there\s+|have\s+you\s+got\s+)*"
        rf"(?:everything|all|anything"
        rf"|something|things?|stuff|ones?)\s+{_ON}\s+(?P<query>{_BASE}.{{0,30}})",
        rf"(?:what|which|how\s+many)\s+(?P<query>(?:[\w'-]+\s+){{1,3}}?){_HAVE}"
        rf"(?P<more>\s+{_ON}\s.{{2,40}})?",
        rf"(?:(?:show|list|give)(?:\s+(?:me|us))?\s+)?(?:(?:the|your|our|all|any|some|every)\s+)*"
        rf"(?P<query>(?:[\w'-]+\s+){{0,2}}?{_LOOKS})\s+"
        rf"{_ON}\s+(?P<more>{_BASE}.{{0,20}})",
        rf"(?:(?:show|list)\s+(?:me\s+)?)?(?P<query>{_BASE}\s+{_PLURAL})",
        r"(?:i['\u2019]?m\s+|im\s+|we['\u2019]?re\s+)?(?:looking|searching)\s+for\s+(?:something|anything|smth)\s+"
        r"(?!(?:like|with|where|of)\b)(?P<query>[\w-]+(?:\s[\w-]+)?)",
        r"what\s+(?:can|could|would)\s+(?:you|we|i)\s+(?:do|make|offer|use|recommend|suggest)\s+"
        r"(?:for|in\s+terms\s+of|around|with)\s+"
        r"(?P<query>(?!(?:you|this|it|that|me|these|them)\b)[\w' -]{2,40})",
        r"(?:zeig|zeige|liste)(?:\s+(?:mir|uns))?\s+(?:bitte\s+)?(?:alle|deine|die|eure)?\s*"
        r"(?P<query>[\w ]{0,20}?(?:stile|looks|loras|charaktere|figuren|effekte|lichter))"
        r"(?:\s+an)?",
        r"(?:welche|was\s+f\u00fcr)\s+(?P<query>[\w ]{2,30}?)\s+(?:hast\s+du|habt\s+ihr|gibt\s+es"
        r"|gibts|haben\s+wir|kennst\s+du)",
        r"(?:quels?|quelles?)\s+(?P<query>[\w ]{2,30}?)\s+(?:as[\s-]tu|avez[\s-]vous"
        r"|y\s+a[\s-]t[\s-]il|sont\s+disponibles|tu\s+as|est-ce\s+que\s+tu\s+as)",
        r"(?:montre|liste)(?:[\s-]moi)?\s+(?:tous\s+|toutes\s+)?(?:les|tes)\s+(?P<query>(?:styles"
        r"|looks|loras|personnages|effets|objets))",
        r"(?:qu[e\u00e9]|cu[a\u00e1]les)\s+(?P<query>[\w ]{2,30}?)\s+(?:tienes|hay|tenemos"
        r"|ten\u00e9is|puedo\s+usar)",
        r"(?:mu\u00e9strame|ense\u00f1ame|lista)\s+(?:todos\s+|todas\s+)?(?:los|las|tus)\s+"
        r"(?P<query>(?:estilos|looks|loras|personajes|efectos|objetos))",
        r"(?:\u3069\u3093\u306a|\u4f55\u306e)?(?P<query>)(?:\u30b9\u30bf\u30a4\u30eb|\u753b\u98a8"
        r"|lora)(?:\u306f)?(?:\u4f55|\u306a\u306b)?(?:\u304c)?(?:\u3042\u308a\u307e\u3059"
        r"|\u3042\u308b)(?:\u304b)?",
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
        rf"|about|that|you|available|here|on\s+here|around).*)?",
        rf"(?:do\s+(?:you|we)\s+have|is\s+there|are\s+there|have\s+you\s+got|got)\s+(?:an?\s+"
        rf"|any\s+|some\s+"
        rf"|something\s+)?(?P<query>(?:[\w'-]+\s+){{0,5}}?){_LOOKS}(?P<more>\s+.*)?",
        r"(?:do\s+(?:you|we)\s+have|have\s+(?:you|we)\s+got|is\s+there|got)\s+(?:anything"
        r"|something)\s+(?P<query>.+)",
        rf"(?:i['\u2019]?m\s+)?(?:looking\s+for|search(?:ing)?(?:\s+for)?|find)\s+(?:an?\s+"
        rf"|some\s+|any\s+)?(?P<query>(?:[\w'-]+\s+){{0,5}}?){_LOOKS}(?P<more>\s+.*)?",
        r"(?:search|/looks|browse)(?:\s+(?:for|looks))?(?P<query>\s+.*)?",
        rf"(?P<query>(?!(?:an?|the|good|her|his|why|no|without|how)\b)(?:[\w'-]+\s+){{0,2}}){_PLURAL}",
        r"(?:you|we|u)(?:['\u2019]?ve)?\s+got\s+(?P<query>[\w'-]+(?:\s[\w'-]+)?)",
        rf"which\s+(?:of\s+(?:these|those|them|the\s+looks)|ones?)\s+(?:can\s+i\s+use|work|works|fit|fits|run|go|act)\s+{_ON}\s+(?P<query>.{{2,40}})",
        r"(?:(?:got\s+|have\s+you\s+)?any\s+|some\s+)?(?:recommendations?|suggestions?"
        r"|ideas?)\s+(?:for|on)\s+(?P<query>.{2,50})",
        rf"which\s+of\s+(?:the|your|our|these)\s+{_LOOKS}\s+(?:are|is|would\s+be|work"
        rf"|fit)\s+(?:good\s+|best\s+|meant\s+)?(?:for\s+|with\s+)?(?P<query>.{{2,40}})",
        r"(?:list|show)(?:\s+(?:me|us))?(?:\s+(?:everything|all(?:\s+of\s+them)?"
        r"|them(?:\s+all)?))?(?P<query>)",
        r"(?:is\s+there\s+|got\s+)?any(?:thing"
        r"|\s+looks?)\s+(?P<query>[\w'-]+(?:\s[\w'-]+)?)(?:[\s-](?:related|themed|like|ish"
        r"|styled?))?",
        r"(?:is|are)\s+(?:the\s+|an?\s+)?(?P<query>[\w' -]{2,40}?)\s+(?:available|installed"
        r"|here|on\s+this\s+server|supported)",
        r"(?:any|some|more)\s+(?P<query>[\w' -]{2,40}?)\s+(?:ones|stuff)",
        rf"(?:.{{0,30}}\s)?list\s+of\s+(?:all\s+|your\s+|the\s+"
        rf"|available\s+)*(?P<query>(?:[\w'-]+\s+){{0,2}}?){_LOOKS}(?P<more>\s+.*)?",
        r"what\s+(?:do|have)\s+(?:you|we)\s+(?:have|got)\s+(?:for|in|with|like"
        r"|in\s+the\s+way\s+of|related\s+to)\s+(?P<query>.{2,50})",
        r"(?:any|some)\s+(?P<query>[\w' -]{2,40}?)\s+(?:related|themed)\s+(?:looks|styles|loras"
        r"|ones|stuff)",
        r"(?:you\s+)?(?:got|have|do\s+(?:you|we)\s+have)\s+(?:any|some"
        r"|an?)\s+(?P<query>.{2,50}?)(?:\s+(?:stuff|things?|ones?))?(?:\s+(?:here|available"
        r"|in\s+stock))?",
        r"(?:show|tell)\s+me\s+(?:what|everything)\s+(?:you(?:['\u2019]?ve)?|we"
        r"|there)(?:\s+(?:have|got|is|offer))*(?P<query>)",
        r"(?:anything|something)\s+(?P<query>(?:for|with|like)\s+[\w' -]{2,40})",
        r"(?:find|search|look)\s+(?:me\s+|us\s+|for\s+)*(?:something|anything|stuff"
        r"|things?)\s+(?P<query>.{2,60})",
        rf"(?:.{{0,30}}[?.!,]\s*)?(?:list|show)(?:\s+(?:me|all|the|your|our|every"
        rf"|us))*\s+(?P<query>{_LOOKS})",
        r"who\s+(?:do\s+(?:we|you)\s+have|can\s+(?:i|we|you)\s+(?:draw|use|pick)"
        r"|is\s+there)(?P<query>)",
        r"what\s+(?:can|could)\s+(?:i|you)\s+(?:use|choose|pick)\s*(?:from|here)?",
        r"who\s+are\s+(?:all\s+)?(?:of\s+)?(?:the|your|our)\s+(?P<query>characters)"
        r"(?:\s+(?:here|there|available|you\s+have|we\s+have|on\s+this\s+server))*",
        r"(?:what|which\s+ones?)(?:\s+(?:all|else))?\s+(?:works?|fits?|runs?)\s+(?:on|with|for)?\s*"
        r"(?P<query>(?!it\b|this\b|that\b).{2,40})",
    )
)
INFO = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:what|who)(?:\s+(?:is|are|was|were)|['\u2019]s|s)\s+(?P<about>(?!up\b).+)",
        r"(?:tell\s+me|info|information|details?|more)\s+(?:more\s+)?(?:about"
        r"|on)\s+(?P<about>.+)",
        r"what\s+(?:can|do|could)\s+you\s+(?:tell\s+me|know)\s+about\s+(?P<about>.+)",
        r"(?:tell\s+me|do\s+you\s+know|explain)\s+(?:who|what)\s+(?P<about>.+?)\s+(?:is|are"
        r"|does|do|looks?\s+like)",
        r"what\s+does\s+(?P<about>.+?)\s+(?:do|look\s+like|mean)",
        r"(?:explain|justify)\s+(?:your|the)\s+(?:choices?|plan|settings|picks?"
        r"|decisions?)(?P<about>)",
        r"(?:explain|describe)\s+(?P<about>.+)",
        r"(?:why|how\s+come)\b(?P<about>.*)",
        r"(?:what|which)\s+(?:made|looks?|loras?|settings?|seed|prompt|base|model|weights?"
        r"|trigger(?:\s+words?)?|style|steps|size|negative)\b(?P<about>.*)",
        r"how\s+(?:was|were|did\s+you)\s+(?:this|that|it|the\s+last\s+one"
        r"|these)?\s*(?P<about>generated|created|produced|painted|rendered|done|made|make|do"
        r"|drawn|draw|get)\b.*",
        r"what\s+(?:did|do|have|are|were)\s+(?:you|we)\s+(?:use|used|using|do|done|pick|picked"
        r"|choose|chosen|change|changed)(?P<about>\s+(?:for|in|on|to\s+make|here|there"
        r"|with)\b.*|$)",
        r"how\s+(?:strong|heavy)\s+(?:is|was)\s+(?P<about>.+)",
        r"(?:(?:can|could|would)\s+you\s+)?(?:show|give"
        r"|tell)(?:\s+me)?\s+(?:the\s+)?(?:settings|recipe|plan|details|seed"
        r"|prompt)\b(?P<about>.*)",
        r"info(?:\s+(?P<about>.+))?",
        r"(?:is|are)\s+(?P<about>.{2,40}?)\s+(?:available|installed|supported|usable|here"
        r"|on\s+(?:this\s+server|here)).{0,30}",
        r"do\s+you\s+(?:know|have)\s+(?P<about>.+)",
    )
)
HOW = re.compile(r"(?:how|what|can\s+i\s+learn|explain)\b", re.IGNORECASE)
TRAIN = re.compile(
    r"\b(?:train|training|teach|fine-?\s?tune|finetuning)\s+(?:(?:me|us|you|yourself|it"
    r"|the\s+bot|up)\s+)?"
    r"(?:(?:an?|my|our|your|the|this|these|some|new|own|custom|personal)\s+)*"
    r"(?:loras?|models?|styles?|looks?|characters?|checkpoints?|embeddings?|on|with|from|using"
    r"|how|what|him|her|them"
    r"|cat|dog|pet|face|art|artstyle|drawings?|pictures?|photos?|images?|pics|selfies|character"
    r"|oc)\b"
    r"|\btrain(?:ed)?\s+(?:it|one|something|this)\s+(?:on|for|with|from)\b"
    r"|\b(?:make|create|build|want|need|like|get|turn)\b.{0,60}?\b(?:a|an|my|our|own|new|custom"
    r"|into\s+an?)\s+(?:new\s+|own\s+|custom\s+|personal\s+)*(?:lora|loras|model|checkpoint)"
    r"(?:\s+(?:of|from|for|on|out\s+of|with|trained|based)\b|$)"
    r"|\b(?:photos?|pictures?|pics|images?|drawings?|selfies)\b.{0,40}\b(?:learn|memori[sz]e)\s+(?:him|her|it|them|from)\b"
    r"|\b(?:learn|memori[sz]e)\s+(?:my|our|this|these|how)\s+(?:\w+\s+)?(?:face|cat|dog|style"
    r"|look|character|art|drawings?|photos?|pictures?|oc|looks?)\b"
    r"|^(?:start\s+|begin\s+)?(?:a\s+)?(?:train|training|lora\s+training)(?:\s+(?:please|start))?$",
    re.IGNORECASE,
)
HELP = re.compile(
    r"(?:help(?:\s+me)?(?:\s+(?:with|about|on)\s+(?P<topic>.{1,60}))?|/?(?:help|start|commands?"
    r"|manual|instructions)|"
    r"(?:(?:i|we)\s+)?(?:need|could\s+use|want)\s+(?:some\s+|a\s+bit\s+of\s+)?help(?:\s+(?:here"
    r"|please|with\s+(?P<topic2>.{1,60})))?|(?:can|could)\s+(?:you|someone"
    r"|anyone)\s+(?:help(?:\s+me)?(?:\s+out)?|explain(?:\s+(?:how\s+)?(?:this|it|you|things"
    r"|the\s+bot)(?:\s+works?)?)?)|explain\s+(?:how\s+)?(?:this|it|yourself"
    r"|the\s+bot)(?:\s+works?)?|"
    r"what\s+(?:are|r)\s+(?:you|u)\s+(?:able\s+to|capable\s+of|for)(?:\s+(?:do|doing))?"
    r"|what(?:['\u2019]?s|\s+is)\s+(?:this(?:\s+bot)?|possible)(?:\s+for|\s+here)?"
    r"|what\s+else\s+can\s+you\s+do|(?:so\s+)?what\s+(?:can|does|could)\s+(?:it"
    r"|this(?:\s+(?:bot|thing))?|the\s+bot|atelier)\s+do|"
    r"i(?:\s+have|['\u2019]?ve\s+got)?\s+no\s+(?:idea|clue)\s+(?:what|how|where)\b.{0,40}"
    r"|.{0,40}\b(?:how\s+(?:to\s+use\s+(?:this|it|you|the\s+bot)|(?:this|it|everything"
    r"|the\s+bot)\s+works?))|tutorial|guide|faq|getting\s+started|what\s+(?:do"
    r"|can)\s+you\s+(?:understand|accept"
    r"|support|need(?:\s+from\s+me)?)|help\s+me(?:\s+out)?(?:\s+please)?(?:[,.!]\s.{0,60})?"
    r"|how\s+do(?:es)?\s+.{1,50}\s+work|(?:so\s+)?what\s+can\s+i\s+(?:type|say|write|ask"
    r"|do)\b.{0,30}|"
    r"how\s+(?:does|do)\s+(?:this|it|you|that|the\s+bot|atelier)\s+work|what\s+(?:can"
    r"|do)\s+(?:you|u|i)\s+do(?:\s+(?:here|with\s+(?:you|this)))?|"
    r"how\s+(?:do|can|to|should)\s+(?:i|we|you|use|make|draw|upload|add|train|change"
    r"|get)\b.{0,80}|how\s+to\b.{1,60}|"
    r"what\s+(?:are\s+)?(?:the\s+)?commands(?:\s+are\s+there)?|i\s+need\s+help|\?+)",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"(?:(?:hi+|hey+|hello+|yo+)(?:\s+there)?[\s,!.]+(?=good\b))?"
    r"(?:morning|evening|afternoon|hi+|hey+|hello+|heya|hiya|yo+|sup|howdy|hola|hallo|bonjour"
    r"|salut|moin|servus|ciao"
    r"|guten\s+(?:tag|morgen|abend)|buenos\s+d[i\u00ed]as|buenas|\u3053\u3093\u306b\u3061\u306f"
    r"|good\s+(?:morning|evening|afternoon|night|day)"
    r"|greetings|gm|gn)"
    r"(?:\s+bot)?(?:\s+(?:are\s+)?(?:you|u|anyone|anybody)\s+(?:there|around|alive|awake|up)"
    r"|\s+(?:there|bot|atelier|all|everyone|again|friend|buddy))?",
    re.IGNORECASE,
)
THANKS = re.compile(
    r"(?:(?:many\s+|ok\s+|okay\s+|great\s+|perfect\s+|nice\s+)?(?:thanks|thank\s+you|thx|ty"
    r"|cheers|tysm|merci|danke|ta)(?:\s+(?:a\s+(?:lot|million|bunch|ton)|so\s+much|very\s+much|bot"
    r"|again|for\s+(?:that"
    r"|this|the\s+\w+)|man|mate|everyone|bro|dude|fam|pal|buddy|u|you|lots|heaps))*|"
    r"(?:thank\s+you|thanks)(?:\s+(?:very|so))?\s+(?:much|kindly)(?:\s+indeed)?"
    r"|much\s+appreciated|(?:(?:many\s+|big\s+)?(?:thanks|thank\s+you|thx|ty"
    r"|cheers))[\s,!.]+(?:you(?:['\u2019]?re|\s+are|r)?\s+(?:rock|awesome|the\s+best|great"
    r"|amazing|a\s+(?:star|legend|lifesaver|gem))|legend|that(?:['\u2019]?s|\s+was)\s+(?:all|it"
    r"|great|helpful)|i['\u2019]?m\s+(?:done|good)|you\s+too|love\s+you|good\s+bot|for\s+(?:now"
    r"|today|your\s+help|the\s+help|everything))"
    r"|gracias|merci(?:\s+beaucoup)?|danke(?:\s+(?:sch\u00f6n|dir))?|obrigado|grazie|arigat(?:o"
    r"|ou)|\u3042\u308a\u304c\u3068\u3046(?:\u3054\u3056\u3044\u307e\u3059)?)",
    re.IGNORECASE,
)
PRAISE = re.compile(
    r"(?:(?:wow|omg|haha|lol|oh|this\s+is|that['\u2019]?s|that\s+is|it['\u2019]?s|it\s+is"
    r"|looks?|so|very|really|i)[,!\s]+)*"
    r"(?:wow|nice(?:\s+(?:one|work|job))?|cool|awesome|great(?:\s+(?:job|work|stuff))?|amazing"
    r"|beautiful|perfect|lovely|love\s+(?:it|this|that|them)|like\s+(?:it|this|that)|"
    r"good(?:\s+(?:job|bot|work|one))?|well\s+done|excellent|brilliant|gorgeous|cute|funny|lol"
    r"|haha+|omg|sweet|neat|fantastic|ok|okay|k|yes|no|yep|nope|yeah|sure|please|yes\s+please"
    r"|no\s+thanks|bye|goodbye|see\s+you"
    r"|good\s+night|"
    r"bad|ugly|terrible|awful|meh|hate\s+(?:it|this|that)|(?:don['\u2019]?t"
    r"|do\s+not)\s+like\s+(?:it|this|that))(?:[,!\s]+(?:bot|everyone|all|guys|man|thanks|wow"
    r"|haha|lol|so\s+much"
    r"|a\s+lot))*",
    re.IGNORECASE,
)
SMALL_TALK = re.compile(
    r"(?:(?:hi|hey|hello|yo)[\s,!.]+)?(?:how(?:['\u2019]?s|\s+is)\s+(?:it|everything|life"
    r"|things)(?:\s+(?:going|hanging))?|how\s+are\s+(?:you|u|things)(?:\s+(?:doing|today))?"
    r"|are\s+(?:you|u)\s+(?!able\b).{1,40}|(?:do"
    r"|did|have|can|will|would)\s+you\s+(?!think\s+(?:you|we|i)\b)(?:like|love|think|dream|feel"
    r"|sleep|remember|ever|hate"
    r"|enjoy|believe|speak|talk|understand|hear|work\s+for)\b.{0,60}"
    r"|(?:you(?:['\u2019]?re|\s+are)|\s+(?:rock|rule|suck|win)|ur|u\s+r)(?:\s+[\w']+){1,4}"
    r"|who\s+(?:created|built|wrote"
    r"|programmed|runs|owns)\s+(?:you|this|it)|i(?:['\u2019]?m|\s+am)\s+(?:so\s+|really\s+"
    r"|very\s+)?(?:bored|tired|hungry|back|new(?:\s+here)?|here|sad|happy|confused|lost|done"
    r"|off|out|sorry|fine|good|ok(?:ay)?)(?:\s+(?:now|today))?|you\s+(?:rock|rule|suck)"
    r"|(?:(?:hi|hey|hello)[\s,!]+)?nice\s+to\s+(?:meet|see)\s+you|(?:where"
    r"|when|how\s+old|how\s+smart)\s+(?:do|are|were|did)\s+(?:you|u)\b.{0,40}|(?:wyd|wbu|hbu|hru|wsp|wsg|wassup|whats\s+good|what(?:['\u2019]?s)?\s+good)(?:\s+\w+)?|(?:happy|merry)\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:happy|merry)\s+(?:birthday|new\s+year|christmas|xmas|holidays"
    r"|easter|halloween|weekend)(?:\s+(?:bot|all|everyone|everybody|guys|y'?all))?|(?:are\s+)?(?:you|u)\s+(?:there|alive|awake|up|on|online|working|ok(?:ay)?|around)|brb|afk|gtg|g2g"
    r"|idk|idc|lmao+"
    r"|rofl|test(?:ing)?"
    r"|ping|hm+|uh+|ok(?:ay)?\s+bye"
    r"|bye+(?:\s+bye)?|see\s+ya|later|np|no\s+problem|no\s+worries|my\s+bad|sorry.{0,20}"
    r"|welcome\s+back|same|true|fair\s+enough|makes\s+sense|i\s+see|got\s+it|interesting|really"
    r"|why\s+not|who"
    r"\s+are\s+you|what\s+are\s+you"
    r"|are\s+you\s+(?:a\s+)?(?:bot|human|real|there|ai|an\s+ai)|"
    r"what['\u2019]?s\s+up|what\s+is\s+your\s+name|what['\u2019]?s\s+your\s+name"
    r"|who\s+made\s+you|tell\s+me\s+a\s+(?:joke|story|secret)|what\s+(?:time|day|date|year"
    r"|month)\s+is\s+it(?:\s+today)?)",
    re.IGNORECASE,
)
LAST = re.compile(
    r"\s*(?:and\s+\w+\s+)?(?:(?:was|is|were|are|did|do|does|have|has|for|of|in|on|made|used)\s+)*"
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
    good great nice pls please plz thanks thx kinds sorts types sort type
    stuff things thing everything anything something whatever else ones one got made related
    alle deine die eure les tes los las tus todos todas tous toutes
    exist exists should new best options fit fits suggest recommend a about all an any are
    available can do every for got have here i in installed is kind know like look looks lora
    loras me my of offer on our please preset presets server show some style styles support that
    the there this to try use we what which with you your"""
NOISE = frozenset(_NOISE.split())
"""Words of a search that say nothing about what is searched."""
