"""Posts as they are kept and as the page gets them: plain data, texts never markup."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from bot.messages import Button, Image, Line, Message, Outbound
from engine.api import KeptPost, Upload
from engine.messages import JobId, PersonId, SpaceId

BOT_NAME = "Atelier"


class Who(Message):
    """A person by name."""

    id: PersonId
    name: str


class Hanging(Message):
    """A picture in a post: one of a job, or one that was uploaded."""

    name: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    job: JobId | None = None
    index: int = 0
    upload: str | None = None


class Handed(Message):
    """A file in a post."""

    name: str
    media_type: str
    size_bytes: int
    upload: str


class Body(Message):
    """What a post holds."""

    name: str
    """Who wrote it, as they were called then."""
    to: Who | None = None
    title: str = ""
    text: str = ""
    lines: tuple[Line, ...] = ()
    images: tuple[Hanging, ...] = ()
    files: tuple[Handed, ...] = ()
    buttons: tuple[Button, ...] = ()
    progress: float | None = None

    def kept(self) -> dict[str, JsonValue]:
        """As the database keeps it."""
        kept: dict[str, JsonValue] = self.model_dump(mode="json", exclude_defaults=True)
        return kept


def answer(
    outbound: Outbound, to: Who | None, images: Sequence[Hanging], files: Sequence[Handed]
) -> Body:
    """The body of what the bot says."""
    return Body(
        name=BOT_NAME,
        to=to,
        title=outbound.title,
        text=outbound.text,
        lines=outbound.lines,
        images=tuple(images),
        files=tuple(files),
        buttons=outbound.buttons,
        progress=outbound.progress,
    )


def hanging(image: Image, upload: Upload | None = None) -> Hanging:
    """A picture of a message; one that is no job's picture needs its upload."""
    if upload is not None:
        return Hanging(
            name=image.name, alt=image.alt, upload=upload.id, width=upload.width,
            height=upload.height,
        )  # fmt: skip
    if image.shown is None:
        raise ValueError("a picture that is no job's has to be uploaded first")
    shown = image.shown
    return Hanging(
        name=image.name, alt=image.alt, job=shown.job, index=shown.index, width=shown.width,
        height=shown.height,
    )  # fmt: skip


def uploaded(upload: Upload) -> Hanging:
    """A picture that a person sent."""
    return Hanging(
        name=upload.name, alt=upload.name, upload=upload.id, width=upload.width,
        height=upload.height,
    )  # fmt: skip


def told(post: KeptPost, live: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A post as the page gets it; `live` is its newest progress, when it has some."""
    body = Body(name="") if post.is_deleted else Body.model_validate(post.body)
    told: dict[str, Any] = {
        "id": post.id,
        "place": post.space,
        "revision": post.revision,
        "at": post.at.isoformat(),
        "edited_at": post.edited_at.isoformat() if post.edited_at else None,
        "author": {
            "id": post.author or "",
            "name": body.name,
            "is_bot": post.author is None,
        },
        "to": body.to.model_dump() if body.to else None,
        "is_private": post.seen_by is not None,
        "is_deleted": post.is_deleted,
        "title": body.title,
        "text": body.text,
        "lines": [line.model_dump() for line in body.lines],
        "images": [image_told(image, post.space) for image in body.images],
        "files": [
            {**file.model_dump(exclude={"upload"}), "url": upload_url(file.upload)}
            for file in body.files
        ],
        "buttons": [button_told(button) for button in body.buttons],
        "job": post.job,
        "progress": body.progress,
        "preview": None,
    }
    if live is not None and body.progress is not None:
        told.update(live)
    return told


def image_told(image: Hanging, space: SpaceId) -> dict[str, Any]:
    """A picture with its address."""
    if image.upload is not None:
        url = upload_url(image.upload)
    else:
        url = picture_url(image.job or JobId(""), image.index, space)
    return {**image.model_dump(exclude={"upload"}), "url": url}


def button_told(button: Button) -> dict[str, str]:
    """A button with its verb, which the page may know better ways for."""
    return {**button.model_dump(), "verb": button.id.partition(":")[0]}


def picture_url(job: JobId, index: int, space: SpaceId) -> str:
    """Where the original of a job's picture is."""
    return f"/pictures/{quote(job, safe='')}/{index}.png?{urlencode({'place': space})}"


def upload_url(upload: str) -> str:
    """Where an upload is."""
    return f"/uploads/{quote(upload, safe='')}"


def moving(outbound: Outbound) -> dict[str, Any]:
    """What a progress message shows now."""
    return {
        "text": outbound.text,
        "progress": outbound.progress,
        "preview": data_url(outbound.preview) if outbound.preview else None,
    }


def data_url(png: bytes, media_type: Literal["image/png"] = "image/png") -> str:
    """A small picture inside a message."""
    return f"data:{media_type};base64,{b64encode(png).decode()}"
