"""Listening: every act is acknowledged first, and only then looked at."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import discord
import structlog

from bot import buttons, replies
from bot.acts.editing import FormField, fields_of
from bot.acts.vetting import form_of
from bot.commands import COMMANDS
from bot.discord import modals
from bot.discord.address import Address
from bot.discord.cards import POST
from bot.discord.commands import MADE_THIS, QUIET_BUT, REFERENCE
from bot.discord.inbound import (
    Interaction,
    act_of,
    address_of,
    files_of,
    message_act,
    options_of,
    resolved_files,
    where,
    words_of,
)
from bot.discord.outbound import Postman, Recent
from bot.discord.reading import UNREADABLE
from bot.discord.refusals import (
    ALREADY_ANSWERED,
    NETWORK,
    TROUBLE,
    UNKNOWN_INTERACTION,
    cannot_post,
    is_rate_limit,
)
from bot.languages import language
from bot.linked import owner_of, owner_of_button, ratings_shown
from bot.menu import entry, suggest
from bot.messages import Attachment, Inbound, Invoke, Outbound, Press, Words
from bot.port import CannotPost, Furnish, Receive
from bot.texts import chosen, say, speaking, wording
from bot.typed import read_line
from engine.api import Engine
from engine.errors import AtelierError
from engine.messages import Info, JobId, Owner, PersonId, SpaceId, Vet

log = structlog.get_logger(__name__)
SUGGEST_S = 1.5
FORM_S = 1.8
"""Longest look for what a form holds: Discord waits three seconds for the form itself."""
ACK_PAUSES_S = (0.1, 0.5)
"""Before the second and the third try to acknowledge, within the three seconds."""
MOST_ACK_WAIT_S = 1.5
MOST_AT_ONCE = 64
WITH_FORM = frozenset({"edit", "form"})
TOO_SLOW = wording(
    "discord.too_slow",
    "I'm busy and couldn't open that form in time. Please press the button again.",
)


class Hearing:
    """Turns what Discord tells into acts for the router."""

    def __init__(
        self, engine: Engine, furnish: Furnish, postman: Postman, now: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._furnish_space = furnish
        self._postman = postman
        self._now = now
        self.receive: Receive | None = None
        self._seen: Recent[bool] = Recent()
        self._locales: Recent[str] = Recent()
        self._pictures: Recent[tuple[Attachment, ...]] = Recent()
        """Files of messages that somebody pointed at, until the words for them are typed."""
        self._furnished: Recent[bool] = Recent()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def settled(self) -> None:
        """Wait until no act is on its way."""
        await self._idle.wait()

    def _is_new(self, id_: int) -> bool:
        if str(id_) in self._seen:
            return False
        self._seen.keep(str(id_), True)
        return True

    # --- interactions ---------------------------------------------------------------------------

    async def interaction(self, interaction: Interaction) -> None:
        """A command, a press, a form or half a word; the same one again is nothing new."""
        if self.receive is None or not self._is_new(interaction.id):
            return
        if getattr(interaction.user, "id", None) is None:
            log.info("interaction.of_nobody", kind=str(interaction.type))
            return
        self._locales.keep(str(interaction.user.id), str(interaction.locale))
        data: Mapping[str, Any] = interaction.data or {}
        with speaking(chosen(str(interaction.locale))):
            await self._hear(interaction, data)

    async def _hear(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        match interaction.type:
            case discord.InteractionType.autocomplete:
                await self._suggest(interaction, data)
            case discord.InteractionType.application_command:
                await self._command(interaction, data)
            case discord.InteractionType.component:
                await self._press(interaction, str(data.get("custom_id") or ""))
            case discord.InteractionType.modal_submit:
                await self._submitted(interaction, data)
            case _:
                log.info("interaction.unknown", kind=str(interaction.type))

    async def _command(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        name = str(data.get("name") or "")
        if data.get("type") == discord.AppCommandType.message.value:
            await self._menu(interaction, data, name)
            return
        options, files = options_of(data), resolved_files(data)
        is_bare = not files and not options.get("link")
        if name == "lora" and options.get("action") == "add" and is_bare:
            await self._open(interaction, modals.bring_form())
            return
        address = await self._thinking(interaction, is_quiet=name not in QUIET_BUT)
        if address is not None:
            act = Invoke(name=name, options=options)
            await self._pass_on(act_of(interaction, act, address, files))

    async def _menu(self, interaction: Interaction, data: Mapping[str, Any], name: str) -> None:
        """A command on a message: what made this, or use it as a reference."""
        message = pointed_at(data)
        files = _files(message)
        if name == REFERENCE:
            key = f"{interaction.channel_id or 0}/{message.get('id', 0)}"
            self._pictures.keep(key, files)
            await self._open(interaction, modals.reference_form(key))
            return
        address = await self._thinking(interaction, is_quiet=True)
        if address is None:
            return
        act: Words | Press = Words(text="")
        if why := _why(message, interaction.application_id):
            act, files = Press(button=why), ()
        if name == MADE_THIS:
            await self._pass_on(act_of(interaction, act, address, files))

    async def _press(self, interaction: Interaction, button: str) -> None:
        verb, _, rest = button.partition(":")
        if verb in WITH_FORM:
            await self._press_with_form(interaction, button)
            return
        if verb == POST:
            await self._show_to_all(interaction, rest)
            return
        address = await self._noted(interaction)
        if address is not None:
            await self._pass_on(act_of(interaction, Press(button=button), address))

    async def _show_to_all(self, interaction: Interaction, job: str) -> None:
        """A private answer, for the channel: a picture by its job, words as they stand there."""
        address = await self._noted(interaction)
        if address is None:
            return
        public = address.model_copy(update={"is_quiet": False, "reply_to": 0})
        if job:
            act = Invoke(name="show", options={"id": job})
            await self._pass_on(act_of(interaction, act, public))
            return
        try:
            await self._postman.copy(public, _texts(interaction), f"post-{interaction.id}")
        except CannotPost as error:
            log.warning("copy.not_posted", why=str(error), final=error.final)

    # --- forms ----------------------------------------------------------------------------------

    async def _press_with_form(self, interaction: Interaction, button: str) -> None:
        """A form must be the first answer: what it holds is looked up against the clock."""
        answer: Outbound | None = None
        try:
            async with asyncio.timeout(FORM_S):
                title, fields = await self._spoken_fields(interaction, button)
        except TimeoutError:
            answer = Outbound(text=TOO_SLOW.say(), private=True)
        except AtelierError as error:
            answer = replies.for_error(error).model_copy(update={"private": True})
        else:
            if fields:
                await self._open(interaction, modals.form(title, button, fields))
                return
        address = await self._noted(interaction)
        if address is None:
            return
        if answer is not None:
            await self._post(address, answer, nonce=f"form-{interaction.id}")
            return
        await self._pass_on(act_of(interaction, Press(button=button), address))

    async def _spoken_fields(
        self, interaction: Interaction, button: str
    ) -> tuple[str, tuple[FormField, ...]]:
        space, place = where(interaction)
        person, app = PersonId(f"discord:{interaction.user.id}"), str(interaction.locale)
        owner = await owner_of_button(
            self._engine, space.id, person, button, is_direct=place.kind == "direct"
        )
        with speaking(await language(self._engine, owner.person, owner.space, app)):
            return await self._fields(owner, button)

    async def _fields(self, owner: Owner, button: str) -> tuple[str, tuple[FormField, ...]]:
        intent = await self._engine.recall(owner, buttons.read(button).intent)
        if isinstance(intent, Info):
            job = await self._engine.show(owner, JobId(intent.about))
            return say("discord.edit", "Edit {job}", job=job.id), fields_of(job)
        if isinstance(intent, Vet) and intent.entry is not None:
            entry_ = await self._engine.registry.vetting.find(owner.space, intent.entry)
            return entry_.card.name, form_of(entry_, intent.decision)
        return "", ()

    async def _open(self, interaction: Interaction, form: modals.Modal) -> None:
        try:
            await interaction.response.send_modal(form)
        except TROUBLE as error:
            _not_acknowledged(interaction, error)

    async def _submitted(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        kind, _, about = str(data.get("custom_id") or "").partition("|")
        address = await (
            self._noted(interaction)
            if interaction.message is not None
            else self._thinking(interaction, is_quiet=kind != modals.USE)
        )
        if address is None:
            return
        if kind == modals.FORM:
            act: Press | Words | Invoke = Press(button=about, fields=modals.filled(data))
            await self._pass_on(act_of(interaction, act, address))
            return
        given = modals.values(data)
        if kind == modals.USE:
            files = await self._pointed(interaction, about)
            act = Words(text=given.get(modals.WORDS, ""))
            await self._pass_on(act_of(interaction, act, address, files))
            return
        options = {name: value for name, value in given.items() if value}
        act = Invoke(name="lora", options={"action": "add", **options})
        await self._pass_on(act_of(interaction, act, address, resolved_files(data)))

    async def _pointed(self, interaction: Interaction, about: str) -> tuple[Attachment, ...]:
        """The files of a message; after a restart it is read again."""
        known = self._pictures.get(about)
        channel, _, message = about.partition("/")
        if known is not None or not (channel.isdigit() and message.isdigit()):
            return known or ()
        try:
            raw = await interaction.client.http.get_message(int(channel), int(message))
            return _files(dict(raw))
        except TROUBLE as error:
            log.info("reference.not_read", why=type(error).__name__)
            return ()

    # --- half a word ------------------------------------------------------------------------------

    async def _suggest(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        """Choices within the time that Discord gives; none rather than late ones."""
        choices: list[discord.app_commands.Choice[str]] = []
        try:
            async with asyncio.timeout(SUGGEST_S):
                choices = await self._choices(interaction, data)
        except TimeoutError:
            log.info("suggestions.late")
        except AtelierError as error:
            log.info("suggestions.none", code=error.code)
        try:
            await interaction.response.autocomplete(choices)
        except TROUBLE as error:
            _not_acknowledged(interaction, error)

    async def _choices(
        self, interaction: Interaction, data: Mapping[str, Any]
    ) -> list[discord.app_commands.Choice[str]]:
        focused = next((each for each in data.get("options") or () if each.get("focused")), None)
        name = str(data.get("name") or "")
        if focused is None or name not in COMMANDS:
            return []
        kinds = {each.name: each.suggests for each in entry(COMMANDS.get(name)).options}
        kind = kinds.get(str(focused["name"]))
        if kind is None:
            return []
        typed = str(focused.get("value") or "")[:100]
        owner = await self._owner(interaction)
        space, place = where(interaction)
        shown = await ratings_shown(self._engine, owner, space.id, place)
        found = await suggest(self._engine, owner, shown, kind, typed)
        return [
            discord.app_commands.Choice(name=each.label[:100] or each.value, value=each.value)
            for each in found[:25]
            if 0 < len(each.value) <= 100
        ]

    async def _owner(self, interaction: Interaction) -> Owner:
        space, _ = where(interaction)
        person = PersonId(f"discord:{interaction.user.id}")
        return await owner_of(self._engine, SpaceId(space.id), person)

    # --- acknowledging ----------------------------------------------------------------------------

    async def _thinking(self, interaction: Interaction, *, is_quiet: bool) -> Address | None:
        """Show that we are at it; None when this act is not ours to answer."""
        address = address_of(interaction, self._now(), is_quiet=is_quiet)
        address = address.model_copy(update={"has_original": True})
        response = interaction.response
        return await self._acknowledged(
            interaction, address, lambda: response.defer(ephemeral=is_quiet, thinking=True)
        )

    async def _noted(self, interaction: Interaction) -> Address | None:
        """Acknowledge a press: its answers are messages of their own."""
        address = address_of(interaction, self._now())
        return await self._acknowledged(interaction, address, interaction.response.defer)

    async def _acknowledged(
        self,
        interaction: Interaction,
        address: Address,
        defer: Callable[[], Coroutine[Any, Any, object]],
    ) -> Address | None:
        for pause_s in (*ACK_PAUSES_S, None):
            try:
                await defer()
            except NETWORK as error:
                # Perhaps it arrived, perhaps not: asked again, Discord says which.
                log.warning("interaction.not_acknowledged", why=type(error).__name__)
                if pause_s is None:
                    return address.model_copy(update={"token": "", "has_original": False})
            except (discord.HTTPException, discord.RateLimited) as error:
                is_second = pause_s != ACK_PAUSES_S[0]
                if is_second and getattr(error, "code", None) == ALREADY_ANSWERED:
                    break  # by our first try, whose answer was lost
                pause_s = _worth_waiting(error, pause_s)
                if pause_s is None:
                    _not_acknowledged(interaction, error)
                    return None
            except UNREADABLE as error:
                log.warning("interaction.odd_answer", why=type(error).__name__)
                break  # it was acknowledged; only what came back can't be read
            else:
                break
            await asyncio.sleep(pause_s)
        if address.has_original:
            self._postman.deferred(address)
        return address

    # --- plain messages ---------------------------------------------------------------------------

    async def message(self, client: discord.Client, message: discord.Message) -> None:
        """Words to the bot: in a private conversation, or with its mention."""
        me = client.user
        if me is None or self.receive is None or not _is_for(message, me):
            return
        if not self._is_new(message.id):
            return
        text = words_of(message, me.id)
        act = read_line(text) or Words(text="")
        if isinstance(act, Invoke) and act.name not in COMMANDS:
            act = Words(text=text)
        if not text and not files_of(message) and message.guild is None:
            return
        locale = self._locales.get(str(message.author.id)) or ""
        inbound = message_act(client, message, act, locale)
        self._begin(_typing(message.channel))
        async with self._turn(inbound.conversation):
            await self._pass_on(inbound)

    def _turn(self, conversation: str) -> AbstractAsyncContextManager[None]:
        """Words of one conversation are answered in the order in which they were said."""
        return self._turns.setdefault(conversation, asyncio.Lock())

    # --- passing on -------------------------------------------------------------------------------

    async def _pass_on(self, inbound: Inbound) -> None:
        self._busy += 1
        self._idle.clear()
        try:
            async with self._room:
                await self._furnish(inbound.space.id)
                if self.receive is not None:
                    await self.receive(inbound)
        finally:
            self._busy -= 1
            if not self._busy:
                self._idle.set()

    async def _furnish(self, space: SpaceId) -> None:
        """A place that nobody spoke in yet begins with what this installation has."""
        if space in self._furnished:
            return
        self._furnished.keep(space, True)
        try:
            await self._furnish_space(space)
        except AtelierError as error:
            log.warning("place.not_furnished", space=space, code=error.code)

    async def _post(self, address: Address, outbound: Outbound, nonce: str) -> None:
        try:
            await self._postman.post(address, outbound, nonce)
        except CannotPost as error:
            log.warning("answer.not_posted", why=str(error), final=error.final)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Hear nothing any more."""
        self.receive = None
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _worth_waiting(error: Exception, pause_s: float | None) -> float | None:
    """How long before an acknowledgement is tried again; None when it is not."""
    told = cannot_post(error) if is_rate_limit(error) else None
    if told is None or pause_s is None or (told.retry_in_s or 0.0) > MOST_ACK_WAIT_S:
        return None
    return max(pause_s, told.retry_in_s or 0.0)


def _not_acknowledged(interaction: Interaction, error: Exception) -> None:
    """Another process was quicker, or it was too late: there is nobody left to answer."""
    code = error.code if isinstance(error, discord.HTTPException) else None
    if code == ALREADY_ANSWERED:
        log.info("interaction.taken_elsewhere", interaction=interaction.id)
    elif code == UNKNOWN_INTERACTION:
        log.warning("interaction.too_late", interaction=interaction.id)
    else:
        log.warning("interaction.not_acknowledged", code=code, why=type(error).__name__)


async def _typing(channel: discord.abc.Messageable) -> None:
    try:
        await channel.typing()
    except TROUBLE as error:
        log.debug("typing.not_shown", why=type(error).__name__)


def _is_for(message: discord.Message, me: discord.ClientUser) -> bool:
    """Of a person, to us; what other bots and webhooks say is nobody's wish."""
    if message.author.bot or message.webhook_id is not None or message.is_system():
        return False
    if message.guild is None:
        return True
    return any(each.id == me.id for each in message.mentions) and not message.mention_everyone


# --- messages that somebody pointed at --------------------------------------------------------


def pointed_at(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message of a message command, as Discord sent it along."""
    messages = (data.get("resolved") or {}).get("messages") or {}
    found: Mapping[str, Any] = messages.get(str(data.get("target_id"))) or {}
    return found


def _files(message: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Attachments, and pictures of a gallery."""
    named = {str(each.get("id")): each for each in message.get("attachments") or ()}
    attached = resolved_files({"resolved": {"attachments": named}})
    known = {each.handle for each in attached}
    hung = (each for each in _hung(message.get("components")) if each.handle not in known)
    return (*attached, *hung)


def _hung(components: Any) -> Iterator[Attachment]:
    for each in components or ():
        for item in each.get("items") or ():
            media = item.get("media") or {}
            url = str(media.get("url") or "")
            yield Attachment(
                name=urlsplit(url).path.rpartition("/")[2] or "picture",
                size_bytes=0,
                media_type=str(media.get("content_type") or "image/png").partition(";")[0],
                handle=url,
            )
        yield from _hung(each.get("components"))


def _why(message: Mapping[str, Any], me: int) -> str:
    """The button of one of our own pictures that says what made it."""
    if str((message.get("author") or {}).get("id")) != str(me):
        return ""
    return next((id_ for id_ in _ids(message.get("components")) if id_.startswith("why:")), "")


def _ids(components: Any) -> list[str]:
    found: list[str] = []
    for each in components or ():
        if "custom_id" in each:
            found.append(str(each["custom_id"]))
        found += _ids(each.get("components"))
    return found


def _texts(interaction: Interaction) -> tuple[str, ...]:
    """The words of the message that a button stands under, as they were sent."""
    if interaction.message is None:
        return ()
    return tuple(_contents(interaction.message.components))


def _contents(components: Iterable[Any]) -> Iterator[str]:
    for each in components:
        if isinstance(each, discord.components.TextDisplay):
            yield each.content
        yield from _contents(getattr(each, "children", ()))
