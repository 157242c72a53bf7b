"""A message or a press of Telegram as an act: who, where, and what is meant for us."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Chat, Message, MessageEntity, User

from bot.commands import COMMANDS
from bot.escape import plain
from bot.messages import (
    Attachment,
    Author,
    Inbound,
    Invoke,
    Level,
    Place,
    Press,
    Space,
    Words,
)
from bot.telegram.address import NAME, Address
from bot.telegram.moves import space_of
from bot.typed import read_line
from engine.messages import PersonId

ANONYMOUS_ADMIN = 1087968824
"""Telegram's own account that admins speak as who do not show themselves."""
NAME_CHARS = 80
ALIASES = {"start": "help"}
"""What Telegram's own buttons send."""
_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w+))?(?=\s|$)\s*")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whoever sent it, as we know people."""

    number: int
    name: str
    locale: str
    is_anonymous_admin: bool = False


@dataclass(frozen=True, slots=True)
class Me:
    """What Telegram calls us."""

    number: int
    username: str


def speaker(message: Message) -> Speaker | None:
    """Who wrote a message; None for other bots and for what channels post by themselves."""
    user, sender = message.from_user, message.sender_chat
    if message.is_automatic_forward:
        return None
    if sender is not None and (user is None or user.is_bot):
        name = plain(sender.title or sender.effective_name or "", NAME_CHARS) or "a chat"
        is_here = sender.id == message.chat.id
        return Speaker(sender.id, name, "", is_anonymous_admin=is_here)
    if user is None or (user.is_bot and user.id != ANONYMOUS_ADMIN):
        return None
    return person(user)


def person(user: User) -> Speaker:
    """A person; a name of nothing visible gives way to their user name."""
    name = plain(user.full_name, NAME_CHARS) or plain(user.username or "", NAME_CHARS)
    return Speaker(
        user.id, name or f"person {user.id}", user.language_code or "",
        is_anonymous_admin=user.id == ANONYMOUS_ADMIN,
    )  # fmt: skip


def said(message: Message, me: Me) -> Words | Invoke | None:
    """What a message means to us; None when it is not for us."""
    text = (message.text or message.caption or "").strip()
    is_private = message.chat.type == Chat.PRIVATE
    command = _COMMAND.match(text)
    if command:
        return _command(command["name"], command["bot"], text[command.end() :], me, is_private)
    if is_private:
        has_more = message.effective_attachment is not None
        return Words(text=text) if text or has_more else None
    words = _without_mention(message, text, me)
    if words is None and not _is_reply_to(message, me):
        return None
    words = text if words is None else words
    if not (words or message.photo or message.document):
        return Words(text="")
    command = _COMMAND.match(words)
    if command and command["name"].casefold() in COMMANDS:
        return _command(command["name"], None, words[command.end() :], me, is_private=True)
    return Words(text=words)


def _command(name: str, bot: str | None, rest: str, me: Me, is_private: bool) -> Invoke | None:
    """In a group a command of another bot is none of our business."""
    if bot is not None and bot.casefold() != me.username.casefold():
        return None
    name = ALIASES.get(name.casefold(), name.casefold())
    if bot is None and not is_private and name not in COMMANDS:
        return None
    act = read_line(f"/{name} {rest}")
    return act if isinstance(act, Invoke) else Invoke(name=name)


def _without_mention(message: Message, text: str, me: Me) -> str | None:
    """The words around our name; None when it is not there."""
    entities = message.parse_entities() or message.parse_caption_entities()
    for entity, part in entities.items():
        is_me = entity.type == MessageEntity.TEXT_MENTION and (
            entity.user is not None and entity.user.id == me.number
        )
        if is_me:
            return " ".join(text.replace(part, " ", 1).split(" ")).strip(" ,:")
    name = re.compile(rf"(?<!\w)@{re.escape(me.username)}(?!\w)", re.IGNORECASE)
    if not me.username or not name.search(text):
        return None
    return re.sub(r"[ \t]{2,}", " ", name.sub(" ", text)).strip(" ,:")


def _is_reply_to(message: Message, me: Me) -> bool:
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.forum_topic_created is not None:
        return False  # every message of a topic "replies" to its creation
    return replied.from_user.id == me.number


# --- where --------------------------------------------------------------------------------------


def thread_of(message: Message) -> int:
    """The topic; none for General, and none for mere threads of replies."""
    return (message.message_thread_id or 0) if message.is_topic_message else 0


def inbound(
    message: Message,
    who: Speaker,
    level: Level,
    act: Words | Invoke | Press,
    *,
    id: str,
    attachments: Sequence[Attachment] = (),
    reply: int = 0,
) -> Inbound:
    """An act with everything around it; `message` is the one it was said in or pressed at."""
    chat, thread = message.chat, thread_of(message)
    is_private = chat.type == Chat.PRIVATE
    space = space_of(chat.id)
    title = plain(chat.title or "", 120) or (who.name if is_private else "a group")
    address = Address(chat.id, thread, reply, who.number)
    place = place_of(address)
    return Inbound(
        id=id,
        platform=NAME,
        author=Author(
            id=PersonId(f"{NAME}:{who.number}"), name=who.name, level=level, locale=who.locale
        ),
        space=Space(id=space, title=title, kind="dm" if is_private else "chat"),
        conversation=f"{space}:{thread}:{who.number}",
        address=address.written(),
        act=act,
        place=place.model_copy(update={"title": title}),
        attachments=tuple(attachments),
    )


def place_of(where: Address) -> Place:
    """A private chat, a group, or a topic of one."""
    id_ = f"{where.chat}/{where.thread}" if where.thread else str(where.chat)
    return Place(id=id_, kind="channel" if where.is_group else "direct")


# --- files --------------------------------------------------------------------------------------


def attachments_of(message: Message, me: Me) -> tuple[Attachment, ...]:
    """Its own picture and file, and those of the message it replies to, unless that is ours."""
    found = list(_own(message))
    replied = message.reply_to_message
    if replied is not None and not _is_reply_to(message, me):
        found += _own(replied)
    return tuple(found)


def _own(message: Message) -> list[Attachment]:
    found: list[Attachment] = []
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        found.append(
            Attachment(
                name=f"photo-{message.message_id}.jpg",
                size_bytes=largest.file_size or 0,
                media_type="image/jpeg",
                handle=largest.file_id,
            )
        )
    document = message.document
    if document is not None and message.animation is None:
        found.append(
            Attachment(
                name=plain(document.file_name or "", 200) or "file",
                size_bytes=document.file_size or 0,
                media_type=document.mime_type or "",
                handle=document.file_id,
            )
        )
    return found
