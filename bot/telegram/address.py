"""Where an answer goes on Telegram: chat, topic, the message it replies to, and for whom it is."""

from dataclasses import dataclass, replace
from typing import Self

from engine.messages import PersonId

NAME = "telegram"


@dataclass(frozen=True, slots=True)
class Address:
    """As it is kept with a job: four numbers, zero for what there is not."""

    chat: int
    thread: int = 0
    """A forum's topic; the General topic has none."""
    reply: int = 0
    person: int = 0

    @classmethod
    def read(cls, written: str) -> Self:
        """Take apart what `written` made; raises `ValueError` for anything else."""
        chat, thread, reply, person = (int(part) for part in written.split(":"))
        return cls(chat, thread, reply, person)

    def written(self) -> str:
        """As `Inbound.address`."""
        return f"{self.chat}:{self.thread}:{self.reply}:{self.person}"

    @property
    def is_group(self) -> bool:
        """Groups and supergroups have negative ids, people's own chats their id."""
        return self.chat < 0

    def in_private(self) -> Self | None:
        """The person's own chat with the bot; None when nobody knows whose it is."""
        return replace(self, chat=self.person, thread=0, reply=0) if self.person > 0 else None


def private_address(person: PersonId) -> str | None:
    """The private chat of a person of Telegram; None for anybody else."""
    platform, _, number = person.partition(":")
    if platform != NAME or not number.isdigit():
        return None
    return Address(chat=int(number), person=int(number)).written()
