"""What people asked for while we were away: old requests are drawn only after a question."""

import asyncio
import json
from datetime import timedelta
from typing import cast

from pydantic import JsonValue
from telegram import Bot, Message, Update

from bot.escape import quoted
from bot.live import Pause
from bot.messages import Button, Outbound
from bot.telegram.address import Address
from bot.telegram.memory import Memory
from bot.telegram.posting import Postman
from bot.telegram.reading import written
from bot.texts import say, say_count

LASTS = timedelta(days=30)
GATHER_S = 1.0
"""The backlog comes in one go: whatever belongs to one question is there by then."""
YES, NO = "away:yes", "away:no"
MOST_NAMED = 3


class Away:
    """One question for each person and place, however much they asked for."""

    def __init__(self, postman: Postman, memory: Memory, pause: Pause = asyncio.sleep) -> None:
        self._postman = postman
        self._memory = memory
        self._pause = pause
        self._held: dict[Address, list[Update]] = {}
        self._asked: dict[Address, asyncio.Event] = {}

    async def hold(self, where: Address, update: Update) -> None:
        """Keep an old request; the first one asks for all. Returns when the question is out."""
        held = self._held.get(where)
        if held is not None:
            held.append(update)
            await self._asked[where].wait()
            return
        self._held[where], asked = [update], asyncio.Event()
        self._asked[where] = asked
        try:
            await self._pause(GATHER_S)
            every = sorted(self._held.pop(where), key=lambda each: each.update_id)
            await self._ask(where, every)
        finally:
            self._held.pop(where, None)
            asked.set()

    async def _ask(self, where: Address, every: list[Update]) -> None:
        message = await self._postman.post(where, _question(every))
        kept = {"person": where.person, "updates": [written(each) for each in every]}
        await self._memory.put(
            _key(where.chat, int(message)), cast(dict[str, JsonValue], kept), LASTS
        )

    async def answered(
        self, bot: Bot, chat: int, message: int, person: int, button: str
    ) -> tuple[Update, ...] | None:
        """The requests that are wanted after all; None when it was not this person's question."""
        about = await self._memory.get(_key(chat, message))
        if about is None or about.get("person") != person:
            return None
        await self._memory.take(_key(chat, message))
        where = Address(chat, person=person)
        is_wanted = button == YES
        text = (
            say("telegram.away_yes", "Then I begin now.")
            if is_wanted
            else say("telegram.away_no", "Then I leave it.")
        )
        await self._postman.edit(where, message, Outbound(text=text))
        if not is_wanted:
            return ()
        kept = cast(list[str], about["updates"])
        return tuple(
            update for each in kept if (update := Update.de_json(json.loads(each), bot)) is not None
        )


def _question(updates: list[Update]) -> Outbound:
    told = [
        quoted(message.text or message.caption or "", 80)
        for update in updates[:MOST_NAMED]
        if isinstance(message := update.effective_message, Message)
        and (message.text or message.caption)
    ]
    text = say_count(
        "telegram.away",
        len(updates),
        one="I was away for a while. Do you still want what you asked for?",
        other="I was away for a while. Do you still want the {n} things that you asked for?",
    )
    buttons = (
        Button(id=YES, label=say("telegram.away_still", "yes, still"), style="primary"),
        Button(id=NO, label=say("telegram.away_not", "no, leave it")),
    )
    return Outbound(text="\n".join((text, *told)), buttons=buttons)


def _key(chat: int, message: int) -> str:
    return f"away:{chat}:{message}"
