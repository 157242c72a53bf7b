"""Looks of the catalogue in a plan: their words, their format, each with its reason."""

from engine.director.catalogue import WordLook
from engine.director.catalogue.looks import look_named
from engine.director.rules.text import folded_words
from engine.director.stock import Stock
from engine.families.facts import Family
from engine.messages import Generate, Reason, Settings


def chosen_word_looks(wish: Generate, stock: Stock) -> tuple[WordLook, ...]:
    """The looks of a wish that are there; one that was taken away since is left out."""
    found = (look_named(name, stock.catalogue) for name in wish.word_looks)
    return tuple(look for look in found if look is not None)


def suited(settings: Settings, looks: tuple[WordLook, ...], family: Family) -> Settings:
    """The settings, with what suits the first look where the person named nothing.

    What a look suggests is brought within what the family can do.
    """
    update: dict[str, object] = {}
    if not (settings.width or settings.height or settings.aspect):
        update["aspect"] = next((look.aspect for look in looks if look.aspect), None)
    if settings.steps is None:
        steps = next((look.steps for look in looks if look.steps), None)
        update["steps"] = None if steps is None else min(steps, family.most_steps)
    if settings.guidance is None:
        guidance = next((look.guidance for look in looks if look.guidance is not None), None)
        least, most = family.guidance_range
        update["guidance"] = None if guidance is None else min(max(guidance, least), most)
    return settings.model_copy(update=update)


def add_word_looks(
    prompt: str, looks: tuple[WordLook, ...], family: Family, reasons: list[Reason]
) -> str:
    """The prompt with what each look says, less what it says already."""
    for look in looks:
        said = set(folded_words(prompt))
        parts = [part.strip() for part in look.part(family.name).split(",") if part.strip()]
        if not parts:
            why = f"left out: {family.title} was never taught its words"
            reasons.append(Reason(choice="look in words", value=look.name, why=why))
            continue
        fresh = [part for part in parts if not said.issuperset(folded_words(part))]
        prompt = ", ".join(part for part in (prompt, *fresh) if part)
        why = f"you asked for this look; it needs no LoRA and adds: {', '.join(fresh)}"
        reasons.append(Reason(choice="look in words", value=look.name, why=why))
    return prompt
