"""What is rare on Telegram: albums, updates twice and out of order, edits, outages."""

from itertools import pairwise

from aiohttp import web
from telegram import Bot, Update

from bot.telegram import webhook
from bot.telegram.pacing import Pacer
from tests.emulators.telegram.people import ADA, Person, group, let_in, private
from tests.emulators.telegram.quick_time import QuickTime
from tests.emulators.telegram.server import TelegramServer
from tests.integration.bot.telegram.conftest import Scene
from tests.integration.bot.telegram.test_conversation import drawn, photos


class Taken:
    """An inbox that only looks."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    async def put(self, update: Update) -> None:
        self.numbers.append(update.update_id)


async def test_the_webhook_lets_in_only_who_knows_the_secret(server: TelegramServer) -> None:
    room, taken = private(server), Taken()
    settings = server.settings(webhook_url="http://bot.test/telegram", webhook_secret="right")
    app = web.Application()
    webhook.Webhook(settings, Bot("1:x"), taken.put).add_routes(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.webhook = {"url": f"http://{host}:{port}/telegram", "secret_token": "right"}
    update = {"update_id": 5, "message": room.message(ADA, "a star")}
    assert await server.bring(update, "wrong") == 403
    assert taken.numbers == []
    assert await server.bring(update) == 200
    assert taken.numbers == [5]
    await runner.cleanup()


async def test_edits_draw_nothing(scene: Scene) -> None:
    edited = scene.ada.message(ADA, "/create an edited horse")
    await scene.server.push("edited_message", edited | {"edit_date": edited["date"]})
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    assert "horse" not in scene.says


async def test_updates_out_of_order_and_twice_are_each_drawn_once(scene: Scene) -> None:
    first = {"update_id": 800_000_002, "message": scene.ada.message(ADA, "/create a blue star")}
    second = {"update_id": 800_000_001, "message": scene.ada.message(ADA, "/create a red circle")}
    scene.server.updates += [first, second, first]
    await scene.server.changed()
    await drawn(scene, 2)
    await scene.ada.say(ADA, "/help")
    await scene.until_says("/create")
    assert len(photos(scene)) == 2


async def test_the_general_topic_is_answered_without_a_topic(scene: Scene) -> None:
    room = group(scene.server, topics=(7,))
    let_in(room, ADA)
    await room.say(ADA, "/create a red circle")
    await drawn(scene, 1, room.number)
    assert "message_thread_id" not in photos(scene, room.number)[0]


async def test_names_of_nothing_visible_or_from_right_to_left_work(scene: Scene) -> None:
    for person in (Person(1003, "\u200b\u200b"), Person(1004, "\u202eעדה")):
        await private(scene.server, person).say(person, "/create a red circle")
        await drawn(scene, 1, person.number)


async def test_a_request_gets_a_pair_of_eyes(scene: Scene) -> None:
    sent = await scene.ada.say(ADA, "/create a red circle")
    number = sent["message"]["message_id"]
    await scene.until(lambda: (ADA.number, number, "\N{EYES}") in scene.server.reactions)
    await drawn(scene)


async def test_a_group_hears_at_most_twenty_a_minute_and_one_a_second() -> None:
    time = QuickTime()
    pacer = Pacer(time, time.pause)
    said = []
    for _ in range(21):
        await pacer.turn(-1)
        said.append(time.now)
    assert all(later - earlier >= 1 for earlier, later in pairwise(said))
    assert said[20] - said[0] >= 60
    assert pacer.spare(-1) > 0
