"""Discord: slash commands, mentions, direct messages and buttons, through discord.py."""

from bot.discord.alone import build_client as build_client
