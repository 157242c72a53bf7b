"""Help: what there is to say and type, and each command with its options and examples."""

from bot.command import Command, Context
from bot.escape import plain
from bot.messages import Line, Outbound
from bot.options import valid
from bot.permissions import usable
from engine.errors import NotFound

WELCOME = (
    "Tell me what you want to see, in your own words:\n"
    "  a small red heart on a yellow background\n"
    "  the same, but bigger\n"
    "I choose the base, the looks, their trigger words and strengths, and “why this?” "
    "under every picture tells you what I chose and why."
)
TOPICS: dict[str, str] = {
    "words": (
        "Say the subject first, then how it should look. Names of looks are understood even when "
        "misspelt (/looks lists them). Sizes (64x64), counts (three pictures), seeds (seed 7), "
        "strengths (a little, strongly) and leaving out (no text, without Neon) can be said too. "
        "What you don't say, I decide; I ask when it matters."
    ),
    "buttons": (
        "again: the same plan with a new seed. vary: the same picture, slightly different. "
        "why this?: every choice with its reason. cancel: stops it at the next step. "
        "delete: removes your picture for good. Buttons work for ever, also after a restart."
    ),
    "waiting": (
        "Everybody takes turns: one person's ten requests don't hold up another's first. "
        "/queue shows your places and times. What fails or is cancelled costs nothing."
    ),
    "privacy": (
        "Your words and pictures stay on this host and train nothing. /me shows what is kept, "
        "/me export gives it to you, /me delete removes it."
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
        return Outbound(title=name.capitalize(), text=TOPICS[name], private=True)
    raise NotFound(what="topic", name=plain(topic, 40), near=(*TOPICS, *context.commands))


def _overview(context: Context) -> Outbound:
    commands = usable(context.inbound.author, tuple(context.commands.values()))
    lines = [Line(name=f"/{each.name}", value=each.summary) for each in commands]
    topics = ", ".join(TOPICS)
    return Outbound(
        title="Atelier makes pictures from plain words",
        text=WELCOME,
        lines=(*lines, Line(name="more", value=f"/help and one of: {topics}, or a command")),
        private=True,
    )


def _one(command: Command) -> Outbound:
    text = "\n".join(part for part in (command.summary, command.about) if part)
    examples = tuple(Line(name="for example", value=line) for line in command.examples)
    options = tuple(
        Line(name=_typed(command, name), value=_explained(field.description or "", valid(field)))
        for name, field in command.options.model_fields.items()
    )
    return Outbound(title=f"/{command.name}", text=text, lines=(*options, *examples), private=True)


def _typed(command: Command, name: str) -> str:
    return name if name in command.positional else f"{name}="


def _explained(description: str, takes: str) -> str:
    return description if takes == description else f"{description}: {takes}"
