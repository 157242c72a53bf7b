"""Places that go, answers that are lost on the way, files that do not fit: what people see."""

import asyncio
import io
import json
import time
from pathlib import Path

import pytest
from PIL import Image as Pillow

from bot.messages import Attachment, Image, Outbound, Shown
from bot.port import CannotPost
from bot.telegram.address import Address
from bot.telegram.albums_out import Albums
from bot.telegram.files import Files
from bot.telegram.inbox import Inbox
from bot.telegram.memory import Memory, Passing
from bot.telegram.pictures import PHOTO_BYTES, fitted, tile
from bot.telegram.sending import Unsure
from engine.messages import JobId, SpaceId
from tests.emulators.telegram.people import ADA, BEN, bot_change, group, let_in, private
from tests.emulators.telegram.server import (
    USERNAME,
    Call,
    Lost,
    Refused,
    TelegramServer,
    buttons_of,
)
from tests.fakes.engine import png
from tests.fakes.engine_room import until
from tests.integration.bot.telegram.conftest import Scene, SetUp
from tests.integration.bot.telegram.test_conversation import drawn, photos

HERE = Address(ADA.number, person=ADA.number)


async def waiting_job(scene: Scene, place: int) -> JobId:
    """Somebody asked for something that is being drawn until it is let go."""
    await scene.until(lambda: len(scene.room.pool.orders) > place)
    return scene.room.pool.orders[place].job


async def test_what_a_group_waits_for_is_not_drawn_once_the_bot_is_out(scene: Scene) -> None:
    room = group(scene.server)
    let_in(room, ADA)
    await room.say(ADA, f"/create@{USERNAME} wait for a red circle")
    job = await waiting_job(scene, 0)
    await scene.until(lambda: bool(scene.server.seen(room.number)))
    scene.server.chats[room.number]["_blocked"] = "Forbidden: bot was kicked from the group chat"
    await scene.server.push("my_chat_member", bot_change(room, ADA, "member", "left"))
    over = await asyncio.wait_for(scene.room.over(job), 60)
    assert over.state == "cancelled"
    assert not photos(scene)


async def test_another_place_goes_on_when_one_is_lost(scene: Scene) -> None:
    room = group(scene.server)
    let_in(room, ADA)
    await scene.ada.say(ADA, "/create wait for a star")
    job = await waiting_job(scene, 0)
    await scene.server.push("my_chat_member", bot_change(room, ADA, "member", "left"))
    await scene.ada.say(ADA, "/queue")
    await scene.until_says(job)
    scene.room.pool.release(job)
    await drawn(scene)


async def test_a_progress_message_that_was_deleted_is_replaced(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create wait for a star")
    job = await waiting_job(scene, 0)
    await scene.until(lambda: bool(scene.server.seen(ADA.number)))
    scene.server.messages[ADA.number].clear()
    scene.room.pool.release(job)
    await drawn(scene)


async def test_a_chat_that_moved_while_drawing_gets_its_picture(scene: Scene) -> None:
    room = group(scene.server, -700, kind="group")
    let_in(room, ADA)
    await room.say(ADA, f"/create@{USERNAME} wait for a star")
    job = await waiting_job(scene, 0)
    await scene.until(lambda: bool(scene.server.seen(-700)))
    moved = group(scene.server, -100700)
    scene.server.chats[-700]["_moved_to"] = moved.number
    scene.room.pool.release(job)
    await drawn(scene, 1, moved.number)
    found = await scene.room.engine.stores.jobs.get(job)
    assert found is not None
    assert found.owner.space == SpaceId("telegram:-100700")


async def test_a_closed_topic_is_answered_in_general(scene: Scene) -> None:
    room = group(scene.server, topics=(7,), thread=7)
    let_in(room, ADA)
    await room.say(ADA, f"/create@{USERNAME} wait for a star")
    job = await waiting_job(scene, 0)
    await scene.until(lambda: bool(scene.server.seen(room.number)))
    scene.server.chats[room.number]["_topics"] = ()
    scene.server.messages[room.number].clear()
    scene.room.pool.release(job)
    await drawn(scene, 1, room.number)


async def test_deleting_takes_an_album_back_however_busy_telegram_is(scene: Scene) -> None:
    scene.server.refuse("deleteMessages", Refused(429, "Too Many Requests", retry_after=3))
    await scene.ada.say(ADA, "/create count=2 a blue star")
    await drawn(scene, 2)
    await scene.until_says("delete")
    await scene.ada.press(ADA, "delete")
    await scene.until_says("yes, delete")
    await scene.ada.press(ADA, "yes, delete")
    await drawn(scene, 0)


async def test_an_album_that_is_too_old_to_be_deleted_turns_grey(scene: Scene) -> None:
    """After two days Telegram deletes no message; one of them somebody deleted by hand."""
    await scene.ada.say(ADA, "/create count=3 a blue star")
    await drawn(scene, 3)
    await scene.until_says("delete")
    by_hand, *before = [int(str(each["message_id"])) for each in photos(scene)]
    scene.server.clock = lambda: time.time() + 49 * 3600
    await scene.ada.press(ADA, "delete")
    await scene.until_says("yes, delete")
    assert isinstance(by_hand, int)
    del scene.server.messages[ADA.number][by_hand]
    await scene.ada.press(ADA, "yes, delete")
    await scene.until(lambda: all(is_grey(scene, each) for each in photos(scene)))
    assert [each["message_id"] for each in photos(scene)] == before


def is_grey(scene: Scene, message: dict[str, object]) -> bool:
    return scene.server.photo(message) == tile()


async def test_a_photo_of_more_than_10_mb_steps_down_and_its_original_is_whole(
    scene: Scene, large: bytes
) -> None:
    assert PHOTO_BYTES < len(large) < 11 * 2**20
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    assert len(scene.server.photo(photos(scene)[0])) <= PHOTO_BYTES
    await scene.ada.press(ADA, "original")
    await scene.until(lambda: bool(scene.server.called("sendDocument")))
    (sent,) = scene.server.called("sendDocument")
    assert list(sent.files.values()) == [large]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What the worker draws: a bit more than 10 MiB."""
    noise = Pillow.effect_noise((1900, 1900), 120)
    paper = io.BytesIO()
    turned = (noise, noise.rotate(90), noise.rotate(180))
    Pillow.merge("RGB", turned).save(paper, "PNG", compress_level=0)
    monkeypatch.setattr("tests.fakes.pool.tiny_png", lambda *_: paper.getvalue())
    return paper.getvalue()


async def test_what_no_quality_makes_small_enough_loses_pixels() -> None:
    paper = io.BytesIO()
    Pillow.effect_noise((2100, 100), 120).save(paper, "PNG")
    smaller = await fitted(Image(name="a.png", png=paper.getvalue(), alt=""), 8_000)
    assert len(smaller.data) <= 8_000
    assert Pillow.open(io.BytesIO(smaller.data)).format == "JPEG"


async def test_the_strongest_that_a_group_takes_is_covered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = group(scene.server)
    let_in(room, ADA, "creator")
    for each in (room, scene.ada):
        await each.say(ADA, f"/settings@{USERNAME} rating=suggestive")
        await scene.until_says("suggestive", each.number)

    async def suggestive(_: object) -> str:
        return "suggestive"

    monkeypatch.setattr(scene.room.engine, "rating", suggestive)
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    assert "has_media_spoiler" not in photos(scene)[0]
    await room.say(ADA, f"/create@{USERNAME} a red circle")
    await drawn(scene, 1, room.number)
    await room.say(ADA, f"/create@{USERNAME} count=2 a red circle")
    await drawn(scene, 3, room.number)
    assert all(each["has_media_spoiler"] for each in photos(scene, room.number))


async def test_a_look_that_is_rated_stronger_meanwhile_keeps_its_picture_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = group(scene.server)
    let_in(room, ADA)
    await room.say(ADA, f"/create@{USERNAME} wait for a red circle")
    job = await waiting_job(scene, 0)

    async def mature(_: object) -> str:
        return "mature"

    monkeypatch.setattr(scene.room.engine, "rating", mature)
    scene.room.pool.release(job)
    await scene.until_says("rated stronger", room.number)
    await room.say(ADA, f"/show@{USERNAME} {job}")
    await scene.until_says("the admins set that", room.number)
    assert not photos(scene, room.number)


async def test_deleting_one_picture_leaves_a_grey_one(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create a blue star")
    await drawn(scene)
    before = scene.server.photo(photos(scene)[0])
    await scene.ada.press(ADA, "delete")
    await scene.until_says("yes, delete")
    await scene.ada.press(ADA, "yes, delete")
    await scene.until(lambda: "deleted" in str(photos(scene)[0].get("caption")))
    assert scene.server.photo(photos(scene)[0]) != before


async def test_an_album_that_may_have_arrived_is_not_sent_again(scene: Scene) -> None:
    """The answer to the album is lost: the message itself shows all pictures on one sheet."""

    def cut_off(call: Call) -> None:
        if call.method == "sendMediaGroup":
            raise Lost

    scene.server.faults.append(cut_off)
    await scene.ada.say(ADA, "/create count=2 a blue star")
    await scene.until_says("cut off")
    assert len(scene.server.called("sendMediaGroup")) == 1
    assert sum("media_group_id" in each for each in photos(scene)) == 2


async def test_an_album_is_kept_apart_from_a_crash(tmp_path: Path) -> None:
    """The process died between sending and writing down: the next one does not send."""
    marks = Passing()
    sent: list[int] = []

    async def dies() -> tuple[int, ...]:
        sent.append(1)
        raise SystemError

    async def lives() -> tuple[int, ...]:
        sent.append(2)
        return (5, 6)

    with pytest.raises(SystemError):
        await Albums(Memory(marks)).once(HERE, 1, dies)
    assert not await Albums(Memory(marks)).once(HERE, 1, lives)
    assert sent == [1]
    assert await Albums(Memory(marks)).once(HERE, 2, lives)
    assert await Albums(Memory(marks)).once(HERE, 2, lives)
    assert sent == [1, 2]
    assert await Albums(Memory(marks)).of(HERE, 2) == (5, 6)
    await Albums(Memory(marks)).forget(HERE, 2)
    assert await Albums(Memory(marks)).of(HERE, 2) == ()


async def test_an_album_that_was_refused_is_sent_again() -> None:
    albums = Albums(Memory(Passing()))

    async def refused() -> tuple[int, ...]:
        raise CannotPost("too fast", final=False)

    async def unsure() -> tuple[int, ...]:
        raise Unsure("no answer", final=False)

    async def sends() -> tuple[int, ...]:
        return (5,)

    with pytest.raises(CannotPost):
        await albums.once(HERE, 1, refused)
    assert await albums.once(HERE, 1, sends)
    assert not await albums.once(HERE, 2, unsure)
    assert not await albums.once(HERE, 2, sends)


async def test_an_update_is_kept_until_it_is_answered(
    set_up: SetUp, server: TelegramServer
) -> None:
    """Telegram takes an update as received before it is answered; the next life finds it."""
    first = await set_up()
    update = first.ada.message(ADA, "/create a red circle")
    await first.platform.inbox._memory.add(
        "update:00000000000000000077",
        {"update": json.dumps({"update_id": 77, "message": update})},
    )
    inbox = Inbox(first.platform.inbox._memory)
    await inbox.recall(first.platform.bot)
    assert inbox.qsize() == 1
    assert inbox.late == {77}


async def test_a_missing_option_is_asked_for(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create")
    await scene.until_says("What you want to see")
    (question,) = scene.server.seen(ADA.number)
    await scene.ada.reply(ADA, question, "a red circle")
    await drawn(scene)


async def test_only_who_was_asked_answers(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create")
    await scene.until_says("What you want to see")
    question = scene.server.seen(ADA.number)[0]["message_id"]
    # The menu of commands of the same person has its turn after the question is kept.
    await scene.ada.say(ADA, "/help")
    await scene.until(lambda: len(scene.server.seen(ADA.number)) > 1)
    asking = scene.platform.hearing._asking
    assert await asking.answered(ADA.number, question, BEN.number, "a cat") is None
    assert await asking.answered(ADA.number, question, ADA.number, "a cat") is not None


async def test_what_comes_while_we_listen_is_new_by_any_clock(scene: Scene) -> None:
    def is_listening() -> bool:
        polls = scene.server.called("getUpdates")
        return any(int(poll.given.get("timeout") or 0) for poll in polls)

    await scene.until(is_listening)  # what had waited was asked for before, without patience
    await scene.ada.say(ADA, "/create a red circle", date=1_600_000_000)
    await drawn(scene)


async def test_what_waited_for_us_is_asked_about_whoever_asks_telegram(
    set_up: SetUp, server: TelegramServer
) -> None:
    """Here the library polls, as in a host's own program."""
    room = private(server)
    old = room.message(ADA, "an old star")
    await server.push("message", old | {"date": old["date"] - 3600})
    scene = await set_up()
    await scene.until_says("yes, still")
    assert not scene.room.pool.orders
    await room.press(ADA, "yes, still")
    await drawn(scene)


async def test_a_missing_choice_is_asked_for_by_buttons(scene: Scene) -> None:
    await scene.ada.say(ADA, "/lora")
    await scene.until_says("list")
    await scene.ada.press(ADA, "list")
    await scene.until(lambda: len(scene.server.seen(ADA.number)) == 2)


async def test_somebody_elses_question_is_not_answered(scene: Scene) -> None:
    room = group(scene.server)
    let_in(room, ADA)
    let_in(room, BEN)
    await room.say(ADA, f"/lora@{USERNAME}")
    await scene.until_says("list", room.number)
    await room.press(BEN, "list")
    await scene.until(lambda: len(scene.server.called("answerCallbackQuery")) == 1)
    await room.press(ADA, "list")
    await scene.until(lambda: len(scene.server.seen(room.number)) == 2)


async def test_a_plan_is_edited_by_a_reply(scene: Scene) -> None:
    await scene.ada.say(ADA, "/create a red circle")
    await drawn(scene)
    await scene.ada.press(ADA, "edit")
    await scene.until_says("Reply to this message")
    form = scene.server.seen(ADA.number)[-1]
    assert "prompt=" in form["text"]
    await scene.ada.reply(ADA, form, "seed=77\nsteps = 3")
    await drawn(scene, 2)
    assert scene.room.pool.orders[-1].plan.seed == 77
    assert scene.room.pool.orders[-1].plan.steps == 3


async def test_an_album_of_pictures_is_one_request(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    albums = scene.platform.hearing._albums

    async def as_long_as_it_takes(_: float) -> None:
        await until(lambda: all(len(each.messages) == 3 for each in albums._open.values()))

    monkeypatch.setattr(albums, "_pause", as_long_as_it_takes)
    album = {"media_group_id": "g1"}
    await scene.ada.say(ADA, **scene.ada.photo(png()), **album)
    await scene.ada.say(ADA, caption="a red circle", **scene.ada.photo(png()), **album)
    await scene.ada.say(ADA, **scene.ada.photo(png()), **album)
    await drawn(scene)
    assert len(scene.room.pool.orders) == 1
    assert len(scene.server.seen(ADA.number)) == 1


async def test_what_is_for_one_person_alone_does_not_stand_in_a_group(scene: Scene) -> None:
    room = group(scene.server)
    let_in(room, ADA)
    where = Address(room.number, person=ADA.number).written()
    link = Outbound(text="http://page.test/in#secret", private=True)
    await scene.platform.post(where, link, nonce="n")
    assert "secret" in scene.says
    assert not scene.server.seen(room.number)
    scene.server.chats[ADA.number]["_blocked"] = "Forbidden: bot can't initiate conversation"
    await scene.platform.post(where, link, nonce="n")
    assert "private chat" in scene.server.text(room.number)
    assert "secret" not in scene.server.text(room.number)


async def test_a_long_text_is_split_and_keeps_its_buttons(scene: Scene) -> None:
    text = "\n".join(f"line {number} of many" for number in range(400))
    message = await scene.platform.post(HERE.written(), Outbound(text=text), nonce="n")
    parts = scene.server.seen(ADA.number)
    assert len(parts) > 1
    assert parts[-1]["message_id"] == int(message)
    assert "".join(parts[-1]["text"].split("\n")[-1]) == "line 399 of many"


async def test_a_picture_that_is_no_photo_for_telegram_comes_as_a_file(scene: Scene) -> None:
    paper = io.BytesIO()
    Pillow.new("RGB", (2100, 100)).save(paper, "PNG")
    image = Image(name="wide.png", png=paper.getvalue(), alt="")
    await scene.platform.post(HERE.written(), Outbound(text="wide", images=(image,)), nonce="n")
    (sent,) = scene.server.seen(ADA.number)
    assert "document" in sent
    assert sent["caption"] == "wide"


async def test_a_photo_that_telegram_cant_process_comes_as_a_file(scene: Scene) -> None:
    refusal = Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
    scene.server.refuse("sendPhoto", refusal)
    shown = Shown(job=JobId("j"), index=0, width=8, height=8)
    image = Image(name="a.png", png=png(), alt="", shown=shown)
    await scene.platform.post(HERE.written(), Outbound(images=(image,)), nonce="n")
    assert "document" in scene.server.seen(ADA.number)[0]


async def test_where_no_pictures_may_be_sent_the_reason_is_told(scene: Scene) -> None:
    refusal = Refused(400, "Bad Request: not enough rights to send photos to the chat")
    scene.server.refuse("editMessageMedia", refusal)
    await scene.ada.say(ADA, "/create a red circle")
    await scene.until_says("may not send pictures")
    assert buttons_of(scene.server.seen(ADA.number)[0])


async def test_files_are_fetched_up_to_what_telegram_allows(scene: Scene) -> None:
    scene.server.files["here"] = b"x" * 100_000
    found = Attachment(name="a.bin", size_bytes=0, handle="here")
    pieces = [piece async for piece in scene.platform.fetch(found, 200_000)]
    assert b"".join(pieces) == b"x" * 100_000
    for attachment, most in ((found, 50_000), (found.model_copy(update={"handle": "no"}), 200_000)):
        with pytest.raises(CannotPost) as caught:
            async for _ in scene.platform.fetch(attachment, most):
                pass
        assert caught.value.final


async def test_only_a_local_server_is_believed_about_our_disk(scene: Scene, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"not for strangers")

    class Disk:
        async def get_file(self, _: str) -> object:
            return type("Found", (), {"file_size": 5, "file_path": str(secret)})()

    attachment = Attachment(name="a", size_bytes=0, handle="x")
    with pytest.raises(CannotPost):
        async for _ in Files(Disk(), is_local=False).fetch(attachment, 100):  # type: ignore[arg-type]
            pass
    local = Files(Disk(), is_local=True)  # type: ignore[arg-type]
    assert [piece async for piece in local.fetch(attachment, 100)] == [b"not for strangers"]
