"""What a German hears in many real situations: no English sentence comes through."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.messages import Invoke, Level, Outbound, Press, Words
from bot.wiring import build
from engine.messages import Base, Card, PersonId, Sha256, Trigger
from engine.storage.entries import FileFacts, NewEntry
from tests.fakes.engine_room import open_room
from tests.fakes.platform import LIMITS, SPACE, FakePlatform, Pauses, inbound, quiet

Act = Words | Invoke | tuple[str, str]
"""What somebody does; a pair presses the newest button of a verb, as a person of that name."""
ROOMY = replace(LIMITS, buttons=20, has_age_flags=True)
LOOKS = (("Zib", "character", "general"), ("Neon", "style", "general"), ("Noir", "style", "mature"))
OWN_WORDS = re.compile(
    r"(?i)/\w+(?: [\w=.,#-]+)*|\w+=\S+"
    r"|the same, but bigger|a small red heart on a yellow background"
    r"|, in worten · .*|zwei worte|sehr groß"
)
"""What is typed: commands and their values, words that draw, and what these people typed."""


def use(name: str, /, **options: str) -> Invoke:
    return Invoke(name=name, options=options)


SITUATIONS: tuple[tuple[str, Level, tuple[Act, ...]], ...] = (
    ("ada", Level.MEMBER, (
        Words(text="hallo"), Words(text="Zibb in neon"), ("why", "ada"), ("swap", "ada"),
        Words(text="zib, noir"), Words(text="noch mal"), Words(text="Vektorwolke löschen"),
        use("create", words="Zib, Neon", steps="7", count="2", seed="5"), ("why", "ada"),
        use("create", words="a", size="banana"), use("create", words="a", base="nix"),
        use("create", words="a", size="65x64"), use("create", words="a", steps="9999"),
        use("create", words="a", count="99"), use("create", words="a", count="viele"),
        use("create", words="a", scheduler="nix"), use("create", words="a", guidance="999"),
        use("create", words="x" * 5000), use("create", wat="a"), use("creat"),
        use("queue"), use("cancel", id="nichts99"), use("cancel"), use("show", id="nichts99"),
        use("looks"), use("looks", query="nichts davon"), use("looks", query="Neon"),
        use("lora", action="list"), use("lora", action="info", name="Zib"),
        use("lora", action="info", name="Nix"), use("lora", action="add"),
        use("lora", action="add", link="ftp://nix"), use("lora", action="review"),
        use("lora", action="retire", name="Zib"), use("lora", action="answer", name="Zib"),
        use("me"), use("me", what="defaults"), use("me", what="history"), use("me", what="export"),
        use("me", size="sehr groß"), use("me", look="Nix"), use("me", base="Nix"),
        use("me", language="klingonisch"), use("me", what="delete"), use("me", size="16:9"),
        use("report", id="nichts99"), use("settings"), use("moderation"), use("doctor"),
        use("help"), use("help", topic="nix"), use("help", topic="create"), use("web"),
    )),
    ("mo", Level.HOST, (
        use("moderation"), use("moderation", action="block", about=""),
        use("moderation", action="block", about="grot"), Words(text="a grot"),
        use("moderation", action="unblock", about="9"),
        use("moderation", action="unblock", about="1"),
        use("moderation", action="pause", about="fake:bo", hours="2", reason="Unfug"),
        use("moderation", action="resume", about="fake:cy"), use("moderation", action="audit"),
        use("moderation", action="reports"), use("moderation", action="pause", about="zwei Worte"),
        use("lora", action="retire", name="Zib", reason="alt"),
        use("lora", action="undo", name="Zib"),
        use("lora", action="approve", name="Zib"), use("lora", action="info", name="Zib"),
        use("lora", action="edit", name="Zib", weight="99"), use("lora", action="review"),
        use("lora", action="edit", name="Zib", name_new="Neon"),
        use("looks", action="add", name="Nebel"), use("looks", action="remove", name="Nix"),
        use("settings"), use("settings", action="undo"), use("settings", rating="mature"),
        use("settings", keep_days="0"), use("settings", talk_days="nie"),
        use("settings", reports_to="dort"), use("settings", reports_to="here", per_day="3"),
        use("settings", language="klingonisch"), use("settings", action="unlink"),
        use("settings", action="unlink", place="3"), use("settings", action="link", code="falsch"),
        use("settings", channels=" ".join(f"c{number}" for number in range(60))),
        use("settings", per_hour="-1"), use("doctor"), use("settings", base="Nix"),
    )),
    ("bo", Level.MEMBER, (Words(text="a heart"), use("create", words="Zib"))),
)  # fmt: skip


def told(outbound: Outbound) -> Iterator[str]:
    """Everything that people read, piece by piece."""
    lines = [part for line in outbound.lines for part in (line.name, line.value)]
    labels = [button.label for button in outbound.buttons]
    for text in (outbound.title, outbound.text, *lines, *labels):
        for line in text.splitlines():
            yield from re.split(r"(?<=[.:;!?]) ", line)


async def heard(folder: Path, locale: str) -> set[str]:
    """All that is said to somebody with this language in all situations."""
    folder.mkdir()
    async with open_room(folder) as room:
        stores = room.engine.stores
        await stores.bases.put(Base(name="miniature", family="miniature", folder="unused"))
        for number, (name, kind, rating) in enumerate(LOOKS, start=1):
            card = Card.model_validate(
                {"name": name, "kind": kind, "family": "miniature", "rating": rating,
                 "triggers": (Trigger(word=f"{name.lower()}z"),), "weight": 0.7}
            )  # fmt: skip
            file = FileFacts(Sha256(f"{number:064}"), 9, "kohya", "lora", "miniature")
            new = NewEntry(card, file, "approved")
            await stores.entries.add(SPACE.id, new, PersonId("fake:mo"), room.engine._clock())
        platform = FakePlatform(ROOMY)
        bot = build(room.engine, {"fake": platform}, Pauses())
        acts = 0
        for person, level, doings in SITUATIONS:
            for doing in doings:
                acts += 1
                if isinstance(doing, tuple):
                    verb = doing[0]
                    buttons = [b for m in platform.messages.values() for b in m.buttons]
                    ids = [b.id for b in buttons if b.id.startswith(f"{verb}:")]
                    if not ids:
                        continue
                    act: Words | Invoke | Press = Press(button=ids[-1])
                else:
                    act = doing
                said = inbound(act, id=f"a{acts}", person=person, level=level, locale=locale)
                await bot.router.receive(said)
                await quiet()
        return {piece for each in platform.messages.values() for piece in told(each)}


def has_words(piece: str) -> bool:
    """Whether two plain words in a row are in it, such as no name has and no value."""
    return re.search(r"\b[a-z]{2,} [a-z]{2,}\b", OWN_WORDS.sub("", piece)) is not None


async def test_nothing_is_said_as_it_is_in_english(tmp_path: Path) -> None:
    english = await heard(tmp_path / "en", "en")
    theirs = await heard(tmp_path / "de", "de")
    assert len(theirs) > 100
    assert {piece for piece in english & theirs if has_words(piece)} == set()
