"""What `atelier doctor` says of Discord: the invite link, and whether the token is good."""

import asyncio
import base64
import binascii

import discord

from bot.discord.client import make_client
from bot.discord.refusals import TROUBLE
from bot.doctor import Finding
from bot.settings import Settings

NAME = "Discord"
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
"""All that the bot needs on a server."""
LOGIN_S = 15.0


def invite_link(application: int) -> str:
    """Where an admin of a server lets the bot in."""
    return (
        f"https://discord.com/oauth2/authorize?client_id={application}"
        f"&scope=bot+applications.commands&permissions={PERMISSIONS.value}"
    )


def application_of(token: str) -> int | None:
    """The application's id, which its token begins with; None when it does not."""
    first = token.partition(".")[0]
    try:
        told = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return int(told) if told.isdigit() else None


async def examine(settings: Settings) -> Finding:
    """Log in once and say how to invite the bot."""
    token = settings.discord_token.get_secret_value()
    if not token:
        cure = "docs/discord.md says how to get a token; then set ATELIER_DISCORD_TOKEN"
        return Finding(NAME, "warn", "no token is set", cure)
    client = make_client(settings)
    client.ears.logged_in = client.ears.closing = _nothing
    try:
        async with asyncio.timeout(LOGIN_S):
            await client.login(token)
        application = client.application_id
        name = client.user.name if client.user is not None else "the bot"
    except discord.LoginFailure:
        cure = "reset the token on the application's page (Bot), and set ATELIER_DISCORD_TOKEN"
        return Finding(NAME, "bad", "the token is not accepted", cure)
    except TROUBLE as error:
        known = application_of(token)
        link = f"; invite: {invite_link(known)}" if known else ""
        return Finding(NAME, "warn", f"not reached ({type(error).__name__}){link}", "try again")
    finally:
        await client.close()
    return Finding(NAME, "ok", f"logs in as {name}; invite: {invite_link(application or 0)}")


async def _nothing() -> None:
    """There is nothing to begin or to end."""
