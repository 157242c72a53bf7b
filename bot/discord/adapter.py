"""The Discord platform: listens through discord.py, posts through `Postman`."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import aiohttp
import discord
import structlog

from bot.commands import COMMANDS
from bot.discord.address import PLAIN_LIMIT_BYTES, Address
from bot.discord.cards import CARD_CHARS, MOST_BUTTONS, MOST_FILES
from bot.discord.client import make_client
from bot.discord.commands import menu_of, sync
from bot.discord.doctor import examine
from bot.discord.hearing import Hearing
from bot.discord.inbound import NAME, level_of, person_name, place_of, roles_of
from bot.discord.outbound import Posted, Postman
from bot.discord.refusals import NETWORK, TROUBLE, cannot_post
from bot.errors import BadSettings
from bot.messages import Attachment, Author, Outbound, Place
from bot.port import CannotPost, Capabilities, Furnish, House, Maker, Receive, Standing
from bot.settings import Settings
from engine.api import Engine
from engine.errors import AtelierError
from engine.messages import PersonId, SpaceId

log = structlog.get_logger(__name__)
PROGRESS_EVERY_S = 3.0
LOGIN_S = 20.0
"""Longest wait of a post for the login."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 300.0
FETCH_S = 600.0
STANDING_S = 10.0
PIECE_BYTES = 1 << 16
CDN = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
BAD_TOKEN, NO_INTENTS = 4004, 4014
CLOSED = {
    4010: "discord.shards: Discord knows no such connection; set ATELIER_DISCORD__SHARDS to 0",
    4011: "discord.shards: too many servers for so few; set ATELIER_DISCORD__SHARDS to 0, which "
    "takes as many as Discord wants",
    4012: "discord_gateway: it speaks no version 10 of Discord's gateway",
    4013: "discord_gateway: it knows other intents than Discord (close code 4013)",
    NO_INTENTS: "discord_token: Discord refuses what we want to hear (close code 4014), though "
    "Atelier asks for no privileged intent; leave all three off on the application's page (Bot) "
    "and start again",
}
"""Why Discord hangs up for good, with the cure."""


class DiscordPlatform:
    """Implements `bot.port.Platform`."""

    name = NAME
    capabilities = Capabilities(
        text_chars=CARD_CHARS,
        images=MOST_FILES,
        image_bytes=PLAIN_LIMIT_BYTES,
        buttons=MOST_BUTTONS,
        can_edit=True,
        can_be_private=True,
        progress_every_s=PROGRESS_EVERY_S,
        has_nonce=True,
        has_age_flags=True,
        has_forms=True,
    )

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        furnish: Furnish,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self.client = make_client(settings)
        self.postman = Postman(self.client, now)
        self.hearing = Hearing(engine, furnish, self.postman, now)
        self._open = asyncio.Event()
        self._syncing: asyncio.Task[None] | None = None
        ears = self.client.ears
        ears.logged_in = self.logged_in
        ears.interaction = self.hearing.interaction
        ears.message = lambda message: self.hearing.message(self.client, message)
        ears.gone = self._gone
        ears.closing = self.closing

    # --- life -----------------------------------------------------------------------------------

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled; a lost connection is taken up again by the library."""
        self.hearing.receive = receive
        try:
            await self._log_in()
            await self.client.connect(reconnect=True)
        except discord.LoginFailure as error:
            raise bad_token() from error
        except discord.PrivilegedIntentsRequired as error:
            raise closed(NO_INTENTS) from error
        except discord.ConnectionClosed as error:
            raise closed(error.code) from error
        finally:
            await self.client.close()

    async def _log_in(self) -> None:
        """Until it succeeds: the network may come later than we do."""
        token = self._settings.discord_token.get_secret_value()
        if not token:
            raise BadSettings("discord_token: none is set; docs/discord.md says how to get one")
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self.client.login(token)
            except TROUBLE as error:
                refused = cannot_post(error)
                pause_s = max(pause_s, refused.retry_in_s or 0.0)
                log.warning("discord.not_reached", why=str(refused), retry_in_s=pause_s)
                await self.client.http.close()
            else:
                return
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)

    async def logged_in(self) -> None:
        """Posting is possible from now on; the commands are sent if they changed."""
        self._open.set()
        self._syncing = asyncio.create_task(self._keep_commands())
        await asyncio.wait((self._syncing,), timeout=FIRST_PAUSE_S)

    async def _keep_commands(self) -> None:
        """Until Discord has them; people can use what it knew before."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await sync(self.client, self.client.application_id or 0, menu_of(COMMANDS.all()))
            except TROUBLE as error:
                refused = cannot_post(error)
                log.warning("commands.not_sent", why=str(refused))
                if refused.final:
                    return
                await asyncio.sleep(max(pause_s, refused.retry_in_s or 0.0))
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
            else:
                return

    async def closing(self) -> None:
        """Hear and post nothing any more."""
        self._open.clear()
        await self.hearing.stop()
        if self._syncing is not None:
            self._syncing.cancel()
            await asyncio.gather(self._syncing, return_exceptions=True)

    async def _gone(self, guild: int, channel: int | None) -> None:
        """A place takes nothing from us any more: nothing is drawn for it."""
        try:
            cancelled = await self._engine.withdraw(NAME, Address.beginning(guild, channel))
        except AtelierError as error:  # what is drawn waits under `/show ID` then
            log.warning("discord.not_withdrawn", guild=guild, channel=channel, code=error.code)
        else:
            log.info("discord.gone", guild=guild, channel=channel, cancelled=len(cancelled))

    async def listening(self) -> None:
        """Wait until acts are taken and the commands are there."""
        await self._open.wait()
        if self._syncing is not None:
            await asyncio.wait((self._syncing,))

    # --- send -----------------------------------------------------------------------------------

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        """Post it; raises `CannotPost`."""
        where = Address.read(address)
        await self._is_open()
        return (await self.postman.post(where, outbound, nonce)).written()

    async def edit(self, address: str, message_id: str, outbound: Outbound) -> None:
        """Replace a message; raises `CannotPost`."""
        where, posted = Address.read(address), Posted.read(message_id)
        await self._is_open()
        await self.postman.edit(where, posted, outbound)

    async def place(self, address: str) -> Place | None:
        """The channel as it is now; None when this process does not know it."""
        where = Address.read(address)
        if not where.guild:
            return Place(id=str(where.channel), kind="direct" if where.is_member else "visited")
        if not where.is_member:
            return Place(id=str(where.channel), kind="visited")
        channel = self.client.get_channel(where.channel)
        return None if channel is None else place_of(channel, where.channel)

    async def standing(self, address: str, person: PersonId) -> Standing | None:
        """A member of a server as Discord has them now: without intents nobody tells us changes."""
        where, id_ = Address.read(address), person.removeprefix(f"{NAME}:")
        place, guild = await self.place(address), self.client.get_guild(where.guild)
        if place is None or guild is None or not id_.isdigit():
            return None
        author = Author(id=person, name="")
        try:
            async with asyncio.timeout(STANDING_S):
                member = await guild.fetch_member(int(id_))
            author = Author(
                id=person,
                name=person_name(member),
                level=level_of(member.guild_permissions),
                roles=roles_of(member),
            )
        except discord.NotFound:
            log.info("standing.left", guild=guild.id)
        except TROUBLE as error:
            log.info("standing.not_now", why=type(error).__name__)
            return None
        return Standing(author, SpaceId(f"{NAME}:{guild.id}"), place)

    async def direct(self, person: PersonId) -> str | None:
        """The address of a private conversation; None when this person takes none."""
        id_ = person.removeprefix(f"{NAME}:")
        if not id_.isdigit():
            return None
        try:
            await self._is_open()
            channel = await self.postman.direct(int(id_))
        except CannotPost as error:
            log.info("direct.not_now", why=str(error))
            return None
        except TROUBLE as error:
            log.info("direct.refused", why=type(error).__name__)
            return None
        return Address(channel=channel.id, person=int(id_)).written()

    async def _is_open(self) -> None:
        try:
            async with asyncio.timeout(LOGIN_S):
                await self._open.wait()
        except TimeoutError as error:
            raise CannotPost("not connected to Discord", final=False) from error

    # --- files ----------------------------------------------------------------------------------

    async def fetch(self, attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        """A file in pieces, from Discord's own servers only."""
        self._check_link(attachment)
        if attachment.size_bytes > most_bytes:
            raise CannotPost(f"{attachment.name} is larger than {most_bytes} bytes", final=True)
        timeout = aiohttp.ClientTimeout(total=FETCH_S, sock_read=30)
        got = 0
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(attachment.handle, allow_redirects=False) as answer,
            ):
                if answer.status != 200:
                    gone = answer.status in (401, 403, 404, 410)
                    raise CannotPost(f"{attachment.name} is gone ({answer.status})", final=gone)
                async for piece in answer.content.iter_chunked(PIECE_BYTES):
                    got += len(piece)
                    if got > most_bytes:
                        raise CannotPost(f"{attachment.name} is too large", final=True)
                    yield piece
        except NETWORK as error:
            why = f"{attachment.name} can't be fetched ({type(error).__name__})"
            raise CannotPost(why, final=False) from error

    def _check_link(self, attachment: Attachment) -> None:
        link = urlsplit(attachment.handle)
        is_ours = link.hostname in CDN and link.scheme == "https"
        is_elsewhere = bool(self._settings.discord_api_base) and link.scheme in ("http", "https")
        if not (is_ours or is_elsewhere):
            raise CannotPost(f"{attachment.name} is not on Discord", final=True)


def bad_token() -> BadSettings:
    """The token is wrong, or was taken back."""
    return BadSettings(
        "discord_token: Discord does not accept it; make a new one (docs/discord.md) and set "
        "ATELIER_DISCORD_TOKEN"
    )


def closed(code: int) -> BadSettings:
    """Discord hung up for good."""
    if code == BAD_TOKEN:
        return bad_token()
    return BadSettings(CLOSED.get(code, f"discord_gateway: it hung up with close code {code}"))


def make(settings: Settings, house: House) -> DiscordPlatform:
    """Discord, by the token of the settings."""
    return DiscordPlatform(settings, house.engine, house.furnish)


DISCORD = Maker(title="a bot on Discord", make=make, examine=examine)
