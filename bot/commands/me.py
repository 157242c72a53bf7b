"""`/me`: what is kept about me, all of it as JSON, and its deletion."""

import json
from typing import Literal

from pydantic import Field

from bot.command import Context, command
from bot.durations import about
from bot.messages import File, Line, Outbound
from bot.options import Options
from engine.api import Kept

EXPORT_NAME = "atelier-my-data.json"


class MeOptions(Options):
    """What to do with my data."""

    what: Literal["data", "export", "delete"] = Field("data", description="See, take or delete it")
    confirm: Literal["yes", "no"] = Field("no", description="Needed to delete everything")


async def handle(context: Context, options: MeOptions) -> Outbound:
    """See, take or delete; the answer is for the person alone."""
    if options.what == "delete":
        return await _delete(context, is_sure=options.confirm == "yes")
    kept = await context.engine.kept(context.owner.person)
    return _export(context, kept) if options.what == "export" else _data(kept)


def _data(kept: Kept) -> Outbound:
    pictures = [picture for job in kept.jobs if job.result for picture in job.result.pictures]
    seconds = sum(job.result.seconds for job in kept.jobs if job.result)
    size_mb = sum(picture.size_bytes for picture in pictures) / 1e6
    spent = f", {about(seconds)} of drawing" if seconds else ""
    return Outbound(
        title="What I keep about you",
        text="It stays on this host and trains nothing.",
        lines=(
            Line(name="requests", value=f"{len(kept.jobs)}{spent}"),
            Line(name="pictures", value=f"{len(pictures)} ({size_mb:.1f} MB)"),
            Line(name="conversation", value=f"{len(kept.turns)} turns"),
            Line(name="take it", value="/me export"),
            Line(name="delete it", value="/me delete confirm=yes"),
        ),
        private=True,
    )


def _export(context: Context, kept: Kept) -> Outbound:
    author = context.inbound.author
    told = {
        "person": author.id,
        "name": author.name,
        "requests": [job.model_dump(mode="json") for job in kept.jobs],
        "conversation": [turn.model_dump(mode="json") for turn in kept.turns],
    }
    data = json.dumps(told, ensure_ascii=False, indent=2).encode()
    return Outbound(
        text="Everything I keep about you, as JSON. Pictures come back with /show and their id.",
        files=(File(name=EXPORT_NAME, media_type="application/json", data=data),),
        private=True,
    )


async def _delete(context: Context, *, is_sure: bool) -> Outbound:
    if not is_sure:
        kept = await context.engine.kept(context.owner.person)
        text = (
            f"This deletes your {len(kept.jobs)} requests with their pictures and our "
            "conversation, here and everywhere, for good. Pictures already posted stay where they "
            "were posted. If you are sure: /me delete confirm=yes"
        )
        return Outbound(title="Delete everything of yours?", text=text, private=True)
    count = await context.engine.forget(context.owner.person)
    if not count:
        return Outbound(text="There was nothing to delete: I keep nothing of you.", private=True)
    text = f"Deleted: {count} records of yours, and the pictures with them."
    return Outbound(text=text, private=True)


ME = command(
    name="me",
    summary="Your data: see it, take it with you, delete it",
    options=MeOptions,
    handle=handle,
    positional=("what",),
    examples=("/me", "/me export", "/me delete confirm=yes"),
)
