"""Turns that ask for something else than a picture: search, info, status, cancel, help, chat."""

import re
from collections.abc import Callable

from engine.director.reader import Room
from engine.director.rules.index import Index, name_words
from engine.director.rules.mentions import find
from engine.director.rules.text import Script
from engine.messages import (
    Cancel,
    Chat,
    Help,
    Info,
    JobId,
    Reading,
    Reroll,
    Search,
    Status,
    Vary,
)
from engine.registry.search import rank

_LOOKS = (
    r"(?:looks?|styles?|loras?|presets?|filters?|characters?|aesthetics?"
    r"|effects?|lightings?|objects?)"
)
_PLURAL = r"(?:looks|styles|loras|presets|filters|characters|aesthetics|effects|objects|options)"
_SEARCHES = tuple(
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
_INFO = tuple(
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
_STATUS = re.compile(
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
_CANCEL = re.compile(
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
_HELP = re.compile(
    r"(?:help(?:\s+me)?(?:\s+(?:with|about|on)\s+(?P<topic>.{1,60}))?|/?(?:help|start|commands?"
    r"|manual|instructions)|"
    r"how\s+(?:does|do)\s+(?:this|it|you|that|the\s+bot|atelier)\s+work|what\s+(?:can"
    r"|do)\s+(?:you|u|i)\s+do(?:\s+(?:here|with\s+(?:you|this)))?|"
    r"how\s+(?:do|can|to|should)\s+(?:i|we|you|use|make|draw|upload|add|train|change"
    r"|get)\b.{0,80}|how\s+to\b.{1,60}|"
    r"what\s+(?:are\s+)?(?:the\s+)?commands(?:\s+are\s+there)?|i\s+need\s+help|\?+)",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:hi+|hey+|hello+|yo|sup|howdy|hola|good\s+(?:morning|evening|afternoon|night|day)"
    r"|greetings|gm|gn)"
    r"(?:\s+(?:there|bot|atelier|all|everyone|again|friend|buddy))?",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:(?:many\s+|ok\s+|okay\s+|great\s+|perfect\s+|nice\s+)?(?:thanks|thank\s+you|thx|ty"
    r"|cheers|tysm|merci|danke)(?:\s+(?:a\s+lot|so\s+much|very\s+much|bot|again|for\s+(?:that"
    r"|this|the\s+\w+)|man|mate|everyone))*|"
    r"much\s+appreciated)",
    re.IGNORECASE,
)
_PRAISE = re.compile(
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
_SMALL_TALK = re.compile(
    r"(?:how\s+are\s+you(?:\s+(?:doing|today))?|who\s+are\s+you|what\s+are\s+you"
    r"|are\s+you\s+(?:a\s+)?(?:bot|human|real|there|ai|an\s+ai)|"
    r"what['\u2019]?s\s+up|what\s+is\s+your\s+name|what['\u2019]?s\s+your\s+name"
    r"|who\s+made\s+you|tell\s+me\s+a\s+(?:joke|story|secret)|what\s+time\s+is\s+it)",
    re.IGNORECASE,
)
_REROLL = re.compile(
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
_VARY = re.compile(
    r"(?:(?:make|give\s+me|do|create|show\s+me)?\s*(?:an?\s+|some\s+|a\s+few\s+"
    r"|more\s+)?(?:slight\s+|small\s+|subtle\s+)?variations?(?:\s+(?:of|on)\s+(?:it|this|that"
    r"|the\s+last(?:\s+one)?|these))?|vary(?:\s+(?:it|this|that|a\s+(?:bit|little)|slightly))*|"
    r"(?:a\s+little\s+|a\s+bit\s+|slightly\s+)different|(?:something|one|a\s+few|some"
    r"|give\s+me)?\s*(?:more\s+)?(?:similar|like\s+(?:that|this)(?:\s+one)?)"
    r"|more\s+like\s+(?:this|that|it)(?:\s+one)?|(?:another\s+)?(?:version|variant"
    r"|take)\s+of\s+(?:it|this|that)|remix(?:\s+(?:it|this|that))?)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"\s*(?:(?:was|is|were|are|did|do|does|have|has|for|of|in|on|made|used)\s+)*"
    r"(?:$|(?:it|this|that|these|those|you|we|so|used|made|use|the\s+(?:last|picture|image|seed"
    r"|prompt|settings|one))\b.*)",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"^(?:the|a|an|this|look|lora|style|character|called|of|about|is|are|you|did|do|we|have|has"
    r"|use|used|pick|picked|choose|chose|for|to|with|trigger|words?)\s+",
    re.IGNORECASE,
)
_EMPTY_WISH = re.compile(
    r"(?:please\s+)?(?:(?:draw|paint|make|create|generate|imagine|show|give|render|sketch)"
    r"(?:\s+(?:me|us))?\s*)?"
    r"(?:(?:an?\s+)?(?:new\s+|nice\s+|cool\s+)?(?:picture|image|pic|drawing|one)"
    r"|something(?:\s+(?:nice|cool|new|random))?|anything|surprise\s+me"
    r"|whatever(?:\s+you\s+(?:like|want))?|art)?",
    re.IGNORECASE,
)
_GO_ON = "All right. Say what to change, or what to draw next."
_WHAT_SHALL_IT_BE = "What shall be in the picture?"
_NOTHING_YET = "There is nothing to draw again yet. What would you like to see?"


def read_other(text: str, room: Room, index: Index) -> Reading | None:
    """The reading of a turn that asks for no new wish; None when it is one."""
    plain = text.strip(" ,.!:;\u2026")
    if not any(char.isalnum() for char in plain):
        return Reading(
            intent=Help() if set(plain) == {"?"} else Chat(words=text),
            reply="Tell me what you would like to see, in plain words.",
        )
    plain = plain.rstrip(" ?!.")
    if len(plain) > 200:
        return None
    for read in _READERS:
        reading = read(plain, text, room, index)
        if reading is not None:
            return reading
    return None


def last_job(room: Room) -> JobId | None:
    """The newest job of the conversation."""
    return next((turn.job for turn in reversed(room.turns) if turn.job is not None), None)


def _cancel(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    return Reading(intent=Cancel()) if _CANCEL.fullmatch(plain) else None


def _status(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    return Reading(intent=Status()) if _STATUS.fullmatch(plain) else None


def _help(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    match = _HELP.fullmatch(plain)
    return Reading(intent=Help(topic=(match["topic"] or "")[:60])) if match else None


def _again(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    vary = bool(_VARY.fullmatch(plain))
    if not vary and not _REROLL.fullmatch(plain):
        return None
    job = last_job(room)
    if job is None:
        return Reading(intent=Chat(words=text), reply=_NOTHING_YET)
    return Reading(intent=Vary(job=job) if vary else Reroll(job=job))


def _chat(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    if _GREETING.fullmatch(plain):
        return Reading(intent=Chat(words=text), reply="Hello! What would you like to see?")
    if _THANKS.fullmatch(plain):
        return Reading(intent=Chat(words=text), reply="You are welcome!")
    if _SMALL_TALK.fullmatch(plain):
        reply = "I draw pictures from your words. What would you like to see?"
        return Reading(intent=Chat(words=text), reply=reply)
    if _EMPTY_WISH.fullmatch(plain):
        return Reading(intent=Chat(words=text), reply=_WHAT_SHALL_IT_BE)
    if _PRAISE.fullmatch(plain):
        return Reading(intent=Chat(words=text), reply=_GO_ON)
    return None


def _search(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    for pattern in _SEARCHES:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        groups = match.groupdict()
        if plain.casefold().startswith("can you do") and _calls(groups["query"], index):
            continue
        query = _query(f"{groups.get('query') or ''} {groups.get('more') or ''}")
        found = rank(query, index.cards)
        names = tuple(card.name for card in found[:50])
        reply = "" if names or not query else f"I found no look for \u201c{query}\u201d."
        return Reading(intent=Search(query=query), results=names, reply=reply)
    return None


_NOISE = frozenset(
    [
        "do",
        "you",
        "have",
        "we",
        "there",
        "are",
        "can",
        "i",
        "use",
        "is",
        "that",
        "which",
        "for",
        "with",
        "like",
        "of",
        "about",
        "any",
        "some",
        "the",
        "a",
        "an",
        "me",
        "available",
        "here",
        "installed",
        "look",
        "looks",
        "style",
        "styles",
        "lora",
        "loras",
        "in",
        "my",
        "our",
        "your",
        "all",
        "every",
        "kind",
        "preset",
        "presets",
        "got",
        "please",
        "what",
        "on",
        "this",
        "server",
        "show",
        "know",
        "offer",
        "support",
        "to",
        "try",
    ]
)


def _query(said: str) -> str:
    return " ".join(word for word in re.findall(r"[\w'-]+", said) if word.casefold() not in _NOISE)


def _info(plain: str, text: str, room: Room, index: Index) -> Reading | None:
    for pattern in _INFO:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        about = (match["about"] or "").strip()
        names = _calls(about, index)
        if names:
            return Reading(intent=Info(about=names[0]), about=names[0])
        if pattern is _INFO[-1]:
            return None
        return _info_without_look(pattern is _INFO[0], about, plain, text, room, index)
    return None


def _calls(words: str, index: Index) -> tuple[str, ...]:
    """Names of the looks that some words call."""
    return find(Script(words), index).names(index.cards) if words else ()


def _info_without_look(
    is_what: bool, about: str, plain: str, text: str, room: Room, index: Index
) -> Reading | None:
    """About the last picture, an unknown look, or the world at large."""
    bare = about
    while (shorter := _LEADS.sub("", bare, count=1)) != bare:
        bare = shorter
    is_why = re.match(r"why|how\s+come", plain, re.I) and last_job(room) is not None
    if is_why or (not is_what and _LAST.fullmatch(about)):
        return Reading(intent=Info(about=last_job(room) or ""))
    if is_what and re.match(
        r"(?:this|that|it|in\s+(?:this|that)|used|the\s+seed|the\s+prompt)", about, re.I
    ):
        return Reading(intent=Info(about=last_job(room) or ""))
    is_look = re.search(r"\b(?:look|lora|style|preset|character|trigger)\b", plain, re.I)
    is_name = bare[:1].isupper() and name_words(bare)
    if not is_look and not is_name:
        reply = "I only know about pictures and looks. What would you like to see?"
        return Reading(intent=Chat(words=text), reply=reply)
    reply = f"I know no look called \u201c{bare[:80]}\u201d here."
    near = [card.name for card in rank(bare, index.cards)[:3]]
    if near:
        reply += f" Close ones: {', '.join(near)}."
    return Reading(intent=Info(about=bare[:80]), reply=reply, about=None)


_READERS: tuple[Callable[[str, str, Room, Index], Reading | None], ...] = (
    _cancel,
    _status,
    _again,
    _chat,
    _help,
    _search,
    _info,
)
