"""Buttons pressed: the verb says how, the stored intent says what."""

from bot import buttons
from bot.acts import jobs
from bot.acts.editing import revision
from bot.acts.looks import looks_page
from bot.acts.perform import perform
from bot.acts.reporting import report, rule_on
from bot.acts.undoing import offer_swaps
from bot.acts.vetting import vet_by_form
from bot.command import Context
from bot.messages import Outbound, Press
from engine.messages import (
    Delete,
    Generate,
    Info,
    JobId,
    Replay,
    Reroll,
    Revise,
    Search,
    Vary,
    Vet,
)

SAID: dict[str, str] = {
    "reroll": "again",
    "variation": "vary",
    "replay": "again",
    "revise": "edited by hand",
}
"""What a press would have been in words: kept as the turn's words."""


async def press(context: Context, act: Press) -> Outbound:
    """Do what the button says, as the person who pressed it."""
    pressed = buttons.read(act.button)
    intent = await context.engine.recall(context.owner, pressed.intent)
    if isinstance(intent, Search) and pressed.verb == "page":
        return await looks_page(context, intent, pressed.number)
    if isinstance(intent, Info) and pressed.verb == "swap":
        return await offer_swaps(context, intent.about, pressed.number)
    if isinstance(intent, Delete) and intent.job and pressed.number:
        return await jobs.delete(context, intent.job)
    if isinstance(intent, Info) and pressed.verb == "keep":
        return await jobs.keep(context, JobId(intent.about))
    if isinstance(intent, Info) and pressed.verb in ("report", "rule"):
        return await _moderated(context, pressed, JobId(intent.about))
    if isinstance(intent, Info) and pressed.verb == "original":
        return await jobs.originals(context, JobId(intent.about))
    if isinstance(intent, Info) and pressed.verb == "edit":
        job = await context.engine.show(context.owner, JobId(intent.about))
        intent = revision(job, act.fields)
    if isinstance(intent, Vet) and act.fields:
        return await vet_by_form(context, intent, act.fields)
    answer = await perform(context, intent)
    if isinstance(intent, Generate | Reroll | Vary | Replay | Revise):
        said = intent.words if intent.kind == "edit" else SAID.get(intent.kind, "draw it")
        await _talk(context, said, answer.job)
    return answer


async def _moderated(context: Context, pressed: buttons.Pressed, job: JobId) -> Outbound:
    if pressed.verb == "report":
        return await report(context, job, "")
    return await rule_on(context, job, pressed.number)


async def _talk(context: Context, words: str, job: JobId | None) -> None:
    """Keep the press as a turn, so that "the same, but bigger" means the newest picture."""
    await context.engine.talk(context.visit, words, "", job)
