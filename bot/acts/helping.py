"""Help: what there is to say and type, and each command with its options and examples."""

from bot.command import Command, Context
from bot.escape import plain
from bot.figures import listed
from bot.menu import about, description, summary
from bot.messages import Line, Outbound
from bot.options import valid
from bot.permissions import usable
from bot.texts import Wording, say, wording
from engine.errors import NotFound

WELCOME = wording(
    "help.welcome",
    "Tell me what you want to see, in your own words:\n"
    "  a small red heart on a yellow background\n"
    "  the same, but bigger\n"
    "I choose the base, the looks, their trigger words and strengths, and “why this?” "
    "under every picture tells you what I chose and why.",
)
TOPICS: dict[str, Wording] = {
    "words": wording(
        "help.words",
        "Say the subject first, then how it should look. Names of looks are understood even when "
        "misspelt (/looks lists them). Sizes (64x64), counts (three pictures), seeds (seed 7), "
        "strengths (a little, strongly) and leaving out (no text, without Neon) can be said too. "
        "What you don't say, I decide; I ask when it matters.",
    ),
    "buttons": wording(
        "help.all_buttons",
        "again: the same plan with a new seed. vary: the same picture, slightly different. "
        "edit: change any choice by hand. why this?: every choice with its reason. "
        "keep: it stays, however long pictures are kept here. report: tells the moderators. "
        "cancel: stops it at the next step. delete: removes your picture for good. Buttons work "
        "for ever, also after a restart.",
    ),
    "waiting": wording(
        "help.waiting",
        "Everybody takes turns: one person's ten requests don't hold up another's first. "
        "/queue shows your places and times. What fails or is cancelled costs nothing.",
    ),
    "privacy": wording(
        "help.privacy",
        "Your words and pictures stay on this host and train nothing. /me shows what is kept, "
        "/me export gives it to you, /me delete removes it.",
    ),
    "defaults": wording(
        "help.defaults",
        "/me size=portrait look=Zib keeps what you like: it is taken where you name nothing else, "
        "wherever you meet me. /me language=de chooses my language, /me private=yes has me answer "
        "you alone. /me history brings back what you made; the star marks what you keep.",
    ),
    "place": wording(
        "help.place",
        "Admins choose what holds here with /settings: base, look, channels, roles, ratings, "
        "shares, language, how long pictures stay. /settings link makes two platforms one space. "
        "Moderators have /moderation and /lora review; /report tells them of a picture.",
    ),
}


def help_page(context: Context, topic: str = "") -> Outbound:
    """The overview, a topic, or one command. Raises `NotFound` with what there is."""
    name = topic.strip().lstrip("/").casefold()
    if not name:
        return _overview(context)
    if name in context.commands:
        return _one(context.commands[name])
    if name in TOPICS:
        return Outbound(title=name.capitalize(), text=TOPICS[name].say(), private=True)
    raise NotFound(what="topic", name=plain(topic, 40), near=(*TOPICS, *context.commands))


def _overview(context: Context) -> Outbound:
    commands = usable(context.inbound.author, tuple(context.commands.values()))
    lines = [Line(name=f"/{each.name}", value=summary(each)) for each in commands]
    more = say(
        "help.more", "/help and one of: {topics}, or a command", topics=listed(tuple(TOPICS))
    )
    return Outbound(
        title=say("help.title", "Atelier makes pictures from plain words"),
        text=WELCOME.say(),
        lines=(*lines, Line(name=say("help.more_line", "more"), value=more)),
        private=True,
    )


def _one(command: Command) -> Outbound:
    text = "\n".join(part for part in (summary(command), about(command)) if part)
    example = say("help.example", "for example")
    examples = tuple(Line(name=example, value=line) for line in command.examples)
    options = tuple(
        Line(name=_typed(command, name), value=_explained(command, name))
        for name in command.options.model_fields
    )
    return Outbound(title=f"/{command.name}", text=text, lines=(*options, *examples), private=True)


def _typed(command: Command, name: str) -> str:
    return name if name in command.positional else f"{name}="


def _explained(command: Command, name: str) -> str:
    field = command.options.model_fields[name]
    told, takes = description(command, name), valid(field)
    return told if takes == field.description else f"{told}: {takes}"
