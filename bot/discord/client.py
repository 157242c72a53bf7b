"""The connection to Discord: discord.py's client with few intents and no caches."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord.cards import StoredButton
from bot.discord.inbound import Interaction
from bot.discord.reading import read_all_answers, read_all_events
from bot.settings import Settings

LONGEST_WAIT_S = 30.0
"""A longer wait for a rate limit is told to whoever posts, who then does something else."""
INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
"""None of them privileged: content of mentions and direct messages comes without."""


discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
"""We have no voice: nobody needs to hear that libraries for it are missing."""
read_all_answers()


class Ears:
    """What is done with Discord's events; set once, before the client starts."""

    logged_in: Callable[[], Awaitable[None]]
    interaction: Callable[[Interaction], Awaitable[None]]
    message: Callable[[discord.Message], Awaitable[None]]
    gone: Callable[[int, int | None], Awaitable[None]]
    """A server, or one channel of it."""
    closing: Callable[[], Awaitable[None]]


class Listening(discord.Client):
    """The part that both kinds of client share."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.ears = Ears()
        self.add_dynamic_items(StoredButton)
        read_all_events(self)

    async def setup_hook(self) -> None:
        """After the login, before the connection."""
        await self.ears.logged_in()

    async def on_interaction(self, interaction: Interaction) -> None:
        """Somebody used a command, pressed a button or sent a form."""
        await self.ears.interaction(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Somebody wrote."""
        await self.ears.message(message)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed, or the server deleted; an outage is told differently."""
        await self.ears.gone(guild.id, None)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel was deleted."""
        await self.ears.gone(channel.guild.id, channel.id)

    async def on_raw_thread_delete(self, thread: discord.RawThreadDeleteEvent) -> None:
        """A thread or a forum's post was deleted, perhaps with its channel."""
        await self.ears.gone(thread.guild_id, thread.thread_id)

    async def close(self) -> None:
        """What is being posted ends first."""
        await self.ears.closing()
        await super().close()


class OneConnection(Listening):
    """Up to 2,500 servers."""


class ManyConnections(Listening, discord.AutoShardedClient):
    """More."""


def make_client(settings: Settings) -> Listening:
    """The client of these settings; nothing is opened yet."""
    if settings.discord_api_base:
        Route.BASE = settings.discord_api_base.rstrip("/")
    if settings.discord_gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway)
    given: dict[str, Any] = {
        "intents": INTENTS,
        "allowed_mentions": discord.AllowedMentions.none(),
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "max_messages": None,
        "max_ratelimit_timeout": LONGEST_WAIT_S,
    }
    shards = settings.discord.shards
    if shards == 1:
        return OneConnection(**given)
    return ManyConnections(**given, shard_count=shards or None)
