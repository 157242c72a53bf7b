"""Who may use what: member < moderator < admin < host, one check per command."""

from bot.command import Command, Context
from bot.errors import NotHere
from bot.messages import Author, Level
from bot.policy import Action, refusal
from bot.texts import Wording, say, wording
from engine.errors import NotAllowed
from engine.messages import Rating

NEEDS: dict[Level, Wording] = {
    Level.MEMBER: wording("right.member", "to be a member"),
    Level.MODERATOR: wording("right.moderator", "to be a moderator"),
    Level.ADMIN: wording("right.admin", "to be an admin"),
    Level.HOST: wording("right.host", "to be the host of this bot"),
}
ACTS: dict[Action, Wording] = {
    "create": wording("act.create", "make pictures"),
    "see": wording("act.see", "look at pictures"),
    "deliver": wording("act.deliver", "get pictures"),
    "bring": wording("act.bring", "bring looks"),
    "vet": wording("act.vet", "decide about looks"),
    "settle": wording("act.settle", "change the settings"),
    "moderate": wording("act.moderate", "moderate"),
}


def check(author: Author, command: Command) -> None:
    """Raises `NotAllowed` with the level that would be enough."""
    if author.level < command.level:
        raise NotAllowed(
            what=say("right.use", "use /{command}", command=command.name),
            needs=NEEDS[command.level].say(),
        )


def allow(context: Context, action: Action, rating: Rating = "general") -> None:
    """Raises `NotHere` or `NotAllowed` when a rule of this place stands against it."""
    place, rules = context.inbound.place, context.rules
    found = refusal(action, context.inbound.author, place, rules, rating)
    if found is None:
        return
    if found.rule == "level":
        raise NotAllowed(what=ACTS[action].say(), needs=NEEDS[found.level].say())
    flags = context.capabilities.has_age_flags
    raise NotHere(rule=found.rule, what=ACTS[action].say(), has_age_flags=flags)


def usable(author: Author, commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """The commands this person may use, in the table's order."""
    return tuple(command for command in commands if author.level >= command.level)


def require(author: Author, level: Level, what: str) -> None:
    """Raises `NotAllowed` for an act that needs more than this person holds now."""
    if author.level < level:
        raise NotAllowed(what=what, needs=NEEDS[level].say())
