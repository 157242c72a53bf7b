"""The rules reader: everyday words to an Intent, without a model, in milliseconds."""

import re
from collections import OrderedDict
from dataclasses import replace

from engine.director.reader import Room
from engine.director.rules import apply_edits, edits
from engine.director.rules.amounts import read_amounts
from engine.director.rules.answers import read_answer
from engine.director.rules.apply_edits import SUBJECT_KINDS
from engine.director.rules.chatter import bare, unslanged, unthanked
from engine.director.rules.edits import Edit
from engine.director.rules.foreign_edits import in_english
from engine.director.rules.going_back import read_going_back
from engine.director.rules.index import Index, build
from engine.director.rules.intents import read_other
from engine.director.rules.looks import Decided, Wishes, read_looks
from engine.director.rules.mentions import find
from engine.director.rules.negations import read_negations
from engine.director.rules.prompt_edits import wish_of
from engine.director.rules.remarks import remark_on, stated
from engine.director.rules.switches import Off, read_switch
from engine.director.rules.text import Script, clean, folded_words
from engine.director.rules.turn_words import FILLER
from engine.director.rules.turns import EASED, opinions, read_turn
from engine.director.rules.word_looks import find_word_looks
from engine.messages import Card, Chat, Feedback, Generate, Plan, Reading, Reroll, Settings, Vary
from engine.threads import in_thread

_HELD_INDEXES = 8
_NOTHING_TO_CHANGE = "There is no picture to change yet. What would you like to see?"
_NOTHING_LEFT = "What shall be in the picture?"
_FRESH_START = re.compile(
    r"(?:ok(?:ay)?[\s,]+)?(?:forget|never\s?mind|nvm|scrap"
    r"|enough)\b[^,.;!\n]{0,40}[,.;!]\s*(?:now\s+|just\s+|let['\u2019]?s\s+)*"
    r"(?=(?:draw|paint|make\s+me|show\s+me|generate|create|give\s+me|do\s+an?|i\s+want\s+an?"
    r"|how\s+about\s+an?)\b)"
    r"|(?:a\s+)?(?:new|next|different)\s+(?:picture|image|one|request|prompt|idea"
    r"|topic)\s*[:,.-]+\s*(?=\S)"
    r"|(?:start(?:ing)?\s+(?:over|fresh|anew)|from\s+scratch|something\s+(?:else|new"
    r"|completely\s+different))\s*[:,.-]+\s*(?=\S)",
    re.IGNORECASE,
)
_SCRAPPED = re.compile(
    r"(?:(?:actually|ok(?:ay)?|no+|nah+|hm+|wait|oh|ugh|well|yeah|alright|eh)[\s,.!]+){0,3}"
    r"(?:(?:forget|scrap|scratch|ditch|drop|screw|leave)\s+(?:about\s+)?(?:it|that|this(?:\s+one)?"
    r"|all\s+(?:of\s+)?(?:that|this|it)|everything|the\s+whole\s+thing)|never\s?mind(?:\s+that)?|nvm"
    r"|changed\s+my\s+mind|(?:i(?:['\u2019]?ve|\s+have)?\s+)changed\s+my\s+mind)"
    r"(?:\s*[,.;!:\u2014-]+\s*|\s+and\s+|\s+(?=(?:give|do|draw|make\s+me|let['\u2019]?s|i\s+want|how\s+about)\b))"
    r"(?:(?:and|just|instead|now|rather)[\s,]+)*(?=\w)",
    re.IGNORECASE,
)
_STILL_A_CHANGE = re.compile(
    r"(?:make|turn|change)\s+(?:it|this|that|her|him|them|the)\b|keep\b|leave\b|undo\b|go\s+back\b|back\b"
    r"|(?:i\s+(?:made|was|am|did|didn|don|meant|have|got)|i['\u2019]m|my\s+(?:bad|mistake)|thanks|thank\s+you|thx|ty|sorry|bye|cancel|stop|please|pls|ok(?:ay)?|it['\u2019]?s\s+fine|all\s+good)\b",
    re.IGNORECASE,
)
_MEANT = re.compile(
    r"(?:(?:no+|nah+|oops|sorry|wait|actually|hm+|er+m?|uh+)[\s,.!-]+)+|(?:(?:i\s+(?:mean|meant)|make\s+that|rather)[\s,:]+)",
    re.IGNORECASE,
)
_A_THING = re.compile(r"(?:an?|the|some|two|three)\s+[\w-]+(?:\s[\w-]+){0,3}[.!]?$", re.IGNORECASE)
_POINTED = re.compile(r"\b(?:that|this|the\s+same)\s+(?:same\s+)?(\w+)", re.IGNORECASE)
_BESIDE_THEM = re.compile(
    r"\b(?:behind|beside|next\s+to|near|around|above|over|under|in\s+front\s+of|on|with|by)\s+"
    r"(?:him|her|them|it)\b"
    r"|\b(?:in|on|around|over|under)\s+(?:his|her|their|its)\s+(?:\w+\s+)?(?:hands?|arms?|head"
    r"|lap|shoulders?|neck|face|hair|back|mouth|paws?|chest|feet|eyes?|ears?|waist|belt)\b",
    re.IGNORECASE,
)
_A = re.compile(r"\b(?:an?|the|two|three|some)\b", re.IGNORECASE)
_LIKE_THAT = re.compile(
    r"(?:(?:one|another(?:\s+one)?|exactly|just)\s+)?like\s+(?:that|this)(?:\s+one)?[\s,]+"
    r"(?:but|only|just|except)[\s,]+(?=\S)",
    re.IGNORECASE,
)
"""Before a change of the last picture, however it goes on: "like that but portrait"."""
_THE_SAME = frozenset({"same", "again", "once", "more", "another"})
_KEPT = re.compile(r"(?:keep|leave)\s+(?:it|that|this|the|her|his|everything)\b", re.IGNORECASE)
_QUESTION = re.compile(r"\?\s*$|^(?:how|why|what|which|who|where|when)\b", re.IGNORECASE)
_DEGREES = frozenset(
    {"half", "less", "more", "lot", "bit", "way", "much", "quarter", "strength", "tone", "down"}
    | {
        "back",
        "dial",
        "about",
        "around",
        "third",
        "too",
        "strong",
        "heavy",
        "little",
        "tad",
        "only",
    }
)
_SENTENCE = re.compile(r"[^.!?\u2026]{1,60}[.!?\u2026]+\s+(?=\S)")
_MOST_ASIDE = 6
_INSTEAD_AT_END = re.compile(r"[\s,]+instead(?:\s+please)?\s*$", re.IGNORECASE)
_LOOK_WORDS = frozenset(
    {"style", "look", "version", "lora", "filter", "effect", "lighting", "vibe", "mode"}
    | {"format", "size", "using", "use"}
)


class RulesReader:
    """Implements `engine.director.reader.Reader`. Keeps the indexes of the last few spaces only."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, tuple[tuple[Card, ...], Index]] = OrderedDict()

    @property
    def sees(self) -> bool:
        """Rules know words alone."""
        return False

    async def read(self, words: str, room: Room) -> Reading:
        """Read one turn; never raises for what a person may type."""
        index = self._same(room.cards) or await in_thread(self._known, room.cards)
        if index is None:
            index = self._keep(room.cards, await in_thread(build, room.cards))
        return read(words, room, index)

    async def close(self) -> None:
        """Forget the indexes."""
        self._held.clear()

    def read_now(self, words: str, room: Room) -> Reading:
        """The same for callers without an event loop."""
        index = self._same(room.cards) or self._known(room.cards)
        return read(words, room, index or self._keep(room.cards, build(room.cards)))

    def _same(self, cards: tuple[Card, ...]) -> Index | None:
        """The index of this very tuple: no need to compare ten thousand cards."""
        found = (index for held, index in self._held.values() if held is cards)
        return next(found, None)

    def _known(self, cards: tuple[Card, ...]) -> Index | None:
        for key, (held, index) in list(self._held.items()):
            if held == cards:
                self._held.move_to_end(key)
                return index
        return None

    def _keep(self, cards: tuple[Card, ...], index: Index) -> Index:
        self._held[id(index)] = (cards, index)
        while len(self._held) > _HELD_INDEXES:
            self._held.popitem(last=False)
        return index


def read(words: str, room: Room, index: Index, *, switches: bool = True) -> Reading:
    """The reading of one turn; pure. Without `switches` nothing switches looks off as a whole."""
    text = clean(words)
    plain = bare(text)
    answer = read_answer(text, room, index) or read_answer(plain, room, index)
    if answer is not None:
        decided = Decided(answer.chosen)
        return _answered(answer.words, room, index, decided)
    start = _fresh_start(text)
    if start:
        return _wish(words, bare(text[start:]), room, index)
    back = read_going_back(unslanged(text), room)
    if back is not None:
        return back
    rest, off = read_switch(plain) if switches else (plain, None)
    if rest != plain and not _QUESTION.search(text):
        return _switched_off(words, rest, off, room, index)
    if edits.last_plan(room) is not None and _LIKE_THAT.match(plain):
        return _in_full(words, read(_LIKE_THAT.sub("same but ", plain), room, index))
    turn = unslanged(text)
    other = read_other(turn, room, index) or read_other(bare(turn), room, index)
    if other is not None:
        return other
    if rest != plain:
        return _switched_off(words, rest, off, room, index)
    return _changed(words, text, plain, room, index) or _wish(words, plain, room, index)


def _fresh_start(text: str) -> int:
    """Where a new picture begins after "forget it," or "new idea:"; 0 when nothing says so."""
    fresh = _FRESH_START.match(text)
    if fresh is not None:
        return fresh.end()
    scrapped = _SCRAPPED.match(text)
    if scrapped is None or _STILL_A_CHANGE.match(text, scrapped.end()):
        return 0
    return scrapped.end()


def _changed(words: str, text: str, plain: str, room: Room, index: Index) -> Reading | None:
    """The last picture otherwise; None when the turn is a wish of its own."""
    plan = edits.last_plan(room)
    past = _past_a_remark(words, text, room, index) if plan is not None else None
    if past is not None:
        return past
    several = _edited_in_steps(words, plain, plan, room, index) if plan is not None else None
    if several is not None:
        return several
    turn = unslanged(text)
    corrected = _corrected(words, plain, room, index) or _corrected(words, text, room, index)
    if corrected is not None:
        return corrected
    remark = remark_on(turn, room)
    if remark is not None:
        return remark
    translated = in_english(text) if plan is not None else ""
    for way in dict.fromkeys((text, plain, turn, bare(turn), translated)):
        edit = edits.read_edit(way) if way else None
        reading = _edited(words, edit, plan, room, index) if edit is not None else None
        if reading is not None:
            return reading
    reading = _edited_beside_settings(words, plain, plan, room, index) if plan else None
    if reading is not None:
        return reading
    if plan is not None and _refers_back(plain, plan):
        return _edited(words, Edit("add", plain), plan, room, index)
    asked = stated(turn, room) or _amount_first(turn)
    return _edited(words, asked, plan, room, index) if asked is not None else None


def _past_a_remark(words: str, text: str, room: Room, index: Index) -> Reading | None:
    """What is asked behind a remark or before its reason: "meh. try it in oil", "ok, again"."""
    opened = _SENTENCE.match(text)
    if opened is not None and opened.end() < len(text):
        said = read_other(unslanged(opened[0]), room, index)
        if said is not None and isinstance(said.intent, Feedback | Chat):
            return _in_full(words, read(text[opened.end() :], room, index))
    head, _, last = text.rpartition(",")
    if not head or len(head.split()) > _MOST_ASIDE or edits.read_edit(head):
        return None
    if _A.search(head) and not _is_opinion(head, room, index):
        return None
    ordered = read_turn(unslanged(last).strip(), room, index)
    is_order = ordered is not None and not isinstance(ordered.intent, Feedback | Chat)
    return ordered if is_order and not find(Script(head), index).mentions else None


def _is_opinion(said: str, room: Room, index: Index) -> bool:
    """Whether it is about what was drawn and nothing that could be: "the wings look wrong"."""
    reading = read_turn(unslanged(said), room, index)
    return reading is not None and isinstance(reading.intent, Feedback)


def _in_full(words: str, reading: Reading) -> Reading:
    intent = reading.intent
    if not isinstance(intent, Generate):
        return reading
    return reading.model_copy(update={"intent": intent.model_copy(update={"words": words[:4_000]})})


def _amount_first(turn: str) -> Edit | None:
    """Less or more of something, and then how much of it: "it's too heavy, like half of it"."""
    first, comma, rest = turn.partition(",")
    edit = edits.read_edit(first) if comma else None
    if edit is None or edit.how not in ("weaker", "stronger"):
        return None
    return edit if all(word in FILLER or word in _DEGREES for word in folded_words(rest)) else None


def _switched_off(words: str, rest: str, off: Off | None, room: Room, index: Index) -> Reading:
    """The turn without the words that switch looks off, and without those looks."""
    plan = edits.last_plan(room)
    said = all(word in FILLER or word in _THE_SAME for word in folded_words(rest))
    said = said or (plan is not None and _KEPT.match(rest) is not None)
    reading = None if said else read(rest, room, index, switches=False)
    if off is not None and (reading is None or isinstance(reading.intent, Reroll | Vary)):
        reading = _edited(words, Edit("change", ""), plan, room, index) if plan else None
    if reading is None:
        return Reading(intent=Chat(words=words[:4_000]), reply=_NOTHING_LEFT)
    intent = reading.intent
    if off is None or not isinstance(intent, Generate):
        return reading
    kept = tuple(look for look in intent.looks if off == "styles" and look.name in index.subjects)
    bare_of = {"looks": kept, "words": words[:4_000]}
    if off == "styles":
        bare_of["word_looks"] = ()
    return Reading(intent=intent.model_copy(update=bare_of))


def _edited_beside_settings(
    words: str, plain: str, plan: Plan, room: Room, index: Index
) -> Reading | None:
    """A change among settings: "widescreen please, and at night"."""
    script = Script(plain)
    if read_amounts(script, room.bases) == Settings():
        return None
    rest = bare(script.rest())
    edit = edits.read_edit(rest.removeprefix("please").strip(" ,").removeprefix("and "))
    return None if edit is None else _edited(words, edit, plan, room, index)


def _refers_back(plain: str, plan: Plan) -> bool:
    """A few words that point at something in the last picture: "Kuro on that pier"."""
    drawn = set(folded_words(plan.words)) | set(folded_words(plan.prompt))
    if len(plain.split()) <= 8 and _BESIDE_THEM.search(plain) and len(_A.findall(plain)) <= 1:
        return True
    pointed = _POINTED.findall(plain)
    return len(plain.split()) <= 10 and any(word.casefold() in drawn for word in pointed)


def _answered(said: str, room: Room, index: Index, decided: Decided) -> Reading:
    """The turn that was asked about, read again with the choice made."""
    plain = bare(clean(said))
    plan = edits.last_plan(room)
    edit = edits.read_edit(plain)
    if edit is not None:
        reading = _edited(said, edit, plan, room, index, decided)
        if reading is not None:
            return reading
    return _wish(said, plain, room, index, decided)


def _wish(
    words: str, plain: str, room: Room, index: Index, decided: Decided | None = None
) -> Reading:
    """A new picture, or the last one with other settings or looks when nothing else was said."""
    asked, wishes = _understand(words, plain, room, index, decided)
    plan = edits.last_plan(room)
    says_more = asked.settings != Settings() or asked.looks or asked.negative_prompt
    if plan is not None and says_more and _says_no_subject(asked, index):
        reading = _edited(words, Edit("change", plain), plan, room, index, decided)
        if reading is not None:
            return reading
    if not asked.prompt and not asked.looks and not wishes.question:
        return Reading(intent=Chat(words=words[:4_000]), reply=_NOTHING_LEFT)
    eased = _with_opinions(asked, room, index)
    return Reading(intent=eased, reply=_reply(wishes))


def _says_no_subject(asked: Generate, index: Index) -> bool:
    """Nothing but settings, styles, lights and effects: no picture can be made of it alone."""
    kinds = index.kinds
    if any(kinds.get(look.name) in ("character", "object") for look in asked.looks):
        return False
    known = {word for look in asked.looks for word in folded_words(look.said)} | _LOOK_WORDS
    said = (word.replace("'", "") for word in folded_words(asked.prompt))
    return all(word in known or word in FILLER for word in said)


def _understand(
    words: str, plain: str, room: Room, index: Index, decided: Decided | None = None
) -> tuple[Generate, Wishes]:
    """Everything that one stretch of words says about a picture."""
    script = Script(plain)
    settings = read_amounts(script, room.bases)
    wishes = read_looks(script, index, decided)
    said = [look.said for look in wishes.looks] + list(wishes.called) + [wishes.question]
    in_words = find_word_looks(script, room.catalogue, said)
    negative = read_negations(script)
    prompt = unthanked(script.rest()) if script.is_free(0, 1) else bare(script.rest())
    asked = Generate(
        words=words[:4_000],
        prompt=prompt,
        negative_prompt=negative,
        looks=wishes.looks,
        settings=settings,
        word_looks=in_words,
    )
    return asked, wishes


def _reply(wishes: Wishes) -> str:
    return " ".join(part for part in (*wishes.remarks, wishes.question) if part)


def _as_meant(edit: Edit, plan: Plan | None, index: Index) -> Edit:
    """An edit as the last picture makes it out: which look, or somebody who is new there."""
    edit = replace(edit, what=_INSTEAD_AT_END.sub("", edit.what))
    if edit.how == "level":
        shown = apply_edits.meant(edit.old, wish_of(plan), Wishes(), index) if plan else ()
        return Edit("change", f"{shown[0] if len(shown) == 1 else edit.old} {edit.what}")
    if plan is None or not edit.old:
        return edit
    if edit.how == "place" and _is_new(edit.old, plan):
        return Edit("add", f"with {edit.old} {edit.what}")
    if edit.how == "change":
        drawn = set(folded_words(plan.words)) | set(folded_words(wish_of(plan).prompt))
        if not drawn.issuperset(folded_words(edit.old)):
            return Edit("add", f"{edit.old} {edit.what}")
    return edit


def _edited(
    words: str,
    edit: Edit,
    plan: Plan | None,
    room: Room,
    index: Index,
    decided: Decided | None = None,
    before: Generate | None = None,
) -> Reading | None:
    """The last wish (or `before`) with a change; None when it is better read as a new wish."""
    edit = _as_meant(edit, plan, index)
    asked, wishes = _understand(words, edit.what, room, index, decided)
    for manner_of in ("as {}", "in {} style") if edit.how == "become" and not asked.looks else ():
        said_so = manner_of.format(edit.what)
        manner, called = _understand(words, said_so, room, index, decided)
        if any(index.kinds.get(look.name) not in SUBJECT_KINDS for look in manner.looks):
            asked, wishes, edit = manner, called, Edit("change", said_so)
            break
    if plan is None:
        names_only = _says_no_subject(asked, index)
        if edit.how in ("weaker", "stronger") and wishes.called and names_only:
            return Reading(intent=Chat(words=words[:4_000]), reply=_NOTHING_TO_CHANGE)
        return None
    kept = before or wish_of(plan)
    before = apply_edits.still_here(kept, index)
    if not asked.prompt and not asked.looks and asked.settings != Settings():
        edit = Edit("change", "")
    after = apply_edits.after(edit, before, plan, asked, wishes, index)
    if after is None:
        return None
    whole = read_amounts(Script(bare(clean(words))), room.bases)
    said = Settings(
        **{**whole.model_dump(exclude_none=True), **asked.settings.model_dump(exclude_none=True)}
    )
    settings = apply_edits.kept_settings(plan, before.settings, said)
    intent = after.model_copy(
        update={**apply_edits.from_plan(plan, settings), "words": words[:4_000]}
    )
    amounts = edit.how in ("weaker", "stronger", "drop")
    if amounts and apply_edits.meant(edit.what, before, wishes, index):
        wishes = replace(wishes, question="")
    gone = apply_edits.gone_since(kept, index)
    retired = f"{' and '.join(gone)} is no longer among the looks here." if gone else ""
    return Reading(intent=intent, reply=" ".join(p for p in (retired, _reply(wishes)) if p))


def _is_new(who: str, plan: Plan) -> bool:
    """Somebody or something that is not in the picture yet."""
    said = [word for word in folded_words(who) if word not in FILLER]
    drawn = set(folded_words(plan.words)) | set(folded_words(wish_of(plan).prompt))
    return bool(said) and drawn.isdisjoint(said)


def _corrected(words: str, plain: str, room: Room, index: Index) -> Reading | None:
    """Another thing in place of the one just added: "add a dog", "no wait, a cat"."""
    meant = _MEANT.match(plain)
    turns = [turn for turn in room.turns if turn.plan is not None]
    if meant is None or not turns or not _A_THING.match(plain, meant.end()):
        return None
    before = edits.read_edit(turns[-1].words)
    if before is None or before.how != "add":
        return None
    new = plain[meant.end() :].strip(" .!")
    edit = Edit("replace", new, before.what.removeprefix("with "))
    return _edited(words, edit, turns[-1].plan, room, index)


def _edited_in_steps(
    words: str, plain: str, plan: Plan, room: Room, index: Index
) -> Reading | None:
    """Several changes in one turn, one after another: "less neon, make it night, no cars"."""
    before: Generate | None = None
    replies: list[str] = []
    for step in edits.read_steps(plain, lambda clause: _names_only_looks(clause, room, index)):
        reading = _edited(words, step, plan, room, index, before=before)
        if reading is None or not isinstance(reading.intent, Generate):
            return None
        before = reading.intent
        replies.append(reading.reply)
    if before is None:
        return None
    return Reading(intent=before, reply=" ".join(reply for reply in replies if reply))


def _names_only_looks(clause: str, room: Room, index: Index) -> bool:
    """Whether a clause names styles, lights or effects and nothing that could be a picture."""
    asked, wishes = _understand(clause, bare(clause), room, index)
    return bool(asked.looks) and not wishes.question and _says_no_subject(asked, index)


def _with_opinions(asked: Generate, room: Room, index: Index) -> Generate:
    """A picture called burnt makes the next one gentler, where the words don't set a strength."""
    if not asked.looks or not any(each.verdict == "overdone" for each in opinions(room, index)):
        return asked
    wished = {look.name for look in asked.looks}
    own = {card.name: card.weight for card in index.cards if card.name in wished}
    looks = tuple(
        look.model_copy(update={"strength": round(own[look.name] * EASED, 2)})
        if look.strength is None
        else look
        for look in asked.looks
    )
    return asked.model_copy(update={"looks": looks})
