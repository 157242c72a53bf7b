"""What other servers than ours do, and the documents allow: odd updates, tokens in addresses."""

import logging

import pytest
from aiohttp import web
from telegram import Update
from telegram.error import InvalidToken

from bot.messages import Button
from bot.telegram import webhook
from bot.telegram.alone import build_client
from bot.telegram.client import ServerClock, make_bot
from bot.telegram.outbound import Words, keyboard, split
from bot.telegram.reading import written
from tests.emulators.telegram.people import ADA, private
from tests.emulators.telegram.server import Refused, TelegramServer
from tests.fakes.engine import FakeEngine
from tests.integration.bot.telegram.conftest import Scene

GONE = {"message_id": 1, "date": 0}
"""A message that Telegram does not show any more."""
OLD_POLL = {"id": "1", "question": "which?"}
"""As an older server tells it: much that the library wants is missing."""


async def bring(scene: Scene, **what: object) -> None:
    """An update past the checker: no server of today sends it."""
    scene.server.is_odd = True
    scene.server.updates.append({"update_id": next(scene.server._update_ids), **what})
    await scene.server.changed()


async def test_an_update_that_can_not_be_read_costs_no_more_than_itself(scene: Scene) -> None:
    said = scene.ada.message(ADA, "/queue")
    await bring(scene, message={**said, "chat": {"title": "no id"}})
    await bring(scene, chosen_inline_result={"odd": True})
    await scene.ada.say(ADA, "/help")
    await scene.until_says("pictures from plain words")


async def test_an_odd_part_of_a_message_costs_no_more_than_that_part(scene: Scene) -> None:
    replied = scene.ada.message(ADA, poll=OLD_POLL)
    await bring(scene, message=scene.ada.message(ADA, "/queue", reply_to_message=replied))
    await scene.until_says("nothing in the queue")


async def test_a_pinned_message_that_is_gone_stops_nothing(scene: Scene) -> None:
    gone = {**GONE, "chat": scene.ada.chat}
    await scene.ada.say(ADA, pinned_message=gone)
    await scene.ada.say(ADA, "/queue")
    await scene.until_says("nothing in the queue")


async def test_what_is_written_down_is_read_again(server: TelegramServer) -> None:
    bot = make_bot(server.settings(), ServerClock())
    gone = {**GONE, "chat": {"id": 5, "type": "private"}}
    message = {"message_id": 2, "date": 9, "chat": gone["chat"], "pinned_message": gone}
    update = Update.de_json({"update_id": 7, "message": message}, bot)
    assert update.message is not None
    again = written(update)
    assert '"date": 0' in again
    assert '"update_id": 7' in again


async def test_an_odd_update_is_taken_from_a_webhook_or_it_would_come_for_ever(
    server: TelegramServer,
) -> None:
    numbers: list[int] = []

    async def take(update: Update) -> None:
        numbers.append(update.update_id)

    settings = server.settings(webhook_url="http://bot.test/telegram", webhook_secret="right")
    bot = make_bot(settings, ServerClock())
    app = web.Application()
    webhook.Webhook(settings, bot, take).add_routes(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.webhook = {"url": f"http://{host}:{port}/telegram", "secret_token": "right"}
    assert await server.bring({"update_id": 5, "message": {"odd": True}}) == 200
    assert await server.bring({"odd": True}) == 400
    assert numbers == [5]
    await runner.cleanup()


async def test_no_token_is_told_by_libraries_errors_or_objects(
    server: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Also in a program that runs the client itself and logs everything."""
    private(server)
    settings = server.settings()
    token = settings.telegram_token.get_secret_value()
    server.refuse("getMe", None, Refused(401, "Unauthorized"))
    client = build_client(settings, FakeEngine())
    with caplog.at_level(logging.DEBUG):
        await client.initialize()
        await client.shutdown()
        other = build_client(settings, FakeEngine())
        with pytest.raises(InvalidToken) as refused:
            await other.initialize()
        await other.bot.shutdown()
    lines = [each.getMessage() for each in caplog.records if each.name != "aiohttp.access"]
    assert any("/getMe" in each for each in lines)
    for told in (*lines, str(refused.value), repr(client), repr(client.bot)):
        assert token not in told


def test_no_part_of_a_long_text_is_blank() -> None:
    parts = split(Words("\n" + "a" * 5000 + "\n \n"))
    assert all(part.text.strip() for part in parts)
    assert "".join(part.text for part in parts).count("a") == 5000
    shown = keyboard([Button(id="x", label="  ")])
    assert shown is not None
    (row,) = shown.inline_keyboard
    assert row[0].text.strip()
