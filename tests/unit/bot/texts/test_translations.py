"""The languages as they are: whole, true to the English, and short enough for every platform."""

from pathlib import Path

import pytest

import bot
from bot import menu, replies
from bot.command import SUMMARY_CHARS
from bot.commands import COMMANDS
from bot.texts import DISCORD, LOCALES, TELEGRAM, TRANSLATED, speaking, translations
from bot.texts.checking import check
from bot.texts.collected import Collected, collect
from engine.errors import AtelierError, BadRequest, Fact
from engine.messages import Failure, Job, JobId, Owner, PersonId, Plan, SpaceId
from tests.fakes.engine import START

BUTTON_CHARS = 40
"""Discord takes 80; what a phone shows of a row of buttons is less."""
HOSTILE = "{} {0} {name} {name.__class__} \u202e“x” %s\n@everyone"
FACTS: dict[str, Fact] = dict.fromkeys(
    (
        "name", "value", "valid", "near", "needs", "limit", "family", "base", "fits", "file",
        "verdict", "problems", "table", "row", "problem", "host", "folder", "reference", "why",
    ),
    HOSTILE,
)  # fmt: skip
KINDS = ("job", "picture", "look", "base", "button", "command", "topic", "dragon")
every_language = pytest.mark.parametrize("locale", TRANSLATED)


@pytest.fixture(scope="module")
def english() -> Collected:
    return collect(Path(bot.__file__).parent, COMMANDS.all())


def test_every_sentence_of_the_code_can_be_read(english: Collected) -> None:
    assert english.problems == ()
    assert len(english.sources) > 500


@every_language
def test_no_sentence_is_missing_stale_or_wrong(locale: str, english: Collected) -> None:
    found = check(english.sources, translations(locale))
    assert (found.missing, found.stale, found.wrong) == ((), (), ())


@every_language
def test_every_refusal_is_said_whole(locale: str) -> None:
    own = [kind for kind in replies.tree() if kind is not AtelierError]
    with speaking(locale):
        told = [replies.reply_to(kind, facts) for kind in own for facts in (FACTS, {})]
        told += [replies.reply_to(own[0], {**FACTS, "what": kind}) for kind in KINDS]
    for reply in told:
        assert reply.what.strip()
        assert reply.cure.strip()
        assert len(reply.text) < 2000


@every_language
def test_facts_of_strangers_change_no_sentence(locale: str) -> None:
    with speaking(locale):
        shown = replies.for_error(BadRequest(name="size", value=HOSTILE, valid="1"))
    assert "{} {0} {name} {name.__class__}" in shown.text
    assert "\u202e" not in shown.text


@every_language
def test_a_failed_job_costs_nothing_in_every_language(locale: str) -> None:
    job = Job(
        id=JobId("job7"),
        owner=Owner(space=SpaceId("fake:garden"), person=PersonId("fake:ada")),
        plan=Plan(
            base="miniature", family="miniature", prompt="x", width=64, height=64, steps=8,
            guidance=4, scheduler="euler", seed=1, words="{job}",
        ),
        state="failed",
        cost=1,
        asked_at=START,
        failure=Failure(code="worker_lost", facts={}),
    )  # fmt: skip
    with speaking(locale):
        shown = replies.for_failure(job)
    assert "job7" in shown.text
    assert "{job}" in shown.text


@every_language
def test_menus_have_room_for_every_text(locale: str) -> None:
    for command in COMMANDS.all().values():
        with speaking(locale):
            entry = menu.entry(command)
        assert 1 <= len(entry.summary) <= SUMMARY_CHARS
        for option in entry.options:
            assert 1 <= len(option.description) <= SUMMARY_CHARS


def test_platforms_get_all_languages_at_once() -> None:
    create = COMMANDS.get("create")
    assert set(menu.summaries(create)) == set(TRANSLATED)
    assert set(menu.descriptions(create, "size")) == set(TRANSLATED)
    assert menu.choice_names(COMMANDS.get("me"), "yes")["de"] == "ja"
    assert set(DISCORD) == set(TELEGRAM) == set(TRANSLATED) == set(LOCALES) - {"en"}


@every_language
def test_buttons_have_room_for_a_name(locale: str) -> None:
    labels = {key: text for key, text in translations(locale).items() if key.startswith("button.")}
    assert labels
    assert {key for key, text in labels.items() if len(str(text)) > BUTTON_CHARS} == set()
