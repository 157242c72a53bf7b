"""What people say of looks moves the next plan, is told, and can be taken back; ratings hold."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import wiring
from engine.api import LEARNED, CardEdit
from engine.errors import LookNotApproved
from engine.messages import (
    EVERY_RATING,
    Feedback,
    Generate,
    Job,
    LookWish,
    Plan,
    Reroll,
    Settings,
)
from tests.fakes.engine_room import HERE, Room, open_room, visit

NEON = Generate(words="a fox in neon", prompt="a fox", looks=(LookWish(name="Neon", said="neon"),))


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as opened:
        await wiring.furnish_demo(opened.engine, visit().owner.space)
        yield opened


async def drawn(room: Room, wish: Generate = NEON, person: str = "ada") -> Job:
    ticket = await room.engine.draw(visit(person), wish, HERE)
    await room.engine.talk(visit(person), wish.words, "", ticket.job)
    return await room.over(ticket.job)


async def weight(room: Room, person: str = "ada") -> float:
    return (await room.engine.plan(visit(person), NEON)).loras[0].weight


def learned(plan: Plan) -> list[str]:
    return [reason.why for reason in plan.reasons if reason.choice == LEARNED]


async def test_a_look_called_too_strong_is_weaker_next_time_and_says_why(room: Room) -> None:
    job = await drawn(room)
    before = job.plan.loras[0].weight

    moved = await room.engine.opine(visit(), Feedback(verdict="too_strong", job=job.id))

    plan = await room.engine.plan(visit(), NEON)
    assert moved == ("Neon",)
    assert plan.loras[0].weight == pytest.approx(before * 0.92, abs=0.01)
    (why,) = learned(plan)
    assert why.startswith("you found it too strong before")
    assert await weight(room, "bob") == before


async def test_what_was_learned_is_taken_back(room: Room) -> None:
    job = await drawn(room)
    await room.engine.opine(visit(), Feedback(verdict="overdone", job=job.id))
    assert await weight(room) < job.plan.loras[0].weight

    assert await room.engine.unlearn(visit().owner, "Neon") == 1

    assert await weight(room) == job.plan.loras[0].weight


async def test_a_weight_that_was_asked_for_is_never_moved(room: Room) -> None:
    job = await drawn(room)
    await room.engine.opine(visit(), Feedback(verdict="too_strong", job=job.id))
    exact = (LookWish(name="Neon", said="neon", strength=1.1),)

    plan = await room.engine.plan(visit(), NEON.model_copy(update={"looks": exact}))

    assert plan.loras[0].weight == 1.1
    assert learned(plan) == []


async def test_making_a_look_weaker_in_an_edit_is_an_opinion_too(room: Room) -> None:
    job = await drawn(room)
    less = NEON.model_copy(
        update={
            "kind": "edit",
            "looks": (LookWish(name="Neon", said="neon", strength=0.4),),
            "settings": Settings(seed=job.plan.seed),
        }
    )
    await drawn(room, less)

    assert await weight(room) < job.plan.loras[0].weight


async def test_opinions_are_exported_and_forgotten(room: Room) -> None:
    job = await drawn(room)
    await room.engine.opine(visit(), Feedback(verdict="good", job=job.id))
    kept = await room.engine.kept(visit().owner.person)
    assert [(each.look, each.verdict) for each in kept.opinions] == [("Neon", "good")]

    await room.engine.forget(visit().owner.person)

    assert (await room.engine.kept(visit().owner.person)).opinions == ()


async def test_a_look_of_another_rating_is_left_out_and_said_so(room: Room) -> None:
    vetting, owner = room.engine.registry.vetting, visit().owner
    entry = await vetting.named(owner.space, "Neon")
    await vetting.edit(owner.space, entry.id, owner.person, CardEdit(rating="mature"))
    anywhere = replace(visit(), allowed_ratings=EVERY_RATING)

    reading = await room.engine.read(visit(), "a fox in neon")
    assert isinstance(reading.intent, Generate)
    assert reading.intent.looks == ()
    assert "Neon" in reading.reply
    assert "mature" in reading.reply
    plan = await room.engine.plan(visit(), NEON)
    assert plan.loras == ()
    assert any("mature" in reason.why for reason in plan.reasons)
    assert len((await room.engine.plan(anywhere, NEON)).loras) == 1

    job = await room.over((await room.engine.draw(anywhere, NEON, HERE)).job)
    with pytest.raises(LookNotApproved):
        await room.engine.plan(visit(), Reroll(job=job.id))
