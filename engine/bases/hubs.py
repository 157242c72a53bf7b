"""Hubs that repositories come from; loaded when one is asked, so that the bot starts without."""

from engine.registration import Table

HUBS: Table[type] = Table("hubs", type, {"huggingface": "engine.bases.hub:HubRepos"})
