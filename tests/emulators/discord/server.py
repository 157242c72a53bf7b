"""Discord's HTTP API and file servers on loopback."""

import hashlib
import json
import re
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiohttp import BodyPartReader, web

from tests.emulators.discord.refused import Refused, check_message
from tests.emulators.discord.world import (
    ACK_S,
    APP,
    CUT,
    EPHEMERAL,
    LAYOUT,
    LOADING,
    MIB,
    TOKEN,
    TOKEN_S,
    Message,
    Payload,
    Told,
    World,
    stamp,
)

Files = dict[int, tuple[str, bytes]]
LIMITS = {0: 10 * MIB, 1: 10 * MIB, 2: 50 * MIB, 3: 100 * MIB}
Handler = Callable[..., Awaitable[Any]]


class Api:
    """The requests that a bot makes."""

    def __init__(self, world: World) -> None:
        self.world = world
        number, token = r"(\d+)", r"([^/]+)"
        hook = f"/webhooks/{number}/{token}"
        self.routes: list[tuple[str, re.Pattern[str], Handler]] = [
            (method, re.compile(path), handler)
            for method, path, handler in (
                ("GET", "/users/@me", self.me),
                ("GET", "/oauth2/applications/@me", self.application),
                ("GET", "/gateway/bot", self.gateway_bot),
                ("GET", f"/applications/{number}/commands", self.get_commands),
                ("PUT", f"/applications/{number}/commands", self.put_commands),
                ("POST", f"/interactions/{number}/{token}/callback", self.callback),
                ("POST", hook, self.follow_up),
                ("GET", f"{hook}/messages/(@original|\\d+)", self.get_answer),
                ("PATCH", f"{hook}/messages/(@original|\\d+)", self.edit_answer),
                ("DELETE", f"{hook}/messages/(@original|\\d+)", self.delete_answer),
                ("POST", f"/channels/{number}/messages", self.post),
                ("GET", f"/channels/{number}/messages/{number}", self.get_message),
                ("GET", f"/guilds/{number}/members/{number}", self.get_member),
                ("PATCH", f"/channels/{number}/messages/{number}", self.edit),
                ("DELETE", f"/channels/{number}/messages/{number}", self.delete),
                ("POST", f"/channels/{number}/typing", self.typing),
                ("POST", "/users/@me/channels", self.open_direct),
            )
        ]

    # --- every request ------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.Response:
        """Check it, do it, check the answer."""
        path = request.path.removeprefix("/api/v10")
        body, files = await _read(request)
        self.world.asked.append((request.method, path, body))
        status, answer, headers = 200, None, {}
        try:
            refusal = self._refusal(request.method, path)
            if refusal is not None and not refusal.after:
                status, answer, headers = refusal.status, refusal.body, refusal.headers
            else:
                answer = await self._do(request, path, body, files)
                status = 200 if answer is not None else 204
                if refusal is not None:
                    status, answer, headers = refusal.status, refusal.body, refusal.headers
                elif answer is not None:
                    self.world.checker.answer(request.method, path, status, answer)
        except Refused as error:
            status, answer = error.status, {"code": error.code, "message": error.message}
        self.world.changed()
        if status == CUT and request.transport is not None:
            request.transport.abort()
        text = "" if answer is None else json.dumps(answer)
        kind = {"Content-Type": "application/json"} if text else {}
        return web.Response(
            status=status, body=text.encode(), headers={**_rates(path), **kind, **headers}
        )

    def _refusal(self, method: str, path: str) -> Any:
        for refusal in self.world.refusals:
            if refusal.times and refusal.method == method and re.search(refusal.path, path):
                refusal.times -= 1
                return refusal
        return None

    async def _do(self, request: web.Request, path: str, body: Any, files: Files) -> Any:
        for method, pattern, handler in self.routes:
            found = pattern.fullmatch(path)
            if found and method == request.method:
                is_free = path.startswith(("/interactions/", "/webhooks/"))
                if not is_free and request.headers.get("Authorization") != f"Bot {TOKEN}":
                    raise Refused(401, 0, "401: Unauthorized")
                if self.world.checker.request(method, path, body):
                    raise Refused(400, 50035, "Invalid Form Body")
                return await handler(*found.groups(), body, files)
        self.world.findings.append(f"{request.method} {path} is not emulated")
        raise Refused(404, 0, "404: Not Found")

    async def get_member(self, guild: str, person: str, body: Any, files: Files) -> Payload:
        member = self.world.members.get(int(person))
        if member is None:
            raise Refused(404, 10007, "Unknown Member")
        told = {name: value for name, value in member().items() if name != "permissions"}
        unset = ("avatar", "banner", "communication_disabled_until", "premium_since")
        return {**told, **dict.fromkeys(unset), "pending": False}

    # --- who we are ---------------------------------------------------------------------------

    async def me(self, body: Any, files: Files) -> Payload:
        return {**self.world.bot, "mfa_enabled": False, "locale": "en-US", "verified": True}

    async def application(self, body: Any, files: Files) -> Payload:
        owner = self.world.people.get(1) or self.world.user(1, "Owner")
        return {
            "id": str(APP),
            "name": "Atelier",
            "icon": None,
            "description": "",
            "summary": "",
            "type": None,
            "verify_key": "0" * 64,
            "flags": 0,
            "flags_new": "0",
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "owner": owner,
            "approximate_guild_count": 1,
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "team": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "eligible_oauth2_scopes": [],
        }

    async def gateway_bot(self, body: Any, files: Files) -> Payload:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        url = self.world.base_url.replace("http", "ws") + "/gateway"
        return {"url": url, "shards": 2, "session_start_limit": limit}

    # --- commands -----------------------------------------------------------------------------

    async def get_commands(self, app: str, body: Any, files: Files) -> list[Payload]:
        return self.world.commands

    async def put_commands(self, app: str, body: Any, files: Files) -> list[Payload]:
        for each in body:
            _check_command(each)
        self.world.commands = [
            {
                "description": "",
                "nsfw": False,
                "dm_permission": True,
                **each,
                "default_member_permissions": _as_text(each.get("default_member_permissions")),
                "id": str(self.world.snowflake()),
                "application_id": app,
                "version": str(self.world.snowflake()),
            }
            for each in body
        ]
        return self.world.commands

    # --- interactions -------------------------------------------------------------------------

    def _told(self, token: str) -> Told:
        told = self.world.interactions.get(token)
        if told is None:
            raise Refused(404, 10015, "Unknown Webhook")
        if self.world.now() - told.began > TOKEN_S:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return told

    async def callback(self, id_: str, token: str, body: Payload, files: Files) -> Payload:
        told = self.world.interactions.get(token)
        if told is None or str(told.id) != id_:
            raise Refused(404, 10062, "Unknown interaction")
        if told.answer is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        told.answered_after = self.world.now() - told.began
        if told.answered_after > ACK_S:
            raise Refused(404, 10062, "Unknown interaction")
        kind, data = body["type"], body.get("data") or {}
        if kind not in {2: (4, 5, 9), 3: (4, 5, 6, 7, 9), 4: (8,), 5: (4, 5, 6, 7)}[told.kind]:
            raise Refused(400, 50035, "that is no answer to this kind of interaction")
        if kind in (6, 7) and "message" not in told.payload:
            raise Refused(400, 50035, "there is no message to update")
        told.answer = kind
        told.is_private = bool((data.get("flags") or 0) & EPHEMERAL)
        return _acknowledged(told, self._begun(told, kind, data, files))

    def _begun(self, told: Told, kind: int, data: Payload, files: Files) -> Payload | None:
        """What the first answer brings about: the message, when there is a whole one."""
        match kind:
            case 4:
                made = self._answer(told, data, files)
                told.original = made.id
                return {"type": kind, "message": made.payload}
            case 5:
                told.original = self._answer(told, {}, {}, flags=LOADING, is_empty=True).id
            case 6 | 7:
                told.original = int(told.payload["message"]["id"])
            case 8:
                told.choices = data["choices"]
            case 9:
                check_modal(data)
                told.modal = data
        return None

    def _answer(
        self,
        told: Told,
        body: Payload,
        files: Files,
        *,
        flags: int = 0,
        is_empty: bool = False,
    ) -> Message:
        if not is_empty:
            check_message(body, files, told.limit)
        is_private = told.is_private or bool((body.get("flags") or 0) & EPHEMERAL)
        made = self.world.message(told.channel, self.world.bot, application_id=str(APP))
        made.token = told.token
        made.seen_by = told.person if is_private else None
        self._fill(made, body, files)
        made.payload["flags"] |= flags | (EPHEMERAL if is_private else 0)
        if not is_private and not is_empty:
            self._tell(made)
        return made

    async def follow_up(self, app: str, token: str, body: Payload, files: Files) -> Payload:
        told = self._told(token)
        if told.answer is None:
            raise Refused(404, 10015, "Unknown Webhook")
        original = self.world.messages.get(told.original or 0)
        is_there = original is not None and not original.is_gone
        if original and is_there and original.payload["flags"] & LOADING:
            check_message(body, files, told.limit)
            self._fill(original, body, files)
            original.payload["flags"] &= ~LOADING
            return original.payload
        return self._answer(replace(told, is_private=False), body, files).payload

    def _of(self, told: Told, which: str) -> Message:
        id_ = told.original if which == "@original" else int(which)
        found = self.world.messages.get(id_ or 0)
        is_theirs = found is not None and (found.token == told.token or id_ == told.original)
        if found is None or found.is_gone or not is_theirs:
            raise Refused(404, 10008, "Unknown Message")
        return found

    async def get_answer(self, app: str, token: str, which: str, *_: Any) -> Payload:
        return self._of(self._told(token), which).payload

    async def edit_answer(
        self, app: str, token: str, which: str, body: Payload, files: Files
    ) -> Payload:
        told = self._told(token)
        if told.answer is None:
            raise Refused(404, 10015, "Unknown Webhook")
        message = self._of(told, which)
        self._change(message, body, files, told.limit)
        message.payload["flags"] &= ~LOADING
        return message.payload

    async def delete_answer(self, app: str, token: str, which: str, *_: Any) -> None:
        self._of(self._told(token), which).is_gone = True

    # --- messages of the bot itself -------------------------------------------------------------

    def _may(self, channel: int) -> int:
        """The limit of a file there; raises `Refused` where the bot may not be."""
        if not self.world.exists(channel):
            raise Refused(404, 10003, "Unknown Channel")
        guild, _ = self.world.where(channel)
        if guild is not None and not guild.is_joined:
            raise Refused(403, 50001, "Missing Access")
        person = next((who for who, where in self.world.direct.items() if where == channel), None)
        if person in self.world.closed:
            raise Refused(403, 50007, "Cannot send messages to this user")
        return LIMITS[guild.premium_tier] if guild is not None else LIMITS[0]

    async def post(self, channel: str, body: Payload, files: Files) -> Payload:
        limit = self._may(int(channel))
        check_message(body, files, limit)
        key = (int(channel), str(body.get("nonce")))
        if body.get("enforce_nonce") and key in self.world.nonces:
            return self.world.messages[self.world.nonces[key]].payload
        made = self.world.message(int(channel), self.world.bot)
        if body.get("nonce"):
            self.world.nonces[key] = made.id
            made.payload["nonce"] = body["nonce"]
        if reference := body.get("message_reference"):
            found = self.world.messages.get(int(reference["message_id"]))
            if (found is None or found.is_gone) and reference.get("fail_if_not_exists", True):
                raise Refused(400, 50035, "Unknown message")
            made.payload["type"] = 19
            made.payload["message_reference"] = {
                "type": 0,
                "channel_id": channel,
                "message_id": str(reference["message_id"]),
            }
        self._fill(made, body, files)
        self._tell(made)
        return made.payload

    def _own(self, channel: str, id_: str) -> Message:
        self._may(int(channel))
        found = self.world.messages.get(int(id_))
        is_there = found is not None and found.payload["channel_id"] == channel
        if found is None or not is_there or found.is_gone or found.seen_by is not None:
            raise Refused(404, 10008, "Unknown Message")
        return found

    async def get_message(self, channel: str, id_: str, *_: Any) -> Payload:
        return self._own(channel, id_).payload

    async def edit(self, channel: str, id_: str, body: Payload, files: Files) -> Payload:
        message = self._own(channel, id_)
        if message.payload["author"]["id"] != str(APP):
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        self._change(message, body, files, self._may(int(channel)))
        return message.payload

    async def delete(self, channel: str, id_: str, *_: Any) -> None:
        self._own(channel, id_).is_gone = True

    async def typing(self, channel: str, *_: Any) -> None:
        self._may(int(channel))
        self.world.typing.append(int(channel))

    async def open_direct(self, body: Payload, files: Files) -> Payload:
        person = int(body["recipient_id"])
        if person not in self.world.people:
            raise Refused(400, 50033, "Invalid Recipient(s)")
        id_ = self.world.direct_of(person)
        who = self.world.people[person]
        return {"id": str(id_), "type": 1, "flags": 0, "recipients": [who], "last_message_id": None}

    # --- what a message becomes -----------------------------------------------------------------

    def _change(self, message: Message, body: Payload, files: Files, limit: int) -> None:
        was = message.payload["flags"]
        now = body.get("flags") or 0
        merged = {**body, "flags": was | now}
        for name in ("content", "components"):
            merged.setdefault(name, message.payload[name])
        if was & LAYOUT and body.get("content"):
            raise Refused(400, 50035, "a layout can't get content")
        told = body.get("attachments")
        kept = {
            str(each["id"]) for each in (message.payload["attachments"] if told is None else told)
        }
        known = [each for each in message.payload["attachments"] if each["id"] in kept]
        check_message({**merged, "attachments": known}, files, limit)
        message.versions.append(dict(message.payload))
        message.payload["attachments"] = known
        self._fill(message, body, files)
        message.payload["edited_timestamp"] = stamp()

    def _fill(self, message: Message, body: Payload, files: Files) -> None:
        channel = int(message.payload["channel_id"])
        told = {
            int(each["id"]): each for each in body.get("attachments") or [] if int(each["id"]) < 10
        }
        uploads: dict[str, Payload] = {}
        for number, (name, data) in files.items():
            more = (
                {"description": told[number]["description"]}
                if told.get(number, {}).get("description")
                else {}
            )
            uploads[name] = self.world.upload(channel, name, data, **more)
        if "content" in body:
            message.payload["content"] = body["content"] or ""
        if body.get("flags"):
            message.payload["flags"] |= body["flags"] & LAYOUT
        if "components" in body:
            ids = iter(range(1, 100))
            message.payload["components"] = [
                _component(each, uploads, ids) for each in body["components"] or []
            ]
        used = json.dumps(message.payload["components"])
        message.payload["attachments"] += [
            each for each in uploads.values() if f'"{each["url"]}"' not in used
        ]

    def _tell(self, message: Message) -> None:
        guild, _ = self.world.where(int(message.payload["channel_id"]))
        more = {"guild_id": str(guild.id)} if guild is not None else {}
        self.world.dispatch("MESSAGE_CREATE", {**message.payload, **more})

    async def file(self, request: web.Request) -> web.Response:
        """A file of the content servers."""
        found = self.world.files.get(request.path)
        return web.Response(status=404) if found is None else web.Response(body=found)


def _acknowledged(told: Told, resource: Payload | None) -> Payload:
    interaction: Payload = {
        "id": str(told.id),
        "type": told.kind,
        "response_message_loading": told.answer == 5,
        "response_message_ephemeral": told.is_private,
    }
    if told.original is not None:
        interaction["response_message_id"] = str(told.original)
        interaction["channel_id"] = str(told.channel)
    ended: Payload = {"interaction": interaction}
    return ended if resource is None else {**ended, "resource": resource}


def _component(given: Payload, uploads: dict[str, Payload], ids: Any) -> Payload:
    """As Discord tells it back: with an id, defaults, and files at their addresses."""
    made = {name: value for name, value in given.items() if value is not None}
    made["id"] = given.get("id") or next(ids)

    def media(url: str) -> Payload:
        found = uploads.get(url.removeprefix("attachment://"))
        if found is None:
            return {"id": "1", "url": url, "proxy_url": url}
        return {
            "id": found["id"],
            "url": found["url"],
            "proxy_url": found["url"],
            "content_type": found["content_type"],
            "width": 64,
            "height": 64,
            "attachment_id": found["id"],
        }

    match given["type"]:
        case 1 | 17:
            made["components"] = [_component(each, uploads, ids) for each in given["components"]]
            if given["type"] == 17:
                made |= {"accent_color": given.get("accent_color"), "spoiler": False}
        case 12:
            made["items"] = [
                {
                    "media": media(item["media"]["url"]),
                    "description": item.get("description"),
                    "spoiler": bool(item.get("spoiler")),
                }
                for item in given["items"]
            ]
        case 13:
            url = given["file"]["url"]
            found = uploads.get(url.removeprefix("attachment://"), {})
            made |= {"file": media(url), "name": found.get("filename"), "size": found.get("size")}
            made["spoiler"] = False
    return made


def _check_command(command: Payload) -> None:
    """Rules that the document leaves out."""
    options = command.get("options") or []
    required = [bool(each.get("required")) for each in options]
    if required != sorted(required, reverse=True):
        raise Refused(400, 50035, "required options come first")
    names = [each["name"] for each in options]
    if len(names) != len(set(names)) or len(options) > 25:
        raise Refused(400, 50035, "options")
    if command.get("type", 1) == 1 and not re.fullmatch(r"[-_a-z0-9]{1,32}", command["name"]):
        raise Refused(400, 50035, "name")
    for each in options:
        if each.get("choices") and each.get("autocomplete"):
            raise Refused(400, 50035, "choices and autocomplete")


def check_modal(data: Payload) -> None:
    """Rules of forms that the document leaves out."""
    if not 1 <= len(data["components"]) <= 5:
        raise Refused(400, 50035, "a modal has 1 to 5 parts")
    inner = [each["component"]["custom_id"] for each in data["components"] if "component" in each]
    if len(inner) != len(set(inner)):
        raise Refused(400, 50035, "Component custom id cannot be duplicated")
    for each in data["components"]:
        value = each.get("component", {}).get("value") or ""
        most = each.get("component", {}).get("max_length") or 4000
        if len(value) > most:
            raise Refused(400, 50035, "a value longer than its field")


async def _read(request: web.Request) -> tuple[Any, Files]:
    if request.content_type == "multipart/form-data":
        body: Any = {}
        files: Files = {}
        parts = await request.multipart()
        while isinstance(part := await parts.next(), BodyPartReader):
            data = bytes(await part.read())
            name = str(part.name)
            if name == "payload_json":
                body = json.loads(data)
            else:
                number = int(name.removeprefix("files[").removesuffix("]"))
                files[number] = (str(part.filename), data)
        return body, files
    text = await request.text()
    return (json.loads(text) if text else None), {}


def _rates(path: str) -> dict[str, str]:
    bucket = hashlib.sha256(re.sub(r"\d+", "", path).encode()).hexdigest()[:16]
    return {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset": "9999999999.000",
        "X-RateLimit-Reset-After": "1.000",
        "X-RateLimit-Bucket": bucket,
    }


def squeezed(compressor: Any, text: str) -> bytes:
    """A piece of the gateway's one long zlib stream."""
    return bytes(compressor.compress(text.encode()) + compressor.flush(zlib.Z_SYNC_FLUSH))


def _as_text(number: int | None) -> str | None:
    """Rights are sent as a number and told as a string."""
    return None if number is None else str(number)
