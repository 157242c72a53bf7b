"""Files that people sent: fetched in pieces, from Telegram or from the disk of our own server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.messages import Attachment
from bot.port import CannotPost

CLOUD_BYTES = 20_000_000
"""What Telegram's own servers let a bot fetch."""
PIECE_BYTES = 1 << 16
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=10, sock_read=60)


class Files:
    """Fetches; the addresses hold the token and are told to nobody."""

    def __init__(self, bot: Bot, *, is_local: bool) -> None:
        self._bot = bot
        self._is_local = is_local

    async def fetch(self, attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        """The bytes in pieces; raises `CannotPost` when it is gone or too large."""
        most = most_bytes if self._is_local else min(most_bytes, CLOUD_BYTES)
        if attachment.size_bytes > most:
            raise _too_large(most)
        try:
            found = await self._bot.get_file(attachment.handle)
        except BadRequest as error:
            if "too big" in error.message.casefold():
                raise _too_large(CLOUD_BYTES) from error
            raise CannotPost("it is not there any more", final=True) from error
        except TelegramError as error:
            raise CannotPost("Telegram can't be reached", final=False) from error
        if (found.file_size or 0) > most:
            raise _too_large(most)
        read = 0
        async for piece in self._pieces(found.file_path or ""):
            read += len(piece)
            if read > most:
                raise _too_large(most)
            yield piece

    async def _pieces(self, address: str) -> AsyncIterator[bytes]:
        if address.startswith(("http://", "https://")):
            async for piece in _over_the_net(address):
                yield piece
        elif self._is_local:
            async for piece in _from_disk(Path(address.removeprefix("file://"))):
                yield piece
        else:
            raise CannotPost("it is on the disk of a Bot API server that is not ours", final=True)


async def _over_the_net(address: str) -> AsyncIterator[bytes]:
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.get(address) as answer,
        ):
            if answer.status != 200:
                raise CannotPost("it is not there any more", final=answer.status < 500)
            async for piece in answer.content.iter_chunked(PIECE_BYTES):
                yield piece
    except (aiohttp.ClientError, TimeoutError) as error:
        raise CannotPost("Telegram can't be reached", final=False) from error


async def _from_disk(path: Path) -> AsyncIterator[bytes]:
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError as error:
        raise CannotPost("the Bot API server keeps it where I can't read", final=True) from error
    try:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES * 16):
            yield piece
    finally:
        file.close()


def _too_large(most: int) -> CannotPost:
    return CannotPost(f"larger than the {most // 1_000_000} MB that I may fetch", final=True)
