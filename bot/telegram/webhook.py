"""The webhook: Telegram brings updates to our web server, and proves that it is Telegram."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from telegram import Bot, Update

from bot.errors import BadSettings
from bot.settings import Settings
from bot.telegram.reading import readable_update

log = structlog.get_logger(__name__)
PROOF = "X-Telegram-Bot-Api-Secret-Token"
MOST_BYTES = 1 << 20
CONNECTIONS = 40
Put = Callable[[Update], Awaitable[None]]
"""Takes an update in; it is safe once this returns."""


def path_of(settings: Settings) -> str:
    """Where Telegram knocks on our server."""
    return urlsplit(settings.telegram.webhook_url).path or "/"


def secret_of(settings: Settings) -> str:
    """What comes with every update; made from the token when the host chose none."""
    chosen = settings.telegram.webhook_secret.get_secret_value()
    if chosen:
        return chosen
    token = settings.telegram_token.get_secret_value()
    return hmac.new(token.encode(), b"atelier webhook", hashlib.sha256).hexdigest()


def check(settings: Settings) -> None:
    """Raises `BadSettings` for a webhook that could not work."""
    if not settings.telegram.webhook_url:
        return
    if not settings.http.enabled:
        raise BadSettings("telegram.webhook_url: needs the web server, so set http.enabled")
    if path_of(settings) == "/":
        example = settings.telegram.webhook_url.rstrip("/") + "/telegram"
        raise BadSettings(f"telegram.webhook_url: needs a path of its own, such as {example}")


class Webhook:
    """The address on our web server."""

    def __init__(self, settings: Settings, bot: Bot, put: Put) -> None:
        self._path = path_of(settings)
        self._secret = secret_of(settings)
        self._bot = bot
        self._put = put

    def add_routes(self, app: web.Application) -> None:
        """One address; the update is safe before we answer."""
        app.router.add_post(self._path, self.take)

    async def take(self, request: web.Request) -> web.Response:
        """An update from Telegram; from anybody else it is turned away."""
        proof = request.headers.get(PROOF, "")
        if not hmac.compare_digest(proof.encode(), self._secret.encode()):
            log.warning("telegram.webhook_refused")
            return web.Response(status=403)
        body = await request.content.read(MOST_BYTES + 1)
        while len(body) <= MOST_BYTES and not request.content.at_eof():
            body += await request.content.read(MOST_BYTES + 1 - len(body))
        if len(body) > MOST_BYTES:
            return web.Response(status=413)
        try:
            told = json.loads(body)
        except ValueError as error:
            log.warning("telegram.webhook_unread", why=type(error).__name__)
            return web.Response(status=400)
        if not isinstance(told, dict) or not isinstance(told.get("update_id"), int):
            return web.Response(status=400)
        # What can't be read is taken all the same, or Telegram brings it for ever.
        update = Update.de_json(dict(readable_update(told, self._bot)), self._bot)
        await self._put(update)
        return web.Response()
