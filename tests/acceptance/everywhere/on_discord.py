"""People on the emulated Discord, through the real discord.py."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.messages import Level
from tests.acceptance.everywhere.person import PATIENCE_S, Found, Person, Seen, line_of
from tests.emulators.discord import people
from tests.emulators.discord.emulator import Emulator
from tests.emulators.discord.world import MEMBER_RIGHTS, Message, World, parts_of, shown

RIGHTS = {Level.MEMBER: 0, Level.MODERATOR: 1 << 13, Level.ADMIN: 1 << 5}
CALLS = re.compile(r"(?<!\\)(<[@#/:]|@everyone|@here|\*\*bold|__line|`code|\[link\]\()")


@dataclass(kw_only=True)
class OnDiscord(Person):
    """Somebody in a channel."""

    world: World
    account: people.Person
    channel: int

    async def says(self, words: str) -> None:
        self.acts()
        self.account.says(self.channel, f"@bot {words}")

    async def uses(self, command: str, /, **options: Any) -> None:
        self.acts()
        known = {each["name"]: each["options"] for each in self.world.commands if each["type"] == 1}
        kinds = {each["name"]: each["type"] for each in known[command]}
        given = {
            name: str(value) if kinds[name] == people.STRING else value
            for name, value in options.items()
        }
        try:
            await self.account.uses(command, self.channel, **given)
        except people.NotShown:
            self.account.says(self.channel, f"@bot {line_of(f'/{command}', options)}")

    async def presses(self, label: str, on: Seen | None = None) -> None:
        message = self._message(self.last(label, on))
        self.acts()
        await self.account.presses(message, label)

    async def fills(self, label: str, /, **fields: str) -> None:
        message = self._message(self.last(label, None))
        self.acts()
        told = await self.account.presses(message, label)
        modal = await self.world.until(lambda: told.modal)
        own = {each["component"]["custom_id"] for each in modal["components"]}
        lines = [f"{name} = {value}" for name, value in fields.items() if name not in own]
        given = {name: value for name, value in fields.items() if name in own}
        if lines:
            given["settings"] = "\n".join(lines)
        await self.account.sends(told, None, **given)

    async def sends(self, name: str, data: bytes, words: str = "") -> None:
        self.acts()
        upload = self.world.upload(self.channel, name, data)
        self.account.says(self.channel, f"@bot {words}", upload)

    async def brings(self, name: str, data: bytes) -> None:
        await self.uses("lora", action="add", file=(name, data))

    def now(self) -> list[Seen]:
        mine = (self.channel, self.world.direct.get(self.account.id))
        messages = (each for channel in mine if channel for each in self._in(channel))
        return [_seen(each) for each in sorted(messages, key=lambda each: each.id)]

    def _in(self, channel: int) -> Iterable[Message]:
        return self.world.by_bot(channel, self.account.id)

    def _message(self, seen: Seen) -> Message:
        return self.world.messages[int(seen.id)]

    async def until(self, is_so: Callable[[], Found | None]) -> Found:
        found: Found = await self.world.until(is_so, PATIENCE_S)
        return found

    async def looks_at(self, seen: Seen) -> list[bytes]:
        return [self.world.data_of(each) for each in seen.pictures]

    def called(self) -> list[str]:
        bodies = [body for method, _, body in self.world.asked if method in ("POST", "PATCH")]
        said = [each for each in bodies if each and ("components" in each or "content" in each)]
        found = [f"{each}" for each in said if each["allowed_mentions"]["parse"]]
        parts = [part for each in said for part in parts_of(each.get("components") or [], 10)]
        texts = [part["content"] for part in parts] + [each.get("content") or "" for each in said]
        return found + [each for each in texts if CALLS.search(each)]


def _seen(message: Message) -> Seen:
    files = [each["file"]["url"] for each in parts_of(message.payload["components"], 13)]
    labels, pictures = tuple(message.labels), tuple(message.pictures)
    return Seen(str(message.id), _read(message), pictures, labels, tuple(files))


def _read(message: Message) -> str:
    """Its words as the app shows them: what is bold or a heading bears no signs of it."""
    parts = [each["content"] for each in parts_of(message.payload["components"], 10)]
    raw = "\n".join(filter(None, (message.payload["content"], *parts)))
    return shown(re.sub(r"(?<!\\)\*\*|^#{1,3} ", "", raw, flags=re.MULTILINE))


@dataclass
class DiscordStage:
    """A server for every place."""

    discord: Emulator

    def place(self) -> int:
        world = self.discord.world
        guild = world.guild()
        world.dispatch("GUILD_CREATE", self.discord.gateway.guild_payload(guild))
        return int(guild.channels[0]["id"])

    async def person(self, name: str, place: int, level: Level = Level.MEMBER) -> OnDiscord:
        may = str(int(MEMBER_RIGHTS) | RIGHTS[level])
        account = self.discord.person(name, may=may)
        if level > Level.MEMBER:
            world = self.discord.world
            guild, _ = world.where(place)
            assert guild is not None
            role = world.role(guild, name, may=may)
            guild.roles.append(role)
            account.roles.append(role["id"])
            world.dispatch("GUILD_CREATE", self.discord.gateway.guild_payload(guild))
        return OnDiscord(name, world=self.discord.world, account=account, channel=place)

    async def elsewhere(self, person: Person, place: int) -> OnDiscord:
        assert isinstance(person, OnDiscord)
        return OnDiscord(person.name, world=person.world, account=person.account, channel=place)
