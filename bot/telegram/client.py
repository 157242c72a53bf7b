"""The connection to Telegram: python-telegram-bot's application over a queue that never forgets."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot, TypeHandler
from telegram.request import HTTPXRequest

from bot import logs
from bot.settings import Settings
from bot.telegram.inbox import Inbox
from bot.telegram.reading import CarefulBot

# The library's coming way to tell waits; its old way warns at every one.
os.environ.setdefault("PTB_TIMEDELTA", "true")

API = "https://api.telegram.org/bot"
FILES = "https://api.telegram.org/file/bot"
TOKENLESS = "0:none"
"""Stands where no token is set: a client can be built, not used."""
AT_ONCE = 256
"""Updates in hand at the same time; those of one person wait for one another."""
POOL = 64
WRITE_ADDRESSES = (
    "httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "telegram.Bot",
    "telegram.ext.ExtBot",
)  # fmt: skip
"""Loggers of libraries that write the addresses of requests, which hold the token."""
READ_S, CONNECT_S, POOL_S, MEDIA_S = 20.0, 10.0, 30.0, 120.0
Client = Application[Any, Any, Any, Any, Any, Any]
Step = Callable[[], Awaitable[None]]


class ServerClock:
    """The time at Telegram, told by its answers: ours may be wrong."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The time there."""
        return self._clock() + self._ahead

    async def heard(self, response: httpx.Response) -> None:
        """An answer came, with its date."""
        told = response.headers.get("Date")
        if not told:
            return
        try:
            self._ahead = parsedate_to_datetime(told) - self._clock()
        except (TypeError, ValueError):
            self._ahead = timedelta(0)


class TelegramClient(Client):
    """An application that brings its own beginning and end, whichever way it is run."""

    begin: Step
    end: Step
    _is_begun = False

    async def start(self) -> None:
        """Start handling updates; what belongs to it starts first."""
        await self.begin_once()
        await super().start()

    async def stop(self) -> None:
        """Finish what is in hand, then end what belongs to it."""
        try:
            await super().stop()
        finally:
            await self.end_once()

    async def begin_once(self, _: object = None) -> None:
        """Also as `post_init`."""
        if not self._is_begun:
            self._is_begun = True
            await self.begin()

    async def end_once(self, _: object = None) -> None:
        """Also as `post_shutdown`."""
        if self._is_begun:
            self._is_begun = False
            await self.end()


def addresses(settings: Settings) -> tuple[str, str]:
    """Where methods and files are; the token is put behind both."""
    base = settings.telegram_base_url.rstrip("/")
    files = settings.telegram_base_file_url.rstrip("/")
    if base and "{token}" not in base and not base.endswith("/bot"):
        base = f"{base}/bot"
    if base and not files and base.endswith("/bot"):
        files = f"{base.removesuffix('/bot')}/file/bot"
    if files and "{token}" not in files and not files.endswith("/bot"):
        files = f"{files}/bot" if files.endswith("/file") else f"{files}/file/bot"
    return base or API, files or FILES


class ListeningBot(CarefulBot):
    """Notices which updates had waited for us, whoever asks for them: this program or the library.

    It begins, and begins again after an error, by asking without waiting, until nothing is left:
    what comes so had waited, what comes afterwards is news, however slow the network is.
    """

    _late: Callable[[int], None]
    _is_live = False

    async def get_updates(
        self,
        offset: int | None = None,
        limit: int | None = None,
        timeout: int | timedelta | None = None,  # noqa: ASYNC109 (the library's name)
        *given: Any,
        **more: Any,
    ) -> tuple[Update, ...]:
        """News, for one asker."""
        patience = timeout if self._is_live else timedelta(0)
        try:
            updates = await super().get_updates(offset, limit, patience, *given, **more)
        except TelegramError:
            self._is_live = False
            raise
        if not updates:
            self._is_live = True
        for update in updates if not self._is_live else ():
            self._late(update.update_id)
        return updates


def make_bot(
    settings: Settings,
    clock: ServerClock,
    late: Callable[[int], None] = lambda _: None,
) -> ListeningBot:
    """The bot of these settings; nothing is asked of Telegram yet.

    `late` is told of updates that waited for us.
    """
    logs.hush(*WRITE_ADDRESSES)
    base, files = addresses(settings)
    hooks = {"event_hooks": {"response": [clock.heard]}}

    def request(size: int) -> HTTPXRequest:
        return HTTPXRequest(
            connection_pool_size=size,
            read_timeout=READ_S,
            write_timeout=READ_S,
            connect_timeout=CONNECT_S,
            pool_timeout=POOL_S,
            media_write_timeout=MEDIA_S,
            httpx_kwargs=hooks,
        )

    bot = ListeningBot(
        settings.telegram_token.get_secret_value() or TOKENLESS,
        base_url=base,
        base_file_url=files,
        request=request(POOL),
        get_updates_request=request(2),
        local_mode=settings.telegram.local_server,
    )
    bot._late = late
    return bot


def make_client(
    bot: ExtBot[None], inbox: Inbox, hear: Callable[[Update], Awaitable[None]]
) -> TelegramClient:
    """The application around a bot: every update goes to `hear`."""

    async def handle(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        await hear(update)

    built: Any = (
        ApplicationBuilder()
        .application_class(TelegramClient)
        .bot(bot)
        .update_queue(inbox)
        .concurrent_updates(AT_ONCE)
        .job_queue(None)
        .build()
    )
    client: TelegramClient = built  # the builder's types know only its own class
    client.post_init = client.begin_once
    client.post_shutdown = client.end_once
    client.add_handler(TypeHandler(Update, handle))
    return client
