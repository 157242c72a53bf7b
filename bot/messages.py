"""What platforms send in and get back: Inbound and Outbound, frozen, the same everywhere."""

from enum import IntEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.messages import JobId, PersonId, SpaceId

BUTTON_ID_BYTES = 64
"""The smallest limit of all platforms (Telegram's callback data)."""


class Message(BaseModel):
    """Base: frozen, exact."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(IntEnum):
    """The ladder of privilege; each includes those below."""

    MEMBER = 0
    MODERATOR = 1
    ADMIN = 2
    HOST = 3


class Author(Message):
    """Who wrote or pressed; `id` is `platform:native id`."""

    id: PersonId
    name: str
    level: Level = Level.MEMBER
    locale: str = "en"


class Space(Message):
    """Where; `id` is `platform:native id` of a guild or chat, or of the DM's person."""

    id: SpaceId
    title: str
    kind: Literal["guild", "chat", "dm", "local"]


class Attachment(Message):
    """A file that came along; `handle` is the platform's way to fetch its bytes."""

    name: str
    size_bytes: int
    media_type: str = ""
    handle: str


class Words(Message):
    """Plain words: a DM, a mention, a reply to the bot."""

    kind: Literal["words"] = "words"
    text: str


class Invoke(Message):
    """A command with its options as text; the command's own options type parses them."""

    kind: Literal["command"] = "command"
    name: str
    options: dict[str, str] = Field(default_factory=dict)


class Press(Message):
    """A button was pressed; `button` is the id it carried."""

    kind: Literal["press"] = "press"
    button: str


class Inbound(Message):
    """One act of a person. `id` is unique per act: a redelivery carries the same."""

    id: str
    platform: str
    author: Author
    space: Space
    conversation: str
    address: str
    """Where answers go; only the platform can read it."""
    act: Annotated[Words | Invoke | Press, Field(discriminator="kind")]
    attachments: tuple[Attachment, ...] = ()


class Button(Message):
    """A button; its id names a stored intent, so it works for ever."""

    id: str
    label: str
    style: Literal["plain", "primary", "danger"] = "plain"


class Image(Message):
    """A picture to post."""

    name: str
    png: bytes
    alt: str


class File(Message):
    """A file that is not a picture, such as an export."""

    name: str
    media_type: str
    data: bytes


class Line(Message):
    """One named line of a card."""

    name: str
    value: str


class Outbound(Message):
    """One message to people; each platform fits it to its limits."""

    text: str = ""
    title: str = ""
    lines: tuple[Line, ...] = ()
    images: tuple[Image, ...] = ()
    files: tuple[File, ...] = ()
    preview: bytes | None = None
    """A small PNG of a picture that is still being drawn; platforms may leave it out."""
    buttons: tuple[Button, ...] = ()
    private: bool = False
    job: JobId | None = None
    """The job whose progress or outcome this is."""
    progress: float | None = Field(default=None, ge=0, le=1)
