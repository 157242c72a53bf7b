"""Buttons that undo one choice of a picture and leave the rest alone."""

import pytest

from engine.messages import Base, Card, JobId, Trigger
from tests.fakes.engine import NEON, ZIB, FakeEngine
from tests.unit.bot.conftest import Ada

INK = Card(
    name="Ink", kind="style", family="miniature", triggers=(Trigger(word="inkq"),), weight=0.8
)


async def test_the_card_of_why_this_can_undo_every_look(ada: Ada) -> None:
    await ada.has_drawn("Zib in neon")

    card = await ada.presses("why this?")

    labels = [button.label for button in card.buttons]
    assert labels[:3] == ["without Neon", "less Neon", "more Neon"]


async def test_without_a_look_keeps_seed_and_all_else(ada: Ada, engine: FakeEngine) -> None:
    first = engine.disk.jobs[await ada.has_drawn("Zib in neon")].plan
    await ada.presses("why this?")

    answer = await ada.presses("without Neon")

    assert answer.job is not None
    wish = engine.disk.jobs[JobId(answer.job)].plan
    assert wish.seed == first.seed
    assert [lora.name for lora in wish.loras] == ["Zib"]
    assert (wish.base, wish.width, wish.steps) == (first.base, first.width, first.steps)


async def test_less_of_a_look_is_a_weaker_look(ada: Ada, engine: FakeEngine) -> None:
    await ada.has_drawn("Zib in neon")
    await ada.presses("why this?")

    answer = await ada.presses("less Neon")

    assert answer.job is not None
    weights = {lora.name: lora.weight for lora in engine.disk.jobs[answer.job].plan.loras}
    assert weights["Neon"] < NEON.weight
    assert weights["Zib"] == ZIB.weight


async def test_a_look_is_swapped_for_another_of_its_kind(ada: Ada, engine: FakeEngine) -> None:
    engine.cards = (ZIB, NEON, INK)
    await ada.has_drawn("Zib in neon")
    await ada.presses("why this?")

    offer = await ada.presses("swap Neon")
    answer = await ada.presses("Ink")

    assert "Everything else stays" in offer.text
    assert answer.job is not None
    names = [lora.name for lora in engine.disk.jobs[answer.job].plan.loras]
    assert names == ["Zib", "Ink"]


async def test_a_base_that_is_gone_offers_no_swap(
    ada: Ada, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none() -> tuple[Base, ...]:
        return ()

    engine.cards = (ZIB, NEON, INK)
    await ada.has_drawn("Zib in neon")
    monkeypatch.setattr(engine, "bases", none)
    card = await ada.presses("why this?")
    assert "less Neon" in [button.label for button in card.buttons]
    assert "swap Neon" not in [button.label for button in card.buttons]
