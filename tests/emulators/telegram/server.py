"""A Bot API server on loopback: chats, messages, files, polling and webhooks, with their rules.

It keeps what people would see. Everything that comes in and goes out is held to the published
document; what is wrong is collected in `findings`, and a test that finds any there fails.
"""

import asyncio
import io
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from PIL import Image
from pydantic import SecretStr

from bot.settings import Settings, TelegramSettings
from tests.emulators.telegram.checker import load

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
BOT_ID = 123456789
USERNAME = "atelier_test_bot"
ME = {
    "id": BOT_ID, "is_bot": True, "first_name": "Atelier", "username": USERNAME,
    "can_join_groups": True, "can_read_all_group_messages": False,
    "supports_inline_queries": False, "can_connect_to_business": False,
    "has_main_web_app": False,
}  # fmt: skip
TEXT_UNITS, CAPTION_UNITS, DATA_BYTES = 4096, 1024, 64
PHOTO_BYTES, FETCH_BYTES = 10_000_000, 20_000_000
PRESS_S, DELETE_S = 15.0, 48 * 3600
SENDS = ("sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup")
EDITS = ("editMessageText", "editMessageMedia", "editMessageCaption", "editMessageReplyMarkup")


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, code: int, why: str, **parameters: Any) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.parameters = parameters


class Lost(Exception):
    """The request is carried out, and its answer never arrives."""


@dataclass
class Call:
    """A request as it came."""

    method: str
    given: dict[str, Any]
    files: dict[str, bytes]
    at: float


Fault = Callable[[Call], Refused | Awaitable[None] | None]


@dataclass
class TelegramServer:
    """One bot's world."""

    is_local: bool = False
    calls: list[Call] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    is_odd: bool = False
    """Its own answers may differ from the document, as those of an old server do."""
    chats: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: dict[int, dict[int, dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    members: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    menus: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    reactions: list[tuple[int, int, str]] = field(default_factory=list)
    actions: list[tuple[int, str]] = field(default_factory=list)
    presses: dict[str, tuple[float, bool]] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self._checker = load()
        self._ids = itertools.count(1)
        self._update_ids = itertools.count(700_000_001)
        self._file_ids = itertools.count(1)
        self._changed = asyncio.Condition()
        self._poll = 0
        self._runner: web.AppRunner | None = None
        self.url = ""

    # --- life -----------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/bot{token}/{method}", self._method)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    def settings(self, **telegram: object) -> Settings:
        """Those of a bot of ours on this server."""
        return Settings(
            telegram_token=SecretStr(TOKEN),
            telegram_base_url=f"{self.url}/bot",
            telegram_base_file_url=f"{self.url}/file/bot",
            telegram=TelegramSettings.model_validate(telegram),
        )

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def until(self, is_so: Callable[[], bool], timeout_s: float = 60) -> None:
        """Wait until something is so; looked at whenever anything changes."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(is_so)

    async def changed(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # --- what people see ------------------------------------------------------------------------

    def seen(self, chat: int) -> list[dict[str, Any]]:
        """The bot's messages in a chat, as they look now, oldest first."""
        every = self.messages.get(chat, {}).values()
        return [each for each in every if each["from"]["id"] == BOT_ID]

    def text(self, chat: int) -> str:
        """All that the bot says in a chat, buttons included."""
        parts = []
        for message in self.seen(chat):
            parts += [message.get("text", ""), message.get("caption", "")]
            parts += [button["text"] for button in buttons_of(message)]
        return "\n".join(parts)

    def photo(self, message: Mapping[str, Any]) -> bytes:
        """The picture of a message."""
        return self.files[message["photo"][-1]["file_id"]]

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def refuse(self, method: str, *refusals: Refused | None) -> None:
        """The next calls of a method are answered so, one each; None lets one through."""
        waiting = list(refusals)

        def fault(call: Call) -> Refused | None:
            return waiting.pop(0) if call.method == method and waiting else None

        self.faults.append(fault)

    # --- updates --------------------------------------------------------------------------------

    async def push(self, kind: str, what: Mapping[str, Any]) -> dict[str, Any]:
        """Something happened: the bot gets an update."""
        update = {"update_id": next(self._update_ids), kind: dict(what)}
        return await self.push_again(update)

    async def push_again(self, update: dict[str, Any]) -> dict[str, Any]:
        """The same update, once more."""
        self.findings += self._checker.update(update)
        if self.webhook.get("url"):
            await self.bring(update)
        else:
            self.updates.append(update)
        await self.changed()
        return update

    async def bring(self, update: Mapping[str, Any], secret: str | None = None) -> int:
        """Bring an update to the webhook; returns the status."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret or self.webhook["secret_token"]}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook["url"], json=update, headers=headers) as answer,
        ):
            return answer.status

    # --- HTTP -----------------------------------------------------------------------------------

    async def _file(self, request: web.Request) -> web.Response:
        data = self.files.get(request.match_info["path"].removeprefix("files/"))
        if request.match_info["token"] != TOKEN or data is None:
            return web.Response(status=404)
        return web.Response(body=data)

    async def _method(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        given, files = await _read(request)
        call = Call(method, self._checker.decoded(method, given), files, self.clock())
        self.calls.append(call)
        try:
            if request.match_info["token"] != TOKEN:
                raise Refused(401, "Unauthorized")
            self.findings += self._checker.request(method, call.given, set(files))
            for fault in self.faults:
                refusal = fault(call)
                if isinstance(refusal, Refused):
                    raise refusal
                if refusal is not None:
                    await refusal
            result = await self._do(call)
        except Lost:
            await self._do(call)
            await self.changed()
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        except Refused as refused:
            body: dict[str, Any] = {
                "ok": False, "error_code": refused.code, "description": refused.why,
            }  # fmt: skip
            if refused.parameters:
                body["parameters"] = refused.parameters
            await self.changed()
            return web.json_response(body, status=refused.code)
        if not self.is_odd:
            self.findings += self._checker.result(method, result)
        await self.changed()
        return web.json_response({"ok": True, "result": result})

    async def _do(self, call: Call) -> Any:
        if call.method == "getUpdates":
            return await self._get_updates(call.given)
        handler = getattr(self, f"_on_{call.method}", None)
        if handler is None:
            raise Refused(404, "Not Found: method not found")
        return handler(call)

    async def _get_updates(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        if self.webhook.get("url"):
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._poll += 1
        mine = self._poll
        await self.changed()
        offset = int(given.get("offset") or 0)
        self.updates = [each for each in self.updates if each["update_id"] >= offset]
        kinds = given.get("allowed_updates")

        def waiting() -> list[dict[str, Any]]:
            return [each for each in self.updates if not kinds or set(each) & set(kinds)]

        try:
            async with asyncio.timeout(float(given.get("timeout") or 0)), self._changed:
                await self._changed.wait_for(lambda: waiting() or self._poll != mine)
        except TimeoutError:
            return waiting()
        if self._poll != mine:
            raise Refused(
                409, "Conflict: terminated by other getUpdates request; make sure that only one "
                "bot instance is running",
            )  # fmt: skip
        return waiting()[: int(given.get("limit") or 100)]

    # --- methods --------------------------------------------------------------------------------

    def _on_getMe(self, _: Call) -> Any:  # noqa: N802
        return ME

    def _on_setWebhook(self, call: Call) -> bool:  # noqa: N802
        self.webhook = dict(call.given)
        return True

    def _on_deleteWebhook(self, _: Call) -> bool:  # noqa: N802
        self.webhook = {}
        return True

    def _on_setMyCommands(self, call: Call) -> bool:  # noqa: N802
        for command in call.given["commands"]:
            if not 1 <= len(command["description"]) <= 256 or len(command["command"]) > 32:
                raise Refused(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        scope = call.given.get("scope", {"type": "default"})["type"]
        self.menus[scope, call.given.get("language_code", "")] = call.given["commands"]
        return True

    def _on_getChatMember(self, call: Call) -> Any:  # noqa: N802
        chat, user = int(call.given["chat_id"]), int(call.given["user_id"])
        found = self.members.get((chat, user))
        if found is None:
            raise Refused(400, "Bad Request: user not found")
        return found

    def _on_sendChatAction(self, call: Call) -> bool:  # noqa: N802
        chat = self._chat(call)
        self.actions.append((chat["id"], call.given["action"]))
        return True

    def _on_setMessageReaction(self, call: Call) -> bool:  # noqa: N802
        chat = self._chat(call)
        message = self._message(chat, call.given["message_id"], "message to react not found")
        for reaction in call.given.get("reaction", ()):
            self.reactions.append((chat["id"], message["message_id"], reaction["emoji"]))
        return True

    def _on_answerCallbackQuery(self, call: Call) -> bool:  # noqa: N802
        query = call.given["callback_query_id"]
        at, is_answered = self.presses.get(query, (0.0, True))
        if is_answered or self.clock() - at > PRESS_S:
            raise Refused(
                400, "Bad Request: query is too old and response timeout expired or query ID is "
                "invalid",
            )  # fmt: skip
        if units(call.given.get("text", "")) > 200:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        self.presses[query] = (at, True)
        return True

    def _on_getFile(self, call: Call) -> Any:  # noqa: N802
        file_id = call.given["file_id"]
        data = self.files.get(file_id)
        if data is None:
            raise Refused(400, "Bad Request: invalid file_id")
        if len(data) > FETCH_BYTES and not self.is_local:
            raise Refused(400, "Bad Request: file is too big")
        return {
            "file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(data),
            "file_path": f"files/{file_id}",
        }  # fmt: skip

    def _on_sendMessage(self, call: Call) -> Any:  # noqa: N802
        text = call.given["text"]
        _fits(text, TEXT_UNITS, "message is too long")
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        return self._new(call, {"text": text} | _entities(call.given, text, "entities"))

    def _on_sendPhoto(self, call: Call) -> Any:  # noqa: N802
        photo = self._upload(call, call.given.get("photo"), "photo")
        content = {"photo": self._sizes(photo)} | _spoiler(call.given) | _caption(call.given)
        return self._new(call, content)

    def _on_sendDocument(self, call: Call) -> Any:  # noqa: N802
        name = self._upload(call, call.given.get("document"), "document")
        return self._new(call, {"document": self._document(name)} | _caption(call.given))

    def _on_sendMediaGroup(self, call: Call) -> Any:  # noqa: N802
        media = call.given["media"]
        if not 2 <= len(media) <= 10:
            raise Refused(400, "Bad Request: wrong number of messages in the album")
        group = f"album-{next(self._file_ids)}"
        contents = [self._media(call, each) for each in media]
        return [self._new(call, {**each, "media_group_id": group}) for each in contents]

    def _on_editMessageText(self, call: Call) -> Any:  # noqa: N802
        message = self._edited(call)
        if "text" not in message:
            raise Refused(400, "Bad Request: there is no text in the message to edit")
        text = call.given["text"]
        _fits(text, TEXT_UNITS, "message is too long")
        return self._change(
            call, message, {"text": text} | _entities(call.given, text, "entities"), ("entities",)
        )

    def _on_editMessageMedia(self, call: Call) -> Any:  # noqa: N802
        message = self._edited(call)
        media = self._media(call, call.given["media"])
        kept = "photo" if "photo" in message else "document"
        if "media_group_id" in message and kept not in media:
            raise Refused(400, "Bad Request: message can't be edited to this media")
        gone = (
            "text", "entities", "photo", "document", "caption", "caption_entities",
            "has_media_spoiler",
        )  # fmt: skip
        return self._change(call, message, media, gone)

    def _on_editMessageCaption(self, call: Call) -> Any:  # noqa: N802
        message = self._edited(call)
        return self._change(call, message, _caption(call.given), ("caption", "caption_entities"))

    def _on_editMessageReplyMarkup(self, call: Call) -> Any:  # noqa: N802
        return self._change(call, self._edited(call), {}, ())

    def _on_deleteMessage(self, call: Call) -> bool:  # noqa: N802
        chat = self._chat(call)
        message = self._message(chat, call.given["message_id"], "message to delete not found")
        self._may_go(message)
        del self.messages[chat["id"]][message["message_id"]]
        return True

    def _on_deleteMessages(self, call: Call) -> bool:  # noqa: N802
        chat = self._chat(call)
        wanted = [int(message) for message in call.given["message_ids"]]
        known = self.messages[chat["id"]]
        for message in wanted:
            if message in known:
                self._may_go(known[message])
        for message in wanted:
            known.pop(message, None)
        return True

    def _may_go(self, message: Mapping[str, Any]) -> None:
        if self.clock() - message["date"] > DELETE_S:
            raise Refused(400, "Bad Request: message can't be deleted for everyone")

    # --- parts ----------------------------------------------------------------------------------

    def _chat(self, call: Call) -> dict[str, Any]:
        chat = self.chats.get(int(call.given["chat_id"]))
        if chat is None:
            raise Refused(400, "Bad Request: chat not found")
        thread = call.given.get("message_thread_id")
        topics = chat.get("_topics", ())
        if thread is not None and int(thread) not in topics:
            raise Refused(400, "Bad Request: message thread not found")
        if "_moved_to" in chat:
            raise Refused(
                400, "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat["_moved_to"],
            )  # fmt: skip
        if chat.get("_blocked"):
            raise Refused(403, chat["_blocked"])
        return chat

    def _message(self, chat: Mapping[str, Any], message: Any, why: str) -> dict[str, Any]:
        found = self.messages.get(chat["id"], {}).get(int(message))
        if found is None:
            raise Refused(400, f"Bad Request: {why}")
        return found

    def _edited(self, call: Call) -> dict[str, Any]:
        message = self._message(self._chat(call), call.given["message_id"], NOT_FOUND)
        if message["from"]["id"] != BOT_ID:
            raise Refused(400, "Bad Request: message can't be edited")
        return message

    def _new(self, call: Call, content: Mapping[str, Any]) -> dict[str, Any]:
        chat = self._chat(call)
        reply = call.given.get("reply_parameters")
        replied = None
        if reply is not None:
            replied = self.messages.get(chat["id"], {}).get(reply["message_id"])
            if replied is None and not reply.get("allow_sending_without_reply"):
                raise Refused(400, "Bad Request: message to be replied not found")
        message: dict[str, Any] = {
            "message_id": next(self._ids),
            "from": {key: ME[key] for key in ("id", "is_bot", "first_name", "username")},
            "chat": public(chat),
            "date": int(self.clock()),
            **content,
        }
        if replied is not None:
            message["reply_to_message"] = {
                key: value for key, value in replied.items() if key != "reply_to_message"
            }
        if thread := call.given.get("message_thread_id"):
            message |= {"message_thread_id": int(thread), "is_topic_message": True}
        message |= _markup(call.given)
        shown = {key: value for key, value in message.items() if key != "reply_markup"}
        if "inline_keyboard" in message.get("reply_markup", {}):
            shown["reply_markup"] = message["reply_markup"]
        self.messages.setdefault(chat["id"], {})[message["message_id"]] = shown
        return shown

    def _change(
        self, call: Call, message: dict[str, Any], content: dict[str, Any], gone: tuple[str, ...]
    ) -> dict[str, Any]:
        markup = _markup(call.given)
        after = {
            key: value
            for key, value in message.items()
            if key not in (*gone, "reply_markup", "edit_date")
        }
        after |= content | markup
        before = {key: value for key, value in message.items() if key != "edit_date"}
        if _same(before, after, self.files):
            raise Refused(400, UNCHANGED)
        message.clear()
        message.update(after, edit_date=int(self.clock()))
        return message

    def _media(self, call: Call, media: Mapping[str, Any]) -> dict[str, Any]:
        kind = media["type"]
        name = self._upload(call, media["media"], kind)
        content = {"photo": self._sizes(name)} if kind == "photo" else {
            "document": self._document(name)
        }  # fmt: skip
        return content | (_spoiler(media) if kind == "photo" else {}) | _caption(media)

    def _upload(self, call: Call, given: Any, kind: str) -> str:
        data = call.files.get(str(given).removeprefix("attach://")) or call.files.get(kind)
        if data is None:
            if str(given) in self.files:
                return str(given)
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        if kind == "photo":
            if len(data) > PHOTO_BYTES:
                raise Refused(400, "Bad Request: file is too big")
            with Image.open(io.BytesIO(data)) as picture:
                width, height = picture.size
            if width + height > 10_000 or max(width, height) > 20 * min(width, height):
                raise Refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        file_id = f"file-{next(self._file_ids)}"
        self.files[file_id] = data
        return file_id

    def _sizes(self, file_id: str) -> list[dict[str, Any]]:
        with Image.open(io.BytesIO(self.files[file_id])) as picture:
            width, height = picture.size
        return [
            {
                "file_id": file_id, "file_unique_id": f"u{file_id}", "width": width,
                "height": height, "file_size": len(self.files[file_id]),
            }
        ]  # fmt: skip

    def _document(self, file_id: str) -> dict[str, Any]:
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": len(self.files[file_id]),
        }


NOT_FOUND = "message to edit not found"
UNCHANGED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def public(chat: Mapping[str, Any]) -> dict[str, Any]:
    """A chat as the API shows it."""
    return {key: value for key, value in chat.items() if not key.startswith("_")}


def buttons_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _fits(text: str, most: int, why: str) -> None:
    if units(text) > most:
        raise Refused(400, f"Bad Request: {why}")


def _entities(given: Mapping[str, Any], text: str, name: str) -> dict[str, Any]:
    entities = given.get(name) or []
    for entity in entities:
        if entity["length"] < 1 or entity["offset"] + entity["length"] > units(text):
            raise Refused(400, "Bad Request: entity is outside of the text")
    return {name: entities} if entities else {}


def _caption(given: Mapping[str, Any]) -> dict[str, Any]:
    caption = given.get("caption")
    if not caption:
        return {}
    _fits(caption, CAPTION_UNITS, "message caption is too long")
    return {"caption": caption} | _entities(given, caption, "caption_entities")


def _spoiler(given: Mapping[str, Any]) -> dict[str, Any]:
    is_hidden = str(given.get("has_spoiler", "")).casefold() == "true"
    return {"has_media_spoiler": True} if is_hidden else {}


def _markup(given: Mapping[str, Any]) -> dict[str, Any]:
    markup = given.get("reply_markup")
    if not markup:
        return {}
    rows = markup.get("inline_keyboard", [])
    for button in (each for row in rows for each in row):
        if not 1 <= len(button.get("callback_data", "x").encode()) <= DATA_BYTES:
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        if not button["text"].strip():
            raise Refused(400, "Bad Request: BUTTON_TEXT_INVALID")
    if any(len(row) > 8 for row in rows) or sum(len(row) for row in rows) > 100:
        raise Refused(400, "Bad Request: too many buttons")
    return {"reply_markup": markup}


def _same(before: Mapping[str, Any], after: Mapping[str, Any], files: Mapping[str, bytes]) -> bool:
    def told(message: Mapping[str, Any]) -> str:
        kept = dict(message)
        if "photo" in kept:
            kept["photo"] = hash(files[kept["photo"][-1]["file_id"]])
        if "document" in kept:
            kept["document"] = hash(files[kept["document"]["file_id"]])
        return json.dumps(kept, sort_keys=True)

    return told(before) == told(after)


async def _read(request: web.Request) -> tuple[dict[str, str], dict[str, bytes]]:
    given: dict[str, str] = dict(request.query)
    files: dict[str, bytes] = {}
    if request.content_type == "application/json":
        body = await request.json()
        given |= {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in body.items()
        }
        return given, files
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = await asyncio.to_thread(value.file.read)
        else:
            given[name] = value if isinstance(value, str) else value.decode()
    return given, files
