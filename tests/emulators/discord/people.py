"""People on Discord: they use commands, press buttons, fill forms and write."""

from dataclasses import dataclass, field
from typing import Any

from tests.emulators.discord.world import (
    ALL_RIGHTS,
    APP,
    EPHEMERAL,
    MEMBER_RIGHTS,
    MIB,
    Guild,
    Message,
    Payload,
    Told,
    World,
    parts_of,
    stamp,
)

STRING, INTEGER, NUMBER, ATTACHMENT = 3, 4, 10, 11


class NotShown(AssertionError):
    """A command that Discord's own menu hides from this person."""


@dataclass
class Person:
    """Somebody with an account."""

    world: World
    id: int
    name: str
    locale: str = "en-US"
    may: str = MEMBER_RIGHTS
    roles: list[str] = field(default_factory=list)
    has_installed: bool = False
    """Brings the bot along to servers that it is not in."""
    untold: tuple[str, ...] = ()
    """Optional fields that Discord leaves out of this person's interactions."""

    @property
    def user(self) -> Payload:
        """The account."""
        return self.world.people.get(self.id) or self.world.user(self.id, self.name)

    def member(self) -> Payload:
        """On a server."""
        return {
            "user": self.user,
            "nick": None,
            "roles": self.roles,
            "joined_at": stamp(),
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": self.may,
        }

    # --- commands -----------------------------------------------------------------------------

    async def uses(self, name: str, channel: int, /, **options: Any) -> Told:
        """Use a slash command; bytes become an attachment."""
        command = self._command(name, 1)
        data = self._data(command, channel, options)
        return await self._tell(self._interaction(2, channel, data))

    async def types(self, name: str, option: str, text: str, channel: int) -> list[str]:
        """Half a word in an option: the choices that are offered."""
        command = self._command(name, 1)
        asked = next(each for each in command["options"] if each["name"] == option)
        if not asked.get("autocomplete"):
            raise AssertionError(f"{option} offers nothing")
        data = {
            "id": command["id"],
            "name": name,
            "type": 1,
            "options": [{"name": option, "type": STRING, "value": text, "focused": True}],
        }
        told = await self._tell(self._interaction(4, channel, data))
        await self.world.until(lambda: told.choices is not None)
        return [each["name"] for each in told.choices or ()]

    async def points(self, menu: str, message: Message, channel: int) -> Told:
        """Use a command on a message."""
        command = self._command(menu, 3)
        data = {
            "id": command["id"],
            "name": menu,
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): message.payload}},
        }
        return await self._tell(self._interaction(2, channel, data))

    def _command(self, name: str, kind: int) -> Payload:
        known = self.world.commands
        found = [each for each in known if each["name"] == name and each["type"] == kind]
        if not found:
            raise AssertionError(f"there is no command {name}: it was never sent")
        needed = int(found[0].get("default_member_permissions") or 0)
        if needed and not int(self.may) & needed:
            raise NotShown(f"{self.name} does not see {name}")
        return found[0]

    def _data(self, command: Payload, channel: int, options: dict[str, Any]) -> Payload:
        given, files = [], {}
        known = {each["name"]: each for each in command["options"]}
        for name, each in known.items():
            if each.get("required") and name not in options:
                raise AssertionError(f"{name} is required")
        for name, value in options.items():
            kind = known[name]["type"]
            if kind == ATTACHMENT:
                file_name, content = value
                upload = self.world.upload(channel, file_name, content)
                files[upload["id"]] = upload
                value = upload["id"]
            _allowed(known[name], value)
            given.append({"name": name, "type": kind, "value": value})
        data: Payload = {"id": command["id"], "name": command["name"], "type": 1, "options": given}
        return {**data, "resolved": {"attachments": files}} if files else data

    # --- buttons and forms ----------------------------------------------------------------------

    async def presses(self, message: Message, label: str) -> Told:
        """Press a button that is there and that this person sees."""
        button = message.button(label)
        if message.is_gone or button.get("disabled") or message.seen_by not in (None, self.id):
            raise AssertionError(f"{label} can't be pressed")
        return await self.presses_id(message, button["custom_id"], button["id"])

    async def presses_id(self, message: Message, custom_id: str, id_: int = 1) -> Told:
        """Press by id."""
        channel = int(message.payload["channel_id"])
        data = {"id": id_, "custom_id": custom_id, "component_type": 2}
        payload = self._interaction(3, channel, data)
        return await self._tell({**payload, "message": dict(message.payload)})

    async def sends(
        self, told: Told, files: dict[str, Payload] | None = None, **values: str
    ) -> Told:
        """Fill and send the form that an interaction opened."""
        await self.world.until(lambda: told.modal is not None)
        modal = told.modal or {}
        rows: list[Payload] = []
        resolved: Payload = {}
        for number, label in enumerate(modal["components"], 1):
            field_ = label["component"]
            name = field_["custom_id"]
            filled: Payload = {"id": number * 2, "type": field_["type"], "custom_id": name}
            if field_["type"] == 19:
                upload = (files or {}).get(name)
                filled["values"] = [upload["id"]] if upload else []
                resolved |= {upload["id"]: upload} if upload else {}
            else:
                filled["value"] = values.get(name, field_.get("value") or "")
                if field_.get("required", True) and not filled["value"]:
                    raise AssertionError(f"{name} is required")
            rows.append({"id": number * 2 - 1, "type": 18, "component": filled})
        data: Payload = {"custom_id": modal["custom_id"], "components": rows}
        if resolved:
            data["resolved"] = {"attachments": resolved}
        payload = self._interaction(5, told.channel, data)
        if "message" in told.payload:
            payload["message"] = told.payload["message"]
        return await self._tell(payload)

    # --- words ----------------------------------------------------------------------------------

    def says(self, channel: int, text: str, *files: Payload, is_told: bool = True) -> Message:
        """Write a message; `@bot` mentions the bot."""
        mentions = [self.world.bot] if "@bot" in text else []
        content = text.replace("@bot", f"<@{APP}>")
        message = self.world.message(channel, self.user, content, mentions=mentions)
        message.payload["attachments"] = list(files)
        if is_told:
            self.tell(message)
        return message

    def tell(self, message: Message) -> None:
        """Have the bot told of a message."""
        guild, _ = self.world.where(int(message.payload["channel_id"]))
        more: Payload = {}
        if guild is not None:
            member = {name: value for name, value in self.member().items() if name != "user"}
            more = {"guild_id": str(guild.id), "member": member}
        else:
            message.payload["channel_type"] = 1
        self.world.dispatch("MESSAGE_CREATE", {**message.payload, **more})
        self.world.changed()

    # --- the payload ----------------------------------------------------------------------------

    def _interaction(self, kind: int, channel: int, data: Payload) -> Payload:
        guild, place = self.world.where(channel)
        is_direct = channel in self.world.direct.values()
        payload: Payload = {
            "id": str(self.world.snowflake()),
            "application_id": str(APP),
            "type": kind,
            "data": data,
            "channel_id": str(channel),
            "channel": place if guild is not None else self._direct(channel),
            "token": f"token-{self.world.snowflake()}",
            "version": 1,
            "locale": self.locale,
            "entitlements": [],
            "app_permissions": MEMBER_RIGHTS,
            "authorizing_integration_owners": self._owners(guild),
            "context": 0 if guild is not None else 1 if is_direct else 2,
            "attachment_size_limit": self._limit(guild),
        }
        if guild is None:
            return {**payload, "user": self.user}
        partial = {"id": str(guild.id), "locale": guild.locale, "features": []}
        return {
            **payload,
            "guild_id": str(guild.id),
            "guild_locale": guild.locale,
            "guild": partial,
            "member": self.member(),
            "channel": {**place, "permissions": self.may},
        }

    def _direct(self, channel: int) -> Payload:
        return {
            "id": str(channel),
            "type": 1 if channel in self.world.direct.values() else 3,
            "name": None,
            "flags": 0,
            "recipients": [self.world.bot, self.user],
        }

    def _owners(self, guild: Guild | None) -> dict[str, str]:
        owners = {"1": str(self.id)} if self.has_installed else {}
        if guild is not None and guild.is_joined:
            owners["0"] = str(guild.id)
        elif guild is None and not self.has_installed:
            owners["0"] = "0"
        return owners

    def _limit(self, guild: Guild | None) -> int:
        return {0: 10, 1: 10, 2: 50, 3: 100}[guild.premium_tier if guild else 0] * MIB

    async def _tell(self, payload: Payload) -> Told:
        limit = payload["attachment_size_limit"]
        if "member" in self.untold:
            payload = {**payload, "user": self.user}
        payload = {name: each for name, each in payload.items() if name not in self.untold}
        told = Told(
            id=int(payload["id"]),
            token=payload["token"],
            kind=payload["type"],
            payload=payload,
            began=self.world.now(),
            channel=int(payload["channel_id"]),
            person=self.id,
            limit=limit,
        )
        self.world.interactions[told.token] = told
        self.world.dispatch("INTERACTION_CREATE", payload)
        return told

    # --- eyes -----------------------------------------------------------------------------------

    async def sees(
        self, channel: int, words: str = "", *, pictures: int = 0, labels: tuple[str, ...] = ()
    ) -> Message:
        """Wait for the newest message of the bot with these words, pictures and buttons."""

        def found() -> Message | None:
            for message in reversed(self.world.by_bot(channel, self.id)):
                has_all = len(message.pictures) >= pictures and set(labels) <= set(message.labels)
                if words in message.text and has_all:
                    return message
            return None

        seen: Message = await self.world.until(found)
        return seen


def admin(person: Person) -> Person:
    """With every right."""
    person.may = ALL_RIGHTS
    return person


def is_private(message: Message) -> bool:
    """For one person alone."""
    return bool(message.payload["flags"] & EPHEMERAL)


def texts(message: Message) -> list[str]:
    """The parts of its text, as they were sent."""
    return [str(each["content"]) for each in parts_of(message.payload["components"], 10)]


def _allowed(option: Payload, value: object) -> None:
    """What Discord's own program lets a person enter."""
    kinds: dict[int, type | tuple[type, ...]] = {
        STRING: str,
        INTEGER: int,
        NUMBER: (int, float),
        ATTACHMENT: str,
    }
    if not isinstance(value, kinds[option["type"]]):
        raise AssertionError(f"{option['name']} takes no {value!r}")
    choices = [each["value"] for each in option.get("choices") or ()]
    if choices and value not in choices:
        raise AssertionError(f"{option['name']} is none of {choices}")
    if isinstance(value, int | float):
        least, most = option.get("min_value", value), option.get("max_value", value)
        if not least <= value <= most:
            raise AssertionError(f"{option['name']} is out of bounds")
