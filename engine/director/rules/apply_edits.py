"""A change meets the last wish: which looks it means, what stays, what goes."""

import re

from engine.director.rules import prompt_edits
from engine.director.rules.edit_words import KIND_WORDS
from engine.director.rules.edits import Edit
from engine.director.rules.index import Index, name_words
from engine.director.rules.looks import Wishes
from engine.director.rules.text import folded_words, tidy
from engine.director.rules.turn_words import FILLER
from engine.messages import Card, Generate, LookWish, Plan, Settings

SUBJECT_KINDS = frozenset({"character", "object"})
PARTS_OF_A_LOOK = frozenset(
    {
        "color",
        "colors",
        "thing",
        "things",
        "stuff",
        "part",
        "parts",
        "tones",
        "feel",
        "vibe",
        "vibes",
    }
    | {"influence", "amount", "elements", "element", "feeling", "factor", "business", "treatment"}
    | {"glow", "tint", "bits", "overlay"}
)
"""Said of a look they mean the whole of it: "the neon colors are too strong"."""
EXCLUSIVE = frozenset({"style", "lighting"})
"""Kinds of which a new one takes the place of the old one, unless it is added."""


def after(
    edit: Edit, before: Generate, plan: Plan, asked: Generate, wishes: Wishes, index: Index
) -> Generate | None:
    """The wish after a change; None when the words are better read as a wish of their own."""
    if edit.how in ("weaker", "stronger"):
        return _scaled(edit, before, plan, asked, wishes, index)
    if edit.how == "drop":
        return _dropped(edit, before, wishes, index)
    if edit.how == "replace":
        return _swapped(edit, before, asked, index)
    if edit.how == "restyle":
        return _restyled(before, asked, index)
    if edit.how == "become":
        return _became(before, asked, index)
    if edit.how == "turn":
        return _turned(edit, before, asked, index)
    if edit.how in ("place", "setting"):
        work = prompt_edits.moved if edit.how == "place" else prompt_edits.set_in
        prompt = work(before.prompt, asked.prompt) if asked.prompt else before.prompt
        return _joined(before.model_copy(update={"prompt": prompt}), asked, "", index)
    newcomer = _newcomer(before, asked, index) if edit.swaps else None
    if newcomer is not None:
        return newcomer
    return _joined(before, asked, _new_words(before, asked), index, adds=edit.how == "add")


def _newcomer(before: Generate, asked: Generate, index: Index) -> Generate | None:
    """Somebody named alone takes the place of the only one there; None when it isn't so."""
    subjects = index.subjects
    new = [look for look in asked.looks if look.name in subjects]
    old = tuple(look.name for look in before.looks if look.name in subjects)
    if len(new) != 1 or len(old) != 1 or new[0].name in old:
        return None
    said = {word for look in asked.looks for word in folded_words(look.said)}
    if any(word not in said and word not in FILLER for word in folded_words(asked.prompt)):
        return None
    alone = asked.model_copy(update={"prompt": new[0].said})
    return _recast(before, alone, old)


def meant(what: str, before: Generate, wishes: Wishes, index: Index) -> tuple[str, ...]:
    """Looks of the last wish that some words mean: by name, by part of one, by their kind."""
    used = {look.name: look for look in before.looks}
    named = tuple(name for name in wishes.called if name in used)
    if named:
        return named
    cards = [card for card in index.cards if card.name in used]
    said = [word for word in folded_words(what) if word not in FILLER]
    kinds = [kind for word in said or folded_words(what) for kind in KIND_WORDS.get(word, ())]
    rest = [word for word in said if word not in KIND_WORDS]
    rest = [word for word in rest if word not in PARTS_OF_A_LOOK] or rest
    if rest:
        close = [card.name for card in cards if _answers(card, used[card.name], rest)]
        return tuple(close) if len(close) == 1 else ()
    for kind in kinds or ("style", "effect", "lighting"):
        found = tuple(card.name for card in cards if card.kind == kind)
        if found:
            return found
    return tuple(used) if len(used) == 1 and not said else ()


def _answers(card: Card, look: LookWish, said: list[str]) -> bool:
    """Whether some words mean this look. What a subject has or wears is not the subject."""
    known = set(name_words(card.name)) | set(folded_words(look.said))
    hints = () if card.kind in SUBJECT_KINDS else card.tags
    for name in (*card.aliases, *hints, *(trigger.word for trigger in card.triggers)):
        known |= set(folded_words(name))
    known |= {root for word in known for root in _roots(word)}
    return all(not known.isdisjoint((word, *_roots(word))) for word in said)


def _roots(word: str) -> tuple[str, ...]:
    """Painterly is painter, clayish is clay, grainy is grain."""
    endings = ("ish", "like", "esque", "ness", "y", "s", "ed", "ing")
    return tuple(
        word.removesuffix(ending)
        for ending in endings
        if word.endswith(ending) and len(word) >= len(ending) + 3
    )


def _scaled(
    edit: Edit, before: Generate, plan: Plan, asked: Generate, wishes: Wishes, index: Index
) -> Generate | None:
    names = meant(edit.what, before, wishes, index)
    if not names and not edit.what:
        names = tuple(look.name for look in before.looks)
    if names:
        told = {look.name: look.strength for look in asked.looks if look.strength is not None}
        scaled = prompt_edits.scaled(before, plan, names, prompt_edits.factor_of(edit.how))
        looks = tuple(
            look.model_copy(update={"strength": told.get(look.name, look.strength)})
            if look.name in names and _is_number(edit.what)
            else look
            for look in scaled.looks
        )
        return scaled.model_copy(update={"looks": looks})
    if not edit.what:
        return None
    if edit.how == "stronger":
        if asked.looks:
            return _joined(before, asked, _new_words(before, asked), index, adds=True)
        return _joined(before, asked, f"more {asked.prompt or edit.what}", index)
    fewer = prompt_edits.fewer(before.prompt, edit.what)
    if fewer is not None:
        return before.model_copy(update={"prompt": fewer})
    return _unwanted(before, edit.what)


def _is_number(what: str) -> bool:
    return bool(re.search(r"\d", what))


def _dropped(edit: Edit, before: Generate, wishes: Wishes, index: Index) -> Generate:
    names = meant(edit.what, before, wishes, index)
    if names:
        return prompt_edits.without(before, names, index.cards)
    before, had = _without_word_looks(before, edit.what)
    gone = prompt_edits.drop_words(before.prompt, edit.what)
    if gone != before.prompt and gone:
        return before.model_copy(update={"prompt": gone})
    return before if had else _unwanted(before, edit.what.strip(" .!"))


def _without_word_looks(before: Generate, what: str) -> tuple[Generate, bool]:
    """Take away the looks of the catalogue that some words mean; whether there were any."""
    said = [word for word in folded_words(what) if word not in FILLER and word not in KIND_WORDS]
    gone = [
        name
        for name in before.word_looks
        if set(said) <= set(folded_words(name)) or set(folded_words(name)) <= set(said)
    ]
    if not gone:
        return before, False
    kept = tuple(name for name in before.word_looks if name not in gone)
    return before.model_copy(update={"word_looks": kept}), True


def _unwanted(before: Generate, what: str) -> Generate:
    negative = ", ".join(part for part in (before.negative_prompt, what) if part)
    return before.model_copy(update={"negative_prompt": negative})


def _swapped(edit: Edit, before: Generate, asked: Generate, index: Index) -> Generate | None:
    old = tuple(look.name for look in before.looks if look.said.casefold() == edit.old.casefold())
    says_what = any(word not in FILLER for word in folded_words(edit.old))
    if (
        not old
        and says_what
        and (
            prompt_edits.replaced(before.prompt, edit.old, "") is None
            or any(_is_within(edit.old, look.said) for look in before.looks)
        )
    ):
        old = meant(edit.old, before, Wishes(), index)
    if asked.looks and old:
        subjects = index.subjects
        new_subject = subjects & {look.name for look in asked.looks}
        if new_subject and subjects & set(old):
            return _recast(before, asked, old)
        bare = prompt_edits.without(before, old, index.cards)
        return _joined(bare, asked, _new_words(bare, asked), index, adds=True)
    prompt = prompt_edits.replaced(before.prompt, edit.old, asked.prompt or edit.what)
    if prompt is None and not old:
        does = edit.what.partition(" ")[0].endswith("ing")
        if not asked.looks and not does:
            return None
        return _joined(before, asked, _new_words(before, asked), index)
    kept = tuple(look for look in before.looks if look.name not in old)
    names = {look.name for look in kept}
    looks = kept + tuple(look for look in asked.looks if look.name not in names)
    return before.model_copy(update={"prompt": prompt or before.prompt, "looks": looks})


def _is_within(words: str, said: str) -> bool:
    """Whether some words are part of a look's own words: "watercolor" of "linen watercolor"."""
    part, whole = set(folded_words(words)) - FILLER, set(folded_words(said))
    return bool(part) and part < whole


def _recast(before: Generate, asked: Generate, old: tuple[str, ...]) -> Generate:
    """Another subject in the place of the old one."""
    prompt = before.prompt
    for look in before.looks:
        if look.name in old and look.said:
            prompt = prompt_edits.replaced(prompt, look.said, asked.prompt) or prompt
    kept = tuple(look for look in before.looks if look.name not in old)
    return before.model_copy(update={"prompt": prompt, "looks": kept + asked.looks})


def _restyled(before: Generate, asked: Generate, index: Index) -> Generate | None:
    """Another picture with the looks of the last one: its subjects stay behind."""
    if not asked.prompt and not asked.looks:
        return None
    subjects = index.subjects
    kept = tuple(look for look in before.looks if look.name not in subjects)
    fresh = tuple(look for look in asked.looks if all(look.name != old.name for old in kept))
    return asked.model_copy(update={"looks": kept + fresh})


def _became(before: Generate, asked: Generate, index: Index) -> Generate:
    subjects = index.subjects
    old = tuple(look.name for look in before.looks if look.name in subjects)
    if asked.looks and all(look.name not in subjects for look in asked.looks):
        return _joined(before, asked, _new_words(before, asked), index)
    if not old:
        prompt = prompt_edits.become(before.prompt, asked.prompt)
        return _joined(before.model_copy(update={"prompt": prompt}), asked, "", index)
    if len(old) == 1 and any(look.name in subjects for look in asked.looks):
        return _recast(before, asked, old)
    return _joined(before, asked, _new_words(before, asked), index)


def _turned(edit: Edit, before: Generate, asked: Generate, index: Index) -> Generate | None:
    if edit.old.casefold() in KIND_WORDS and asked.looks:
        return _joined(before, asked, _new_words(before, asked), index)
    prompt = prompt_edits.turned(before.prompt, edit.old, edit.what)
    return before.model_copy(update={"prompt": prompt})


def _joined(
    before: Generate, asked: Generate, change: str, index: Index, *, adds: bool = False
) -> Generate:
    """Add what was said: looks join or take the place of their kind, words are worked in."""
    kinds = index.kinds
    known = {look.name for look in before.looks}
    fresh_kinds = {kinds.get(look.name) for look in asked.looks if look.name not in known}
    if not adds:
        gone = tuple(
            look.name
            for look in before.looks
            if kinds.get(look.name) in EXCLUSIVE & fresh_kinds
            and all(look.name != new.name for new in asked.looks)
        )
        before = prompt_edits.without(before, gone, index.cards) if gone else before
    fresh = {look.name: look for look in asked.looks}
    looks = tuple(_restated(look, fresh.pop(look.name, None)) for look in before.looks)
    looks += tuple(fresh.values())
    prompt = prompt_edits.changed(before.prompt, change)
    negative = ", ".join(part for part in (before.negative_prompt, asked.negative_prompt) if part)
    in_words = tuple(dict.fromkeys((*(before.word_looks if adds else ()), *asked.word_looks)))
    update = {"looks": looks, "prompt": prompt, "negative_prompt": negative}
    return before.model_copy(update={**update, "word_looks": in_words or before.word_looks})


def _restated(look: LookWish, again: LookWish | None) -> LookWish:
    """A look named again keeps its words in the prompt and takes its new strength."""
    if again is None or again.strength is None:
        return look
    return look.model_copy(update={"strength": again.strength})


def _new_words(before: Generate, asked: Generate) -> str:
    """The words of a change, less the names of looks that the prompt names already."""
    known = {look.name for look in before.looks}
    change = asked.prompt
    for look in asked.looks:
        if look.name in known and look.said:
            change = prompt_edits.drop_words(change, look.said)
    if change == asked.prompt:
        return tidy(change)
    said = [word for word in folded_words(change) if word not in FILLER]
    return tidy(change) if said else ""


def kept_settings(plan: Plan, before: Settings, now: Settings) -> Settings:
    """Settings of an edit: what was said now, else what was said before, and the same seed."""
    said = now.model_dump(exclude_none=True)
    old = before.model_dump(exclude_none=True)
    if said.keys() & {"width", "height", "aspect"}:
        old = {key: value for key, value in old.items() if key not in ("width", "height", "aspect")}
    return Settings(**{**old, "seed": plan.seed, **said})


def from_plan(plan: Plan, settings: Settings) -> dict[str, object]:
    """What an edit keeps of the picture that it changes: its base and, with the seed, its noise."""
    turned = plan.variation if settings.seed == plan.seed else None
    kept = {"settings": settings, "base_before": plan.base, "variation_before": turned}
    return {"kind": "edit", **kept}


def still_here(wish: Generate, index: Index) -> Generate:
    """The wish without looks that were retired since."""
    here = index.kinds
    return wish.model_copy(
        update={"looks": tuple(look for look in wish.looks if look.name in here)}
    )


def gone_since(wish: Generate, index: Index) -> tuple[str, ...]:
    """Looks of a wish that were retired since."""
    here = index.kinds
    return tuple(look.name for look in wish.looks if look.name not in here)
