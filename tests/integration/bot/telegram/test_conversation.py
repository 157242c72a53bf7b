"""What people do with the bot on Telegram, and what they see."""

import asyncio
import io

from PIL import Image

from bot.messages import Level
from engine.messages import JobId, PersonId, SpaceId
from tests.emulators.telegram.people import (
    ADA,
    BEN,
    bot_change,
    group,
    inaccessible,
    let_in,
    private,
)
from tests.emulators.telegram.server import USERNAME, Refused, buttons_of
from tests.fakes.engine import png
from tests.integration.bot.telegram.conftest import Scene, SetUp


def photos(scene: Scene, chat: int = ADA.number) -> list[dict[str, object]]:
    return [each for each in scene.server.seen(chat) if "photo" in each]


async def drawn(scene: Scene, count: int = 1, chat: int = ADA.number) -> None:
    await scene.until(lambda: len(photos(scene, chat)) == count)


async def test_a_command_ends_in_a_photo_and_again_works(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    (result,) = photos(scene)
    assert "a red circle" in str(result["caption"])
    assert buttons_of(result)[0]["text"] == "again"
    await scene.ada.press(ADA, "again")
    await drawn(scene, 2)
    assert scene.server.called("answerCallbackQuery")


async def test_plain_words_in_private_draw(scene: Scene) -> None:
    await scene.ada.say(ADA, "a blue star, please")
    await drawn(scene)
    assert Image.open(io.BytesIO(scene.server.photo(photos(scene)[0]))).size[0] > 0


async def test_the_original_comes_as_a_file(scene: Scene) -> None:
    await scene.ada.say(ADA, "a blue star")
    await drawn(scene)
    (label,) = [each["text"] for each in buttons_of(photos(scene)[0]) if "original" in each["text"]]
    await scene.ada.press(ADA, label)
    await scene.until(lambda: any("document" in each for each in scene.server.seen(ADA.number)))
    (sent,) = scene.server.called("sendDocument")
    assert [data[:4] for data in sent.files.values()] == [b"\x89PNG"]


async def test_several_pictures_are_an_album(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create count=3 a blue star")
    await drawn(scene, 3)
    assert len({each["media_group_id"] for each in photos(scene)}) == 1
    await scene.until_says("again")


async def test_what_was_wrong_names_what_works(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create steps=9999 a blue star")
    await scene.until_says("What works")
    await scene.ada.say(ADA, "/creat a star")
    await scene.until_says("/help")


async def test_names_and_markup_are_shown_as_they_are(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create <b>a star</b> *bold* _it_ [x](http://y.test) @everyone")
    await drawn(scene)
    assert "<b>a star</b> *bold*" in scene.says
    for call in scene.server.calls:
        assert "parse_mode" not in call.given


async def test_a_group_is_answered_by_command_mention_and_reply_alone(scene: Scene) -> None:
    room = group(scene.server)
    let_in(room, ADA)
    await room.say(ADA, "good morning, everybody")
    await room.say(ADA, f"/create@{USERNAME} a red circle")
    await drawn(scene, 1, room.number)
    await room.say(ADA, f"@{USERNAME} a green square")
    await drawn(scene, 2, room.number)
    await room.reply(ADA, photos(scene, room.number)[-1], "the same, but blue")
    await drawn(scene, 3, room.number)
    await room.say(ADA, "/create@another_bot a horse")
    await room.say(ADA, f"/queue@{USERNAME}")
    await scene.until(lambda: "waits" in scene.server.text(room.number).casefold()
                      or "nothing" in scene.server.text(room.number).casefold())  # fmt: skip
    assert len(photos(scene, room.number)) == 3
    assert "horse" not in scene.server.text(room.number)


async def test_a_topic_is_answered_in_its_topic(scene: Scene) -> None:
    room = group(scene.server, topics=(7,), thread=7)
    let_in(room, ADA)
    await room.say(ADA, f"/create@{USERNAME} a red circle")
    await drawn(scene, 1, room.number)
    assert photos(scene, room.number)[0]["message_thread_id"] == 7


async def test_admins_of_a_group_may_what_members_may_not(scene: Scene) -> None:
    room = group(scene.server)
    let_in(room, BEN)
    let_in(room, ADA, "creator")
    await room.say(BEN, f"/settings@{USERNAME} rating=suggestive")
    await scene.until(lambda: "Admin" in scene.server.text(room.number)
                      or "Admin" in scene.server.text(BEN.number))  # fmt: skip
    await room.say(ADA, f"/settings@{USERNAME} rating=suggestive")

    await scene.until(
        lambda: "suggestive" in scene.server.text(room.number) + scene.server.text(ADA.number)
    )
    rules = await scene.room.engine.house.rules(SpaceId(f"telegram:{room.number}"))
    assert rules.rating == "suggestive"


async def test_an_update_that_comes_twice_is_one_picture(scene: Scene) -> None:
    update = await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    await scene.server.push_again(update)
    await scene.ada.say(ADA, "/queue")
    await scene.until(lambda: len(scene.server.seen(ADA.number)) >= 2)
    assert len(photos(scene)) == 1


async def test_five_presses_are_one_picture(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    first = photos(scene)[0]
    for _ in range(5):
        await scene.ada.press(ADA, "again", first)
    await drawn(scene, 2)
    await scene.until(lambda: len(scene.server.called("answerCallbackQuery")) == 5)
    assert len(photos(scene)) == 2


async def test_a_button_of_a_message_that_is_too_old_to_see_works(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    result = photos(scene)[0]
    again = next(each for each in buttons_of(result) if each["text"] == "again")
    await scene.ada.press_data(ADA, inaccessible(result), again["callback_data"])
    await drawn(scene, 2)


async def test_waits_as_long_as_telegram_says_and_loses_nothing(scene: Scene) -> None:
    scene.server.refuse("sendMessage", Refused(429, "Too Many Requests", retry_after=7))
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    assert any(pause >= 7 for pause in scene.time.pauses)


async def test_a_sick_telegram_is_asked_again(scene: Scene) -> None:
    sick = [Refused(502, "Bad Gateway")] * 2
    for method in ("sendPhoto", "editMessageMedia", "sendMessage"):
        scene.server.refuse(method, *sick)
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)


async def test_a_person_who_blocked_the_bot_finds_the_picture_later(scene: Scene) -> None:
    blocked = [Refused(403, "Forbidden: bot was blocked by the user")] * 6
    for method in ("sendMessage", "sendPhoto", "editMessageMedia", "editMessageText"):
        scene.server.refuse(method, *blocked)
    await scene.ada.say(ADA, "/create a red circle")
    ada = PersonId("telegram:1001")
    stores = scene.room.engine.stores

    async def outcome() -> tuple[JobId, str]:
        for job in await stores.jobs.ended_of(ada):
            row = await stores.deliveries.get(job.id)
            return job.id, row.state if row else ""
        return JobId(""), ""

    async with asyncio.timeout(60):
        while (await outcome())[1] != "undeliverable":  # noqa: ASYNC110  # no event tells it
            await asyncio.sleep(0.02)
    job, _ = await outcome()
    scene.server.faults.clear()
    await scene.ada.say(ADA, f"/show {job}")
    await drawn(scene)


async def test_a_group_that_moved_keeps_its_settings(scene: Scene) -> None:
    room = group(scene.server, -500, kind="group")
    let_in(room, ADA, "creator")
    await room.say(ADA, f"/settings@{USERNAME} language=de")
    await scene.until(
        lambda: "Deutsch" in scene.server.text(room.number) + scene.server.text(ADA.number)
    )
    moved = group(scene.server, -100500)
    let_in(moved, ADA, "creator")
    await room.say(ADA, migrate_to_chat_id=-100500)
    await moved.say(ADA, f"/create@{USERNAME} a red circle")
    await drawn(scene, 1, moved.number)
    rules = await scene.room.engine.house.rules(SpaceId("telegram:-100500"))
    assert rules.language == "de"


async def test_being_thrown_out_is_no_error(scene: Scene) -> None:
    room = group(scene.server)
    await scene.server.push("my_chat_member", bot_change(room, ADA, "member", "left"))
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)


async def test_a_picture_with_its_recipe_is_read(scene: Scene) -> None:
    await scene.ada.say(ADA, **scene.ada.document(png(), "mine.png", "image/png"))
    await scene.until_says("recipe")


async def test_a_file_that_is_too_large_gets_an_upload_link_or_the_way(scene: Scene) -> None:
    room = scene.ada
    sent = room.document(b"x", "big.safetensors", size=30_000_000)
    await room.say(ADA, caption="/lora add", caption_entities=[
        {"type": "bot_command", "offset": 0, "length": 5}], **sent)  # fmt: skip
    await scene.until(lambda: bool(scene.server.seen(ADA.number)))
    assert scene.says


async def test_the_menu_is_sent_per_language(scene: Scene) -> None:
    await scene.until(lambda: len(scene.server.menus) >= 18)
    sent = scene.server.called("setMyCommands")
    languages = {call.given.get("language_code", "") for call in sent}
    assert {"", "de", "es", "fr", "ja", "pt"} <= languages


async def test_german_is_spoken_to_a_german(scene: Scene) -> None:
    room = private(scene.server, BEN)
    await room.say(BEN, "/help")
    await scene.until(lambda: "Bild" in scene.server.text(BEN.number))


async def test_after_a_restart_buttons_work(set_up: SetUp) -> None:
    scene = await set_up()
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    assert all(len(each["callback_data"].encode()) <= 64 for each in buttons_of(photos(scene)[0]))


async def test_who_somebody_is_in_a_group_is_known_while_a_picture_waits(scene: Scene) -> None:
    room = group(scene.server, -100600)
    let_in(room, ADA, "creator")
    ada = PersonId(f"telegram:{ADA.number}")
    standing = await scene.platform.standing(f"{room.number}:7:0:{ADA.number}", ada)
    assert standing is not None
    assert (standing.author.level, standing.space) == (Level.ADMIN, "telegram:-100600")
    assert standing.place.id == "-100600/7"
    assert await scene.platform.standing(f"{ADA.number}:0:0:{ADA.number}", ada) is None
