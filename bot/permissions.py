"""Who may use what: member < moderator < admin < host, one check per command."""

from bot.command import Command
from bot.messages import Author, Level
from engine.errors import NotAllowed

TITLES: dict[Level, str] = {
    Level.MEMBER: "a member",
    Level.MODERATOR: "a moderator",
    Level.ADMIN: "an admin",
    Level.HOST: "the host of this bot",
}


def check(author: Author, command: Command) -> None:
    """Raises `NotAllowed` with the level that would be enough."""
    if author.level < command.level:
        raise NotAllowed(what=f"use /{command.name}", needs=f"to be {TITLES[command.level]}")


def usable(author: Author, commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """The commands this person may use, in the table's order."""
    return tuple(command for command in commands if author.level >= command.level)
