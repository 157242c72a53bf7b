"""What people do on Discord as `Inbound`: who, where, in which language, with which files."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import discord

from bot.discord.address import TOKEN_LASTS_S, Address
from bot.escape import plain
from bot.messages import Attachment, Author, Inbound, Invoke, Level, Place, Press, Space, Words
from engine.messages import PersonId, SpaceId

NAME = "discord"
NAME_CHARS = 80
Interaction = discord.Interaction[discord.Client]
BOTS_OWN, PEOPLES_OWN = "0", "1"


def act_of(
    interaction: Interaction,
    act: Words | Invoke | Press,
    address: Address,
    attachments: tuple[Attachment, ...] = (),
) -> Inbound:
    """An interaction as an act."""
    space, place = where(interaction)
    return Inbound(
        id=str(interaction.id),
        platform=NAME,
        author=author_of(interaction),
        space=space,
        conversation=conversation(interaction.channel_id or 0, interaction.user.id),
        address=address.written(),
        act=act,
        place=place,
        attachments=attachments,
    )


def address_of(interaction: Interaction, now: float, *, is_quiet: bool = False) -> Address:
    """Where an interaction is answered, from the moment that we heard of it."""
    message = interaction.message
    is_hidden = message is not None and message.flags.ephemeral
    return Address(
        channel=interaction.channel_id or 0,
        person=interaction.user.id,
        guild=interaction.guild_id or 0,
        app=interaction.application_id,
        token=interaction.token,
        until=now + TOKEN_LASTS_S,
        is_quiet=is_quiet or is_hidden,
        is_member=may_write(interaction),
        limit_bytes=interaction.filesize_limit,
        reply_to=message.id if message is not None and not is_hidden else 0,
    )


def is_visiting(interaction: Interaction) -> bool:
    """A person brought the bot along to where it is no member."""
    if interaction.guild_id is None:
        return interaction.context.private_channel
    return not (interaction.is_guild_integration() or _knows(interaction, interaction.guild_id))


def _knows(interaction: Interaction, guild: int) -> bool:
    found = interaction.client.get_guild(guild)
    return found is not None and not found.unavailable


def may_write(interaction: Interaction) -> bool:
    """Whether the bot itself can post where the interaction is."""
    if interaction.guild_id is None:
        return not interaction.context.private_channel
    if is_visiting(interaction):
        return False
    may = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    may_send = may.send_messages_in_threads if in_thread else may.send_messages
    return may.administrator or (may.view_channel and may_send)


def where(interaction: Interaction) -> tuple[Space, Place]:
    """The space (a person's own outside of servers that the bot is in) and the place in it."""
    user, channel = interaction.user, interaction.channel
    if interaction.guild_id is None or is_visiting(interaction):
        own = Space(id=SpaceId(f"{NAME}:{user.id}"), title=person_name(user), kind="dm")
        is_direct = interaction.guild_id is None and not interaction.context.private_channel
        restricted = channel is not None and is_age_restricted(channel)
        return own, Place(
            id=str(interaction.channel_id or ""),
            title=_title(channel),
            kind="direct" if is_direct else "visited",
            is_age_restricted=restricted,
        )
    guild = interaction.guild
    title = plain((guild.name if guild is not None else "") or "this server", NAME_CHARS)
    space = Space(id=SpaceId(f"{NAME}:{interaction.guild_id}"), title=title, kind="guild")
    return space, place_of(channel, interaction.channel_id or 0)


def place_of(channel: object, channel_id: int) -> Place:
    """A channel of a server; a thread or a forum's post counts as where it hangs."""
    parent = channel.parent_id if isinstance(channel, discord.Thread) else channel_id
    return Place(
        id=str(parent),
        title=_title(channel),
        is_age_restricted=is_age_restricted(channel),
    )


def is_age_restricted(channel: object) -> bool:
    """What is not known to be, is not."""
    asked = getattr(channel, "is_nsfw", None)
    return bool(asked()) if callable(asked) else False


def _title(channel: object) -> str:
    return plain(str(getattr(channel, "name", None) or ""), NAME_CHARS)


def author_of(interaction: Interaction) -> Author:
    """Who acted, with the rights that Discord says this person has here."""
    user = interaction.user
    level = level_of(interaction.permissions) if interaction.guild_id else Level.MEMBER
    return Author(
        id=PersonId(f"{NAME}:{user.id}"),
        name=person_name(user),
        level=_or_host(interaction.client, user.id, level, is_guild=bool(interaction.guild_id)),
        locale=str(interaction.locale),
        roles=roles_of(user),
    )


def level_of(may: discord.Permissions) -> Level:
    """Manage the server: admin. Manage messages: moderator."""
    if may.administrator or may.manage_guild:
        return Level.ADMIN
    return Level.MODERATOR if may.manage_messages else Level.MEMBER


def _or_host(client: discord.Client, person: int, level: Level, *, is_guild: bool) -> Level:
    """Whoever owns the application runs this bot; on a server that they don't manage, they are
    a guest like others.
    """
    application = client.application
    if application is None or (is_guild and level < Level.ADMIN):
        return level
    team = application.team
    owner = team.owner_id if team is not None else application.owner.id
    return Level.HOST if owner == person else level


def roles_of(user: discord.User | discord.Member) -> tuple[str, ...]:
    """Ids of roles, without the one that everybody has."""
    if not isinstance(user, discord.Member):
        return ()
    return tuple(str(role.id) for role in user.roles if not role.is_default())


def person_name(user: discord.User | discord.Member) -> str:
    """How this person is called; a name of nothing visible is replaced."""
    return plain(user.display_name, NAME_CHARS) or plain(user.name, NAME_CHARS) or "someone"


def conversation(channel: int, person: int) -> str:
    """One talk for each person in each channel or thread."""
    return f"{NAME}:{channel}:{person}"


# --- options and files ------------------------------------------------------------------------


def options_of(data: Mapping[str, Any]) -> dict[str, str]:
    """A command's options as text, files left out."""
    return {
        str(option["name"]): _text(option["value"])
        for option in data.get("options") or ()
        if "value" in option and option.get("type") != discord.AppCommandOptionType.attachment.value
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def resolved_files(data: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Files that came with a command or a form."""
    found = (data.get("resolved") or {}).get("attachments") or {}
    return tuple(
        Attachment(
            name=str(each.get("filename") or "file"),
            size_bytes=int(each.get("size") or 0),
            media_type=str(each.get("content_type") or "").partition(";")[0],
            handle=str(each.get("url") or ""),
        )
        for each in found.values()
    )


def files_of(message: discord.Message) -> tuple[Attachment, ...]:
    """Files of a message, and of one that it forwards."""
    forwarded = (each.attachments for each in message.message_snapshots)
    return attachments_of((*message.attachments, *chain.from_iterable(forwarded)))


def attachments_of(files: Iterable[discord.Attachment]) -> tuple[Attachment, ...]:
    """Files as the bot knows them."""
    return tuple(
        Attachment(
            name=each.filename,
            size_bytes=each.size,
            media_type=(each.content_type or "").partition(";")[0],
            handle=each.url,
        )
        for each in files
    )


# --- plain messages -----------------------------------------------------------------------------


def message_act(
    client: discord.Client, message: discord.Message, act: Words | Invoke, locale: str
) -> Inbound:
    """A direct message, or one that mentions the bot."""
    author, guild, channel = message.author, message.guild, message.channel
    address = Address(
        channel=channel.id,
        person=author.id,
        guild=guild.id if guild is not None else 0,
        app=client.application_id or 0,
        reply_to=message.id if guild is not None else 0,
    )
    level = Level.MEMBER
    if isinstance(author, discord.Member) and guild is not None:
        level = level_of(author.guild_permissions)
    if guild is None:
        space = Space(id=SpaceId(f"{NAME}:{author.id}"), title=person_name(author), kind="dm")
        place = Place(id=str(channel.id), kind="direct")
    else:
        title = plain(guild.name or "this server", NAME_CHARS)
        space = Space(
            id=SpaceId(f"{NAME}:{guild.id}"), title=title, kind="guild",
            locale=str(guild.preferred_locale),
        )  # fmt: skip
        place = place_of(channel, channel.id)
    return Inbound(
        id=str(message.id),
        platform=NAME,
        author=Author(
            id=PersonId(f"{NAME}:{author.id}"),
            name=person_name(author),
            level=_or_host(client, author.id, level, is_guild=guild is not None),
            locale=locale,
            roles=roles_of(author),
        ),
        space=space,
        conversation=conversation(channel.id, author.id),
        address=address.written(),
        act=act,
        place=place,
        attachments=files_of(message),
    )


def words_of(message: discord.Message, me: int) -> str:
    """What was said to the bot: without its mention, other people by their names."""
    # A forwarded message stands in one that has no words of its own.
    forwarded = next((each.content for each in message.message_snapshots), "")
    text = (message.content or forwarded).replace(f"<@{me}>", " ").replace(f"<@!{me}>", " ")
    for person in message.mentions:
        for mention in (f"<@{person.id}>", f"<@!{person.id}>"):
            text = text.replace(mention, f"@{person_name(person)}")
    return "\n".join(line.strip() for line in text.splitlines()).strip()
