"""The language-model reader against a server on loopback that speaks Anthropic's Messages API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from engine.director.language import LanguageReader
from engine.director.language.table import UNDERSTANDERS
from engine.director.reader import Room
from engine.messages import Base, Card, Generate, Reading
from engine.settings import DirectorSettings

pytestmark = pytest.mark.enable_socket
CARDS = (Card(name="Linocut", family="miniature"), Card(name="Neon", family="miniature"))
BASES = (Base(name="miniature", family="miniature", folder="m"),)


@dataclass
class Server:
    """Answers messages as it is told; remembers what it was asked and with which headers."""

    says: dict[str, object] | int = 500
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    address: str = ""

    async def message(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        told = (request.headers.get(name, "") for name in ("x-api-key", "Authorization"))
        self.keys.append(" ".join(told))
        if isinstance(self.says, int):
            error = {"type": "overloaded_error", "message": "no"}
            return web.json_response({"type": "error", "error": error}, status=self.says)
        call = {"type": "tool_use", "id": "toolu_1", "name": "understood", "input": self.says}
        return web.json_response(
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": "tiny",
                "content": [call],
                "stop_reason": "tool_use",
                "stop_sequence": None,
                "usage": {"input_tokens": 10, "output_tokens": 5},
            }
        )


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    served = Server()
    app = web.Application()
    app.router.add_post("/v1/messages", served.message)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield served
    await runner.cleanup()


async def read(server: Server, words: str, *pictures: bytes) -> Reading:
    settings = DirectorSettings(
        reader="language-model",
        provider="anthropic",
        language_model="tiny",
        endpoint=server.address,
        api_key=SecretStr("key-of-the-test"),
        sees_pictures=bool(pictures),
    )
    asks = LanguageReader(
        settings, lambda: UNDERSTANDERS.get("pydantic-ai").make(settings), monotonic
    )
    try:
        return await asks.read(words, Room(cards=CARDS, bases=BASES, pictures=pictures))
    finally:
        await asks.close()


async def test_the_form_is_filled_over_the_messages_api(server: Server) -> None:
    looks = [{"name": "Linocut", "said": "linocut"}]
    server.says = {"kind": "generate", "prompt": "a fox", "looks": looks}

    intent = (await read(server, "a fox in linocut")).intent

    assert isinstance(intent, Generate)
    assert (intent.prompt, [look.name for look in intent.looks]) == ("a fox", ["Linocut"])
    assert intent.read_by == ""
    assert "key-of-the-test" in server.keys[0]
    assert server.asked[0]["tools"][0]["name"] == "understood"


async def test_pictures_go_along_as_images(server: Server) -> None:
    server.says = {"kind": "generate", "prompt": "a fox in teal"}

    reading = await read(server, "a fox in these colors", b"\xff\xd8 jpeg")

    (content,) = (each["content"] for each in server.asked[0]["messages"])
    (image,) = (part for part in content if part["type"] == "image")
    assert image["source"]["media_type"] == "image/jpeg"
    assert reading.has_seen


@pytest.mark.parametrize("status", [429, 500, 529])
async def test_a_server_that_refuses_leaves_it_to_the_rules(server: Server, status: int) -> None:
    server.says = status

    intent = (await read(server, "a fox in linocut")).intent

    assert isinstance(intent, Generate)
    assert [look.name for look in intent.looks] == ["Linocut"]
    assert "did not answer" in intent.read_by
    assert len(server.asked) == 1
