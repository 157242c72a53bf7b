"""`/lora` on a real engine: brought in a message, reviewed by buttons, told, drawn with."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

import pytest

from bot.messages import Attachment, Inbound, Invoke, Level, Outbound, Press
from bot.notices import told
from bot.port import CannotPost
from bot.wiring import Bot, build
from engine.api import Linked
from engine.messages import PersonId, SpaceId
from engine.storage.intakes import OPEN
from tests.fakes.engine_room import Room, open_room
from tests.fakes.platform import LIMITS, SPACE, FakePlatform, inbound

LORAS = Path(__file__).parents[3] / "engine" / "miniature" / "loras"
PATIENCE_S = 60.0


@dataclass
class Place:
    """A bot on a real engine, and people who speak to it."""

    room: Room
    bot: Bot
    platform: FakePlatform
    acts: int = 0

    async def does(
        self,
        act: Invoke | Press,
        person: str = "ada",
        level: Level = Level.MEMBER,
        files: tuple[Attachment, ...] = (),
    ) -> Outbound:
        self.acts += 1
        said: Inbound = inbound(act, id=f"act-{self.acts}", person=person, level=level)
        before = len(self.platform.messages)
        await self.bot.router.receive(said.model_copy(update={"attachments": files}))
        if len(self.platform.messages) == before:  # the picture came first: it is the answer
            await self.bot.delivery.settle()
        assert len(self.platform.messages) > before
        return self.platform.newest

    async def types(self, line: str, level: Level = Level.MEMBER, **more: object) -> Outbound:
        from bot.commands import COMMANDS  # noqa: PLC0415

        name, _, rest = line[1:].partition(" ")
        act = Invoke(name=name, options=COMMANDS.get(name).parse(rest))
        return await self.does(act, level=level, **more)  # type: ignore[arg-type]

    async def presses(self, shown: Outbound, label: str, **more: object) -> Outbound:
        button = next(each for each in shown.buttons if each.label == label)
        return await self.does(Press(button=button.id, **more), "mod", Level.MODERATOR)  # type: ignore[arg-type]

    async def brings(
        self, name: str = "zib", words: str = "", level: Level = Level.MODERATOR
    ) -> Outbound:
        data = (LORAS / f"{name}.safetensors").read_bytes()
        self.platform.files[name] = data
        file = Attachment(name=f"{name}.safetensors", size_bytes=len(data), handle=name)
        return await self.types(f"/lora add {words}", level, files=(file,))

    async def waits(self, count: int = 1) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while (  # noqa: ASYNC110  # nothing tells
                await self.room.engine.registry.waiting(self.space)
            ).total < count:
                await asyncio.sleep(0.02)

    @property
    def space(self) -> SpaceId:
        return inbound(Press(button="x")).space.id


@pytest.fixture(params=[False, True], ids=["buttons", "forms"])
async def place(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    platform = FakePlatform(replace(LIMITS, has_forms=request.param))
    async with open_room(tmp_path) as room:
        bot = build(room.engine, {"fake": platform})
        await bot.delivery.start()
        yield Place(room, bot, platform)
        await bot.delivery.stop()


async def test_from_a_message_to_a_look_that_everybody_uses(place: Place) -> None:
    answer = await place.brings("zib", "Zib kind=character licence=CC0 person=no")
    assert "Got zib.safetensors" in answer.text
    assert answer.private
    await place.waits()
    await place.bot.notices.post_due()
    assert "waits for a moderator" in place.platform.newest.text

    shown = await place.types("/lora review", Level.MODERATOR)
    assert shown.title.startswith("Zib waits for you")
    assert shown.images[0].png.startswith(b"\x89PNG")
    assert "Made for miniature" in shown.text
    done = await place.presses(shown, "approve")
    assert "Zib is approved" in done.text
    await place.bot.notices.post_due()
    assert "is approved" in place.platform.newest.text
    assert "Zib" in (await place.types("/lora list")).lines[0].name
    assert (await place.types("/lora info zib")).title == "Zib"

    undone = await place.presses(done, "take it back")
    assert "pending again" in undone.text
    assert "No looks here" in (await place.types("/lora list")).text


async def test_who_lost_the_role_cannot_press_what_was_shown(place: Place) -> None:
    await place.brings()
    await place.waits()
    shown = await place.types("/lora review", Level.MODERATOR)
    for button in shown.buttons:
        refused = await place.does(Press(button=button.id), "mod", Level.MEMBER)
        assert "You would need to be a moderator" in refused.text
    assert (await place.room.engine.registry.waiting(place.space)).total == 1


async def test_a_file_is_turned_down_with_a_reason(place: Place) -> None:
    await place.brings()
    await place.waits()
    shown = await place.types("/lora review", Level.MODERATOR)
    if any(button.label == "reject" for button in shown.buttons):
        refused = await place.presses(shown, "reject")
        assert "a few words that its sender is told" in refused.text
        done = await place.presses(shown, "reject", fields={"reason": "no licence"})
    else:
        done = await place.presses(shown, "no: licence")
    assert "turned down" in done.text
    await place.bot.notices.post_due()
    assert "licence" in place.platform.newest.text


async def test_a_question_reaches_its_sender_and_the_answer_the_moderators(place: Place) -> None:
    await place.brings("zib", "Zib")
    await place.waits()
    await place.types('/lora ask Zib reason="who drew it?"', Level.MODERATOR)
    await place.bot.notices.post_due()
    assert "who drew it?" in place.platform.newest.text
    await place.types('/lora answer Zib reason="I did"')
    shown = await place.types("/lora review Zib", Level.MODERATOR)
    assert "says: I did" in shown.text


async def test_an_edit_is_checked_and_written_down(place: Place) -> None:
    await place.brings("zib", "Zib")
    await place.waits()
    shown = await place.types(
        '/lora edit Zib weight=0.7 kind=character triggers="zib, (green thing)" rename="Zib Two"',
        Level.MODERATOR,
    )
    told = {line.name: line.value for line in shown.lines}
    assert (told["weight"], told["kind"]) == ("0.7", "character")
    assert "green thing" in told["trigger"]
    wrong = await place.types('/lora edit "Zib Two" kind=vegetable', Level.MODERATOR)
    assert "character, style" in wrong.text
    card = await place.types('/lora info "Zib Two"', Level.MODERATOR)
    assert "changed the card of a look" in card.text
    assert "weight" in card.text


async def test_a_real_person_needs_somebodys_permission(place: Place) -> None:
    await place.brings("zib", "Zib person=yes")
    await place.waits()
    refused = await place.types("/lora approve Zib", Level.MODERATOR)
    assert "nobody said who allowed it" in refused.text
    assert '/lora edit "Zib" consent="..." reason="..."' in refused.text
    await place.types('/lora edit Zib consent="Ada" reason="mail of today"', Level.MODERATOR)
    assert "is approved" in (await place.types("/lora approve Zib", Level.MODERATOR)).text
    card = await place.types("/lora info Zib", Level.MODERATOR)
    assert "consent (mail of today)" in card.text


async def test_a_character_waits_until_its_sender_says_whether_it_is_a_person(place: Place) -> None:
    await place.brings("zib", "Zib kind=character")
    await place.waits()
    shown = await place.types("/lora review", Level.MODERATOR)
    assert {line.name: line.value for line in shown.lines}["open"].startswith("nobody said whether")
    refused = await place.presses(shown, "approve")
    assert '/lora answer "Zib" person=no' in refused.text
    assert "few words, or person=" in (await place.types("/lora answer Zib")).text
    await place.types("/lora answer Zib person=yes")
    assert "said who allowed" in (await place.types("/lora approve Zib", Level.MODERATOR)).text
    await place.types('/lora answer Zib consent="it is me"')
    shown = await place.types("/lora review Zib", Level.MODERATOR)
    assert "Ada says: consent: Ada says: it is me" in shown.text
    assert "is approved" in (await place.presses(shown, "approve")).text


async def test_a_moderator_records_what_nobody_said_while_approving(place: Place) -> None:
    await place.brings("zib", "Zib kind=character")
    await place.waits()
    line = '/lora approve Zib person=no reason="a drawing"'
    assert "is approved" in (await place.types(line, Level.MODERATOR)).text
    card = await place.types("/lora info Zib", Level.MODERATOR)
    assert "answers (a drawing)" in card.text


async def test_a_brand_needs_a_licence(place: Place) -> None:
    await place.brings("neon", "Neon brand=yes")
    await place.waits()
    refused = await place.types("/lora approve Neon", Level.MODERATOR)
    assert "under which licence" in refused.text
    await place.types('/lora answer Neon licence="by the brand itself"')
    assert "is approved" in (await place.types("/lora approve Neon", Level.MODERATOR)).text


async def test_a_question_about_rights_holds_an_approval_until_it_is_answered(
    place: Place,
) -> None:
    await place.brings("zib", "Zib")
    await place.waits()
    await place.types('/lora ask Zib reason="which words wake it?"', Level.MODERATOR)
    await place.types('/lora ask Zib reason="whose licence is that?"', Level.MODERATOR)
    refused = await place.types("/lora approve Zib", Level.MODERATOR)
    assert "whose licence is that?" in refused.text
    await place.types('/lora answer Zib reason="mine"')
    assert "is approved" in (await place.types("/lora approve Zib", Level.MODERATOR)).text


async def test_what_a_moderator_recorded_is_not_overwritten_by_its_sender(place: Place) -> None:
    await place.brings("zib", "Zib person=yes")
    await place.waits()
    await place.types('/lora edit Zib consent="nobody yet"', Level.MODERATOR)
    await place.types('/lora answer Zib person=no consent="sure"')
    entry = await place.room.engine.registry.vetting.named(place.space, "Zib")
    assert (entry.answers["real_person"], entry.consent) == ("yes", "nobody yet")


async def test_members_bring_files_where_an_admin_lets_them(place: Place) -> None:
    refused = await place.brings("zib", level=Level.MEMBER)
    assert "to be a moderator" in refused.text
    assert "to be an admin" in (await place.types("/lora members yes", Level.MODERATOR)).text
    assert "Every member" in (await place.types("/lora members yes", Level.ADMIN)).text
    assert "Got" in (await place.brings("zib", level=Level.MEMBER)).text


async def test_a_retired_look_is_gone_and_what_waited_with_it_is_told(place: Place) -> None:
    await place.brings("zib", "Zib")
    await place.waits()
    await place.types("/lora approve Zib", Level.MODERATOR)
    assert "retired" in (await place.types("/lora retire Zib", Level.MODERATOR)).text
    assert await place.room.engine.looks(place.space) == ()


async def test_a_newer_version_takes_the_place_of_the_older_one(place: Place) -> None:
    await place.brings("zib", "Zib")
    await place.waits()
    await place.types("/lora approve Zib", Level.MODERATOR)
    (old,) = await place.room.engine.looks(place.space)
    await place.brings("mira", "replaces=Zib")
    await place.waits()
    await place.types('/lora approve "Zib 2"', Level.MODERATOR)
    (new,) = await place.room.engine.looks(place.space)
    assert (new.name, old.name) == ("Zib", "Zib")
    assert new.sha256 != old.sha256


async def test_without_a_file_it_says_how_one_can_come(place: Place) -> None:
    answer = await place.types("/lora add", Level.MODERATOR)
    assert ".safetensors" in answer.text
    wrong = await place.types("/lora add link=http://example.org/x", Level.MODERATOR)
    assert "civitai.com" in wrong.text


async def test_what_nobody_names_goes_by_its_files_name(place: Place) -> None:
    await place.brings("moon-lantern", "licence=CC0")
    await place.waits()
    shown = await place.types("/lora review", Level.MODERATOR)
    assert shown.title.startswith("moon lantern")


async def test_what_other_programs_say_comes_along_in_the_same_message(place: Place) -> None:
    told = {"modelId": 7, "baseModel": "Flux.1 D", "description": "A green mascot",
            "model": {"name": "Zib mascot", "type": "LORA"}}  # fmt: skip
    lora = (LORAS / "zib.safetensors").read_bytes()
    place.platform.files |= {"lora": lora, "info": json.dumps(told).encode()}
    files = (
        Attachment(name="zib.civitai.info", size_bytes=200, handle="info"),
        Attachment(name="zib.safetensors", size_bytes=len(lora), handle="lora"),
        Attachment(name="zib.png", size_bytes=9, handle="none"),
    )
    answer = await place.types("/lora add licence=CC0", Level.MODERATOR, files=files)
    assert "Got zib.safetensors" in answer.text
    assert "Left aside: zib.png" in answer.text
    await place.waits()
    shown = await place.types("/lora review", Level.MODERATOR)
    assert shown.title.startswith("Zib mascot")
    assert "zib.civitai.info says: " in shown.text
    assert "description A green mascot" in shown.text
    assert "Made for miniature" in shown.text
    assert "Flux.1 D" in shown.text
    alone = await place.types("/lora add", Level.MODERATOR, files=files[:1])
    assert "that is no LoRA" in alone.text


class Piece(bytes):
    """Counts how many of its kind are alive."""

    alive: ClassVar[int] = 0
    most: ClassVar[int] = 0

    def __new__(cls, size: int) -> Self:
        made = super().__new__(cls, size)
        cls.alive += 1
        cls.most = max(cls.most, cls.alive)
        return made

    def __del__(self) -> None:
        type(self).alive -= 1


async def test_a_large_attachment_is_never_held_whole(place: Place) -> None:
    size, pieces = 1 << 18, 256

    async def in_pieces(attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield Piece(size)

    place.platform.fetch = in_pieces  # type: ignore[method-assign]
    file = Attachment(name="big.safetensors", size_bytes=size * pieces, handle="big")
    tracemalloc.start()
    try:
        answer = await place.types("/lora add", Level.MODERATOR, files=(file,))
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "Got big.safetensors" in answer.text
    assert Piece.most <= pieces / 8
    assert most_bytes < size * pieces / 8
    page = await place.room.engine.stores.intakes.of_space(place.space, (*OPEN, "refused"), 5)
    assert [each.size_bytes for each in page] == [size * pieces]


async def test_an_attachment_that_breaks_off_leaves_nothing(place: Place, tmp_path: Path) -> None:
    async def breaks(attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        yield b"\0" * 100
        raise CannotPost("the connection is gone", final=False)

    place.platform.fetch = breaks  # type: ignore[method-assign]
    file = Attachment(name="zib.safetensors", size_bytes=200, handle="zib")
    answer = await place.types("/lora add", Level.MODERATOR, files=(file,))
    assert "couldn't get zib.safetensors" in answer.text
    assert (await place.room.engine.registry.waiting(place.space, states=OPEN)).total == 0
    assert not list(tmp_path.rglob("unfinished/*"))


async def test_a_misspelt_search_says_what_was_searched(place: Place) -> None:
    await place.brings("zib", 'Zib tags="mascot"')
    await place.waits()
    await place.types("/lora approve Zib", Level.MODERATOR)
    assert "mascot" in (await place.types("/lora list mascto")).text


@pytest.mark.parametrize(
    "kind",
    [
        "waiting",
        "refused",
        "known",
        "approved",
        "rejected",
        "retired",
        "undone",
        "asked",
        "quarantined",
    ],
)
def test_every_notice_has_words_and_none_lets_a_file_speak(kind: str) -> None:
    hostile = "@everyone\n**x**\u202e" + "y" * 5000
    body = {"kind": kind, "name": hostile, "reason": hostile, "findings": [hostile] * 4}
    shown = told({**body, "problems": [hostile], "state": "pending", "where": hostile})
    assert 10 < len(shown.text) <= 3000
    assert "\u202e" not in shown.text


async def test_a_look_with_broken_numbers_says_so_until_it_is_taken_back(place: Place) -> None:
    await place.brings("zib", "Zib person=no licence=CC0")
    await place.waits()
    await place.types("/lora approve Zib", Level.MODERATOR)
    assert "taken out of use" not in named(await place.types("/lora info Zib", Level.MODERATOR))
    drawn = await place.does(Invoke(name="create", options={"words": "a rotten Zib"}))
    assert drawn.job is not None
    await place.room.over(drawn.job)
    for number in range(8):  # more than the card shows of what was done
        await place.types(f"/lora edit Zib tags=t{number}", Level.MODERATOR)
    shown = await place.types("/lora info Zib", Level.MODERATOR)
    assert named(shown)["taken out of use"] == "broken numbers (NaN or infinity) in unet.mid_block"
    await place.types("/lora undo Zib", Level.MODERATOR)
    assert "taken out of use" not in named(await place.types("/lora info Zib", Level.MODERATOR))
    await place.types("/lora retire Zib", Level.MODERATOR)
    again = await place.types("/lora info Zib", Level.MODERATOR)
    assert "taken out of use" not in named(again)


def named(shown: Outbound) -> dict[str, str]:
    return {line.name: line.value for line in shown.lines}


async def test_a_look_that_comes_along_keeps_its_evidence(place: Place) -> None:
    await place.brings("zib", "Zib person=no licence=CC0")
    await place.waits()
    await place.types("/lora approve Zib", Level.MODERATOR)
    engine, mo = place.room.engine, PersonId("fake:mo")
    guild = Linked(SpaceId("d:guild"), "The guild", "guild")
    garden = Linked(SPACE.id, SPACE.title, SPACE.kind)
    code = await engine.house.linking.offer(guild, mo)
    await engine.house.linking.join(code, garden, mo, brings=True)

    came = await engine.registry.vetting.named(guild.space, "Zib")
    was = await engine.registry.vetting.named(garden.space, "Zib")
    assert (came.state, came.licence, came.card.weight) == ("approved", "CC0", was.card.weight)
    intake = await engine.registry.of_entry(guild.space, came.id)
    assert intake is not None
    assert intake.findings
    assert (await engine.registry.find(guild.space, intake.id)).entry == came.id
    assert await engine.registry.sample(guild.space, came.id)
    shown = await place.types("/lora info Zib", Level.MODERATOR)
    assert "brought a look along" in shown.text
    drawn = await place.does(Invoke(name="create", options={"words": "Zib"}))
    assert drawn.job is not None
    job = await place.room.over(drawn.job)
    assert [lora.name for lora in job.plan.loras] == ["Zib"]
    await engine.house.linking.leave(garden.space, mo)
    assert await engine.registry.of_entry(guild.space, came.id) is None
    assert [card.name for card in await engine.looks(garden.space)] == ["Zib"]
