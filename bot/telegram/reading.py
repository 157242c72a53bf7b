"""What Telegram sends, read with good will.

The library takes all updates of an answer or none, and asks for the same ones again for ever when
one of them lacks a field, as those of an older Bot API server do. One odd update must cost no more
than itself, and an odd part of a message no more than that part.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from telegram import Bot, Message, Update
from telegram.error import InvalidToken
from telegram.ext import ExtBot

log = structlog.get_logger(__name__)
UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What the library raises at something that it did not expect."""
NEEDED = frozenset(
    {
        "animation",
        "caption",
        "caption_entities",
        "chat",
        "date",
        "document",
        "entities",
        "forum_topic_created",
        "from",
        "is_automatic_forward",
        "is_topic_message",
        "media_group_id",
        "message_id",
        "message_thread_id",
        "migrate_from_chat_id",
        "migrate_to_chat_id",
        "photo",
        "reply_markup",
        "sender_chat",
        "text",
    }
)
"""The parts of a message that mean something to us; a reply is the message that it answers."""
REPLY = "reply_to_message"
Payload = Mapping[str, Any]


class CarefulBot(ExtBot[None]):
    """The library's bot, which never chokes on what it is told, and tells nobody its token."""

    def __repr__(self) -> str:
        return type(self).__name__

    async def initialize(self) -> None:
        """Ask Telegram who we are; raises `InvalidToken`."""
        try:
            await super().initialize()
        except InvalidToken:
            raise InvalidToken("Telegram knows no such bot: the token is wrong") from None

    async def _post(self, endpoint: str, *given: Any, **named: Any) -> Any:
        told = await super()._post(endpoint, *given, **named)
        if endpoint == "getMe" and isinstance(told, dict):
            return {"is_bot": True, "first_name": "", **told}
        if endpoint == "getUpdates" and isinstance(told, list):
            return [readable_update(each, self) for each in told]
        if isinstance(told, list):
            return [_readable_answer(each, self) for each in told]
        return _readable_answer(told, self)


def readable_update(told: Payload, bot: Bot) -> Payload:
    """The update, without what can't be read; its number alone when that is nearly all."""
    why = ""
    for version in (told, {name: _bare(each) for name, each in told.items()}):
        try:
            Update.de_json(dict(version), bot)
        except UNREADABLE as error:
            why = f"{type(error).__name__}: {error}"
        else:
            return version
    log.warning("telegram.update_not_read", update=told.get("update_id"), why=why)
    return {"update_id": told["update_id"]}


def written(update: Update) -> str:
    """The update as JSON. The library's own way fails at a pinned message that is gone: it leaves
    that one's date, zero, as a date.
    """
    return json.dumps(update.to_dict(), default=_as_number)


def _as_number(value: object) -> int:
    if isinstance(value, datetime):
        return int(value.timestamp())
    raise TypeError(type(value).__name__)


def _readable_answer(told: Any, bot: Bot) -> Any:
    """A message that we sent; what it replies to may be odd."""
    if not _is_message(told):
        return told
    try:
        Message.de_json(dict(told), bot)
    except UNREADABLE:
        return bare_message(told)
    return told


def _bare(value: Any) -> Any:
    """Messages bared, wherever an update holds them."""
    if _is_message(value):
        return bare_message(value)
    if isinstance(value, dict):
        return {name: _bare(each) for name, each in value.items()}
    return value


def bare_message(told: Payload) -> dict[str, Any]:
    """Only the parts that mean something to us."""
    bare = {name: each for name, each in told.items() if name in NEEDED}
    if _is_message(told.get(REPLY)):
        bare[REPLY] = {
            name: each for name, each in told[REPLY].items() if name in NEEDED - {"reply_markup"}
        }
    return bare


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and {"message_id", "chat", "date"} <= value.keys()
