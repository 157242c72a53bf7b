"""`/looks add | edit | remove | undo`: moderators write looks in words, members only see them."""

from dataclasses import replace

import pytest

from bot.command import Context
from bot.commands.looks import LOOKS
from bot.messages import Level, Outbound, Press
from bot.presses import press
from engine.errors import BadRequest, NotAllowed, NotFound

ADD = 'add name="Foggy Noir" prompt="thick fog, one street lamp" synonyms="fog noir, lamp noir"'


def as_moderator(context: Context) -> Context:
    author = context.inbound.author.model_copy(update={"level": Level.MODERATOR})
    return replace(context, inbound=context.inbound.model_copy(update={"author": author}))


async def typed(context: Context, line: str) -> Outbound:
    return await LOOKS.run(context, LOOKS.parse(line))


async def test_a_moderator_adds_a_look_and_everybody_sees_it(context: Context) -> None:
    card = await typed(as_moderator(context), ADD)

    assert card.title == "Foggy Noir"
    page = await typed(context, "fog noir")
    assert [line.name for line in page.lines] == ["Foggy Noir"]
    assert "thick fog" in page.lines[0].value


async def test_it_is_edited_removed_and_every_change_undone(context: Context) -> None:
    moderator = as_moderator(context)
    await typed(moderator, ADD)
    edited = await typed(moderator, 'edit name="foggy noir" prompt="thin fog"')
    assert "thin fog" in str(edited.lines)

    undone = await press(moderator, Press(button=edited.buttons[0].id))
    assert "thick fog" in str(undone.lines)

    gone = await typed(moderator, "remove Foggy Noir")
    assert "gone" in gone.text
    back = await press(moderator, Press(button=gone.buttons[0].id))
    assert back.title == "Foggy Noir"


@pytest.mark.parametrize("line", [ADD, "remove Foggy Noir", 'action=undo name="Foggy Noir"'])
async def test_members_change_nothing(context: Context, line: str) -> None:
    with pytest.raises(NotAllowed):
        await typed(context, line)


async def test_a_member_cannot_press_a_moderators_undo(context: Context) -> None:
    card = await typed(as_moderator(context), ADD)

    with pytest.raises(NotAllowed):
        await press(context, Press(button=card.buttons[0].id))


async def test_what_is_missing_is_named(context: Context) -> None:
    with pytest.raises(BadRequest) as refused:
        await typed(as_moderator(context), 'add name="Foggy Noir"')
    assert refused.value.facts["name"] == "prompt"
    with pytest.raises(NotFound):
        await typed(as_moderator(context), 'edit name="Nothing" prompt="x"')


@pytest.mark.parametrize("words", ["add", "remove", "undo"])
async def test_a_word_alone_is_searched(context: Context, words: str) -> None:
    assert words in (await typed(context, words)).text
