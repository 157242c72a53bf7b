"""People on the emulated Telegram: they write, send pictures, press buttons, found groups."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.telegram.server import (
    BOT_ID,
    USERNAME,
    TelegramServer,
    buttons_of,
    public,
    units,
)

RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
    "can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info",
    "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip


@dataclass
class Person:
    """Somebody with the app."""

    number: int
    name: str = "Ada"
    language: str = "en"

    @property
    def user(self) -> dict[str, Any]:
        return {
            "id": self.number, "is_bot": False, "first_name": self.name,
            "language_code": self.language,
        }  # fmt: skip


ADA = Person(1001, "Ada")
BEN = Person(1002, "Ben", "de")


@dataclass
class Room:
    """A chat with the bot in it, and the ways to act there."""

    server: TelegramServer
    chat: dict[str, Any]
    thread: int = 0
    _ids: Any = field(default_factory=lambda: itertools.count(100_000))

    @property
    def number(self) -> int:
        return int(self.chat["id"])

    async def say(self, person: Person, text: str = "", **more: Any) -> dict[str, Any]:
        """Write a message."""
        message = self.message(person, text, **more)
        return await self.server.push("message", message)

    def message(self, person: Person, text: str = "", **more: Any) -> dict[str, Any]:
        """A message, not yet told to the bot."""
        message: dict[str, Any] = {
            "message_id": next(self.server._ids),
            "from": person.user,
            "chat": public(self.chat),
            "date": int(self.server.clock()),
        }
        if self.thread:
            message |= {"message_thread_id": self.thread, "is_topic_message": True}
        if text:
            message["text"] = text
            entities = entities_of(text)
            if entities:
                message["entities"] = entities
        message |= more
        message = {key: value for key, value in message.items() if value is not None}
        self.server.messages.setdefault(self.number, {})[message["message_id"]] = message
        return message

    async def reply(
        self, person: Person, to: Mapping[str, Any], text: str = "", **more: Any
    ) -> dict[str, Any]:
        """Reply to a message."""
        replied = {key: value for key, value in to.items() if key != "reply_to_message"}
        return await self.say(person, text, reply_to_message=replied, **more)

    async def press(
        self, person: Person, label: str, message: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Press the newest button with this label (or the one of this message)."""
        found = [message] if message is not None else list(reversed(self.server.seen(self.number)))
        for each in found:
            for button in buttons_of(each):
                if button["text"] == label:
                    return await self.press_data(person, each, button["callback_data"])
        raise AssertionError(f"no button {label} in {self.server.text(self.number)!r}")

    async def press_data(
        self, person: Person, message: Mapping[str, Any], data: str
    ) -> dict[str, Any]:
        query = f"query-{next(self.server._ids)}"
        self.server.presses[query] = (self.server.clock(), False)
        return await self.server.push(
            "callback_query",
            {
                "id": query, "from": person.user, "message": dict(message),
                "chat_instance": "1", "data": data,
            },
        )  # fmt: skip

    def upload(self, data: bytes) -> str:
        """A file that somebody sends."""
        file_id = f"sent-{next(self.server._file_ids)}"
        self.server.files[file_id] = data
        return file_id

    def photo(self, data: bytes, width: int = 64, height: int = 64) -> dict[str, Any]:
        """The fields of a message with a photo."""
        file_id = self.upload(data)
        size = {
            "file_id": file_id, "file_unique_id": f"u{file_id}", "width": width,
            "height": height, "file_size": len(data),
        }  # fmt: skip
        return {"photo": [size]}

    def document(self, data: bytes, name: str, kind: str = "", size: int = 0) -> dict[str, Any]:
        """The fields of a message with a file."""
        file_id = self.upload(data)
        document = {
            "file_id": file_id, "file_unique_id": f"u{file_id}", "file_name": name,
            "file_size": size or len(data),
        }  # fmt: skip
        if kind:
            document["mime_type"] = kind
        return {"document": document}


def private(server: TelegramServer, person: Person = ADA) -> Room:
    """Somebody's chat with the bot."""
    chat = {"id": person.number, "type": "private", "first_name": person.name}
    server.chats[person.number] = chat
    return Room(server, chat)


def group(
    server: TelegramServer,
    number: int = -1001234,
    title: str = "The garden",
    *,
    kind: str = "supergroup",
    topics: tuple[int, ...] = (),
    thread: int = 0,
) -> Room:
    """A group with the bot."""
    chat: dict[str, Any] = {"id": number, "type": kind, "title": title}
    if topics:
        chat |= {"is_forum": True, "_topics": topics}
    server.chats[number] = chat
    return Room(server, chat, thread)


def let_in(room: Room, person: Person, status: str = "member", **rights: bool) -> None:
    """Somebody is in a group, with these rights."""
    member: dict[str, Any] = {"status": status, "user": person.user}
    if status == "creator":
        member["is_anonymous"] = False
    if status == "administrator":
        member |= dict.fromkeys(RIGHTS, False) | rights
    room.server.members[room.number, person.number] = member


def entities_of(text: str) -> list[dict[str, Any]]:
    """What the app marks: a command at the beginning, and our name."""
    found: list[dict[str, Any]] = []
    if text.startswith("/"):
        command = text.split(maxsplit=1)[0]
        found.append({"type": "bot_command", "offset": 0, "length": units(command)})
    name = f"@{USERNAME}"
    at = text.find(name)
    if at >= 0 and not (found and at < found[0]["length"]):
        found.append({"type": "mention", "offset": units(text[:at]), "length": units(name)})
    return found


def bot_change(room: Room, person: Person, old: str, new: str) -> dict[str, Any]:
    """The bot was let in, thrown out or blocked."""
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "Atelier", "username": USERNAME}

    def member(status: str) -> dict[str, Any]:
        made: dict[str, Any] = {"status": status, "user": bot}
        return made | ({"until_date": 0} if status == "kicked" else {})

    return {
        "chat": public(room.chat), "from": person.user, "date": int(room.server.clock()),
        "old_chat_member": member(old), "new_chat_member": member(new),
    }  # fmt: skip


def inaccessible(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message that is too old for Telegram to show."""
    return {"chat": json.loads(json.dumps(message["chat"])),
            "message_id": message["message_id"], "date": 0}  # fmt: skip
