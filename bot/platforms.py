"""The platforms, one folder each. Add a platform: `bot/<name>/adapter.py` and one row below."""

from bot.port import Maker
from engine.registration import Table

PLATFORMS: Table[Maker] = Table(
    "platforms",
    Maker,
    {
        "telegram": "bot.telegram.adapter:TELEGRAM",
        "discord": "bot.discord.adapter:DISCORD",
        "console": "bot.console.adapter:CONSOLE",
        "web": "bot.web.adapter:WEB",
    },
)
