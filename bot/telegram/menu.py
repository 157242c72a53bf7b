"""The command menu: for private chats, groups and group admins, in every language that we speak."""

import hashlib
import json

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)

from bot.command import Command
from bot.commands import COMMANDS
from bot.menu import summary
from bot.messages import Level
from bot.telegram.memory import Memory
from bot.texts import ENGLISH, TELEGRAM, speaking, translations

log = structlog.get_logger(__name__)
KEY = "menu"
MOST_COMMANDS = 100
DESCRIPTION_CHARS = 256
SCOPES: tuple[tuple[BotCommandScope, Level], ...] = (
    (BotCommandScopeAllPrivateChats(), Level.ADMIN),
    (BotCommandScopeAllGroupChats(), Level.MEMBER),
    (BotCommandScopeAllChatAdministrators(), Level.ADMIN),
)
"""In their own chat people are admins of their own space."""


async def send_menu(bot: Bot, memory: Memory) -> None:
    """Send it when it differs from what was sent last. Raises `TelegramError`."""
    menus = {
        (place, code): _menu(level, locale)
        for place, (_, level) in enumerate(SCOPES)
        for locale, code in _languages()
    }
    told = json.dumps([[place, code, commands] for (place, code), commands in menus.items()])
    digest = hashlib.sha256(f"{bot.id} {told}".encode()).hexdigest()
    sent = await memory.get(KEY)
    if sent is not None and sent.get("digest") == digest:
        return
    for (place, code), commands in menus.items():
        scope = SCOPES[place][0]
        listed = [BotCommand(name, told) for name, told in commands]
        await bot.set_my_commands(listed, scope=scope, language_code=code)
    await memory.put(KEY, {"digest": digest})
    log.info("telegram.menu_sent", menus=len(menus))


def _languages() -> list[tuple[str, str | None]]:
    """English for everybody, and the languages that have texts."""
    spoken = [(locale, code) for locale, code in TELEGRAM.items() if translations(locale)]
    return [(ENGLISH, None), *spoken]


def _menu(level: Level, locale: str) -> list[tuple[str, str]]:
    """Names and what they do."""
    with speaking(locale):
        usable = [each for each in COMMANDS.all().values() if each.level <= level]
        return [(each.name, _told(each)) for each in usable[:MOST_COMMANDS]]


def _told(command: Command) -> str:
    return summary(command)[:DESCRIPTION_CHARS]
