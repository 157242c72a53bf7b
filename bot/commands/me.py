"""`/me`: what I chose, what is kept about me, all of it to take along, and its deletion."""

from typing import Literal

from pydantic import Field

from bot.acts.myself import changes_of, defaults_card, export, history
from bot.command import Context, command
from bot.durations import about
from bot.figures import number
from bot.messages import Line, Outbound
from bot.options import Options
from bot.texts import chosen, say, say_count, speaking
from engine.api import Kept

CHOICES = {"base", "look", "size", "language", "private"}


class MeOptions(Options):
    """What to do with my data, or what to take where I leave it open."""

    what: Literal["data", "defaults", "history", "export", "delete"] = Field(
        "data", description="See it, see defaults, past pictures, take it, delete it"
    )
    confirm: Literal["yes", "no"] = Field("no", description="Needed to delete everything")
    page: int = Field(1, ge=1, le=9_999, description="Which page of the history")
    base: str = Field(
        "",
        max_length=100,
        description="My base where I name none; none to forget it",
        json_schema_extra={"suggests": "bases"},
    )
    look: str = Field(
        "",
        max_length=80,
        description="My look where I name none; none to forget it",
        json_schema_extra={"suggests": "looks"},
    )
    size: str = Field("", max_length=20, description="My format: portrait, 16:9, 768x512; or none")
    language: str = Field("", max_length=40, description="The language I am spoken to in; or none")
    private: Literal["yes", "no"] | None = Field(
        None, description="Answers to me alone, my pictures in no gallery"
    )


async def handle(context: Context, options: MeOptions) -> Outbound:
    """See, set, take or delete; the answer is for the person alone."""
    given = options.model_dump(include=CHOICES, exclude_none=True)
    changes = await changes_of(context, given)
    if changes:
        wishes = await context.engine.house.wish(context.owner.person, changes)
        locale = wishes.language or chosen(context.inbound.author.locale)
        with speaking(locale):
            return defaults_card(wishes, say("me.changed", "Kept, wherever you meet me."))
    if options.what == "defaults":
        return defaults_card(await context.engine.house.wishes(context.owner.person))
    if options.what == "delete":
        return await _delete(context, is_sure=options.confirm == "yes")
    kept = await context.engine.kept(context.owner.person)
    match options.what:
        case "export":
            return await export(context, kept)
        case "history":
            return history(kept, options.page)
        case _:
            return _data(kept)


def _data(kept: Kept) -> Outbound:
    pictures = [picture for job in kept.jobs if job.result for picture in job.result.pictures]
    seconds = sum(job.result.seconds for job in kept.jobs if job.result)
    size_mb = sum(picture.size_bytes for picture in pictures) / 1e6
    spent = say("me.spent", ", {span} of drawing", span=about(seconds)) if seconds else ""
    return Outbound(
        title=say("me.title", "What I keep about you"),
        text=say("me.where", "It stays on this host and trains nothing."),
        lines=(
            Line(name=say("me.requests", "requests"), value=f"{len(kept.jobs)}{spent}"),
            Line(
                name=say("me.pictures", "pictures"),
                value=f"{len(pictures)} ({number(size_mb)} MB)",
            ),
            Line(
                name=say("me.conversation", "conversation"),
                value=say_count("me.turns", len(kept.turns), one="{n} turn", other="{n} turns"),
            ),
            Line(
                name=say("me.opinions", "opinions"),
                value=say_count(
                    "me.opinions_kept",
                    len(kept.opinions),
                    one="{n} on how strong a look should be",
                    other="{n} on how strong looks should be",
                ),
            ),
            Line(name=say("me.defaults", "your defaults"), value="/me defaults"),
            Line(name=say("me.history", "past pictures"), value="/me history"),
            Line(name=say("me.take", "take it"), value="/me export"),
            Line(name=say("me.delete", "delete it"), value="/me delete confirm=yes"),
        ),
        private=True,
        is_secret=True,
    )


async def _delete(context: Context, *, is_sure: bool) -> Outbound:
    if not is_sure:
        kept = await context.engine.kept(context.owner.person)
        text = say(
            "me.sure",
            "This deletes your {count} requests with their pictures and our conversation, here "
            "and everywhere, for good. Pictures already posted stay where they were posted. If "
            "you are sure: {line}",
            count=len(kept.jobs),
            line="/me delete confirm=yes",
        )
        title = say("me.sure_title", "Delete everything of yours?")
        return Outbound(title=title, text=text, private=True, is_secret=True)
    count = await context.engine.forget(context.owner.person)
    if not count:
        nothing = say("me.nothing", "There was nothing to delete: I keep nothing of you.")
        return Outbound(text=nothing, private=True)
    text = say_count(
        "me.deleted",
        count,
        one="Deleted: {n} record of yours, and the pictures with it.",
        other="Deleted: {n} records of yours, and the pictures with them.",
    )
    return Outbound(text=text, private=True)


ME = command(
    name="me",
    summary="Your data and defaults: see, set, take with you, delete",
    options=MeOptions,
    handle=handle,
    positional=("what",),
    examples=("/me", "/me size=portrait language=de", "/me export", "/me delete confirm=yes"),
)
