"""The language-model reader against a real server on loopback that speaks OpenAI's protocol."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from time import monotonic

import pytest
from aiohttp import web

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
    """Answers chat completions as it is told; remembers what it was asked."""

    says: list[object] = field(default_factory=list)
    asked: list[dict[str, object]] = field(default_factory=list)
    address: str = ""

    async def complete(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, int):
            return web.Response(status=said, text="no")
        if isinstance(said, float):
            await asyncio.sleep(said)
        call = {
            "id": "call-1",
            "type": "function",
            "function": {"name": "understood", "arguments": json.dumps(said)},
        }
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return web.json_response(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "tiny",
                "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            }
        )


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    served = Server()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", served.complete)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    served.address = f"http://127.0.0.1:{port}/v1"
    yield served
    await runner.cleanup()


async def read(server: Server, words: str, timeout_s: float = 60.0) -> Reading:
    settings = DirectorSettings(
        reader="language-model",
        language_model="tiny",
        endpoint=server.address,
        timeout_s=timeout_s,
    )
    asks = LanguageReader(
        settings, lambda: UNDERSTANDERS.get("pydantic-ai").make(settings), monotonic
    )
    try:
        return await asks.read(words, Room(cards=CARDS, bases=BASES))
    finally:
        await asks.close()


def wish(reading: Reading) -> Generate:
    assert isinstance(reading.intent, Generate)
    return reading.intent


async def test_a_real_server_is_asked_and_understood(server: Server) -> None:
    look = {"name": "Linocut", "said": "linocut"}
    server.says = [{"kind": "generate", "prompt": "a fox in linocut", "looks": [look]}]

    reading = await read(server, "a fox in linocut")

    assert [each.name for each in wish(reading).looks] == ["Linocut"]
    assert wish(reading).read_by == ""
    assert "Linocut" in json.dumps(server.asked[0])


async def test_a_lie_about_another_spaces_look_is_dropped(server: Server) -> None:
    look = {"name": "Theirs", "said": "fox"}
    server.says = [{"kind": "generate", "prompt": "a fox", "looks": [look]}]

    assert wish(await read(server, "a fox")).looks == ()


async def test_malformed_output_is_asked_for_again(server: Server) -> None:
    server.says = [{"kind": "paint"}, {"kind": "generate", "prompt": "a fox"}]

    reading = await read(server, "a fox")

    assert wish(reading).read_by == ""
    assert len(server.asked) == 2


@pytest.mark.parametrize("broken", [500, 401, 0.8], ids=["down", "refused", "slow"])
async def test_rules_read_when_the_server_fails(server: Server, broken: object) -> None:
    server.says = [broken]

    reading = await read(server, "a fox in linocut", timeout_s=0.4)

    assert [each.name for each in wish(reading).looks] == ["Linocut"]
    assert "by rules" in wish(reading).read_by
