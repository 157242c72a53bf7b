"""One-time links and sessions: used once, over in time, never stored in clear."""

from datetime import timedelta

from sqlalchemy import select

from engine.messages import PersonId
from engine.storage.conversations import ConversationStore
from engine.storage.database import Database
from engine.storage.doors import DoorStore, Visitor
from engine.storage.tables import sessions, sign_ins
from tests.fakes.jobs import NOON, later

ANN = Visitor(PersonId("discord:1"), "Ann", 2, (("discord:guild", "The guild", 1),))
HOUR = timedelta(hours=1)


async def test_a_link_works_once(database: Database) -> None:
    doors = DoorStore(database)
    token = await doors.invite(ANN, NOON, HOUR)
    assert await doors.redeem(token, later(10)) == ANN
    assert await doors.redeem(token, later(11)) is None


async def test_a_link_gets_too_old(database: Database) -> None:
    doors = DoorStore(database)
    token = await doors.invite(ANN, NOON, HOUR)
    assert await doors.redeem(token, later(3601)) is None


async def test_a_session_lasts_until_it_ends_or_is_left(database: Database) -> None:
    doors = DoorStore(database)
    token, other = [await doors.admit(ANN, NOON, HOUR) for _ in range(2)]
    assert await doors.visitor(token, later(3599)) == ANN
    assert await doors.visitor(token, later(3601)) is None
    await doors.leave(token)
    assert await doors.visitor(token, later(1)) is None
    assert await doors.visitor(other, later(1)) == ANN
    assert await doors.visitor("guessed", NOON) is None


async def test_a_visitor_takes_another_name(database: Database) -> None:
    doors = DoorStore(database)
    token = await doors.admit(ANN, NOON, HOUR)
    renamed = await doors.rename(token, "Anna", later(1))
    assert renamed is not None
    assert renamed.name == "Anna"
    assert await doors.visitor(token, later(2)) == renamed
    assert await doors.rename("guessed", "Eve", NOON) is None


async def test_no_token_is_stored(database: Database) -> None:
    doors = DoorStore(database)
    link = await doors.invite(ANN, NOON, HOUR)
    cookie = await doors.admit(ANN, NOON, HOUR)
    links = await database.read(lambda connection: str(connection.execute(select(sign_ins)).all()))
    held = await database.read(lambda connection: str(connection.execute(select(sessions)).all()))
    assert link not in links
    assert cookie not in held


async def test_forgetting_a_person_ends_their_sessions(database: Database) -> None:
    doors = DoorStore(database)
    token = await doors.admit(ANN, NOON, HOUR)
    await ConversationStore(database).forget(ANN.person)
    assert await doors.visitor(token, NOON) is None
