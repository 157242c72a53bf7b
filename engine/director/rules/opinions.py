"""Opinions on the newest picture: praise, complaint, burnt, not alike."""

import re

from engine.director.reader import Room
from engine.director.rules import turn_words as known
from engine.director.rules.color_edits import asks_for_colors
from engine.director.rules.index import Index
from engine.director.rules.interjections import cried
from engine.director.rules.mentions import find
from engine.director.rules.text import Script
from engine.director.rules.turn_scope import closed, drawn_words, last_job, names_look
from engine.messages import Feedback, Reading, Verdict

THANKED: dict[Verdict, str] = {
    "good": "Good to hear. Say what to change, or what to draw next.",
    "bad": "Noted. Say what to change, or \u201cagain\u201d for another try.",
    "overdone": "Noted: say \u201cagain\u201d and I draw it with every look gentler.",
    "too_strong": "Noted: the next one gets less of it.",
    "too_weak": "Noted: the next one gets more of it.",
    "not_alike": "Noted: say \u201cagain\u201d for another try, or ask for more of it.",
}
_NOT_ALIKE = re.compile(
    r"\b(?:does\s?n['\u2019]?t|doesnt|does\s+not|did\s?n['\u2019]?t|didnt|don['\u2019]?t"
    r"|is\s?n['\u2019]?t|isnt|not)\s+"
    r"(?:really\s+|even\s+|quite\s+|at\s+all\s+|much\s+|look(?:ing)?\s+|anything\s+|remotely\s+"
    r"|very\s+)*"
    r"(?:look\s+|looking\s+)?(?:anything\s+|much\s+|at\s+all\s+|really\s+)*like\s+(?P<who>\w+)"
    r"|\b(?:looks?|is|are)\s+nothing\s+like\s+(?P<who2>\w+)"
    r"|\b(?:that|this|it)(?:['\u2019]?s|s|\s+is|\s+is\s?n['\u2019]?t"
    r"|\s+ain['\u2019]?t)\s+(?:not\s+|n['\u2019]?t\s+)?(?:really\s+|even\s+)?(?:her|him)\b(?!\s+\w)"
    r"|\b(?:not|isn['\u2019]?t|isnt|never|wrong)\s+(?:really\s+|even\s+|quite\s+|at\s+all\s+)?"
    r"(?:her|his|their|the\s+right)\s+(?:face|nose|eyes|hair|likeness|look|features|body|character)\b"
    r"|\bwho\s+(?:is|was)\s+(?:this|that|she|he)\s+(?:supposed|meant)\s+to\s+be\b"
    r"|\b(?:un|not\s+)recogni[sz]able\b|\boff[\s-]model\b|\bwrong\s+(?:face|person|character)\b"
    r"|\b(?:can['\u2019]?t|hardly|barely|don['\u2019]?t)\s+(?:even\s+"
    r"|really\s+)*recogni[sz]e\s+(?:her|him|them|it)\b",
    re.IGNORECASE,
)
_NOT_WANTED = re.compile(
    r"\b(?:not|isn['\u2019]?t|wasn['\u2019]?t|nothing\s+like)\s+(?:really\s+|quite\s+"
    r"|at\s+all\s+|exactly\s+)?"
    r"(?:sure\s+about|sold\s+on|quite\s+(?:right|there|it)|feeling\s+(?:it|this)|a\s+fan"
    r"|my\s+(?:thing|taste|cup\s+of\s+tea)|convinced"
    r"|there\s+yet|what\s+\w+(?:\s+\w+)?\s+looks?\s+like"
    r"|(?:what|how)\s+i\s+(?:asked|wanted|meant|had\s+in\s+mind|was\s+(?:looking|hoping|going)"
    r"|said|imagined|expected|ordered|need))",
    re.IGNORECASE,
)
_NOT_QUITE = re.compile(
    r"(?:(?:h+m+|eh|no|well|ok(?:ay)?|um+|uh|sorry|close|almost|so\s+close|nearly)[\s,.!\u2026-]+)*"
    r"(?:no+|nope|nah+|not\s+(?:quite|really|it|that|exactly|there|this|feeling\s+it|great|good|right)"
    r"(?:\s+(?:right|there|it|yet|what\s+i\s+\w+))?|(?:close|almost|nearly)(?:\s+but\s+(?:no(?:t\s+(?:quite|there))?"
    r"|no\s+cigar))?|(?:i\s+)?(?:expected|hoped\s+for)\s+(?:more|better)|could\s+be\s+better"
    r"|needs\s+work|try\s+harder|do\s+better)[\s.!\u2026?]*",
    re.IGNORECASE,
)
_WHAT_HAPPENED = re.compile(
    r"\bwhat(?:['\u2019]?s|\s+is|\s+the\s+\w+)?\s+(?:happened|going\s+on|wrong|up|the\s+matter"
    r"|happening)\s+(?:to|with)\s+"
    r"(?:the|her|his|its|their|that|those|my)\b",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"(?:(?:lol|lmao|haha+|hmm*|um+|wow|ok(?:ay)?|well|so|but|and|wait|uh+)[\s,.!]+)*"
    r"why(?:['\u2019]?s|\s+is|\s+are|\s+does|\s+do|\s+did|\s+has|\s+have)\s+(?:there\b|(?:he|she|it|they|(?:the|her|his|its|their|my)\s+\w+)\s+"
    r"(?:have|has|got|holding|missing|melting|floating|upside|backwards|so|all|on\s+fire|looking\s+(?:like|so|at)|half|in\s+the\s+\w+)\b).*",
    re.IGNORECASE | re.DOTALL,
)
_EXTRA = re.compile(
    r"\b(?:he|she|it|they|(?:his|her|its|the|one)\s+(?:\w+\s+){1,2}?)(?:['\u2019]?s)?\s*(?:has"
    r"|have|got|with)\s+(?:only\s+|like\s+)?(?:one"
    r"|two|three|four|five|six|seven|no|extra|missing|\d+)\s+"
    r"(?:legs?|arms?|hands?|fingers?|eyes?|heads?|tails?|ears?|feet|foot|toes?|thumbs?|wings?"
    r"|noses?)\b",
    re.IGNORECASE,
)
_WHO_IS_THAT = re.compile(
    r"(?:(?:lol|lmao|haha+|um+|uh+|wait|but|and|bruh|bro|ok(?:ay)?|so)[\s,.!]+)*(?:"
    r"who(?:['\u2019]?s|\s+is|\s+are|\s+the\s+\w+\s+is)\s+(?:that|this|the|those|these)\s+(?:other\s+|random\s+|weird\s+|extra\s+)*"
    r"(?:guy|girl|man|woman|person|people|dude|lady|kid|one|figure|face)\b.{0,40}"
    r"|where(?:['\u2019]?s|\s+is|\s+are|\s+did|\s+has|\s+have)\s+(?:her|his|its|their)\s+\w+(?:\s\w+)?(?:\s+(?:go|gone|went))?"
    r"|where\s+did\s+(?:the|my)\s+\w+(?:\s\w+)?\s+go"
    r"|why\s+(?:only\s+|like\s+|so\s+many\s+|the\s+extra\s+)*(?:\d+|two|three|four|five|six|seven|eight|no|so\s+many|extra)\s+\w+.{0,20}"
    r"|(?:what|wtf)(?:['\u2019]?s|\s+is)\s+(?:that|this)\s+(?:thing|blob|stuff|mess|weird\s+\w+)\b.{0,30}"
    r"|where\s+are\s+(?:her|his|its|their)\s+\w+)[\s?!.]*(?:lol|lmao|haha+)?[\s?!.]*",
    re.IGNORECASE,
)
"""Asked of the picture, meant as a complaint: "who is that guy in the back"."""
_JAPANESE_GOOD = re.compile(
    r"(?:\u3059\u3054\u3044|\u3044\u3044\u306d|\u304b\u308f\u3044\u3044|\u6700\u9ad8|\u7d20\u6575|\u304d\u308c\u3044|\u7dba\u9e97|\u5b8c\u74a7|\u597d\u304d|\u3044\u3044\u611f\u3058)(?:\u3067\u3059|\u3060|\u306d|\u3088|\u306a|[!\uff01\u3002\u301c~w\uff57])*"
)
_JAPANESE_BAD = re.compile(
    r"(?:\u5fae\u5999|\u3061\u3087\u3063\u3068\u9055\u3046|\u9055\u3046|\u5909|\u3072\u3069\u3044|\u30c0\u30e1|\u3060\u3081)(?:\u3067\u3059|\u3060|\u306d|\u3088|\u306a|\u304b\u306a|[!\uff01\u3002\u301c~w\uff57])*"
)
_THE_ONE = re.compile(
    r"\b(?:that|this)(?:['\u2019]?s|\s+is)\s+(?:exactly\s+)?(?:the\s+one|it"
    r"|what\s+i\s+(?:wanted|meant|asked\s+for))\s*[!.]*$",
    re.IGNORECASE,
)
_PREFERRED = re.compile(
    r"\bi\s+(?:prefer(?:red)?|like(?:d)?|love(?:d)?)\s+the\s+(?:first|second|third|last|other"
    r"|previous|old|new)\b",
    re.IGNORECASE,
)
_ORDER_IN = re.compile(
    r"\b(?:make|add|change|replace|swap|turn|put|try|use|go\s+(?:with|for)|give\s+(?:her|him|it|them))\b",
    re.I,
)


def feeling_at_sight(text: str, room: Room) -> Reading | None:
    """An opinion without a word that says of what: thumbs, hearts, faces, cries."""
    cry = cried(text) or _in_japanese(text)
    if cry is not None and last_job(room) is not None:
        return feeling(cry, text, room)
    marks = {char for char in text if not char.isspace() and char not in "!?.\ufe0f\u200d"}
    if not marks or any(char.isalnum() for char in text) or last_job(room) is None:
        return None
    if marks & known.EMOJI_BAD:
        return feeling("bad", text, room)
    return feeling("good", text, room) if marks & known.EMOJI_GOOD else None


def _in_japanese(text: str) -> Verdict | None:
    if _JAPANESE_GOOD.fullmatch(text.strip()):
        return "good"
    return "bad" if _JAPANESE_BAD.fullmatch(text.strip()) else None


def opinion_on(words: tuple[str, ...], text: str, room: Room, index: Index) -> Reading | None:
    """The reading of a turn that only says what is thought of the newest picture."""
    if last_job(room) is None or _ORDER_IN.search(text) or asks_for_colors(text):
        return None
    if _NOT_ALIKE.search(text) or _is_not_the_one(words, text, room, index):
        return feeling("not_alike", text, room)
    if _is_let_down(text):
        return feeling("bad", text, room)
    if "too" in words and not known.OVERDONE & set(words) and names_look(text, index):
        return None
    if _PREFERRED.search(text) and len(words) <= 8:
        return feeling("good", text, room)
    if _THE_ONE.search(text) and len(words) <= 8:
        return feeling("good", text, room)
    if _of_a_part(words):
        return feeling(_verdict(words, text) or "bad", text, room)
    return _told_by_its_words(words, text, room)


def _told_by_its_words(words: tuple[str, ...], text: str, room: Room) -> Reading | None:
    """A turn made of praise or complaint and of words that say nothing else."""
    telling = (
        known.GOOD | known.BAD | known.OVERDONE | {"strong", "much", "many", "like", "up", "down"}
    )
    if telling.isdisjoint(words):
        return None
    drawn = drawn_words(room) if _is_statement(words) else ()
    sets = (known.GOOD, known.BAD, known.OVERDONE, known.OPINION_ALSO, ("strong",), drawn)
    if not closed(words, *sets):
        return None
    verdict = _verdict(words, text)
    return None if verdict is None else feeling(verdict, text, room)


_MISREAD = re.compile(
    r"(?:(?:wrong|no+|nope|nah|hey|but|uh|um)[\s,.!]+)*(?:wrong\b.{0,40}|(?:that['\u2019]?s\s+not\s+what\s+)?i\s+"
    r"(?:said|asked\s+for|meant)\b.{1,60}\bnot\b.{1,40})",
    re.IGNORECASE,
)


def _is_let_down(text: str) -> bool:
    """Not what was wanted, in an idiom of its own."""
    if _MISREAD.fullmatch(text.strip()) and len(text.split()) <= 12:
        return True
    if _THERE.fullmatch(text.strip()) or _WHO_IS_THAT.fullmatch(text.strip()):
        return True
    said = (_NOT_WANTED.search(text), _WHAT_HAPPENED.search(text), _EXTRA.search(text))
    return any(said) or _NOT_QUITE.fullmatch(text.strip()) is not None


def _is_not_the_one(words: tuple[str, ...], text: str, room: Room, index: Index) -> bool:
    """Something is said not to be the subject that it was drawn as: "this isn't Zib at all"."""
    words = words[1:] if words[0] in ("nope", "no", "nah", "hmm", "um", "but") else words
    if (
        not words
        or words[0] not in ("this", "that", "it", "thats", "its")
        or known.NEGATORS.isdisjoint(words)
    ):
        return False
    names = find(Script(text), index).names(index.cards)
    plan = next((turn.plan for turn in reversed(room.turns) if turn.plan is not None), None)
    used = {lora.name for lora in plan.loras} if plan is not None else set()
    return bool(used & set(names)) and len(words) <= 8


def _of_a_part(words: tuple[str, ...]) -> bool:
    """A verdict on something in the picture: "the wings look wrong"."""
    if words[0] not in ("the", "her", "his", "its", "their", "that", "this", "those"):
        return False
    verbs = {"look", "looks", "is", "are", "seem", "seems", "feel", "feels", "came", "turned"}
    if verbs.isdisjoint(words[1:5]) or words[-1] not in known.GOOD | known.BAD | known.OVERDONE:
        return False
    room = known.FILLER | known.OPINION_ALSO | known.GOOD | known.BAD | known.OVERDONE
    return sum(word not in room for word in words) <= 2


def _is_statement(words: tuple[str, ...]) -> bool:
    verbs = {
        "is",
        "are",
        "looks",
        "look",
        "seems",
        "feels",
        "turned",
        "came",
        "its",
        "love",
        "hate",
    }
    return not verbs.isdisjoint(words) or "like" in words


def _verdict(words: tuple[str, ...], text: str) -> Verdict | None:
    has = set(words)
    if has & known.OVERDONE or _is_too_much(words):
        return "overdone"
    if "too" in has and has & {"much", "strong"}:
        return None
    negated = bool(has & known.NEGATORS)
    if has & known.BAD or {"too", "many"} <= has or ("thumbs" in has and "down" in has):
        return "good" if negated and "not" in has and "bad" in has else "bad"
    good = has & known.GOOD or ("thumbs" in has and "up" in has)
    liked = "like" in has and {"i", "we", "it"} & has
    if good or liked:
        return "bad" if negated else "good"
    return None


def _is_too_much(words: tuple[str, ...]) -> bool:
    """Too much of everything; too much of something is a change."""
    also = ("too", "much", "strong", "way", "bit", "little", "looks", "feels", "far")
    return "too" in words and {"much", "strong"} & set(words) != set() and closed(words, also)


def feeling(verdict: Verdict, text: str, room: Room) -> Reading:
    """A turn that only says what is thought of the newest picture."""
    opinion = Feedback(verdict=verdict, job=last_job(room), words=text[:500])
    return Reading(intent=opinion, reply=THANKED[verdict])
