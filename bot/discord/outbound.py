"""Answers on their way to Discord: by the interaction while it lives, then by the bot itself.

A message's id says which way it came, `WAY/CHANNEL/ID`, since only that way can edit it:
`w` an answer to an interaction (the bot's own token edits it as well, where the bot may write),
`e` the same for one person's eyes (nothing else edits it), `c` a message of the bot.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeVar

import discord
import structlog

from bot.discord.address import PLAIN_LIMIT_BYTES, Address
from bot.discord.cards import POST, Card, card_of, done, mark_of
from bot.discord.refusals import (
    NETWORK,
    TROUBLE,
    cannot_post,
    is_dead_token,
    is_rate_limit,
    is_too_large,
)
from bot.messages import Outbound
from bot.port import CannotPost

log = structlog.get_logger(__name__)
Way = Literal["w", "e", "c"]
Kept = TypeVar("Kept")
ORIGINAL: Any = "@original"
"""Stands for the id of an interaction's first answer; the library's types know numbers only."""
NONCE_CHARS = 25
REMEMBERED = 4096
PAUSES_S = (0.5, 2.0, 4.0)
"""Between the tries of an answer in words."""
LONGEST_WAIT_S = 10.0
SMALLER = (1.0, 0.8, 0.4, 0.0)
"""Shares of the limit to try in turn when Discord finds a file too large all the same."""
NOBODY = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class Posted:
    """A message: how it came, and where it is."""

    way: Way
    channel: int
    id: int

    def written(self) -> str:
        """As the id that the engine keeps."""
        return f"{self.way}/{self.channel}/{self.id}"

    @classmethod
    def read(cls, text: str) -> "Posted":
        """From such an id; raises `CannotPost`."""
        way, _, rest = text.partition("/")
        channel, _, id_ = rest.partition("/")
        if way in ("w", "e", "c") and channel.isdigit() and id_.isdigit():
            kept: Way = "w" if way == "w" else "e" if way == "e" else "c"
            return cls(kept, int(channel), int(id_))
        raise CannotPost("that is no message on Discord", final=True)


class Recent(OrderedDict[str, Kept]):
    """The newest of something, bounded."""

    def keep(self, key: str, value: Kept) -> None:
        """Remember it; the oldest is forgotten."""
        self[key] = value
        while len(self) > REMEMBERED:
            self.popitem(last=False)


class Postman:
    """Posts and edits; every failure is a `CannotPost`."""

    def __init__(self, client: discord.Client, now: Callable[[], float]) -> None:
        self._client = client
        self._now = now
        self._sent: Recent[Posted] = Recent()
        """Nonce to message: an answer to an interaction has no nonce of Discord's."""
        self._is_open: Recent[bool] = Recent()
        """Token to whether its "thinking" still waits for the first answer."""
        self._dead: Recent[bool] = Recent()
        """Tokens that Discord takes no more, whatever our clock says."""

    # --- the way ------------------------------------------------------------------------------

    def deferred(self, address: Address) -> None:
        """The interaction says "thinking" now."""
        self._is_open.keep(address.token, True)

    def is_live(self, address: Address) -> bool:
        """Whether the interaction can still be answered."""
        return address.is_live(self._now()) and address.token not in self._dead

    async def post(self, address: Address, outbound: Outbound, nonce: str) -> Posted:
        """Post it once; the same nonce again is the same message."""
        known = self._sent.get(nonce)
        if known is not None:
            return known
        posted = await self._shrinking(
            address, outbound, lambda card: self._post(address, outbound, card, nonce)
        )
        self._sent.keep(nonce, posted)
        return posted

    async def copy(self, address: Address, texts: tuple[str, ...], nonce: str) -> None:
        """Post words that are shown somewhere else already, for all; raises `CannotPost`."""
        card = Card(texts=texts or (done(),))
        try:
            await self._post(address, Outbound(), card, nonce)
        except TROUBLE as error:
            raise cannot_post(error) from error

    async def _post(self, address: Address, outbound: Outbound, card: Card, nonce: str) -> Posted:
        is_private = outbound.private or address.is_quiet
        if self.is_live(address):
            try:
                posted = await self._answer(address, outbound, card, is_private=is_private)
            except discord.HTTPException as error:
                if not is_dead_token(error):
                    raise
                log.info("discord.token_dead", code=error.code)
                self._dead.keep(address.token, True)
            else:
                if posted is not None:
                    return posted
        if is_private and self._goes_direct(address, outbound):
            return await self._send(await self.direct(address.person), card, nonce)
        if not address.is_member:
            raise CannotPost("the bot itself may not write there", final=True)
        return await self._send(self._channel(address), card, nonce, address.reply_to)

    def _goes_direct(self, address: Address, outbound: Outbound) -> bool:
        """Whether a private answer leaves the place: what is secret does, and what came late.

        A card that was asked for in plain words stays: its buttons belong to the place.
        """
        if not address.guild:
            return not address.is_member
        is_telling = bool(outbound.files) or "://" in outbound.text
        return bool(address.token) or outbound.is_secret or is_telling

    async def _answer(
        self, address: Address, outbound: Outbound, card: Card, *, is_private: bool
    ) -> Posted | None:
        """By the interaction; None where a message of the bot itself does better.

        That one has Discord's own nonce, and can be edited after the interaction is over.
        """
        hook = self._hook(address)
        if await self._may_fill(address, hook, outbound):
            if is_private and not address.is_quiet:
                self._is_open.keep(address.token, False)
                await self._forget_original(hook)
                return await self._follow_up(hook, card, is_private=True)
            self._is_open.keep(address.token, False)
            try:
                message = await hook.edit_message(ORIGINAL, **_changed(card))
            except TROUBLE:
                self._is_open.keep(address.token, True)
                raise
            way: Way = "e" if address.is_quiet else "w"
            return Posted(way, message.channel.id, message.id)
        if is_private or not address.is_member:
            return await self._follow_up(hook, card, is_private=is_private)
        return None

    async def _may_fill(self, address: Address, hook: discord.Webhook, outbound: Outbound) -> bool:
        """Whether the "thinking" still waits; after a restart Discord is asked."""
        if not address.has_original:
            return False
        known = self._is_open.get(address.token)
        if known is not None:
            return known
        try:
            message = await hook.fetch_message(ORIGINAL)
        except discord.NotFound as error:
            if is_dead_token(error):
                raise
            return False
        mark = mark_of(outbound.job) if outbound.job is not None else None
        is_ours = any(
            isinstance(each, discord.Container) and each.id == mark for each in message.components
        )
        is_open = message.flags.loading or is_ours
        self._is_open.keep(address.token, is_open)
        return is_open

    async def _forget_original(self, hook: discord.Webhook) -> None:
        """Take the "thinking" that all see away before one person is answered."""
        try:
            await hook.delete_message(ORIGINAL)
        except discord.NotFound as error:
            if is_dead_token(error):
                raise

    async def _follow_up(self, hook: discord.Webhook, card: Card, *, is_private: bool) -> Posted:
        message = await hook.send(**_new(card), ephemeral=is_private, wait=True)
        return Posted("e" if is_private else "w", message.channel.id, message.id)

    async def _send(
        self,
        channel: discord.abc.Messageable,
        card: Card,
        nonce: str,
        reply_to: int = 0,
    ) -> Posted:
        more: dict[str, Any] = {}
        if reply_to and isinstance(channel, discord.PartialMessageable):
            more["reference"] = discord.MessageReference(
                message_id=reply_to, channel_id=channel.id, fail_if_not_exists=False
            )
            more["mention_author"] = False
        message = await channel.send(**_new(card), nonce=short(nonce), **more)
        return Posted("c", message.channel.id, message.id)

    # --- edits ----------------------------------------------------------------------------------

    async def edit(self, address: Address, posted: Posted, outbound: Outbound) -> None:
        """Replace a message, by the way that it came or by the bot's own token."""
        await self._shrinking(
            address, outbound, lambda card: self._edit(address, posted, card), is_edit=True
        )

    async def _edit(self, address: Address, posted: Posted, card: Card) -> None:
        if posted.way != "c" and self.is_live(address):
            try:
                await self._hook(address).edit_message(posted.id, **_changed(card))
            except discord.HTTPException as error:
                if not is_dead_token(error):
                    raise
                self._dead.keep(address.token, True)
            else:
                return
        if posted.way == "e":
            raise CannotPost("only its interaction could edit that", final=True)
        if posted.way == "w" and not address.is_member:
            raise CannotPost("the bot itself may not write there", final=True)
        channel = self._client.get_partial_messageable(posted.channel)
        await channel.get_partial_message(posted.id).edit(**_changed(card))

    # --- parts ----------------------------------------------------------------------------------

    async def direct(self, person: int) -> discord.DMChannel:
        """The private conversation with somebody."""
        return await self._client.create_dm(discord.Object(person))

    async def _shrinking(
        self,
        address: Address,
        outbound: Outbound,
        send: Callable[[Card], Coroutine[Any, Any, Kept]],
        *,
        is_edit: bool = False,
    ) -> Kept:
        """Send it; with smaller files when Discord finds them too large. Raises `CannotPost`."""
        limit = self._limit(address)
        post = self._post_button(address, outbound)
        for share in SMALLER:
            card = await card_of(outbound, int(limit * share), post=post, is_layout=is_edit)
            try:
                if is_edit and outbound.progress is not None:
                    return await send(card)  # the next one follows soon
                return await self._patiently(card, send)
            except TROUBLE as error:
                if not is_too_large(error) or not card.largest_bytes:
                    raise cannot_post(error) from error
                log.info("discord.too_large", bytes=card.largest_bytes)
                limit = min(limit, card.largest_bytes)
        raise CannotPost("Discord takes no file there", final=True)

    async def _patiently(
        self, card: Card, send: Callable[[Card], Coroutine[Any, Any, Kept]]
    ) -> Kept:
        """Try words again where that helps soon, since nobody else would; they may come twice.

        Pictures are delivery's: it knows what was posted.
        """
        for pause_s in PAUSES_S:
            try:
                return await send(card)
            except NETWORK:
                if card.pieces:
                    raise
                wait_s = pause_s
            except (discord.HTTPException, discord.RateLimited) as error:
                told_s = cannot_post(error).retry_in_s if is_rate_limit(error) else None
                if told_s is None or told_s > LONGEST_WAIT_S:
                    raise
                wait_s = told_s
            await asyncio.sleep(wait_s)
        return await send(card)

    def _limit(self, address: Address) -> int:
        """What one file may hold: the interaction said it; later the server itself counts."""
        if self.is_live(address):
            return address.limit_bytes
        guild = self._client.get_guild(address.guild) if address.guild else None
        return guild.filesize_limit if guild is not None else PLAIN_LIMIT_BYTES

    def _post_button(self, address: Address, outbound: Outbound) -> str:
        """For answers to one person that are worth showing: never for files, links and errors."""
        is_private = outbound.private or address.is_quiet
        if not is_private or not address.guild or outbound.files or outbound.progress is not None:
            return ""
        shown = next((each.shown.job for each in outbound.images if each.shown), None)
        job = outbound.job or shown
        if job and outbound.images:
            return f"{POST}:{job}"
        is_card = bool(outbound.title or outbound.lines) and not outbound.images
        return f"{POST}:" if is_card and not outbound.private else ""

    def _hook(self, address: Address) -> discord.Webhook:
        hook = discord.Webhook.partial(address.app, address.token, client=self._client)
        # Known to the library only for an `Interaction` object, which a restart has lost.
        hook.type = discord.WebhookType.application
        return hook

    def _channel(self, address: Address) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(address.channel, guild_id=address.guild or None)


def short(nonce: str) -> str:
    """At most as long as Discord takes, and still one of its own."""
    if len(nonce) <= NONCE_CHARS:
        return nonce
    return sha256(nonce.encode()).hexdigest()[:NONCE_CHARS]


def _new(card: Card) -> dict[str, Any]:
    """The arguments of a new message."""
    if card.content:
        return {"content": card.content, "allowed_mentions": NOBODY}
    given: dict[str, Any] = {"view": card.view(), "allowed_mentions": NOBODY}
    if card.pieces:
        given["files"] = card.files()
    return given


def _changed(card: Card) -> dict[str, Any]:
    """The arguments of an edit: what was attached before goes."""
    if card.content:
        return {"content": card.content, "allowed_mentions": NOBODY}
    return {"view": card.view(), "attachments": card.files(), "allowed_mentions": NOBODY}
