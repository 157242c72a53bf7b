"""`/web`: the way in, for this person alone."""

from dataclasses import replace

from bot.command import Context
from bot.commands import COMMANDS


async def test_a_link_signs_in_who_asked_for_it(context: Context) -> None:
    there = replace(context, page_url="https://pictures.example.org")
    told = await COMMANDS.get("web").run(there, {})
    assert told.private
    assert "https://pictures.example.org/enter#token-for-fake:ada" in told.text
    assert "10 minutes" in told.text


async def test_without_a_page_the_cure_is_named(context: Context) -> None:
    told = await COMMANDS.get("web").run(context, {})
    assert "[http] enabled" in told.text
