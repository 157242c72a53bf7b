"""A person's own things: defaults, past pictures, and everything in one file to take along."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Mapping

from bot.acts.settling import NOTHING, base_named, language_named, look_named
from bot.command import Context
from bot.escape import plain, quoted
from bot.messages import File, Line, Outbound
from bot.texts import LOCALES, say, say_count
from engine.api import Kept, Wishes
from engine.errors import BadRequest, BlobCorrupt, NotFound
from engine.messages import Owner

EXPORT_NAME = "atelier-my-data.zip"
MOST_EXPORT_BYTES = 8_000_000
"""What every platform carries in one file; pictures beyond it come by `/show`."""
ON_A_PAGE = 10
KEPT = "\u2605 "
_SIZE = re.compile(r"^(\d{2,4}x\d{2,4}|[1-9]\d?:[1-9]\d?|square|portrait|landscape|wide|tall)$")


async def changes_of(context: Context, given: Mapping[str, str]) -> dict[str, object]:
    """Fields of `Wishes` out of what was typed; raises `BadRequest` naming what works."""
    changes: dict[str, object] = {}
    if typed := given.get("base"):
        changes["base"] = await base_named(context, typed)
    if typed := given.get("look"):
        changes["look"] = await look_named(context, typed)
    if typed := given.get("size"):
        changes["size"] = _size(typed)
    if typed := given.get("language"):
        changes["language"] = await language_named(context, typed)
    if typed := given.get("private"):
        changes["is_private"] = typed == "yes"
    return changes


def defaults_card(wishes: Wishes, remark: str = "") -> Outbound:
    """What this person chose, and how each is changed."""
    none = say("settings.none", "none")
    private = say("me.private_yes", "yes") if wishes.is_private else say("me.private_no", "no")
    lines = (
        Line(name=say("settings.base", "base"), value=plain(wishes.base, 100) or none),
        Line(name=say("settings.look", "look"), value=plain(wishes.look, 80) or none),
        Line(name=say("me.size", "format"), value=wishes.size or none),
        Line(name=say("settings.language", "language"), value=LOCALES.get(wishes.language) or none),
        Line(name=say("me.private", "private"), value=private),
    )
    title = say("me.defaults_title", "What I take where you leave it open")
    how = say("me.how", "Change one: {line}", line="/me size=portrait")
    return Outbound(title=title, text=remark or how, lines=lines, private=True, is_secret=True)


def history(kept: Kept, page: int) -> Outbound:
    """Past requests, newest first, a page at a time."""
    jobs = kept.jobs[::-1]
    if not jobs:
        nothing = say("me.no_history", "You have asked for nothing yet: /create begins.")
        return Outbound(text=nothing, private=True)
    pages = -(-len(jobs) // ON_A_PAGE)
    page = min(page, pages)
    shown = jobs[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    lines = tuple(
        Line(
            name=f"{KEPT if job.id in kept.bookmarks else ''}{job.id}, {job.asked_at:%Y-%m-%d}",
            value=quoted(job.plan.words or job.plan.prompt, 80),
        )
        for job in shown
    )
    text = say("me.history_how", "Page {page} of {pages}. /show with an id brings it back.",
               page=page, pages=pages)  # fmt: skip
    title = say_count("me.history_title", len(jobs), one="{n} request", other="{n} requests")
    return Outbound(title=title, text=text, lines=lines, private=True, is_secret=True)


async def export(context: Context, kept: Kept) -> Outbound:
    """One archive: `data.json` with everything in words, and the pictures as far as they fit."""
    pictures = await _pictures(context, kept)
    data = await asyncio.to_thread(_archive, _told(context, kept), pictures)
    made = sum(len(job.result.pictures) for job in kept.jobs if job.result)
    text = say("me.export", "Everything I keep about you. It is yours.")
    if len(pictures) < made:
        text = say(
            "me.export_part",
            "Everything I keep about you, and {count} of {made} pictures: more do not fit into "
            "one file here. The others come back with /show and their id.",
            count=len(pictures),
            made=made,
        )
    archive = File(name=EXPORT_NAME, media_type="application/zip", data=data)
    return Outbound(text=text, files=(archive,), private=True, is_secret=True)


def _told(context: Context, kept: Kept) -> bytes:
    author = context.inbound.author
    told = {
        "person": author.id,
        "name": author.name,
        "requests": [job.model_dump(mode="json") for job in kept.jobs],
        "conversation": [turn.model_dump(mode="json") for turn in kept.turns],
        "choices": kept.wishes.model_dump(mode="json"),
        **kept.records,
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


async def _pictures(context: Context, kept: Kept) -> dict[str, bytes]:
    """The newest first, until the file is full; what can't be read is left out."""
    found: dict[str, bytes] = {}
    room = MOST_EXPORT_BYTES
    for job in reversed(kept.jobs):
        for picture in job.result.pictures if job.result else ():
            if picture.size_bytes > room:
                return found
            owner = Owner(space=job.owner.space, person=context.owner.person)
            try:
                data = await context.engine.picture(owner, job.id, picture.index)
            except (NotFound, BlobCorrupt):
                continue
            found[f"{job.id}-{picture.index}.png"] = data
            room -= len(data)
    return found


def _archive(told: bytes, pictures: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", told)
        for name, data in pictures.items():
            archive.writestr(f"pictures/{name}", data, zipfile.ZIP_STORED)
    return packed.getvalue()


def _size(typed: str) -> str:
    size = typed.casefold().replace("\u00d7", "x").replace(" ", "")
    if size in NOTHING:
        return ""
    if not _SIZE.match(size):
        valid = say("me.size_valid", "square, portrait, landscape, 16:9 or 768x512; or none")
        raise BadRequest(name="size", value=typed, valid=valid)
    return size
