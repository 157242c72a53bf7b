"""What Discord refused, as what it means for us: try again (when), or never."""

import asyncio

import aiohttp
import discord
import structlog

from bot.port import CannotPost

log = structlog.get_logger(__name__)
GONE = frozenset(
    {
        10003,  # unknown channel
        10004,  # unknown guild
        10008,  # unknown message
        10013,  # unknown user
        50001,  # no access
        50007,  # this person takes no messages
        50013,  # no permission
        50024,  # not in this kind of channel
        50278,  # no server in common
        160005,  # the thread is locked
        50083,  # the thread is archived
        30033,  # the thread is full
    }
)
ALREADY_ANSWERED = 40060
UNKNOWN_INTERACTION = 10062
TOKEN_IS_DEAD = frozenset({10015, 10062, 50027})
"""Unknown webhook, unknown interaction, invalid webhook token."""
TOO_LARGE = 40005
LATER_S = 60.0
NETWORK = (aiohttp.ClientError, OSError, asyncio.TimeoutError)
TROUBLE = (discord.HTTPException, discord.RateLimited, *NETWORK)
"""Everything that a request may raise."""


def is_dead_token(error: Exception) -> bool:
    """The interaction can't be answered any more; the channel may still be written to."""
    if not isinstance(error, discord.HTTPException):
        return False
    return error.code in TOKEN_IS_DEAD or (error.status == 401 and error.code in (0, 50027))


def is_too_large(error: Exception) -> bool:
    """A file was larger than this place takes."""
    return isinstance(error, discord.HTTPException) and (
        error.code == TOO_LARGE or error.status == 413
    )


def is_rate_limit(error: Exception) -> bool:
    """Discord asks us to wait."""
    is_429 = isinstance(error, discord.HTTPException) and error.status == 429
    return is_429 or isinstance(error, discord.RateLimited)


def cannot_post(error: Exception) -> CannotPost:
    """The refusal in the words of the port."""
    if isinstance(error, discord.RateLimited):
        return CannotPost("Discord asks us to wait", final=False, retry_in_s=error.retry_after)
    if not isinstance(error, discord.HTTPException):
        return CannotPost(f"Discord can't be reached ({type(error).__name__})", final=False)
    if error.status == 429:
        return CannotPost("Discord asks us to wait", final=False, retry_in_s=_wait(error))
    if error.status >= 500:
        return CannotPost(f"Discord is ill ({error.status})", final=False)
    if error.status == 401:
        return CannotPost("Discord knows our token no more", final=False, retry_in_s=LATER_S)
    if error.code not in GONE:
        log.error("discord.refused", status=error.status, code=error.code, why=error.text[:500])
    return CannotPost(f"Discord refused ({error.status}, {error.code})", final=True)


def _wait(error: discord.HTTPException) -> float:
    try:
        return float(error.response.headers.get("Retry-After", LATER_S))
    except ValueError:
        return LATER_S
