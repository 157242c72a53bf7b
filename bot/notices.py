"""Words for people who brought a file: taken from the outbox, posted, taken off it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from bot.acts.reporting import report_card, report_images
from bot.acts.vetting_desk import desk_card
from bot.escape import paragraphs, plain, quoted
from bot.languages import language
from bot.live import Pause
from bot.messages import Outbound
from bot.phrases import phrase
from bot.port import CannotPost, Platform
from bot.texts import say, speaking
from engine.api import MODERATORS, Engine, Notice
from engine.errors import TryAgain
from engine.messages import SpaceId

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 2.0
FOR_MODERATORS = frozenset({"report", "quarantined", "to_vet", "more_to_vet"})
LONGEST_PAUSE_S = 600.0
MOST_TRIES = 12


class Notices:
    """Looks for words that are due and posts them; a crash between posts leaves them due."""

    def __init__(
        self, engine: Engine, platforms: Mapping[str, Platform], pause: Pause = asyncio.sleep
    ) -> None:
        self._engine = engine
        self._platforms = platforms
        self._pause = pause

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.post_due()
            except TryAgain as error:
                log.warning("notices.not_read", code=error.code)
            except Exception:  # a delivery loop: one notice harms no other
                log.exception("notices.failed")
            await self._pause(LOOK_EVERY_S)

    async def post_due(self) -> None:
        """Post what is due now."""
        registry = self._engine.registry
        for notice in await registry.notices():
            if await registry.take_notice(notice.id):
                await self._post(notice)

    async def _post(self, notice: Notice) -> None:
        registry, platform = self._engine.registry, self._platforms.get(notice.platform)
        if platform is None:
            log.warning("notice.no_platform", platform=notice.platform)
            await registry.notice_posted(notice.id)
            return
        try:
            with speaking(await self._language(notice)):
                if card := await self._told(notice, platform):
                    await platform.post(notice.address, card, nonce=notice.id[:25])
        except CannotPost as error:
            is_last = error.final or notice.tries + 1 >= MOST_TRIES
            log.warning("notice.not_posted", why=str(error), final=is_last)
            if not is_last:
                pause_s = min(LONGEST_PAUSE_S, 2.0**notice.tries)
                await registry.notice_later(notice.id, max(pause_s, error.retry_in_s or 0))
                return
        await registry.notice_posted(notice.id)

    async def _language(self, notice: Notice) -> str:
        """The person's own; of what the moderators' channel is told, the space's."""
        if notice.body.get("kind") not in FOR_MODERATORS:
            return await language(self._engine, notice.person)
        return await language(self._engine, MODERATORS, SpaceId(str(notice.body.get("space"))))

    async def _told(self, notice: Notice, platform: Platform) -> Outbound | None:
        """What is posted; None when it is not needed any more."""
        if notice.body.get("kind") in ("to_vet", "more_to_vet"):
            return await desk_card(self._engine, platform, notice.address, notice.body)
        if notice.body.get("kind") != "report":
            return told(notice.body)
        images = await report_images(self._engine, platform, notice.address, notice.body)
        return report_card(notice.body, images)


def told(body: Mapping[str, Any]) -> Outbound:
    """A notice as a message; whatever it holds may come from a file."""
    if body.get("kind") == "report":
        return report_card(body)
    given = str(body.get("name") or body.get("file") or "")
    name = quoted(given, 80) if given else say("notice.file", "your file")
    text = _of_a_file(name, body) or _of_a_look(name, body)
    return Outbound(text=paragraphs(text, 3000), private=True)


def _of_a_file(name: str, body: Mapping[str, Any]) -> str:
    """How a file fared that somebody brought; empty for what became of a look."""
    match body.get("kind"):
        case "waiting":
            found = "\n".join(
                f"\u2022 {plain(phrase(str(each)), 300)}" for each in body["findings"]
            )
            waits = say(
                "notice.waiting",
                "{name} is through my checks and waits for a moderator.",
                name=name,
            )
            return f"{waits}\n{found}"
        case "refused":
            why = " ".join(plain(phrase(str(each)), 300) for each in body.get("problems", ()))
            return say(
                "notice.refused",
                "I can't take {name}: {why} Send the LoRA itself as a .safetensors file, as it "
                "came from its trainer.",
                name=name,
                why=why or say("notice.no_lora", "it is not a LoRA that I can use."),
            )
        case "known":
            return _known(name, body)
    return ""


def _of_a_look(name: str, body: Mapping[str, Any]) -> str:
    """What was decided about a look."""
    reason = plain(str(body.get("reason") or ""), 500)
    match body.get("kind"):
        case "approved":
            text = say("notice.approved", "{name} is approved: ask for it by its name.", name=name)
            text += _because(reason, "approved")
        case "rejected":
            text = say(
                "notice.rejected", "{name} was turned down: {reason}.", name=name, reason=reason
            )
        case "retired":
            text = say("notice.retired", "{name} was retired here.", name=name)
            text += _because(reason, "retired")
        case "undone":
            text = say(
                "notice.undone",
                "A decision about {name} was taken back; it is looked at again.",
                name=name,
            )
        case "asked":
            bare = plain(str(body.get("name") or ""), 80)
            text = say(
                "notice.asked",
                "About {name}: {reason}\nAnswer with: {line}",
                name=name,
                reason=reason,
                line=f'/lora answer "{bare}" reason="..."',
            )
        case "quarantined":
            text = _quarantined(name, body)
        case other:
            text = f"{name}: {plain(str(other), 60)}."
    return text


def _known(name: str, body: Mapping[str, Any]) -> str:
    if body.get("state") == "pending":
        return say(
            "notice.known_waiting",
            "That file is here already: it is called {name} and waits for a moderator.",
            name=name,
        )
    return say(
        "notice.known",
        "That file is here already: it is called {name} and can be used.",
        name=name,
    )


def _quarantined(name: str, body: Mapping[str, Any]) -> str:
    bare = plain(str(body.get("name") or ""), 80)
    return say(
        "notice.quarantined",
        "{name} was taken out of use here: drawing with it gave broken numbers{where}. The "
        "file needs mending. {line} takes that back.",
        name=name,
        where=f" ({plain(str(body['where']), 120)})" if body.get("where") else "",
        line=f'/lora undo "{bare}"',
    )


def _because(reason: str, unsaid: str) -> str:
    """The reason of a decision; one that was given without words repeats the decision."""
    return f" ({reason})" if reason and reason != unsaid else ""
