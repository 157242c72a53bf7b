"""The command menu as data."""

from bot.command import Context
from bot.commands import COMMANDS
from bot.menu import MOST_SUGGESTIONS, entry, menu, suggest
from bot.messages import Level
from engine.api import GENERAL
from engine.messages import Card, Search, SpaceId
from tests.fakes.engine import NEON, FakeEngine


def test_the_menu_holds_what_one_may_use(context: Context) -> None:
    assert [each.name for each in menu(context.commands, context.inbound.author)] == [
        each.name for each in COMMANDS.all().values() if each.level == Level.MEMBER
    ]


def test_options_say_what_they_take() -> None:
    options = {option.name: option for option in entry(COMMANDS.get("create")).options}
    assert options["words"].is_required
    assert options["words"].is_positional
    assert (options["size"].kind, options["count"].kind) == ("size", "number")
    assert options["base"].suggests == "bases"
    choice = {option.name: option for option in entry(COMMANDS.get("me")).options}["what"]
    every = ("data", "defaults", "history", "export", "delete")
    assert (choice.kind, choice.choices) == ("choice", every)


async def test_looks_are_suggested_by_what_is_typed(context: Context, engine: FakeEngine) -> None:
    found = await suggest(engine, context.owner, GENERAL, "looks", "ne")
    assert "Neon" in [each.value for each in found]
    assert len(found) <= MOST_SUGGESTIONS


async def test_half_a_name_is_enough_and_its_beginning_counts_most(context: Context) -> None:
    cards = [NEON.model_copy(update={"name": name}) for name in ("Old Stone", "Stone", "Zib")]
    engine = SearchesWholeWords(cards=tuple(cards))
    found = await suggest(engine, context.owner, GENERAL, "looks", "sto")
    assert [each.value for each in found] == ["Stone", "Old Stone"]


class SearchesWholeWords(FakeEngine):
    """Finds nothing for half a word, as a search for descriptions does."""

    async def looks(self, space: SpaceId, query: str | Search = "") -> tuple[Card, ...]:
        return () if query else self.cards


async def test_my_own_jobs_are_suggested(context: Context, engine: FakeEngine) -> None:
    assert await suggest(engine, context.owner, GENERAL, "jobs", "") == ()
