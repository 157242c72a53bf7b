"""What `atelier doctor` says of Telegram: the link to the bot, and whether the token is good."""

import asyncio

from telegram import Bot, User
from telegram.error import InvalidToken, TelegramError

from bot.doctor import Finding
from bot.settings import Settings
from bot.telegram.client import ServerClock, make_bot

NAME = "Telegram"
LOGIN_S = 15.0


async def examine(settings: Settings) -> Finding:
    """Ask Telegram who we are, and say how people find the bot."""
    if not settings.telegram_token.get_secret_value():
        cure = "docs/telegram.md says how to get a token; then set ATELIER_TELEGRAM_TOKEN"
        return Finding(NAME, "warn", "no token is set", cure)
    try:
        async with asyncio.timeout(LOGIN_S):
            me = await _who(make_bot(settings, ServerClock()))
    except InvalidToken:
        cure = "ask @BotFather for it (/mybots, API Token), and set ATELIER_TELEGRAM_TOKEN"
        return Finding(NAME, "bad", "the token is not accepted", cure)
    except (TelegramError, TimeoutError) as error:
        return Finding(NAME, "warn", f"not reached ({type(error).__name__})", "try again")
    detail = f"answers as @{me.username}: https://t.me/{me.username}"
    if me.can_join_groups is False:
        cure = "to let it into groups: @BotFather, /setjoingroups, Enable"
        return Finding(NAME, "warn", f"{detail}; it can't be added to groups", cure)
    if me.can_read_all_group_messages:
        return Finding(NAME, "ok", f"{detail}; privacy mode is off: it reads every message")
    return Finding(NAME, "ok", f"{detail}; privacy mode is on, as it should be")


async def _who(bot: Bot) -> User:
    async with bot:
        return await bot.get_me()
