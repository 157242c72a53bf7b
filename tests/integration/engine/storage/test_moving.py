"""A space whose id changed: what belongs to it is found under the new one, once."""

from pathlib import Path

from engine.api import Visit
from engine.messages import Generate, Owner, PersonId, SpaceId
from tests.fakes.engine_room import HERE, Room, open_room

OLD, NEW = SpaceId("chat:-1"), SpaceId("chat:-1001")


def visit(space: SpaceId, person: str) -> Visit:
    return Visit(
        owner=Owner(space=space, person=PersonId(f"chat:{person}")),
        platform="chat",
        space_title="The garden",
        space_kind="chat",
        person_name=person,
        conversation=f"{space}:0:{person}",
    )


async def ask(room: Room, space: SpaceId, words: str, person: str = "ada") -> None:
    where = visit(space, person)
    ticket = await room.engine.draw(where, Generate(words=words, prompt=words), HERE)
    await room.engine.talk(where, words, "", ticket.job)


async def test_jobs_members_and_talk_move_along(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        stores = room.engine.stores
        await ask(room, OLD, "wait for a star")
        await ask(room, OLD, "wait for a moon")
        await stores.spaces.move(OLD, NEW)
        ada = Owner(space=NEW, person=PersonId("chat:ada"))
        view = await room.engine.queue(ada)
        assert len(view.mine) == 2
        assert [each.name for each in await stores.spaces.members(NEW)] == ["ada"]
        assert await stores.spaces.members(OLD) == ()
        kept = await room.engine.kept(ada.person)
        assert {turn.words for turn in kept.turns} == {"wait for a star", "wait for a moon"}
        for job, _ in view.mine:
            await room.engine.cancel(ada, job.id)
        assert (await room.engine.queue(ada)).waiting == 0


async def test_a_space_that_was_used_meanwhile_is_one_with_the_old(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await ask(room, OLD, "wait for a star")
        await ask(room, OLD, "wait for a moon")
        await ask(room, NEW, "wait for a cloud")
        await ask(room, NEW, "wait for rain", "ben")
        await room.engine.stores.spaces.move(OLD, NEW)
        ada, ben = (Owner(space=NEW, person=PersonId(f"chat:{name}")) for name in ("ada", "ben"))
        assert len((await room.engine.queue(ada)).mine) == 3
        assert len((await room.engine.queue(ben)).mine) == 1
        for owner in (ada, ben):
            await room.engine.cancel(owner, None)
        assert (await room.engine.queue(ada)).waiting == 0
        await room.engine.stores.spaces.move(OLD, NEW)


async def test_what_is_drawn_for_one_place_is_withdrawn_with_it(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await ask(room, OLD, "wait for a star")
        await ask(room, OLD, "wait for a moon")
        assert await room.engine.withdraw("fake", "elsewhere") == ()
        assert await room.engine.withdraw("other", HERE.address) == ()
        assert len(await room.engine.withdraw("fake", HERE.address)) == 2
        assert await room.engine.withdraw("fake", HERE.address[:3] + "_") == ()
