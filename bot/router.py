"""Inbound to Outbound: a command, a press or a turn of conversation, and its answer."""

import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from bot import permissions, replies
from bot.command import Command, Context
from bot.conversation import converse
from bot.delivery import Delivery
from bot.escape import plain
from bot.messages import Inbound, Invoke, Outbound, Press, Words
from bot.port import CannotPost, Platform
from bot.presses import press
from engine.api import Engine
from engine.errors import AtelierError, Broken, NotFound
from engine.messages import JobId

log = structlog.get_logger(__name__)
REMEMBERED = 4096


@dataclass(slots=True)
class Recent:
    """The newest acts, bounded: what was handled, and which job a press led to."""

    acts: OrderedDict[str, None] = field(default_factory=OrderedDict)
    presses: OrderedDict[tuple[str, str], JobId] = field(default_factory=OrderedDict)
    pressing: set[tuple[str, str]] = field(default_factory=set)

    def is_new(self, act: str) -> bool:
        """True once for each act; a redelivery is not new."""
        if act in self.acts:
            return False
        self.acts[act] = None
        if len(self.acts) > REMEMBERED:
            self.acts.popitem(last=False)
        return True

    def pressed(self, press: tuple[str, str], job: JobId) -> None:
        """This press of this person led to this job."""
        self.presses[press] = job
        if len(self.presses) > REMEMBERED:
            self.presses.popitem(last=False)


class Router:
    """The one door for acts of people, from every platform; `receive` never raises."""

    def __init__(
        self,
        engine: Engine,
        platforms: Mapping[str, Platform],
        commands: Mapping[str, Command],
        delivery: Delivery,
    ) -> None:
        self._engine = engine
        self._platforms = platforms
        self._commands = commands
        self._delivery = delivery
        self._recent = Recent()

    async def receive(self, inbound: Inbound) -> None:
        """Handle one act and answer it; a redelivered act is ignored."""
        if not self._recent.is_new(f"{inbound.platform}:{inbound.id}"):
            log.info("act.repeated", act=inbound.id)
            return
        try:
            outbound = await self._answer(inbound)
            await self._send(inbound, outbound)
        except CannotPost as error:
            log.warning("answer.not_posted", act=inbound.id, why=str(error), final=error.final)
        except Exception:
            reference = new_reference()
            log.exception("act.crashed", reference=reference, platform=inbound.platform)
            await self._apologise(inbound, reference)

    async def _answer(self, inbound: Inbound) -> Outbound:
        try:
            return await self._act(inbound)
        except Broken as error:
            reference = new_reference()
            log.exception("act.broken", reference=reference, code=error.code)
            return replies.for_error(error, reference)
        except AtelierError as error:
            log.info("act.refused", code=error.code, space=inbound.space.id)
            return replies.for_error(error)

    async def _act(self, inbound: Inbound) -> Outbound:
        capabilities = self._platforms[inbound.platform].capabilities
        context = Context(inbound, self._engine, capabilities, self._commands)
        match inbound.act:
            case Words(text=text):
                return await converse(context, text)
            case Invoke(name=name, options=options):
                command = self._command(name)
                permissions.check(inbound.author, command)
                return await command.run(context, options)
            case Press():
                return await self._press(context, inbound.act)

    def _command(self, name: str) -> Command:
        found = self._commands.get(name.casefold())
        if found is None:
            near = tuple(f"/{each}" for each in self._commands if each.startswith(name[:2]))
            raise NotFound(what="command", name=f"/{plain(name, 32)}", near=near)
        return found

    async def _press(self, context: Context, act: Press) -> Outbound:
        """Five presses of one button by one person are one job, until it is over."""
        mine = (act.button, context.owner.person)
        running = self._recent.presses.get(mine)
        is_running = running is not None and self._delivery.is_live(running)
        if is_running or mine in self._recent.pressing:
            return Outbound(text="I'm on it already: one moment.", private=True)
        self._recent.pressing.add(mine)
        try:
            answer = await press(context, act)
        finally:
            self._recent.pressing.discard(mine)
        if answer.job is not None and answer.progress is not None:
            self._recent.pressed(mine, answer.job)
        return answer

    async def _send(self, inbound: Inbound, outbound: Outbound) -> None:
        if outbound.job is not None and outbound.progress is not None:
            await self._delivery.announce(inbound, outbound)
            return
        platform = self._platforms[inbound.platform]
        await platform.post(inbound.address, outbound, nonce=f"answer-{inbound.id}")

    async def _apologise(self, inbound: Inbound, reference: str) -> None:
        platform = self._platforms.get(inbound.platform)
        if platform is None:
            return
        try:
            apology = replies.for_crash(reference)
            await platform.post(inbound.address, apology, nonce=f"sorry-{inbound.id}")
        except CannotPost as error:
            log.warning("apology.not_posted", reference=reference, why=str(error))


def new_reference() -> str:
    """Eight characters that find a line of the log."""
    return uuid.uuid4().hex[:8]
