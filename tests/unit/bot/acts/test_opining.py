"""Opinions are kept, what they change is told, and they are taken back by a button."""

from bot.acts.perform import info, perform
from bot.command import Context
from bot.messages import Press
from bot.presses import press
from engine.api import LEARNED
from engine.messages import Feedback, Generate, JobId, Reason
from tests.fakes.engine import FakeEngine


async def test_an_opinion_on_a_look_is_told_with_a_way_back(
    context: Context, engine: FakeEngine
) -> None:
    said = Feedback(verdict="too_strong", job=JobId("j1"), looks=("Neon",))

    answer = await perform(context, said, "Noted: the next one gets less of it.")

    assert engine.opined == [said]
    assert "less of it" in answer.text
    assert "Neon" in answer.text
    forgotten = await press(context, Press(button=answer.buttons[0].id))
    assert engine.opined == []
    assert "Forgotten" in forgotten.text


async def test_praise_changes_nothing_and_offers_nothing(context: Context) -> None:
    answer = await perform(context, Feedback(verdict="good", job=JobId("j1")), "Good to hear.")

    assert (answer.text, answer.buttons) == ("Good to hear.", ())


async def test_why_this_offers_to_forget_what_was_learned(
    context: Context, engine: FakeEngine
) -> None:
    ticket = await engine.draw(
        context.visit, Generate(words="neon fox", prompt="neon fox"), context.destination
    )
    job = engine.disk.jobs[ticket.job]
    why = Reason(choice=LEARNED, value="Neon", why="you found it too strong before")
    plan = job.plan.model_copy(update={"reasons": (why,)})
    engine.disk.jobs[ticket.job] = job.model_copy(update={"plan": plan})

    card = await info(context, ticket.job)

    assert card.buttons[0].label == "forget that about Neon"
