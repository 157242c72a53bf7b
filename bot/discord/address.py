"""Where answers go on Discord: all that is needed later, also after a restart."""

from typing import Self

from pydantic import ValidationError

from bot.messages import Message
from bot.port import CannotPost

TOKEN_LASTS_S = 14.5 * 60
"""Discord lets an interaction's token live for 15 minutes; the rest is for slow clocks."""
PLAIN_LIMIT_BYTES = 10 * 1024 * 1024
"""What Discord takes in one file where nothing raises it."""


class Address(Message):
    """A channel, and the interaction that started it while it lives."""

    guild: int = 0
    """0 in private conversations. Goes first: all that goes to a place begins with it."""
    channel: int
    person: int
    """Who asked; private answers reach this person alone."""
    app: int = 0
    token: str = ""
    """The interaction's; empty for plain messages."""
    until: float = 0.0
    """The token is good until this moment of our own clock."""
    has_original: bool = False
    """The interaction was answered with "thinking": the first answer takes that place."""
    is_quiet: bool = False
    """Every answer is for the person alone."""
    is_member: bool = True
    """The bot itself may write in the channel."""
    limit_bytes: int = PLAIN_LIMIT_BYTES
    reply_to: int = 0

    def written(self) -> str:
        """As text."""
        return self.model_dump_json(exclude_defaults=True)

    @staticmethod
    def beginning(guild: int, channel: int | None = None) -> str:
        """How all addresses of a server, or of one of its channels, begin."""
        inside = "" if channel is None else f'"channel":{channel},'
        return f'{{"guild":{guild},{inside}'

    @classmethod
    def read(cls, text: str) -> Self:
        """From text; raises `CannotPost`."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise CannotPost("that is no address on Discord", final=True) from error

    def is_live(self, now: float) -> bool:
        """Whether the interaction can still be answered."""
        return bool(self.token) and now < self.until
