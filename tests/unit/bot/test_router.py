"""Acts of people, and what they are answered."""

import asyncio

from bot.buttons import make
from bot.messages import Level, Outbound, Place, Press, Space, Words
from bot.port import CannotPost
from bot.wiring import Bot, build
from engine.errors import BlobCorrupt, QueueFull
from engine.messages import Delete, Owner, PersonId, SpaceId
from tests.fakes.engine import FakeEngine
from tests.fakes.platform import SPACE, FakePlatform, Pauses, inbound, quiet
from tests.unit.bot.conftest import Ada, Do


async def test_words_lead_to_a_progress_message_with_place_and_cancel(ada: Ada) -> None:
    answer = await ada.says("Zib in neon")
    assert answer.text == "Up next, about 1 to 2 seconds."
    assert answer.progress == 0
    assert [button.label for button in answer.buttons] == ["cancel"]


async def test_the_same_act_twice_is_one_job_and_one_answer(
    do: Do, engine: FakeEngine, platform: FakePlatform
) -> None:
    act = inbound(Words(text="a cat"), id="update-7")
    await do(act)
    await do(act)
    assert len(engine.disk.jobs) == 1
    assert len(platform.messages) == 1


async def test_the_same_act_after_a_restart_is_still_one_job(
    engine: FakeEngine, platform: FakePlatform, do: Do
) -> None:
    await do(inbound(Words(text="a cat"), id="update-7"))
    restarted = FakeEngine(engine.disk)
    from_scratch = FakePlatform()
    bot = build(restarted, {"fake": from_scratch})
    await bot.router.receive(inbound(Words(text="a cat"), id="update-7"))
    assert len(engine.disk.jobs) == 1


async def test_a_press_five_times_at_once_is_one_job(
    ada: Ada, bot: Bot, engine: FakeEngine, platform: FakePlatform
) -> None:
    await ada.has_drawn()
    again = Press(button=platform.button("again").id)
    await asyncio.gather(
        *(bot.router.receive(inbound(again, id=f"press-{number}")) for number in range(5))
    )
    await quiet()
    assert len(engine.disk.jobs) == 2


async def test_again_after_the_end_is_a_new_job(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    await ada.has_drawn()
    first = await ada.presses("again")
    assert first.job is not None
    engine.finish(first.job)
    await quiet()
    platform.messages.pop(list(platform.messages)[-1])
    await ada.presses("again")
    assert len(engine.disk.jobs) == 3


async def test_an_unknown_command_is_answered_with_help(ada: Ada) -> None:
    answer = await ada.uses("creat")
    assert answer.private
    assert "/create" in answer.text
    assert "/help" in answer.text


async def test_a_refusal_is_told_privately(ada: Ada, engine: FakeEngine) -> None:
    engine.refusal = QueueFull(scope="everyone", limit=100, retry_in_s=40)
    answer = await ada.says("a cat")
    assert answer.private
    assert "in 40 seconds" in answer.text


async def test_our_own_error_apologises_with_a_reference(ada: Ada, engine: FakeEngine) -> None:
    engine.refusal = BlobCorrupt(sha256="ab")
    answer = await ada.says("a cat")
    assert "Sorry" in answer.text
    assert "eference" in answer.text


async def test_what_nobody_foresaw_apologises_and_the_next_act_works(
    ada: Ada, engine: FakeEngine
) -> None:
    engine.refusal = ZeroDivisionError("secret detail")
    answer = await ada.says("a cat")
    assert "Sorry" in answer.text
    assert "secret" not in answer.text
    assert (await ada.says("a cat")).job is not None


async def test_a_dead_platform_does_not_stop_the_router(
    ada: Ada, do: Do, platform: FakePlatform, engine: FakeEngine
) -> None:
    await ada.uses("help")
    platform.refusals = [CannotPost("blocked", final=True)]
    await do(inbound(Words(text="a cat"), id="lost"))
    assert len(engine.disk.jobs) == 1
    assert (await ada.says("hello")).text.startswith("Hello")


async def test_a_button_of_another_space_says_so(ada: Ada, do: Do, platform: FakePlatform) -> None:
    await ada.has_drawn()
    elsewhere = SPACE.model_copy(update={"id": "fake:other"})
    press = Press(button=platform.button("again").id)
    answer = await do(inbound(press, id="far", space=elsewhere))
    assert "another place" in answer.text


async def test_a_button_still_works_after_a_restart(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    await ada.has_drawn()
    button = platform.button("why this?")
    fresh = FakePlatform()
    bot = build(FakeEngine(engine.disk), {"fake": fresh})
    await bot.router.receive(inbound(Press(button=button.id), id="after"))
    assert fresh.newest.title == "Why job1 looks the way it does"


async def test_somebody_elses_picture_cannot_be_deleted_or_cancelled(ada: Ada) -> None:
    await ada.says("a cat")
    assert "You can't cancel job1" in (await ada.presses("cancel", person="bob")).text


class Slow(FakePlatform):
    """A platform on which a post takes until it is let through."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        await self.gate.wait()
        return await super().post(address, outbound, nonce=nonce)


async def test_a_press_counts_until_its_answer_is_out(engine: FakeEngine) -> None:
    slow = Slow()
    bot = build(engine, {"fake": slow}, Pauses())
    await bot.delivery.start()
    await bot.router.receive(inbound(Words(text="a cat"), id="said"))
    [first] = engine.disk.jobs
    engine.finish(first)
    await quiet()
    again = Press(button=slow.button("again").id)
    slow.gate.clear()
    presses = [
        asyncio.create_task(bot.router.receive(inbound(again, id=f"press-{number}")))
        for number in range(2)
    ]
    await quiet()
    late = asyncio.create_task(bot.router.receive(inbound(again, id="late")))
    await quiet()
    slow.gate.set()
    await asyncio.gather(*presses, late)
    assert len(engine.disk.jobs) == 2
    await bot.delivery.stop()


async def test_a_private_person_is_answered_alone(
    ada: Ada, engine: FakeEngine, platform: FakePlatform
) -> None:
    platform.directs[PersonId("fake:ada")] = "fake:direct"
    await ada.types("/me private=yes")
    before = set(platform.messages)
    job = (await ada.says("Zib in neon")).job
    assert job is not None
    engine.finish(job)
    await quiet()
    note, told = [message for key, message in platform.messages.items() if key not in before]
    assert note.private
    assert not note.images
    assert told.images
    assert engine.outcome(job).destination.address == "fake:direct"


OWN = Space(id=SpaceId("fake:ada"), title="Ada", kind="dm")


async def test_a_button_in_private_belongs_to_the_place_it_was_asked_for_in(
    ada: Ada, do: Do, platform: FakePlatform, engine: FakeEngine
) -> None:
    await ada.has_drawn()
    again = Press(button=platform.button("again").id)
    direct = Place(kind="direct")
    answer = await do(inbound(again, id="press-1", space=OWN, place=direct, level=Level.ADMIN))
    assert answer.job is not None
    assert engine.disk.jobs[answer.job].owner.space == SPACE.id
    theirs = inbound(again, id="press-2", person="ben", space=OWN, place=direct)
    assert "another place" in (await do(theirs)).text


async def test_whoever_presses_in_private_is_a_member_of_that_place(
    ada: Ada, do: Do, engine: FakeEngine
) -> None:
    """In their own talk people hold every right, but only there."""
    job = (await ada.says("Zib in neon", person="ben")).job
    assert job is not None
    engine.finish(job)
    await quiet()
    owner = Owner(space=SPACE.id, person=PersonId("fake:ada"))
    delete = await make(engine, owner, "delete", Delete(job=job), "yes, delete", number=1)
    pressed = inbound(
        Press(button=delete.id), id="press-1", space=OWN, place=Place(kind="direct"),
        level=Level.ADMIN,
    )  # fmt: skip
    assert "to be the one who asked for it" in (await do(pressed)).text
