"""Buttons: ids of stored intents."""

import pytest

from bot import buttons
from bot.messages import BUTTON_ID_BYTES
from engine.errors import NotFound
from engine.messages import IntentId, Owner, PersonId, Reroll, SpaceId
from engine.messages import JobId as Job
from tests.fakes.engine import FakeEngine

OWNER = Owner(space=SpaceId("fake:garden"), person=PersonId("fake:ada"))


async def test_a_button_carries_a_verb_and_the_id_of_its_intent(engine: FakeEngine) -> None:
    made = await buttons.make(engine, OWNER, "draw", Reroll(job=Job("job1")), "again", number=3)
    pressed = buttons.read(made.id)
    assert (pressed.verb, pressed.number) == ("draw", 3)
    assert await engine.recall(OWNER, pressed.intent) == Reroll(job=Job("job1"))


async def test_an_id_that_no_platform_takes_is_never_made(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def long_id(*_: object) -> IntentId:
        return IntentId("x" * BUTTON_ID_BYTES)

    monkeypatch.setattr(engine, "remember", long_id)
    with pytest.raises(ValueError, match="bytes"):
        await buttons.make(engine, OWNER, "draw", Reroll(job=Job("job1")), "again")


@pytest.mark.parametrize(
    "id_", ["", "draw", "draw:", "DROP:1", "draw:a b", "draw:x:99999", "a" * 99]
)
def test_what_no_button_of_ours_carries_is_not_found(id_: str) -> None:
    with pytest.raises(NotFound):
        buttons.read(id_)
