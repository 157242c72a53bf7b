"""A typed line as an act: a command with its options, or plain words."""

from bot.commands import COMMANDS
from bot.messages import Invoke, Words


def read_line(line: str) -> Words | Invoke | None:
    """What a line means on every platform where people type; None for an empty one."""
    line = line.strip()
    if not line:
        return None
    if not line.startswith("/") or not line[1:2].isalpha():
        return Words(text=line)
    name, rest = (*line[1:].split(maxsplit=1), "")[:2]
    name = name.casefold()
    return Invoke(name=name, options=COMMANDS.get(name).parse(rest) if name in COMMANDS else {})
