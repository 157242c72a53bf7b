"""What Discord sends, read with good will.

The library stops for good at an event with a field that is missing or null, and fails at an answer
that is not quite JSON. One odd event must cost no more than itself.
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import discord
import structlog
from discord import http
from discord.webhook import async_

from bot.discord.address import PLAIN_LIMIT_BYTES

log = structlog.get_logger(__name__)
UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What the library raises at something that it did not expect."""
NEVER_NULL = frozenset(
    {
        "application",
        "interaction",
        "interaction_metadata",
        "message_reference",
        "poll",
        "purchase_notification",
        "reactions",
        "role_subscription_data",
        "sticker_items",
    }
)
"""Fields of a message that the library takes to be there once they are named."""
JSON = "application/json"
Payload = Mapping[str, Any]
Parse = Callable[[Any], None]


# --- answers ----------------------------------------------------------------------------------


async def read_answer(response: aiohttp.ClientResponse) -> Any:
    """The body of an answer; stands in for the library's `json_or_text`.

    JSON is taken with any charset, an error's page of a proxy is its text. A success that is no
    JSON did not come from Discord: raises `aiohttp.ClientPayloadError`, as a broken line would.
    Raises `discord.RateLimited` for a wait that the library would not obey: it does so only behind
    Discord's own proxy, and forgets for how long.
    """
    text = await response.text(encoding="utf-8", errors="replace")
    if response.headers.get("Content-Type", "").partition(";")[0].strip().casefold() == JSON:
        try:
            told = without_nulls(json.loads(text))
        except ValueError:
            log.info("discord.broken_json", status=response.status)
        else:
            _check_wait(response, told)
            return told
    if text and response.status < HTTPStatus.MULTIPLE_CHOICES:
        raise aiohttp.ClientPayloadError("the answer is no JSON")
    return text


def _check_wait(response: aiohttp.ClientResponse, told: Any) -> None:
    is_wait = response.status == HTTPStatus.TOO_MANY_REQUESTS and isinstance(told, dict)
    wait_s = told.get("retry_after") if is_wait else None
    if isinstance(wait_s, int | float) and not response.headers.get("Via"):
        raise discord.RateLimited(wait_s)


def without_nulls(value: Any) -> Any:
    """The same without the nulls that the library can't read."""
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = (each for each in value.items() if each[1] is not None or each[0] not in NEVER_NULL)
    return {name: without_nulls(each) for name, each in kept}


def read_all_answers() -> None:
    """Let both of the library's ways to Discord read like this."""
    for module in (http, async_):
        module.json_or_text = read_answer  # type: ignore[attr-defined]


# --- events -----------------------------------------------------------------------------------


def read_all_events(client: discord.Client) -> None:
    """Let no event end the connection; those of people are completed where that helps."""
    parsers = client._connection.parsers
    for name, parse in parsers.items():
        parsers[name] = _careful(name, parse)


def _careful(name: str, parse: Parse) -> Parse:
    def read(data: Any) -> None:
        why = ""
        for version in _versions(name, data):
            try:
                parse(version)
            except UNREADABLE as error:
                why = f"{type(error).__name__}: {error}"
            else:
                return
        log.warning("discord.event_not_read", kind=name, why=why)

    return read


def _versions(name: str, data: Any) -> tuple[Any, ...]:
    """What to read, in turn until one can be read."""
    if name == "INTERACTION_CREATE" and isinstance(data, dict):
        whole = completed(data)
        return whole, {**whole, "channel": bare_channel(data)}
    if name.startswith("MESSAGE_"):
        return (without_nulls(data),)
    return (data,)


def completed(data: Payload) -> dict[str, Any]:
    """An interaction with all that the library looks for.

    The documents let a server leave out the member (then there is the user), the channel (then
    there is its id) and more.
    """
    whole: dict[str, Any] = without_nulls({k: v for k, v in data.items() if v is not None})
    whole.setdefault("attachment_size_limit", PLAIN_LIMIT_BYTES)
    whole.setdefault("version", 1)
    member = whole.get("member")
    if "guild_id" in whole and member is None and "user" in whole:
        whole["member"] = {"user": whole["user"], "roles": [], "permissions": "0"} | MEMBER
    elif "guild_id" not in whole and "user" not in whole and member is not None:
        whole["user"] = member["user"]
    if not (whole.get("channel") or {}).get("id"):
        whole["channel"] = bare_channel(data)
    return whole


MEMBER = {"joined_at": None, "deaf": False, "mute": False, "flags": 0}


def bare_channel(data: Payload) -> dict[str, Any]:
    """A channel of which nothing is known but where it is."""
    told = data.get("channel") or {}
    id_ = told.get("id") or data.get("channel_id")
    if data.get("guild_id") is None:
        return {"id": id_, "type": discord.ChannelType.private.value}
    name = told.get("name") or ""
    nsfw = bool(told.get("nsfw"))
    kind = discord.ChannelType.text.value
    return {"id": id_, "type": kind, "name": name, "position": 0, "nsfw": nsfw}
