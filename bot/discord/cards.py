"""An answer as a Discord message, within every limit: our own check, since the library has none."""

import asyncio
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

import discord

from bot.discord.markup import escaped, units
from bot.discord.pictures import fitted
from bot.escape import plain
from bot.figures import MIB, binary_size, number
from bot.messages import Button, File, Image, Outbound
from bot.texts import say
from engine.messages import JobId

CONTENT_CHARS = 2000
CARD_CHARS = 4000
TITLE_CHARS = 250
LABEL_CHARS = 80
ALT_CHARS = 1024
MOST_FILES = 10
MOST_BUTTONS = 20
BUTTONS_IN_ROW = 5
POST = "post"
"""The verb of the button that shows a private answer to all."""
BAR = 12
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
STYLES = {
    "plain": discord.ButtonStyle.secondary,
    "primary": discord.ButtonStyle.primary,
    "danger": discord.ButtonStyle.danger,
}


class StoredButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.LayoutView]], template=r"(?s:.{1,100})"
):
    """A button whose id says what it does: the library keeps nothing of it, so it works for ever.

    A press is heard twice, here and as an interaction; `Hearing` takes the first of the two. The
    second way also works where Discord's copy of the message is missing or unreadable.
    """

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[discord.Client],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """From a press."""
        return cls(discord.ui.Button(custom_id=match[0]))

    async def callback(self, interaction: discord.Interaction[discord.Client]) -> None:
        """It was pressed."""
        interaction.client.dispatch("interaction", interaction)


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of a message."""

    name: str
    data: bytes
    alt: str = ""
    is_picture: bool = True
    is_covered: bool = False

    def file(self) -> discord.File:
        """For one request: sending it uses it up."""
        return discord.File(io.BytesIO(self.data), self.name, description=self.alt or None)


@dataclass(frozen=True, slots=True)
class Card:
    """What is sent: plain content, or a layout with files."""

    content: str = ""
    texts: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    buttons: tuple[Button, ...] = ()
    mark: int | None = None
    """Of the job that it tells of: people don't see it, and Discord keeps it."""
    can_be_shown: bool = False
    """Has a button that posts it to the channel."""

    @property
    def largest_bytes(self) -> int:
        """The size of the largest file."""
        return max((len(piece.data) for piece in self.pieces), default=0)

    def files(self) -> list[discord.File]:
        """Fresh files for one request."""
        return [piece.file() for piece in self.pieces]

    def view(self) -> discord.ui.LayoutView:
        """The layout; told to be finished, so that the library keeps none of it."""
        view = discord.ui.LayoutView(timeout=None)
        box: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(id=self.mark)
        for text in self.texts:
            box.add_item(discord.ui.TextDisplay(text))
        if gallery := [_shown(piece) for piece in self.pieces if piece.is_picture]:
            box.add_item(discord.ui.MediaGallery(*gallery))
        for piece in self.pieces:
            if not piece.is_picture:
                box.add_item(discord.ui.File(f"attachment://{piece.name}"))
        for row in _rows(self.buttons):
            box.add_item(discord.ui.ActionRow(*(_button(each) for each in row)))
        view.add_item(box)
        view.stop()
        return view


def done() -> str:
    """What stands where an answer has no words."""
    return say("discord.done", "Done.")


async def card_of(
    outbound: Outbound, limit_bytes: int, *, post: str = "", is_layout: bool = False
) -> Card:
    """The message of an answer; pictures that are too large are made to fit, away from the loop.

    `post` is the id of the button that shows it to everybody; empty for none. What once was a
    layout stays one: Discord lets no message go back.
    """
    if not is_layout and _is_plain(outbound):
        return Card(content=escaped(outbound.text.strip() or done(), CONTENT_CHARS))
    pieces, missing = await asyncio.to_thread(_pieces, outbound, limit_bytes)
    buttons = _distinct(outbound.buttons)[:MOST_BUTTONS]
    if post:
        buttons = (*buttons, Button(id=post, label=say("button.post", "post to channel")))
    texts = _texts(outbound, missing)
    if not texts and not pieces:
        texts = (done(),)
    mark = mark_of(outbound.job) if outbound.job is not None else None
    return Card(texts=texts, pieces=pieces, buttons=buttons, mark=mark, can_be_shown=bool(post))


def mark_of(job: JobId) -> int:
    """The id of the box that tells of a job: by it a message is known again after a restart.

    Discord's ids are 32 bits wide and count up from 1 where none is given; it is above those.
    """
    return 1 << 30 | int.from_bytes(sha256(job.encode()).digest()[:4]) >> 2


def _is_plain(outbound: Outbound) -> bool:
    """Words alone, that never become anything else."""
    has_more = outbound.title or outbound.lines or outbound.images or outbound.files
    is_live = outbound.job is not None or outbound.preview is not None
    if has_more or is_live or outbound.buttons or "://" in outbound.text:
        return False
    return units(escaped(outbound.text, 2 * CARD_CHARS)) <= CONTENT_CHARS


def _texts(outbound: Outbound, missing: tuple[str, ...]) -> tuple[str, ...]:
    """Title, words and lines, together no longer than a card may be."""
    left = CARD_CHARS
    texts: list[str] = []
    if outbound.title.strip():
        texts.append("### " + escaped(plain(outbound.title), TITLE_CHARS))
        left -= units(texts[-1])
    told = [outbound.text.strip(), *missing]
    if outbound.progress is not None and outbound.job is not None:
        told.append(_bar(outbound.progress))
    words = "\n".join(part for part in told if part)
    if words:
        texts.append(escaped(words, left))
        left -= units(texts[-1])
    lines = [_line(line.name, line.value, CARD_CHARS // 2) for line in outbound.lines]
    if lines and left > 0:
        kept: list[str] = []
        for line in lines:
            if units(line) + 1 > left:
                break
            kept.append(line)
            left -= units(line) + 1
        if kept:
            texts.append("\n".join(kept))
    return tuple(text for text in texts if text.strip())


def _line(name: str, value: str, most_chars: int) -> str:
    return f"**{escaped(plain(name), 200) or '-'}** {escaped(plain(value), most_chars)}"


def _bar(progress: float) -> str:
    full = round(BAR * progress)
    return "\u25b0" * full + "\u25b1" * (BAR - full)


def _pieces(outbound: Outbound, limit_bytes: int) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    pieces: list[Piece] = []
    missing: list[str] = []
    taken: set[str] = set()
    for image in outbound.images[:MOST_FILES]:
        found = fitted(image.png, limit_bytes)
        if found is None:
            missing.append(_too_large(image, limit_bytes))
            continue
        data, ending = found
        name = _name(image.name.rpartition(".")[0] or image.name, ending, taken)
        alt = plain(image.alt, ALT_CHARS)
        pieces.append(Piece(name, data, alt, is_covered=outbound.is_covered))
    if outbound.preview is not None and not pieces and len(outbound.preview) <= limit_bytes:
        name = _name("preview", "png", taken)
        pieces.append(Piece(name, outbound.preview, is_covered=outbound.is_covered))
    for file in outbound.files[: MOST_FILES - len(pieces)]:
        if len(file.data) > limit_bytes:
            missing.append(_file_too_large(file))
            continue
        stem, _, ending = file.name.rpartition(".")
        name = _name(stem or ending, ending if stem else "bin", taken)
        pieces.append(Piece(name, file.data, is_picture=False))
    return tuple(pieces), tuple(missing)


def _too_large(image: Image, limit_bytes: int) -> str:
    return say(
        "discord.too_large",
        "{name} ({size} MiB) is larger than the {most} that fit here. /web opens the page, "
        "which shows it whole.",
        name=plain(image.name, 80),
        size=number(len(image.png) / MIB),
        most=binary_size(limit_bytes),
    )


def _file_too_large(file: File) -> str:
    name = plain(file.name, 80)
    return say("discord.file_too_large", "{name} is too large to be sent here.", name=name)


def _name(stem: str, ending: str, taken: set[str]) -> str:
    """A file name that Discord leaves as it is, and that no other file of the message has."""
    clean = _UNSAFE.sub("_", stem.replace("\\", "/").rpartition("/")[2]).strip("._")[:80] or "file"
    ending = _UNSAFE.sub("", ending)[:10] or "bin"
    name, number = f"{clean}.{ending}", 1
    while name in taken:
        number += 1
        name = f"{clean}-{number}.{ending}"
    taken.add(name)
    return name


def _shown(piece: Piece) -> discord.MediaGalleryItem:
    return discord.MediaGalleryItem(
        f"attachment://{piece.name}", description=piece.alt or None, spoiler=piece.is_covered
    )


def _distinct(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    """Discord refuses a message in which two buttons carry one id."""
    return tuple({button.id: button for button in buttons}.values())


def _rows(buttons: tuple[Button, ...]) -> Iterator[tuple[Button, ...]]:
    for start in range(0, len(buttons), BUTTONS_IN_ROW):
        yield buttons[start : start + BUTTONS_IN_ROW]


def _button(button: Button) -> StoredButton:
    label = plain(button.label, LABEL_CHARS) or "press"
    return StoredButton(
        discord.ui.Button(label=label, custom_id=button.id, style=STYLES[button.style])
    )
