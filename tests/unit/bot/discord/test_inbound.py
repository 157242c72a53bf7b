"""What a message of Discord says to us."""

from typing import Any

import discord

from bot.discord.inbound import files_of, words_of

ME = 5
STAMP = "2026-11-28T12:00:00+00:00"


def message(**told: Any) -> discord.Message:
    """As the library reads it."""
    author = {"id": "7", "username": "ada", "discriminator": "0", "avatar": None}
    payload: Any = {
        "id": "1", "type": 0, "author": author, "content": "", "timestamp": STAMP,
        "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [],
        "mention_roles": [], "attachments": [], "embeds": [], "pinned": False, "components": [],
        **told,
    }  # fmt: skip
    state = discord.Client(intents=discord.Intents.none())._connection
    return discord.Message(state=state, channel=discord.Object(9), data=payload)  # type: ignore[arg-type]


def test_a_mention_of_us_is_no_part_of_the_words() -> None:
    assert words_of(message(content="<@5> a red circle"), ME) == "a red circle"


def test_a_forwarded_message_is_read_like_words_of_ones_own() -> None:
    file = {
        "id": "3", "filename": "fox.png", "size": 8, "url": "https://cdn.discordapp.com/fox.png",
        "proxy_url": "", "content_type": "image/png",
    }  # fmt: skip
    forwarded = {
        "type": 0, "content": "a red circle", "embeds": [], "attachments": [file], "flags": 0,
        "timestamp": STAMP, "edited_timestamp": None, "mentions": [], "mention_roles": [],
    }  # fmt: skip
    reference = {"type": 1, "channel_id": "2", "message_id": "2"}
    told = message(message_snapshots=[{"message": forwarded}], message_reference=reference)
    assert words_of(told, ME) == "a red circle"
    assert [each.name for each in files_of(told)] == ["fox.png"]
    assert words_of(message(content="more", message_snapshots=[]), ME) == "more"
