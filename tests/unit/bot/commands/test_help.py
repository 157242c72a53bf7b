"""`/help`."""

import pytest

from bot.acts.helping import TOPICS
from bot.commands import COMMANDS
from bot.messages import Author
from bot.permissions import usable
from engine.messages import PersonId
from tests.unit.bot.conftest import Ada

MEMBER = Author(id=PersonId("fake:ada"), name="Ada")


async def test_the_overview_lists_every_command_that_a_person_may_use(ada: Ada) -> None:
    named = [line.name for line in (await ada.types("/help")).lines]
    mine = usable(MEMBER, tuple(COMMANDS.all().values()))
    assert named[:-1] == [f"/{command.name}" for command in mine]


@pytest.mark.parametrize("topic", TOPICS)
async def test_every_topic_has_words(ada: Ada, topic: str) -> None:
    assert (await ada.uses("help", topic=topic)).text == TOPICS[topic].say()


@pytest.mark.parametrize("name", list(COMMANDS))
async def test_every_command_explains_its_options_with_examples(ada: Ada, name: str) -> None:
    shown = await ada.uses("help", topic=f"/{name}")
    assert shown.title == f"/{name}"
    assert "for example" in [line.name for line in shown.lines]


async def test_an_unknown_topic_names_the_known_ones(ada: Ada) -> None:
    assert "privacy" in (await ada.types("/help dragons")).text
