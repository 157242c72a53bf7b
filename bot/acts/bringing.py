"""A LoRA is brought: as an attachment, by link, or by a one-time upload link for large files.

What other programs keep beside a LoRA may come along in the same message.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.command import Context
from bot.durations import about
from bot.escape import plain, quoted
from bot.figures import binary_size
from bot.messages import Attachment, Level, Outbound
from bot.permissions import require
from bot.phrases import phrase
from bot.port import CannotPost
from bot.texts import say
from engine.api import ASIDE, CardFacts, Sender, is_beside, stem_of

BESIDE_BYTES = 1 << 20
MOST_BESIDE = 4


async def bring(context: Context, link: str, facts: CardFacts | None) -> Outbound:
    """Take in what came along; without anything, say how it can come."""
    space = context.owner.space
    if not await context.engine.registry.members_may_add(space):
        require(context.inbound.author, Level.MODERATOR, say("right.add", "add looks here"))
    if link:
        return await _by_link(context, link, facts)
    files = context.inbound.attachments
    if not files:
        return await upload_link(context, _how(context))
    brought, left = bundled(files)
    told = [await _attached(context, each, facts) for each in brought]
    if left or not told:
        told.append(Outbound(text=_left_aside(left, is_alone=not told), private=True))
    return told[0] if len(told) == 1 else _together(told)


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that may be a LoRA, and what lies beside it in the same message."""

    file: Attachment
    beside: tuple[Attachment, ...] = ()


def bundled(files: Sequence[Attachment]) -> tuple[tuple[Brought, ...], tuple[Attachment, ...]]:
    """A message's files sorted: what may be a LoRA with its companions, and what is neither.

    A companion has the name of its LoRA; beside a single LoRA there is no doubt whose it is.
    """
    told = [file for file in files if is_beside(file.name)]
    left = [file for file in files if file.name.casefold().endswith(ASIDE)]
    loras = [file for file in files if file not in told and file not in left]
    sorted_in: list[Brought] = []
    for lora in loras:
        mine = [each for each in told if stem_of(each.name) == stem_of(lora.name)]
        beside = tuple(told if len(loras) == 1 else mine)[:MOST_BESIDE]
        told = [each for each in told if each not in beside]
        sorted_in.append(Brought(lora, beside))
    return tuple(sorted_in), (*left, *told)


def sender(context: Context) -> Sender:
    """Who brings it, and where they are told what becomes of it."""
    inbound = context.inbound
    return Sender(
        space=inbound.space.id,
        person=inbound.author.id,
        name=plain(inbound.author.name, 80),
        platform=inbound.platform,
        address=inbound.address,
    )


def _how(context: Context) -> str:
    if context.capabilities.attachments == "any":
        return say("bring.how", "Send the file along with this command, or use the link")
    return say("bring.how_link", "Open the link and choose the file there")


async def upload_link(context: Context, why: str) -> Outbound:
    """A link that takes one large file of this person; says what else works."""
    registry = context.engine.registry
    if context.page_url is None and context.capabilities.attachments != "any":
        text = say(
            "bring.no_files",
            "No file can be sent along here. Give a link with link=, put the file into the drop "
            "folder, or add it with `atelier lora add`.",
        )
        return Outbound(text=text, private=True)
    if context.page_url is None:
        text = say(
            "bring.no_page",
            "{why}: a .safetensors file of at most {most}, or a link with link=. Larger ones the "
            "host can put into the drop folder or add with `atelier lora add`.",
            why=why,
            most=binary_size(registry.chat_cap_bytes),
        )
        return Outbound(text=text, private=True)
    token = await registry.upload_link(sender(context))
    text = say(
        "bring.link",
        "{link}\n{why}. It takes one .safetensors file of at most {most}, works for {span}, and "
        "goes on where it was cut off. Keep it to yourself.",
        link=f"{context.page_url}/upload#{token}",
        why=why,
        most=binary_size(registry.cap_bytes),
        span=about(registry.link_lasts_s),
    )
    title = say("bring.link_title", "Your upload link")
    return Outbound(title=title, text=text, private=True)


async def _by_link(context: Context, link: str, facts: CardFacts | None) -> Outbound:
    request = f"{context.inbound.platform}:{context.inbound.id}:link"
    registry = context.engine.registry
    await registry.intake.link(sender(context), link, request=request, facts=facts)
    text = say(
        "bring.fetching",
        "I fetch it from {link} and look at it. You hear from me here.",
        link=quoted(link, 80),
    )
    return Outbound(text=text, private=True)


async def _attached(context: Context, brought: Brought, facts: CardFacts | None) -> Outbound:
    registry, file = context.engine.registry, brought.file
    most = registry.chat_cap_bytes
    name = plain(file.name, 120)
    if file.size_bytes > most:
        return await upload_link(
            context, say("bring.too_large", "{name} is too large for a message here", name=name)
        )
    request = f"{context.inbound.platform}:{context.inbound.id}:{file.handle}"[:300]
    try:
        await registry.intake.receive(
            sender(context), "chat", file.name, context.stream(file, most), request=request,
            facts=facts, beside=await _texts(context, brought.beside),
        )  # fmt: skip
    except CannotPost as error:
        why = say(
            "bring.not_fetched",
            "I couldn't get {name}: {why}",
            name=name,
            why=plain(phrase(str(error)), 100),
        )
        return await upload_link(context, why)
    text = say(
        "bring.got",
        "Got {name}. I look at it now, draw its preview and hand it to a moderator. You hear from "
        "me here.",
        name=name,
    )
    return Outbound(text=text, private=True)


async def _texts(context: Context, files: Sequence[Attachment]) -> dict[str, str]:
    """What the companions of a file hold; they are small, or are not looked at."""
    small = [each for each in files if each.size_bytes <= BESIDE_BYTES]
    found = {each.name: await context.fetch(each, BESIDE_BYTES) for each in small}
    return {name: data.decode("utf-8-sig", "replace") for name, data in found.items()}


def _left_aside(left: Sequence[Attachment], *, is_alone: bool) -> str:
    names = ", ".join(plain(each.name, 60) for each in left[:5])
    if is_alone:
        return say(
            "bring.no_lora",
            "{names}: that is no LoRA. Send its .safetensors file in the same message.",
            names=names,
        )
    return say(
        "bring.left_aside",
        "Left aside: {names}. A file that belongs to a LoRA carries its name.",
        names=names,
    )


def _together(told: list[Outbound]) -> Outbound:
    return Outbound(text="\n".join(each.text for each in told), private=True)
