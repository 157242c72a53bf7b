"""Buttons pressed: the verb says how, the stored intent says what."""

from bot import buttons
from bot.acts import jobs
from bot.acts.looks import looks_page
from bot.acts.perform import perform
from bot.command import Context
from bot.messages import Outbound, Press
from engine.messages import Delete, Generate, JobId, Replay, Reroll, Search, Vary

SAID: dict[str, str] = {"reroll": "again", "variation": "vary", "replay": "again"}
"""What a press would have been in words: kept as the turn's words."""


async def press(context: Context, act: Press) -> Outbound:
    """Do what the button says, as the person who pressed it."""
    pressed = buttons.read(act.button)
    intent = await context.engine.recall(context.owner, pressed.intent)
    if isinstance(intent, Search) and pressed.verb == "page":
        return await looks_page(context, intent.query, pressed.number)
    if isinstance(intent, Delete) and pressed.number:
        return await jobs.delete(context, intent.job)
    answer = await perform(context, intent)
    if isinstance(intent, Generate | Reroll | Vary | Replay):
        await _talk(context, SAID.get(intent.kind, "draw it"), answer.job)
    return answer


async def _talk(context: Context, words: str, job: JobId | None) -> None:
    """Keep the press as a turn, so that "the same, but bigger" means the newest picture."""
    await context.engine.talk(context.visit, words, "", job)
