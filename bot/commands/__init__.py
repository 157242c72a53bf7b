"""Commands people type, one file each. Add a command: one file here and one row below."""

from bot.command import Command
from engine.registration import Table

COMMANDS: Table[Command] = Table(
    "commands",
    Command,
    {
        "create": "bot.commands.create:CREATE",
        "show": "bot.commands.show:SHOW",
        "looks": "bot.commands.looks:LOOKS",
        "lora": "bot.commands.lora:LORA",
        "queue": "bot.commands.queue:QUEUE",
        "cancel": "bot.commands.cancel:CANCEL",
        "me": "bot.commands.me:ME",
        "report": "bot.commands.report:REPORT",
        "moderation": "bot.commands.moderation:MODERATION",
        "settings": "bot.commands.settings:SETTINGS",
        "web": "bot.commands.web:WEB",
        "doctor": "bot.commands.doctor:DOCTOR",
        "help": "bot.commands.help:HELP",
    },
)
