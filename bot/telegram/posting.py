"""Messages on their way to a chat: posted, or edited into what they became."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar, cast

import structlog
from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.error import BadRequest

from bot.messages import Image, Outbound
from bot.port import CannotPost
from bot.telegram import pictures
from bot.telegram.address import Address
from bot.telegram.albums_out import Albums
from bot.telegram.outbound import (
    CAPTION_CHARS,
    TEXT_CHARS,
    Words,
    cut,
    keyboard,
    split,
    units,
    words_of,
)
from bot.telegram.pictures import DOCUMENT_BYTES, Fitted, file_name, fitted, tile
from bot.telegram.refusals import BAD_PHOTO, NO_MEDIA, NO_PHOTOS, NO_TEXT, is_unchanged, says
from bot.telegram.sending import Kind, Sender
from bot.texts import say

log = structlog.get_logger(__name__)
Sent = TypeVar("Sent")
Markup = InlineKeyboardMarkup | ForceReply | None
Media = InputMediaPhoto | InputMediaDocument
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
ALBUM_MOST = 10
_LINK = re.compile(r"https?://\S+")
WRITE_S = 120.0
"""Longest upload of one request."""


class Postman:
    """Posts and edits messages of one bot."""

    def __init__(
        self, bot: Bot, sender: Sender, albums: Albums, document_bytes: int = DOCUMENT_BYTES
    ) -> None:
        self._bot = bot
        self._sender = sender
        self._albums = albums
        self._document_bytes = document_bytes

    # --- post -----------------------------------------------------------------------------------

    async def post(self, where: Address, outbound: Outbound) -> str:
        """Post it; the id is that of the message with the buttons. Raises `CannotPost`."""
        if where.is_group and is_secret(outbound):
            return await self._in_private(where, outbound)
        return await self._post(where, outbound)

    async def ask(self, where: Address, text: str, placeholder: str) -> str:
        """A question whose answer is a reply to it."""
        reply = ForceReply(selective=True, input_field_placeholder=placeholder[:64] or None)
        return await self._text(where, Words(text), reply, Kind.ANSWER)

    async def _post(self, where: Address, outbound: Outbound) -> str:
        words, markup = words_of(outbound), keyboard(outbound.buttons)
        if len(outbound.images) > 1:
            return await self._post_album(where, outbound, words, markup)
        if outbound.images:
            return await self._post_picture(where, outbound, words, markup)
        if outbound.files:
            return await self._post_files(where, outbound, words, markup)
        return await self._texts(where, words, markup)

    async def _texts(self, where: Address, words: Words, markup: Markup) -> str:
        *first, last = split(words)
        for part in first:
            await self._text(where, part, None, Kind.ANSWER)
        return await self._text(where, last, markup, Kind.ANSWER)

    async def _text(self, where: Address, words: Words, markup: Markup, kind: Kind) -> str:
        async def request(chat: int, thread: int | None) -> Message:
            return await self._bot.send_message(
                chat,
                words.text or "\u2026",
                entities=words.entities,
                message_thread_id=thread,
                reply_parameters=reply_to(where),
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
            )

        return str((await self._sent(where, request, kind)).message_id)

    async def _post_picture(
        self, where: Address, outbound: Outbound, words: Words, markup: Markup
    ) -> str:
        """One picture; what its caption can't hold follows as a text of its own."""
        is_long = units(words.text) > CAPTION_CHARS
        caption = cut(words, CAPTION_CHARS)
        (picture,) = await self._fitted(outbound, outbound.images[:1])
        message = await self._send_picture(where, picture, caption, None if is_long else markup)
        return await self._texts(where, words, markup) if is_long else message

    async def _send_picture(
        self, where: Address, picture: Fitted, caption: Words, markup: Markup
    ) -> str:
        async def request(chat: int, thread: int | None) -> Message:
            if not picture.is_photo:
                return await self._bot.send_document(
                    chat,
                    picture.data,
                    filename=picture.name,
                    disable_content_type_detection=True,
                    caption=caption.text or None,
                    caption_entities=caption.entities,
                    message_thread_id=thread,
                    reply_parameters=reply_to(where),
                    reply_markup=markup,
                    write_timeout=WRITE_S,
                )
            return await self._bot.send_photo(
                chat,
                picture.data,
                filename=picture.name,
                caption=caption.text or None,
                caption_entities=caption.entities,
                has_spoiler=picture.is_covered or None,
                message_thread_id=thread,
                reply_parameters=reply_to(where),
                reply_markup=markup,
                write_timeout=WRITE_S,
            )

        try:
            return str((await self._sender.send(where, request, Kind.ONCE)).message_id)
        except BadRequest as error:
            if picture.is_photo and says(error, *BAD_PHOTO):
                as_file = Fitted(picture.name, picture.data, is_photo=False)
                return await self._send_picture(where, as_file, caption, markup)
            raise refusal(error) from error

    async def _post_album(
        self, where: Address, outbound: Outbound, words: Words, markup: Markup
    ) -> str:
        """Albums have no buttons: those come below, with the words."""
        await self._send_whole(where, outbound)
        return await self._texts(where, words, markup)

    async def _fitted(self, outbound: Outbound, images: Sequence[Image]) -> list[Fitted]:
        every = [await fitted(image, self._document_bytes) for image in images]
        return [replace(each, is_covered=outbound.is_covered) for each in every]

    async def send_album(self, where: Address, album: Sequence[Fitted]) -> tuple[int, ...]:
        """Two to ten pictures in one album, one picture alone; returns the messages' ids."""
        if len(album) == 1:
            return (int(await self._send_picture(where, album[0], Words(), None)),)
        are_photos = all(picture.is_photo for picture in album)
        media: list[InputMediaPhoto] | list[InputMediaDocument]
        if are_photos:
            media = [
                InputMediaPhoto(each.data, filename=each.name, has_spoiler=each.is_covered or None)
                for each in album
            ]
        else:
            media = [InputMediaDocument(each.data, filename=each.name) for each in album]

        async def request(chat: int, thread: int | None) -> tuple[Message, ...]:
            return await self._bot.send_media_group(
                chat,
                media,
                message_thread_id=thread,
                reply_parameters=reply_to(where),
                write_timeout=WRITE_S,
            )

        sent = await self._sent(where, request, Kind.ONCE, len(media))
        return tuple(each.message_id for each in sent)

    async def _post_files(
        self, where: Address, outbound: Outbound, words: Words, markup: Markup
    ) -> str:
        """Files one by one; the words are the caption of the last when they fit."""
        is_caption = units(words.text) <= CAPTION_CHARS
        message = ""
        for place, file in enumerate(outbound.files):
            if len(file.data) > self._document_bytes:
                text = say(
                    "telegram.file_too_large",
                    "{name} is larger than Telegram lets a bot send ({most} MB).",
                    name=file_name(file.name),
                    most=self._document_bytes // 1_000_000,
                )
                message = await self._text(where, Words(text), None, Kind.ANSWER)
                continue
            is_last = place == len(outbound.files) - 1
            caption = words if is_last and is_caption else Words()
            picture = Fitted(file_name(file.name), file.data, is_photo=False)
            below = markup if is_last and is_caption else None
            message = await self._send_picture(where, picture, caption, below)
        return message if is_caption else await self._texts(where, words, markup)

    async def _in_private(self, where: Address, outbound: Outbound) -> str:
        """What only one person may see goes to their own chat; the group is told no more."""
        private = where.in_private()
        if private is not None:
            try:
                return await self._post(private, outbound)
            except CannotPost as error:
                log.info("telegram.not_in_private", why=str(error))
        text = say(
            "telegram.come_private",
            "That is for you alone. Open a private chat with me, press Start and ask me there.",
        )
        link = InlineKeyboardButton(
            say("telegram.open_private", "open the chat"), url=f"{self._bot.link}?start=hello"
        )
        return await self._text(where, Words(text), InlineKeyboardMarkup([[link]]), Kind.ANSWER)

    # --- edit -----------------------------------------------------------------------------------

    async def edit(self, where: Address, message: int, outbound: Outbound) -> None:
        """Replace a message; doing it again changes nothing. Raises `CannotPost`."""
        is_progress = outbound.job is not None and outbound.progress is not None
        kind = Kind.PROGRESS if is_progress else Kind.OUTCOME
        words, markup = words_of(outbound), keyboard(outbound.buttons)
        if len(outbound.images) > 1:
            await self._edit_album(where, message, outbound, words, markup)
        elif outbound.images:
            (picture,) = await self._fitted(outbound, outbound.images)
            await self._edit_picture(where, message, picture, words, markup)
        else:
            await self._edit_text(where, message, words, markup, kind)
            if not is_progress:
                await self._take_album_back(where, message)

    async def _edit_album(
        self, where: Address, message: int, outbound: Outbound, words: Words, markup: Markup
    ) -> None:
        """The pictures go into an album below, once; the message keeps words and buttons.

        When nobody knows whether the album arrived, it is not sent again: then the message itself
        shows all of them on one sheet, which may be repeated and loses nothing.
        """
        if await self._albums.once(where, message, lambda: self._send_whole(where, outbound)):
            await self._edit_text(where, message, words, markup, Kind.OUTCOME)
            return
        note = say(
            "telegram.perhaps_twice",
            "I was cut off while I sent these, so they may stand below as well.",
        )
        sheet = await pictures.sheet(outbound.images)
        sheet = replace(sheet, is_covered=outbound.is_covered)
        await self._edit_picture(where, message, sheet, words + Words(f"\n{note}"), markup)

    async def _send_whole(self, where: Address, outbound: Outbound) -> tuple[int, ...]:
        ids: list[int] = []
        for start in range(0, len(outbound.images), ALBUM_MOST):
            some = outbound.images[start : start + ALBUM_MOST]
            ids += await self.send_album(where, await self._fitted(outbound, some))
        return tuple(ids)

    async def _edit_text(
        self, where: Address, message: int, words: Words, markup: Markup, kind: Kind
    ) -> None:
        fitting = cut(words, TEXT_CHARS)

        async def request(chat: int, _: int | None) -> object:
            return await self._bot.edit_message_text(
                fitting.text or "\u2026",
                chat,
                message,
                entities=fitting.entities,
                reply_markup=cast(InlineKeyboardMarkup | None, markup),
                link_preview_options=NO_PREVIEW,
            )

        try:
            await self._sender.send(where, request, kind)
        except BadRequest as error:
            if is_unchanged(error):
                return
            if not says(error, NO_TEXT):
                raise refusal(error) from error
            # It holds a picture, which must not stay: most often it was deleted.
            blank = Fitted("nothing.png", tile(), is_photo=True)
            await self._edit_picture(where, message, blank, words, markup)

    async def _edit_picture(
        self, where: Address, message: int, picture: Fitted, words: Words, markup: Markup
    ) -> None:
        """A text or a picture becomes this picture."""
        caption = cut(words, CAPTION_CHARS)
        media = media_of(picture, caption)

        async def request(chat: int, _: int | None) -> object:
            return await self._bot.edit_message_media(
                media,
                chat,
                message,
                reply_markup=cast(InlineKeyboardMarkup | None, markup),
                write_timeout=WRITE_S,
            )

        try:
            await self._sender.send(where, request, Kind.OUTCOME)
        except BadRequest as error:
            if is_unchanged(error):
                return
            if picture.is_photo and says(error, *BAD_PHOTO):
                as_file = Fitted(picture.name, picture.data, is_photo=False)
                await self._edit_picture(where, message, as_file, words, markup)
            elif says(error, *NO_MEDIA):
                await self._picture_below(where, message, picture, words, markup)
            elif says(error, *NO_PHOTOS):
                await self._without_picture(where, message, words, markup)
            else:
                raise refusal(error) from error

    async def _picture_below(
        self, where: Address, message: int, picture: Fitted, words: Words, markup: Markup
    ) -> None:
        """An old Bot API server can't put a picture into a text: it is posted below, once."""

        async def below() -> tuple[int, ...]:
            return (int(await self._send_picture(where, picture, Words(), None)),)

        await self._albums.once(where, message, below)
        await self._edit_text(where, message, words, markup, Kind.OUTCOME)

    async def _without_picture(
        self, where: Address, message: int, words: Words, markup: Markup
    ) -> None:
        note = say(
            "telegram.no_photos",
            "I may not send pictures in this chat. Ask an admin to allow them, or ask me in "
            "private: it waits there.",
        )
        await self._edit_text(where, message, words + Words(f"\n{note}"), markup, Kind.OUTCOME)

    async def _take_album_back(self, where: Address, message: int) -> None:
        """A result that is text now has no pictures any more: those that went along go.

        They are forgotten last: what failed in between is done again with the next try.
        """
        ids = await self._albums.of(where, message)
        if not ids:
            return

        async def request(chat: int, _: int | None) -> object:
            return await self._bot.delete_messages(chat, ids)

        try:
            await self._sender.send(where, request, Kind.OUTCOME)
        except BadRequest as error:
            log.info("telegram.album_too_old", chat=where.chat, why=error.message)
            for each in ids:
                await self._blank(where, each)
        await self._albums.forget(where, message)

    async def _blank(self, where: Address, message: int) -> None:
        """Too old to be deleted, which Telegram allows for two days: it becomes a grey picture.

        In an album photos stay photos and files stay files; one that somebody deleted is no loss.
        """
        why = ""
        for is_photo in (True, False):
            grey = media_of(Fitted("nothing.png", tile(), is_photo), Words())

            async def request(chat: int, _: int | None, grey: Media = grey) -> object:
                return await self._bot.edit_message_media(grey, chat, message)

            try:
                await self._sender.send(where, request, Kind.OUTCOME)
            except BadRequest as error:
                if is_unchanged(error):
                    return
                why = error.message
            else:
                return
        log.warning("telegram.picture_stays", chat=where.chat, message=message, why=why)

    async def _sent(
        self,
        where: Address,
        request: Callable[[int, int | None], Awaitable[Sent]],
        kind: Kind,
        count: int = 1,
    ) -> Sent:
        """Send what has no other way out: a refusal is final."""
        try:
            return await self._sender.send(where, request, kind, count)
        except BadRequest as error:
            raise refusal(error) from error


def refusal(error: BadRequest) -> CannotPost:
    """A request that Telegram will never take."""
    return CannotPost(error.message, final=True)


def media_of(picture: Fitted, caption: Words) -> Media:
    """A photo or a file, with its words."""
    if picture.is_photo:
        return photo_of(picture, caption)
    return InputMediaDocument(
        picture.data,
        filename=picture.name,
        caption=caption.text or None,
        caption_entities=caption.entities,
    )


def photo_of(picture: Fitted, caption: Words) -> InputMediaPhoto:
    """A photo, covered where that is wanted."""
    return InputMediaPhoto(
        picture.data,
        filename=picture.name,
        caption=caption.text or None,
        caption_entities=caption.entities,
        has_spoiler=picture.is_covered or None,
    )


def reply_to(where: Address) -> ReplyParameters | None:
    """The message that is answered, if it is still there."""
    if not where.reply:
        return None
    return ReplyParameters(where.reply, allow_sending_without_reply=True)


def is_secret(outbound: Outbound) -> bool:
    """Meant for one person's eyes: said so, files, or a link that opens a door."""
    is_telling = bool(outbound.files or _LINK.search(outbound.text))
    return outbound.is_secret or (outbound.private and is_telling)
