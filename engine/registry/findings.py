"""What a moderator should know of a file, in plain words: pure rules over what was found."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.formats.inspect import Inspection
from engine.messages import Base, Card, Displacement, Job
from engine.registry.compat import FitsWithWarning, Verdict
from engine.registry.facts import CardFacts
from engine.registry.previews import BARE, WOKEN, Cell, weights
from engine.tuning.strength import ALWAYS_ON, Basis, Proposal, without_trigger

NOTHING, FAINT, STRONG = 0.004, 0.02, 0.3
"""Mean difference of pixels, 0 to 1, below or above which a look is said to be nothing, faint or
overwhelming; two seeds of one prompt differ by about 0.2."""
WAKES = 1.5
"""So many times the change without the trigger is called waking."""
MUCH = 0.25
"""Weights this part of themselves apart are two opinions."""
_BASES: Final[Mapping[Basis, str]] = MappingProxyType(
    {
        "measured": "a {kind} is read best there at about {d}",
        "learned": "moderators here left others of its kind ({kind}) at about {d}",
        "assumed": "{d} is a first guess, not tried on this base",
    }
)
WRONG: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not_finite": "the picture fell apart into numbers that are none",
        "stack_not_applied": "it found no layer of the base to act on",
        "bad_lora_file": "the worker could not load it",
        "out_of_memory": "the device had no room",
        "worker_lost": "the worker stopped",
        "look_not_approved": "it was taken back meanwhile",
    }
)


def of_file(inspection: Inspection, facts: CardFacts, claimed: str | None) -> tuple[str, ...]:
    """What the file itself and the people around it say."""
    told = [_identity(inspection)]
    told += [f"Careful: {problem}" for problem in inspection.problems]
    if claimed and claimed not in (inspection.base, inspection.sub_family):
        told.append(f"Where it comes from it is called a LoRA for {claimed}: its layers decide.")
    told.append(_triggers(inspection, facts))
    if not facts.licence:
        told.append("Nobody said yet under which licence it may be used.")
    if facts.rating != "general":
        told.append(f"It is rated {facts.rating}.")
    told += _people(facts)
    return tuple(told)


def of_preview(
    card: Card, differences: Mapping[tuple[str, str], float], failed: Mapping[str, Job]
) -> tuple[str, ...]:
    """What the preview shows: does it act, does its trigger wake it, did anything fail."""
    told = []
    for title, job in failed.items():
        code = job.failure.code if job.failure else job.state
        told.append(f"The preview at {title} could not be drawn: {WRONG.get(code, code)}.")
    column = Cell(row="", weight=weights(card)[1]).title
    bare, woken = differences.get((BARE, column)), differences.get((WOKEN, column))
    strongest = max((found for found in (bare, woken) if found is not None), default=None)
    if strongest is not None:
        told.append(_effect(strongest, column))
    if bare is not None and woken is not None and strongest and strongest >= NOTHING:
        word = card.triggers[0].word
        if woken > WAKES * bare:
            told.append(f"Its trigger “{word}” wakes it: without, it changes much less.")
        else:
            told.append(
                f"Without its trigger “{word}” it changes the picture about as much: the sheet "
                "shows whether that is what it is for."
            )
    return tuple(told)


def of_relative(base: Base | None, verdict: Verdict | None) -> tuple[str, ...]:
    """That its preview was drawn on a relative of what it was made for, or on a few-step base."""
    if base is None or not isinstance(verdict, FitsWithWarning):
        return ()
    return (f"Careful on {base.name}: {verdict.warning}.",)


def of_displacement(
    card: Card, found: Displacement, proposal: Proposal | None, named: float | None
) -> tuple[str, ...]:
    """What was measured: how far it moves its base, the weight for that, what its trigger does."""
    if proposal is None:
        return ("Careful: measured, it moves what the base predicts by less than 1 %.",)
    told = [of_strength(card, proposal, named)]
    part = without_trigger(found)
    if part is not None and card.triggers:
        word, way = card.triggers[0].word, f"{part:.0%}"
        told.append(
            f"Measured without its trigger “{word}” it goes {way} of the way: it is always on."
            if part > ALWAYS_ON
            else f"Measured without its trigger “{word}” it goes {way} of the way."
        )
    return tuple(told)


def of_strength(card: Card, proposal: Proposal, named: float | None) -> str:
    """A proposed weight with its reason."""
    aim, d, weight = proposal.target, f"{proposal.at_one:.0%}", f"{proposal.weight:g}"
    what = _BASES[aim.basis].format(kind=card.kind, d=f"{aim.d:.0%}")
    if named is None:
        return f"At weight 1 it moves what the base predicts by {d}; {what}: {weight} is proposed."
    if abs(named - proposal.weight) <= MUCH * max(abs(named), proposal.weight):
        return (
            f"At weight 1 it moves what the base predicts by {d}; {what}: the named weight "
            f"{named:g} agrees with that."
        )
    return (
        f"At weight 1 it moves what the base predicts by {d}; {what}: {weight} would follow, "
        f"{named:g} is named."
    )


def not_measured(job: Job) -> str:
    """Why nothing is known of its strength."""
    code = job.failure.code if job.failure else job.state
    return f"Its strength could not be measured: {WRONG.get(code, code)}."


def _identity(found: Inspection) -> str:
    base = found.sub_family or found.base
    if base is None or found.verdict == "ask":
        possible = " or ".join(found.alternatives) or "unknown"
        return f"Its base can't be told from the file ({possible}): a moderator has to say it."
    rank = f", rank {found.rank}" if found.rank else ""
    what = f"{found.algorithm or 'lora'} in the {found.format} layout{rank}"
    return f"Made for {base}: {what}, {found.modules} layers."


def _triggers(found: Inspection, facts: CardFacts) -> str:
    if found.triggers:
        words = ", ".join(f"“{word}”" for word in found.triggers[:5])
        return f"The file names its trigger: {words}."
    if facts.triggers:
        words = ", ".join(f"“{trigger.word}”" for trigger in facts.triggers[:5])
        return f"The file names no trigger; who brought it says {words}."
    return "Neither the file nor who brought it names a trigger."


def _people(facts: CardFacts) -> list[str]:
    told = []
    if facts.real_person == "yes":
        who = f"allowed by: {facts.consent}" if facts.consent else "nobody said who allowed it"
        told.append(f"It shows a real person; {who}.")
    if facts.brand == "yes":
        told.append("It shows a brand or a protected character.")
    return told


def _effect(difference: float, column: str) -> str:
    percent = f"{difference:.1%} of the range"
    if difference < NOTHING:
        return f"At {column} the pictures are those of the base alone ({percent}): it does nothing."
    if difference < FAINT:
        return f"At {column} it changes the pictures only faintly ({percent})."
    if difference > STRONG:
        return f"At {column} it overwhelms the pictures ({percent}): a lower weight may be better."
    return f"At {column} it changes the pictures clearly ({percent})."
