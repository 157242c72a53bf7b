"""Inbound to Outbound: a command, a press or a turn of conversation, and its answer."""

import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from bot import buttons, permissions, policy, replies
from bot.command import Command, Context
from bot.conversation import converse
from bot.delivery import Delivery
from bot.escape import plain
from bot.languages import language
from bot.messages import Inbound, Invoke, Level, Outbound, Press, Words
from bot.port import CannotPost, Platform
from bot.presses import press
from bot.texts import chosen, say, speaking
from engine.api import Engine
from engine.errors import AtelierError, Broken, NotFound
from engine.messages import JobId

log = structlog.get_logger(__name__)
REMEMBERED = 4096
Pressed = tuple[str, str]
"""A button (with what its form held) and who pressed it."""


@dataclass(slots=True)
class Recent:
    """The newest acts, bounded: what was handled, and which job a press led to."""

    acts: OrderedDict[str, None] = field(default_factory=OrderedDict)
    presses: OrderedDict[Pressed, JobId] = field(default_factory=OrderedDict)
    pressing: set[Pressed] = field(default_factory=set)

    def is_new(self, act: str) -> bool:
        """True once for each act; a redelivery is not new."""
        if act in self.acts:
            return False
        self.acts[act] = None
        if len(self.acts) > REMEMBERED:
            self.acts.popitem(last=False)
        return True

    def pressed(self, press: Pressed, job: JobId) -> None:
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
        page_url: str | None = None,
    ) -> None:
        self._engine = engine
        self._platforms = platforms
        self._commands = commands
        self._delivery = delivery
        self._page_url = page_url
        self._recent = Recent()

    async def receive(self, inbound: Inbound) -> None:
        """Handle one act and answer it; a redelivered act is ignored."""
        if not self._recent.is_new(f"{inbound.platform}:{inbound.id}"):
            log.info("act.repeated", act=inbound.id)
            return
        with speaking(chosen(inbound.author.locale)):
            await self._handle(inbound)

    async def _handle(self, inbound: Inbound) -> None:
        mine: set[Pressed] = set()
        try:
            inbound = await self._at_home(await self._linked(inbound))
            author, space = inbound.author, inbound.space
            locale = await language(self._engine, author.id, space.id, author.locale, space.locale)
            with speaking(locale):
                heard = await self._privately(inbound)
                outbound = await self._answer(heard, mine)
                await self._send(heard, outbound)
        except CannotPost as error:
            log.warning("answer.not_posted", act=inbound.id, why=str(error), final=error.final)
        except Exception:
            reference = new_reference()
            log.exception("act.crashed", reference=reference, platform=inbound.platform)
            await self._apologise(inbound, reference)
        finally:
            self._recent.pressing -= mine

    async def _linked(self, inbound: Inbound) -> Inbound:
        """The one place where a platform's space becomes the space that it is linked with."""
        try:
            main = await self._engine.house.main(inbound.space.id)
        except AtelierError as error:  # the act itself will say what is wrong
            log.info("link.not_read", code=error.code)
            return inbound
        if main is None:
            return inbound
        known = {"id": main.space, "title": main.title, "kind": main.kind}
        home = inbound.space
        return inbound.model_copy(update={"space": home.model_copy(update=known), "home": home})

    async def _at_home(self, inbound: Inbound) -> Inbound:
        """A button under what came in private still belongs to the place it was asked for in.

        Nobody tells us there what the person may do in that place: they act as a member of it.
        """
        if not isinstance(inbound.act, Press) or inbound.place.kind != "direct":
            return inbound
        try:
            intent = buttons.read(inbound.act.button).intent
            asked = await self._engine.asked_in(inbound.author.id, intent)
        except AtelierError as error:  # the act itself will say what is wrong
            log.info("button.not_read", code=error.code)
            return inbound
        if asked is None or asked.space == inbound.space.id:
            return inbound
        known = {"id": asked.space, "title": asked.title, "kind": asked.kind}
        space = inbound.space.model_copy(update=known)
        author = inbound.author.model_copy(update={"level": Level.MEMBER})
        return inbound.model_copy(update={"space": space, "author": author})

    async def _privately(self, inbound: Inbound) -> Inbound:
        """For a person who chose to be private answers go to them alone, pictures included."""
        try:
            wishes = await self._engine.house.wishes(inbound.author.id)
        except AtelierError as error:  # the act itself will say what is wrong
            log.info("wishes.not_read", code=error.code)
            return inbound
        if not wishes.is_private or inbound.place.kind == "direct":
            return inbound
        platform = self._platforms[inbound.platform]
        address = await platform.direct(inbound.author.id)
        if address is None or address == inbound.address:
            return inbound
        here = say("router.private", "You are private: I answer in our direct conversation.")
        note = Outbound(text=here, private=True)
        await platform.post(inbound.address, note, nonce=f"private-{inbound.id}")
        return inbound.model_copy(update={"address": address})

    async def _answer(self, inbound: Inbound, mine: set[Pressed]) -> Outbound:
        try:
            return await self._act(inbound, mine)
        except Broken as error:
            reference = new_reference()
            log.exception("act.broken", reference=reference, code=error.code)
            return replies.for_error(error, reference)
        except AtelierError as error:
            log.info("act.refused", code=error.code, space=inbound.space.id)
            return replies.for_error(error)

    async def _act(self, inbound: Inbound, mine: set[Pressed]) -> Outbound:
        platform = self._platforms[inbound.platform]
        rules = await self._engine.house.rules(inbound.space.id)
        rules = rules.at(inbound.home.id if inbound.home else None)
        inbound = inbound.model_copy(update={"author": policy.raised(inbound.author, rules)})
        context = Context(
            inbound, self._engine, platform.capabilities, self._commands, platform.fetch,
            self._page_url, rules,
        )  # fmt: skip
        match inbound.act:
            case Words(text=text):
                return await converse(context, text)
            case Invoke(name=name, options=options):
                command = self._command(name)
                permissions.check(inbound.author, command)
                return await command.run(context, options)
            case Press():
                return await self._press(context, inbound.act, mine)

    def _command(self, name: str) -> Command:
        found = self._commands.get(name.casefold())
        if found is None:
            near = tuple(f"/{each}" for each in self._commands if each.startswith(name[:2]))
            raise NotFound(what="command", name=f"/{plain(name, 32)}", near=near)
        return found

    async def _press(self, context: Context, act: Press, mine: set[Pressed]) -> Outbound:
        """Five presses of one button by one person are one job, until it is over.

        What is taken on is put into `mine`: it counts as being pressed until its answer is out,
        since only then its job is followed.
        """
        filled = "".join(f"\n{name}={value}" for name, value in sorted(act.fields.items()))
        pressed = (act.button + filled, context.owner.person)
        running = self._recent.presses.get(pressed)
        is_running = running is not None and self._delivery.is_live(running)
        if is_running or pressed in self._recent.pressing:
            return Outbound(text=say("router.busy", "I'm on it already: one moment."), private=True)
        self._recent.pressing.add(pressed)
        mine.add(pressed)
        answer = await press(context, act)
        if answer.job is not None and answer.progress is not None:
            self._recent.pressed(pressed, answer.job)
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
