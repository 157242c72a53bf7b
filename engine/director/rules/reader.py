"""The rules reader: everyday words to an Intent, without a model, in milliseconds."""

from collections import OrderedDict

from engine.director.reader import Room
from engine.director.rules import edits
from engine.director.rules.amounts import read_amounts
from engine.director.rules.answers import read_answer
from engine.director.rules.chatter import bare
from engine.director.rules.edits import Edit
from engine.director.rules.index import Index, build
from engine.director.rules.intents import read_other
from engine.director.rules.looks import Decided, Wishes, read_looks
from engine.director.rules.negations import read_negations
from engine.director.rules.text import Script, clean
from engine.messages import Card, Chat, Generate, Plan, Reading, Settings
from engine.threads import in_thread

_HELD_INDEXES = 8
_NOTHING_TO_CHANGE = "There is no picture to change yet. What would you like to see?"
_NOTHING_LEFT = "What shall be in the picture?"


class RulesReader:
    """Implements `engine.director.reader.Reader`. Keeps the indexes of the last few spaces only."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, tuple[tuple[Card, ...], Index]] = OrderedDict()

    async def read(self, words: str, room: Room) -> Reading:
        """Read one turn; never raises for what a person may type."""
        index = self._known(room.cards)
        if index is None:
            index = self._keep(room.cards, await in_thread(build, room.cards))
        return read(words, room, index)

    def read_now(self, words: str, room: Room) -> Reading:
        """The same for callers without an event loop."""
        index = self._known(room.cards)
        return read(words, room, index or self._keep(room.cards, build(room.cards)))

    def _known(self, cards: tuple[Card, ...]) -> Index | None:
        for key, (held, index) in self._held.items():
            if held == cards:
                self._held.move_to_end(key)
                return index
        return None

    def _keep(self, cards: tuple[Card, ...], index: Index) -> Index:
        self._held[id(index)] = (cards, index)
        while len(self._held) > _HELD_INDEXES:
            self._held.popitem(last=False)
        return index


def read(words: str, room: Room, index: Index) -> Reading:
    """The reading of one turn; pure."""
    text = clean(words)
    plain = bare(text)
    answer = read_answer(text, room, index) or read_answer(plain, room, index)
    if answer is not None:
        decided = Decided(answer.chosen)
        return _wish(answer.words, bare(clean(answer.words)), room, index, decided)
    other = read_other(text, room, index) or read_other(plain, room, index)
    if other is not None:
        return other
    plan = edits.last_plan(room)
    edit = edits.read_edit(plain)
    if edit is not None:
        reading = _edited(words, edit, plan, room, index)
        if reading is not None:
            return reading
    return _wish(words, plain, room, index)


def _wish(
    words: str, plain: str, room: Room, index: Index, decided: Decided | None = None
) -> Reading:
    """A new picture, or the last one with other settings when nothing else was said."""
    asked, wishes = _understand(words, plain, room, index, decided)
    if not asked.prompt and not asked.looks and not wishes.question:
        plan = edits.last_plan(room)
        if plan is not None and asked.settings != Settings():
            before = _still_here(edits.wish_of(plan), index)
            kept = _kept(plan, before.settings, asked.settings)
            update = {"words": words[:4_000], "settings": kept}
            return Reading(intent=before.model_copy(update=update))
        return Reading(intent=Chat(words=words[:4_000]), reply=_NOTHING_LEFT)
    return Reading(intent=asked, reply=_reply(wishes))


def _understand(
    words: str, plain: str, room: Room, index: Index, decided: Decided | None = None
) -> tuple[Generate, Wishes]:
    """Everything that one stretch of words says about a picture."""
    script = Script(plain)
    settings = read_amounts(script, room.bases)
    wishes = read_looks(script, index, decided)
    negative = read_negations(script)
    prompt = script.rest()
    asked = Generate(
        words=words[:4_000],
        prompt=prompt,
        negative_prompt=negative,
        looks=wishes.looks,
        settings=settings,
    )
    return asked, wishes


def _reply(wishes: Wishes) -> str:
    return " ".join(part for part in (*wishes.remarks, wishes.question) if part)


def _edited(words: str, edit: Edit, plan: Plan | None, room: Room, index: Index) -> Reading | None:
    """The last wish with a change; None when the words are better read as a wish of their own."""
    asked, wishes = _understand(words, edit.what, room, index)
    if plan is None:
        if edit.how in ("weaker", "stronger") and wishes.called:
            return Reading(intent=Chat(words=words[:4_000]), reply=_NOTHING_TO_CHANGE)
        return None
    before = _still_here(edits.wish_of(plan), index)
    used = {look.name for look in before.looks}
    named = tuple(name for name in wishes.called if name in used)
    after = _apply(edit, before, asked, named, plan, index)
    if after is None:
        return None
    settings = _kept(plan, before.settings, asked.settings)
    intent = after.model_copy(update={"words": words[:4_000], "settings": settings})
    return Reading(intent=intent, reply=_reply(wishes))


def _apply(
    edit: Edit,
    before: Generate,
    asked: Generate,
    named: tuple[str, ...],
    plan: Plan,
    index: Index,
) -> Generate | None:
    if edit.how in ("weaker", "stronger"):
        return edits.scaled(before, plan, named, edit.how) if named else None
    if edit.how == "drop":
        return _dropped(edit, before, named, index)
    if edit.how == "replace":
        return _swapped(edit, before, asked, index)
    subjects = {card.name for card in index.cards if card.kind in ("character", "object")}
    if edit.how == "become" and not any(look.name in subjects for look in before.looks):
        prompt = edits.become(before.prompt, asked.prompt)
        return _changed(before.model_copy(update={"prompt": prompt}), asked, "")
    return _changed(before, asked, _without_known(before, asked))


def _dropped(edit: Edit, before: Generate, named: tuple[str, ...], index: Index) -> Generate | None:
    if named:
        return edits.without(before, named, index.cards)
    gone = edits.drop_words(before.prompt, edit.what)
    if gone != before.prompt and gone:
        return before.model_copy(update={"prompt": gone})
    negative = ", ".join(part for part in (before.negative_prompt, edit.what.strip(" .!")) if part)
    return before.model_copy(update={"negative_prompt": negative})


def _swapped(edit: Edit, before: Generate, asked: Generate, index: Index) -> Generate | None:
    old_looks = tuple(
        look.name for look in before.looks if look.said.casefold() == edit.old.casefold()
    )
    prompt = edits.replaced(before.prompt, edit.old, asked.prompt)
    if prompt is None and not old_looks:
        return None
    kept = tuple(look for look in before.looks if look.name not in old_looks)
    names = {look.name for look in kept}
    looks = kept + tuple(look for look in asked.looks if look.name not in names)
    return before.model_copy(update={"prompt": prompt or before.prompt, "looks": looks})


def _changed(before: Generate, asked: Generate, change: str) -> Generate:
    """Add what was said: looks join (the same one takes its new strength), words are worked in."""
    fresh = {look.name: look for look in asked.looks}
    looks = tuple(fresh.pop(look.name, look) for look in before.looks) + tuple(fresh.values())
    prompt = edits.changed(before.prompt, change)
    negative = ", ".join(part for part in (before.negative_prompt, asked.negative_prompt) if part)
    return before.model_copy(update={"looks": looks, "prompt": prompt, "negative_prompt": negative})


def _without_known(before: Generate, asked: Generate) -> str:
    """The words of a change, unless they only name looks that the prompt names already."""
    known = {look.name for look in before.looks}
    said = [look.said.casefold() for look in asked.looks if look.name in known]
    return "" if asked.prompt.casefold() in said else asked.prompt


def _kept(plan: Plan, before: Settings, now: Settings) -> Settings:
    """Settings of an edit: what was said now, else what was said before, and the same seed."""
    said = now.model_dump(exclude_none=True)
    old = before.model_dump(exclude_none=True)
    if said.keys() & {"width", "height", "aspect"}:
        old = {key: value for key, value in old.items() if key not in ("width", "height", "aspect")}
    return Settings(**{**old, "seed": plan.seed, **said})


def _still_here(wish: Generate, index: Index) -> Generate:
    """The wish without looks that were retired since."""
    here = {card.name for card in index.cards}
    return wish.model_copy(
        update={"looks": tuple(look for look in wish.looks if look.name in here)}
    )
