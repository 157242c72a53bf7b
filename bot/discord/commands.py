"""The shared commands as Discord's: built from their models, sent only when they changed."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import discord
import structlog
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from discord.http import Route
from pydantic.fields import FieldInfo

from bot.command import Command
from bot.discord.refusals import TROUBLE
from bot.menu import OptionEntry, choice_names, descriptions, entry, summaries, takes_key
from bot.messages import Level
from bot.texts import DISCORD, localised, wording

log = structlog.get_logger(__name__)
MENUS = (
    wording("discord.reference", "Use as reference"),
    wording("discord.made_this", "What made this?"),
)
REFERENCE, MADE_THIS = (each.english for each in MENUS)
FILE = "file"
"""The option that takes a file, where a command has use for one."""
WHOLE_NUMBERS = 2**53 - 1
"""Discord's numbers go no further; larger ones are typed as text."""
LONGEST_TEXT = 6000
EVERYWHERE = [0, 1, 2]
"""In servers, with the bot, in other private conversations."""
BOTH = [0, 1]
"""Installed on a server, installed by a person."""
NEEDED: Mapping[Level, int | None] = {
    Level.MEMBER: None,
    Level.MODERATOR: discord.Permissions(manage_messages=True).value,
    Level.ADMIN: discord.Permissions(manage_guild=True).value,
    Level.HOST: discord.Permissions(administrator=True).value,
}
QUIET_BUT = frozenset({"create", "show"})
"""Commands that are answered to all; any other answer is for the person, who may post it."""
Payload = dict[str, Any]


def menu_of(commands: Mapping[str, Command]) -> list[Payload]:
    """Everything that Discord should offer."""
    return [command_of(each) for each in commands.values()] + [
        {
            "type": discord.AppCommandType.message.value,
            "name": each.english,
            "name_localizations": spoken(localised(each.key, each.english)),
            "contexts": EVERYWHERE,
            "integration_types": BOTH,
        }
        for each in MENUS
    ]


def command_of(command: Command) -> Payload:
    """One slash command."""
    told = entry(command)
    options = [
        _option(command, each)
        for each in sorted(told.options, key=lambda each: not each.is_required)
    ]
    if command.takes:
        options.append(
            {
                "type": discord.AppCommandOptionType.attachment.value,
                "name": FILE,
                "description": command.takes,
                "description_localizations": spoken(localised(takes_key(command), command.takes)),
            }
        )
    needed = NEEDED[command.level]
    return {
        "type": discord.AppCommandType.chat_input.value,
        "name": told.name,
        "description": told.summary,
        "description_localizations": spoken(summaries(command)),
        "options": options,
        RIGHTS: needed,
        "contexts": EVERYWHERE,
        "integration_types": BOTH,
    }


def spoken(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts by our locale, as Discord names its own."""
    return {code: text for locale, text in texts.items() for code in DISCORD[locale]}


def _option(command: Command, told: OptionEntry) -> Payload:
    field = command.options.model_fields[told.name]
    option: Payload = {
        "name": told.name,
        "description": told.description,
        "description_localizations": spoken(descriptions(command, told.name)),
        "required": told.is_required,
    }
    kind = discord.AppCommandOptionType
    if told.choices:
        choices = [
            {
                "name": each,
                "name_localizations": spoken(choice_names(command, each)),
                "value": each,
            }
            for each in told.choices
        ]
        return {**option, "type": kind.string.value, "choices": choices}
    if told.kind == "number" and (bounds := _bounds(field)) is not None:
        is_whole = "float" not in str(field.annotation)
        number = kind.integer if is_whole else kind.number
        return {**option, "type": number.value, **bounds}
    option["type"] = kind.string.value
    if told.suggests:
        option["autocomplete"] = True
    if told.kind == "text":
        option |= _lengths(field)
    return option


def _bounds(field: FieldInfo) -> Payload | None:
    """The least and the most; None when Discord can't hold them."""
    least, most = None, None
    for rule in field.metadata:
        least = _number(rule, "ge", 0) if isinstance(rule, Ge) else least
        least = _number(rule, "gt", 1) if isinstance(rule, Gt) else least
        most = _number(rule, "le", 0) if isinstance(rule, Le) else most
        most = _number(rule, "lt", -1) if isinstance(rule, Lt) else most
    if any(each is not None and abs(each) > WHOLE_NUMBERS for each in (least, most)):
        return None
    given = {"min_value": least, "max_value": most}
    return {name: value for name, value in given.items() if value is not None}


def _number(rule: object, name: str, shift: int) -> float:
    value: float = getattr(rule, name)
    return value + shift if isinstance(value, int) else value


def _lengths(field: FieldInfo) -> Payload:
    lengths: Payload = {}
    for rule in field.metadata:
        if isinstance(rule, MinLen) and rule.min_length:
            lengths["min_length"] = min(rule.min_length, LONGEST_TEXT)
        if isinstance(rule, MaxLen):
            lengths["max_length"] = min(max(rule.max_length, 1), LONGEST_TEXT)
    return lengths


# --- telling Discord --------------------------------------------------------------------------


async def sync(client: discord.Client, app: int, wanted: Sequence[Payload]) -> bool:
    """Send the commands if Discord holds others; True when they were sent.

    They are asked for rather than remembered: they may have been changed by another program.
    Raises what a request may raise.
    """
    try:
        known = await client.http.request(
            Route("GET", f"/applications/{app}/commands?with_localizations=true")
        )
    except discord.HTTPException as error:
        log.info("commands.not_read", code=error.code)
    else:
        if digest(known) == digest(wanted):
            return False
    await client.http.bulk_upsert_global_commands(app, payload=list(wanted))
    log.info("commands.sent", count=len(wanted))
    return True


SYNC_TROUBLE = TROUBLE
RIGHTS = "default_member_permissions"
_OWN = ("name", "type", "description", "options", RIGHTS, "contexts",
        "integration_types", "name_localizations", "description_localizations")  # fmt: skip


def digest(commands: Sequence[Mapping[str, Any]]) -> str:
    """The same for the same commands, whatever order and defaults Discord tells them with."""
    each = [_bare({name: one[name] for name in _OWN if name in one}) for one in commands]
    each.sort(key=lambda one: (one.get("type", 1), one["name"]))
    return sha256(json.dumps(each, sort_keys=True).encode()).hexdigest()


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        bare = {name: _bare(each) for name, each in value.items() if not _is_default(each)}
        if RIGHTS in bare:  # sent as a number, told as a string
            bare[RIGHTS] = float(bare[RIGHTS])
        return bare
    if isinstance(value, list | tuple):
        kept = [_bare(each) for each in value]
        return sorted(kept) if all(isinstance(each, float) for each in kept) else kept
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _is_default(value: object) -> bool:
    return value is None or value is False or value in ([], {}, "")
