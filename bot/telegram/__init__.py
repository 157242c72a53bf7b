"""Telegram: commands, plain words, albums and buttons, through python-telegram-bot."""

from bot.telegram.alone import build_client as build_client
