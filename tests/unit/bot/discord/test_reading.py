"""Answers and events that the library itself could not read."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import discord
import pytest

from bot.discord.reading import completed, read_answer, without_nulls


@dataclass
class Answer:
    """As much of an answer as is looked at."""

    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    async def text(self, **_: str) -> str:
        return self.body

    async def read(self) -> Any:
        return await read_answer(cast(aiohttp.ClientResponse, self))


async def test_json_is_read_with_any_charset() -> None:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    assert await Answer('{"a": 1}', headers=kind).read() == {"a": 1}


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<html>", 502, {"Content-Type": "text/html"}),
        Answer("", 400),
        Answer("{", 400),
        Answer("no", 404, {}),
        Answer("", 204, {}),
    ],
)
async def test_an_error_that_is_no_json_is_its_text(answer: Answer) -> None:
    assert await answer.read() == answer.body


@pytest.mark.parametrize("headers", [{"Content-Type": "text/html"}, {}])
async def test_a_success_that_is_no_json_is_not_from_discord(headers: dict[str, str]) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        await Answer("<html>", 200, headers).read()


async def test_a_wait_keeps_its_length() -> None:
    with pytest.raises(discord.RateLimited) as waits:
        await Answer(json.dumps({"retry_after": 0.4, "global": False}), 429).read()
    assert waits.value.retry_after == 0.4


async def test_a_wait_that_the_library_obeys_is_left_to_it() -> None:
    headers = {"Content-Type": "application/json", "Via": "1.1 google"}
    assert await Answer('{"retry_after": 0.4}', 429, headers).read() == {"retry_after": 0.4}


def test_nulls_go_only_where_they_are_not_understood() -> None:
    told = {"poll": None, "content": None, "list": [{"reactions": None, "id": "1"}]}
    assert without_nulls(told) == {"content": None, "list": [{"id": "1"}]}


def test_an_interaction_is_completed() -> None:
    whole = completed({"id": "1", "channel_id": "5", "guild_id": "7", "user": {"id": "2"}})
    assert whole["channel"]["id"] == "5"
    assert whole["member"]["user"] == {"id": "2"}
    assert whole["attachment_size_limit"] == 10 * 2**20
    direct = completed({"id": "1", "channel": {"id": "5"}, "member": {"user": {"id": "2"}}})
    assert direct["user"] == {"id": "2"}
    assert direct["channel"] == {"id": "5"}
