"""What platforms send in and get back: Inbound and Outbound, frozen, the same everywhere."""

from enum import IntEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.messages import JobId, PersonId, SpaceId

TERMINAL = SpaceId("console:local")
"""The space of whoever sits at this machine; `atelier draw` draws there."""
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
    locale: str = ""
    """What the platform says that this person's app speaks, in its own words; may be unknown."""
    roles: tuple[str, ...] = ()
    """The platform's ids of this person's roles here; what they allow is a space's setting."""


class Space(Message):
    """Where; `id` is `platform:native id` of a guild or chat, or of the DM's person."""

    id: SpaceId
    title: str
    kind: Literal["guild", "chat", "dm", "local"]
    locale: str = ""
    """What the platform says that this place speaks, in its own words; may be unknown."""


class Place(Message):
    """Where in a space: a channel, thread or topic, as far as rules need to know it."""

    id: str = ""
    """The platform's id of the channel (a thread's parent); empty where there is only one."""
    title: str = ""
    kind: Literal["channel", "direct", "visited"] = "channel"
    """`visited`: used by a person's own installation where the bot is no member."""
    is_age_restricted: bool = False


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
    """A button was pressed; `button` is the id it carried.

    `fields` are what a form held that the platform opened for it, such as a plan to edit.
    """

    kind: Literal["press"] = "press"
    button: str
    fields: dict[str, str] = Field(default_factory=dict)


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
    home: Space | None = None
    """The space as the platform knows it, where `space` is another that it is linked with."""
    place: Place = Place()
    attachments: tuple[Attachment, ...] = ()


class Button(Message):
    """A button; its id names a stored intent, so it works for ever."""

    id: str
    label: str
    style: Literal["plain", "primary", "danger"] = "plain"


class Shown(Message):
    """Which picture of which job an image is: a platform that keeps no bytes asks for it again."""

    job: JobId
    index: int
    width: int
    height: int


class Image(Message):
    """A picture to post."""

    name: str
    png: bytes
    alt: str
    shown: Shown | None = None


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
    is_covered: bool = False
    """Pictures and the preview are hidden until somebody wants to see them, where that can be."""
    private: bool = False
    is_secret: bool = False
    """Private, and nobody else's business: rather sent to the person's own chat than shown here."""
    job: JobId | None = None
    """The job whose progress or outcome this is."""
    progress: float | None = Field(default=None, ge=0, le=1)
