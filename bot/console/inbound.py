"""A typed line as an act: a command, a press of a numbered button, or plain words."""

import getpass
import uuid

from bot.messages import TERMINAL, Author, Button, Inbound, Invoke, Level, Press, Space, Words
from bot.typed import read_line
from engine.messages import PersonId

NAME = "console"
SPACE = Space(id=TERMINAL, title="this terminal", kind="local")
ADDRESS = "terminal"
MOST_DIGITS = 2


class NoSuchButton(Exception):
    """A number was typed that no button has now."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def author() -> Author:
    """Whoever can type here runs this machine: the host."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        name = "you"
    return Author(id=PersonId(f"{NAME}:{name}"), name=name, level=Level.HOST)


def inbound(act: Words | Invoke | Press) -> Inbound:
    """The act, with everything around it."""
    who = author()
    return Inbound(
        id=uuid.uuid4().hex,
        platform=NAME,
        author=who,
        space=SPACE,
        conversation=f"{SPACE.id}:{who.name}",
        address=ADDRESS,
        act=act,
    )


def read(line: str, buttons: tuple[Button, ...]) -> Words | Invoke | Press | None:
    """What a line means; None for an empty one. Numbers press the newest buttons.

    Raises `NoSuchButton` for a number that none of them has.
    """
    number = line.strip().strip("[]")
    if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
        return read_line(line)
    if not 1 <= int(number) <= len(buttons):
        raise NoSuchButton(int(number))
    return Press(button=buttons[int(number) - 1].id)
