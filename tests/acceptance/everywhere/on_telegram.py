"""People on the emulated Telegram, through the real python-telegram-bot."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count, groupby
from typing import Any

from bot.messages import Level
from tests.acceptance.everywhere.person import PATIENCE_S, Found, Person, Seen, line_of
from tests.emulators.telegram import people
from tests.emulators.telegram.server import USERNAME, TelegramServer, buttons_of

RIGHTS: dict[Level, dict[str, bool]] = {
    Level.MODERATOR: {"can_delete_messages": True},
    Level.ADMIN: {"can_change_info": True},
}
CALLS = re.compile(r"@\w")


@dataclass(kw_only=True)
class OnTelegram(Person):
    """Somebody in a group, who has also opened their own chat with the bot."""

    server: TelegramServer
    account: people.Person
    room: people.Room
    own: people.Room

    async def says(self, words: str) -> None:
        self.acts()
        await self.room.say(self.account, f"@{USERNAME} {words}")

    async def uses(self, command: str, /, **options: Any) -> None:
        self.acts()
        await self.room.say(self.account, line_of(f"/{command}@{USERNAME}", options))

    async def presses(self, label: str, on: Seen | None = None) -> None:
        room, message = self._message(self.last(label, on))
        self.acts()
        await room.press(self.account, label, message)

    async def fills(self, label: str, /, **fields: str) -> None:
        await self.presses(label)
        asked = await self.until(lambda: self.news[0] if self.news else None)
        room, message = self._message(asked)
        lines = "\n".join(f"{name}={value}" for name, value in fields.items())
        self.acts()
        await room.reply(self.account, message, lines)

    async def sends(self, name: str, data: bytes, words: str = "") -> None:
        self.acts()
        file = self.room.document(data, name, "image/png")
        await self._post(f"@{USERNAME} {words}".strip(), file)

    async def brings(self, name: str, data: bytes) -> None:
        self.acts()
        await self._post(f"/lora@{USERNAME} add", self.room.document(data, name))

    async def _post(self, caption: str, file: dict[str, Any]) -> None:
        entities = people.entities_of(caption)
        await self.room.say(self.account, caption=caption, caption_entities=entities, **file)

    def now(self) -> list[Seen]:
        found: list[Seen] = []
        messages = [
            each for room in (self.room, self.own) for each in self.server.seen(room.number)
        ]
        messages.sort(key=lambda each: int(each["message_id"]))
        for _, together in groupby(messages, _group):
            found.append(_seen(list(together)))
        return found

    def _message(self, seen: Seen) -> tuple[people.Room, dict[str, Any]]:
        chat, _, number = seen.id.partition("/")
        room = self.own if int(chat) == self.own.number else self.room
        return room, self.server.messages[int(chat)][int(number)]

    async def until(self, is_so: Callable[[], Found | None]) -> Found:
        found: list[Found] = []

        def look() -> bool:
            now = is_so()
            if now:
                found.append(now)
            return bool(found)

        await self.server.until(look, PATIENCE_S)
        return found[0]

    async def looks_at(self, seen: Seen) -> list[bytes]:
        return [self.server.files[each] for each in seen.pictures]

    def called(self) -> list[str]:
        chats = (str(self.room.number), str(self.own.number))
        said = [each for each in self.server.calls if str(each.given.get("chat_id")) in chats]
        found = [f"{each.method} {each.given}" for each in said if "parse_mode" in each.given]
        shown = [self.server.text(int(chat)) for chat in chats]
        return found + [each for text in shown for each in CALLS.findall(text)]


def _group(message: Mapping[str, Any]) -> str:
    return str(message.get("media_group_id") or message["message_id"])


def _seen(messages: list[dict[str, Any]]) -> Seen:
    """A message, or an album, which is one thing to look at."""
    first = messages[0]
    texts = [each.get("text") or each.get("caption") or "" for each in messages]
    photos = [each["photo"][-1]["file_id"] for each in messages if "photo" in each]
    files = [each["document"]["file_id"] for each in messages if "document" in each]
    labels = [button["text"] for each in messages for button in buttons_of(each)]
    text = "\n".join(filter(None, texts)).replace("\u2060", "")
    id_ = f"{first['chat']['id']}/{first['message_id']}"
    return Seen(id_, text, tuple(photos), tuple(labels), tuple(files))


@dataclass
class TelegramStage:
    """A group for every place."""

    server: TelegramServer
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def place(self) -> people.Room:
        return people.group(self.server, -1_000_000 - next(self._numbers))

    async def person(
        self, name: str, place: people.Room, level: Level = Level.MEMBER
    ) -> OnTelegram:
        account = people.Person(5_000 + next(self._numbers), name)
        status = "member" if level is Level.MEMBER else "administrator"
        people.let_in(place, account, status, **RIGHTS.get(level, {}))
        own = people.private(self.server, account)
        return OnTelegram(name, server=self.server, account=account, room=place, own=own)

    async def elsewhere(self, person: Person, place: people.Room) -> OnTelegram:
        assert isinstance(person, OnTelegram)
        people.let_in(place, person.account)
        return OnTelegram(
            person.name, server=self.server, account=person.account, room=place, own=person.own
        )
