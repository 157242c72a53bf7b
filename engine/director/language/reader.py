"""The language-model reader: asks, checks what comes back, and falls back to rules in silence."""

import asyncio
from collections.abc import Callable

import structlog

from engine.director.language import briefing
from engine.director.language.grounding import reading_of
from engine.director.language.limits import Allowance, Breaker
from engine.director.language.pictures import TOKENS
from engine.director.language.port import Understander
from engine.director.reader import Room
from engine.director.rules.reader import RulesReader
from engine.director.rules.text import clean
from engine.errors import Misregistered, NoAnswer, Ungrounded
from engine.messages import Generate, Reading
from engine.settings import DirectorSettings
from engine.threads import in_thread

log = structlog.get_logger(__name__)
NOBODY = "nobody"
WHY: dict[str, str] = {
    "down": "the language model did not answer, so I read your words by rules",
    "paused": "the language model is resting after failures, so I read your words by rules",
    "spent": "this place has used up its language model for now, so I read your words by rules",
    "absurd": "the language model's answer made no sense, so I read your words by rules",
}


class LanguageReader:
    """Implements `engine.director.reader.Reader` in front of the rules."""

    def __init__(
        self,
        settings: DirectorSettings,
        load: Callable[[], Understander],
        clock_s: Callable[[], float],
        rules: RulesReader | None = None,
    ) -> None:
        self._settings = settings
        self._load = load
        self._clock_s = clock_s
        self._rules = rules or RulesReader()
        self._understander: Understander | None = None
        self._breaker = Breaker(settings.breaker_failures, settings.breaker_pause_s)
        self._allowance = Allowance(settings.max_calls_per_hour, settings.max_tokens_per_day)

    @property
    def sees(self) -> bool:
        """Whether the language model is one that can look at pictures."""
        return self._settings.sees_pictures

    async def read(self, words: str, room: Room) -> Reading:
        """Read one turn; whatever goes wrong with the language model, rules read it instead."""
        space, now_s = room.space or NOBODY, self._clock_s()
        if not clean(words):
            return await self._rules.read(words, room)
        if not self._breaker.allows(now_s):
            return await self._by_rules(words, room, "paused")
        if not self._allowance.allows(space, now_s):
            return await self._by_rules(words, room, "spent")
        self._allowance.spend_call(space, now_s)
        try:
            return await self._asked(words, room, space)
        except Ungrounded as error:
            log.info("reader.ungrounded", why=error.facts.get("why"))
            return await self._by_rules(words, room, "absurd")
        except NoAnswer as error:
            opened = self._breaker.failed(self._clock_s())
            log.warning("reader.no_answer", why=error.facts.get("why"), breaker_open=opened)
            return await self._by_rules(words, room, "down")

    async def close(self) -> None:
        """Give the language model's connections back."""
        if self._understander is not None:
            await self._understander.close()

    async def _asked(self, words: str, room: Room, space: str) -> Reading:
        understander = await self._loaded()
        text = clean(words)
        pictures = room.pictures if self.sees else ()
        budget = self._settings.token_budget - TOKENS * len(pictures)
        told = briefing.question(text, room, budget)
        instructions = briefing.INSTRUCTIONS + (briefing.SHOWN if pictures else "")
        sent = briefing.tokens(instructions) + briefing.tokens(told)
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                answer = await understander.understand(instructions, told, pictures)
        except TimeoutError as error:
            self._allowance.spend_tokens(space, sent, self._clock_s())
            raise NoAnswer(why=f"nothing after {self._settings.timeout_s:g} s") from error
        except NoAnswer:
            self._allowance.spend_tokens(space, sent, self._clock_s())
            raise
        self._breaker.succeeded()
        # A server that counts nothing is counted for.
        self._allowance.spend_tokens(space, answer.tokens or sent, self._clock_s())
        reading = reading_of(answer.understood, text, room)
        return reading.model_copy(update={"has_seen": bool(pictures)})

    async def _loaded(self) -> Understander:
        if self._understander is None:
            try:
                self._understander = await in_thread(self._load)
            except Misregistered as error:
                raise NoAnswer(why=f"not installed: {error}") from error
        return self._understander

    async def _by_rules(self, words: str, room: Room, why: str) -> Reading:
        reading = await self._rules.read(words, room)
        if isinstance(reading.intent, Generate):
            intent = reading.intent.model_copy(update={"read_by": WHY[why]})
            return reading.model_copy(update={"intent": intent})
        return reading
