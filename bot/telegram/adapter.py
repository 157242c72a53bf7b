"""The Telegram platform: listens by polling or webhook, posts through `Postman`."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiohttp import web
from telegram.error import InvalidToken, TelegramError

from bot.errors import BadSettings
from bot.live import Pause
from bot.messages import Attachment, Author, Outbound, Place
from bot.port import CannotPost, Capabilities, Furnish, House, Maker, Receive, Standing
from bot.settings import Settings
from bot.telegram import webhook
from bot.telegram.address import NAME, Address, private_address
from bot.telegram.albums_in import IncomingAlbums
from bot.telegram.albums_out import Albums
from bot.telegram.asking import Asking
from bot.telegram.away import Away
from bot.telegram.client import ServerClock, TelegramClient, make_bot, make_client
from bot.telegram.doctor import examine
from bot.telegram.files import Files
from bot.telegram.hearing import Hearing
from bot.telegram.inbound import Me, place_of
from bot.telegram.inbox import Inbox
from bot.telegram.levels import Levels
from bot.telegram.lightly import Lightly
from bot.telegram.memory import Marks, Memory
from bot.telegram.menu import send_menu
from bot.telegram.moves import Moves, MoveSpace, space_of
from bot.telegram.outbound import TEXT_CHARS
from bot.telegram.pacing import Pacer
from bot.telegram.pictures import DOCUMENT_BYTES, LOCAL_DOCUMENT_BYTES
from bot.telegram.polling import KINDS, Polling
from bot.telegram.posting import ALBUM_MOST, Postman
from bot.telegram.sending import Sender
from engine.api import Engine
from engine.messages import PersonId

log = structlog.get_logger(__name__)
PROGRESS_EVERY_S = 3.0
MOST_BUTTONS = 16
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 300.0
LOGIN_S = 20.0
"""Longest wait of a post for the login."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Time as the platform feels it; tests bring their own."""

    clock: Callable[[], float] = time.monotonic
    pause: Pause = asyncio.sleep
    progress_every_s: float = PROGRESS_EVERY_S


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the platform needs of the engine's house."""

    furnish: Furnish
    move_space: MoveSpace
    marks: Marks


class TelegramPlatform:
    """Implements `bot.port.Platform` and `OnTheWeb`."""

    name = NAME

    def __init__(
        self, settings: Settings, engine: Engine, rooms: Rooms, tempo: Tempo | None = None
    ) -> None:
        tempo = tempo or Tempo()
        is_local = settings.telegram.local_server
        document_bytes = LOCAL_DOCUMENT_BYTES if is_local else DOCUMENT_BYTES
        self.capabilities = Capabilities(
            text_chars=TEXT_CHARS,
            images=ALBUM_MOST,
            image_bytes=document_bytes,
            buttons=MOST_BUTTONS,
            can_edit=True,
            can_be_private=False,
            progress_every_s=tempo.progress_every_s,
            has_forms=True,
            has_originals=True,
        )
        self._settings = settings
        self._engine = engine
        self._tempo = tempo
        clock = ServerClock()
        memory = Memory(rooms.marks)
        self._memory = memory
        self.inbox = Inbox(memory)
        self.bot = make_bot(settings, clock, self.inbox.late.add)
        self.pacer = Pacer(tempo.clock, tempo.pause)
        self._moves = Moves(memory, rooms.move_space)
        self._sender = Sender(self.pacer, self._moves, tempo.pause)
        self._sender.gone = self._gone
        self.postman = Postman(self.bot, self._sender, Albums(memory), document_bytes)
        self._lightly = Lightly(self.bot, self.pacer)
        self._files = Files(self.bot, is_local=is_local)
        self._polling = Polling(self.bot, self.inbox, tempo.pause)
        self._webhook = webhook.Webhook(settings, self.bot, self.inbox.put)
        self._levels = Levels(self.bot, tempo.clock)
        self.hearing = Hearing(
            me=self._me,
            inbox=self.inbox,
            postman=self.postman,
            asking=Asking(engine, self.postman, memory),
            away=Away(self.postman, memory, tempo.pause),
            albums=IncomingAlbums(tempo.pause),
            levels=self._levels,
            lightly=self._lightly,
            moves=self._moves,
            furnish=rooms.furnish,
            clock=clock,
            stale_after=timedelta(minutes=settings.telegram.stale_minutes),
            gone=self._gone,
        )
        self.client: TelegramClient = make_client(self.bot, self.inbox, self.hearing.hear)
        self.client.begin = self.begin
        self.client.end = self.end
        self._is_open = asyncio.Event()
        self._menu: asyncio.Task[None] | None = None

    # --- life -----------------------------------------------------------------------------------

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled; a lost connection is taken up again."""
        if not self._settings.telegram_token.get_secret_value():
            raise BadSettings("telegram_token: none is set; docs/telegram.md says how to get one")
        webhook.check(self._settings)
        self.hearing.receive = receive
        try:
            await self._log_in()
            await self.client.start()
            if self._settings.telegram.webhook_url:
                await self._be_called()
            else:
                await self._polling.run()
        finally:
            await self._leave()

    async def _log_in(self) -> None:
        """Until it succeeds: the network may come later than we do."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self.client.initialize()
            except InvalidToken as error:
                raise bad_token(self._settings) from error
            except TelegramError as error:
                log.warning("telegram.not_reached", why=error.message, retry_in_s=pause_s)
            else:
                return
            await self._tempo.pause(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)

    async def _be_called(self) -> None:
        """Telegram brings the updates; until it knows where, that is tried again."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self.bot.set_webhook(
                    self._settings.telegram.webhook_url,
                    secret_token=webhook.secret_of(self._settings),
                    allowed_updates=KINDS,
                    max_connections=webhook.CONNECTIONS,
                )
            except TelegramError as error:
                log.warning("telegram.no_webhook", why=error.message, retry_in_s=pause_s)
                await self._tempo.pause(pause_s)
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
            else:
                break
        await asyncio.Event().wait()

    async def begin(self) -> None:
        """We know who we are: posting is possible, and what was left is taken up."""
        await self._moves.recall()
        await self._memory.expire()
        await self.inbox.recall(self.bot)
        self._is_open.set()
        self._menu = asyncio.create_task(self._keep_menu())

    async def end(self) -> None:
        """Nothing is sent any more."""
        if self._menu is not None:
            self._menu.cancel()
            await asyncio.gather(self._menu, return_exceptions=True)
        await self._lightly.close()

    async def _leave(self) -> None:
        self.hearing.is_closing = True
        if not self._settings.telegram.webhook_url:
            await self._polling.confirm()
        if self.client.running:
            await self.client.stop()
        await self.client.shutdown()
        await self.bot.shutdown()  # also when the login never succeeded

    async def _keep_menu(self) -> None:
        """Until Telegram has it; people can type commands all the same."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await send_menu(self.bot, self._memory)
            except TelegramError as error:
                log.warning("telegram.menu_not_sent", why=error.message, retry_in_s=pause_s)
            else:
                return
            await self._tempo.pause(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)

    def _me(self) -> Me:
        return Me(self.bot.id, self.bot.username)

    async def _gone(self, chat: int, why: str) -> None:
        """A chat takes nothing from us any more: nothing is drawn for it."""
        for number in self._moves.known_as(chat):
            cancelled = await self._engine.withdraw(NAME, f"{number}:")
            log.info("telegram.chat_gone", chat=number, why=why, cancelled=len(cancelled))

    # --- the port -------------------------------------------------------------------------------

    def add_routes(self, app: web.Application) -> None:
        """The webhook's address, when there is one."""
        if self._settings.telegram.webhook_url:
            webhook.check(self._settings)
            self._webhook.add_routes(app)

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        """Post; raises `CannotPost`."""
        where = await self._ready(address)
        message = await self.postman.post(where, outbound)
        self._show_progress(where, outbound)
        return message

    async def edit(self, address: str, message_id: str, outbound: Outbound) -> None:
        """Replace; raises `CannotPost`."""
        where = await self._ready(address)
        if not message_id.isdigit():
            raise CannotPost(f"{message_id} is no message of Telegram", final=True)
        await self.postman.edit(where, int(message_id), outbound)
        self._show_progress(where, outbound)

    def _show_progress(self, where: Address, outbound: Outbound) -> None:
        if outbound.job is not None and outbound.progress is not None:
            self._lightly.drawing(where)

    async def _ready(self, address: str) -> Address:
        """Wait for the login, a while."""
        try:
            async with asyncio.timeout(LOGIN_S):
                await self._is_open.wait()
        except TimeoutError as error:
            raise CannotPost("Telegram is not reached yet", final=False) from error
        try:
            return Address.read(address)
        except ValueError as error:
            raise CannotPost(f"{address} is no place of Telegram", final=True) from error

    def fetch(self, attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        """An attachment in pieces; raises `CannotPost` as it is read."""
        return self._files.fetch(attachment, most_bytes)

    async def place(self, address: str) -> Place | None:
        """A chat or topic; Telegram has no age flags."""
        return place_of(Address.read(address))

    async def standing(self, address: str, person: PersonId) -> Standing | None:
        """Somebody in a group, as Telegram has them; None in private, and for who is anonymous."""
        where, number = Address.read(address), person.removeprefix(f"{NAME}:")
        if not where.is_group or not number.isdigit():
            return None
        level = await self._levels.level(where.chat, int(number))
        author = Author(id=person, name="", level=level)
        return Standing(author, space_of(where.chat), place_of(where))

    async def direct(self, person: PersonId) -> str | None:
        """The person's own chat; whether they ever opened it shows when something is posted."""
        return private_address(person)


def bad_token(settings: Settings) -> BadSettings:
    """Telegram refuses the token; what to do about it."""
    problem = (
        "telegram_token: Telegram does not know it. Ask @BotFather for it (/mybots, API Token), "
        "and set ATELIER_TELEGRAM_TOKEN"
    )
    if not settings.telegram_base_url:
        return BadSettings(problem)
    return BadSettings(problem, "telegram_base_url: or it leads to no Bot API server")


def make(settings: Settings, house: House) -> TelegramPlatform:
    """Telegram with the engine's memory."""
    board = house.board
    rooms = Rooms(house.furnish, board.spaces.move, board.marks)
    return TelegramPlatform(settings, house.engine, rooms)


TELEGRAM = Maker(title="Telegram", make=make, examine=examine)
