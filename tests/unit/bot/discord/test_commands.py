"""The command menu as Discord gets it."""

from bot.command import Context, command
from bot.commands import COMMANDS
from bot.discord.commands import command_of, digest, menu_of
from bot.messages import Level, Outbound
from bot.options import Options


async def nothing(context: Context, options: Options) -> Outbound:
    return Outbound()


def test_defaults_that_discord_adds_are_no_change() -> None:
    wanted = menu_of(COMMANDS.all())
    known = [
        {"name_localizations": None, **each, "id": "1", "nsfw": False, "dm_permission": True}
        for each in reversed(wanted)
    ]
    assert digest(known) == digest(wanted)
    assert digest([{**known[0], "description": "other"}, *known[1:]]) != digest(wanted)


def test_what_must_be_given_comes_first() -> None:
    for each in menu_of(COMMANDS.all()):
        required = [bool(option.get("required")) for option in each.get("options", ())]
        assert required == sorted(required, reverse=True)


def test_who_sees_a_command_follows_its_level() -> None:
    def needed(level: Level) -> object:
        made = command(
            name="x", summary="x", options=Options, handle=nothing, examples=(), level=level
        )
        return command_of(made)["default_member_permissions"]

    assert needed(Level.MEMBER) is None
    assert needed(Level.MODERATOR) == 1 << 13
    assert needed(Level.ADMIN) == 1 << 5


def test_numbers_that_discord_cannot_hold_are_typed() -> None:
    create = next(each for each in menu_of(COMMANDS.all()) if each["name"] == "create")
    kinds = {option["name"]: option["type"] for option in create["options"]}
    assert kinds["seed"] == 3
    assert kinds["steps"] == 4
    assert kinds["guidance"] == 10
    assert kinds["file"] == 11
