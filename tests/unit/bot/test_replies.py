"""Every error has words that name a cure."""

import re

import pytest

from bot import replies
from engine import errors
from engine.errors import AtelierError, Fact
from engine.messages import Failure, Job, JobId, Owner, PersonId, Plan, SpaceId
from tests.fakes.engine import START

FACTS: dict[str, Fact] = {
    "what": "look", "name": "Zib", "value": "9", "valid": "1 to 4", "near": ("Zab",),
    "needs": "to be a moderator", "scope": "person", "limit": 8, "retry_in_s": 130,
    "state": "pending", "family": "sdxl", "base": "miniature", "fits": ("Neon",),
    "file": "a.ckpt", "verdict": "pickle", "problems": ("not safetensors",), "table": "commands",
    "row": "x", "problem": "is missing", "host": "localhost", "port": 80,
}  # fmt: skip
CURES = (
    "what works", "/", "need", "ask again", "try ", "send ", "tell the host", "host can", "asking",
    "choose", "ask for", "stop that program", "example", "did you mean", "please wait", "reload",
)  # fmt: skip
TREES = ("engine.errors", "bot.errors")
OWN = {kind for kind in replies.tree() if kind.__module__ in TREES}
TREE = sorted(OWN - {AtelierError}, key=lambda kind: kind.code)


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.code)
@pytest.mark.parametrize("facts", [FACTS, {}], ids=["facts", "bare"])
def test_every_error_says_what_happened_and_what_would_help(
    kind: type[AtelierError], facts: dict[str, Fact]
) -> None:
    reply = replies.reply_to(kind, facts)
    assert reply.what.endswith((".", "?", "!"))
    assert any(cure in reply.cure.casefold() for cure in CURES), reply.cure
    assert not re.search(r"[a-z]_[a-z]|None|Error|\(\)", reply.text), reply.text


def test_every_class_of_the_tree_has_its_own_rung() -> None:
    assert {kind for kind, _ in replies.LADDER} == OWN


def test_no_rung_is_hidden_behind_a_more_general_one() -> None:
    kinds = [kind for kind, _ in replies.LADDER]
    hidden = [
        later
        for place, earlier in enumerate(kinds)
        for later in kinds[place + 1 :]
        if issubclass(later, earlier)
    ]
    assert hidden == []


def test_a_full_queue_says_when_to_come_back_in_human_time() -> None:
    text = replies.for_error(errors.QueueFull(scope="person", limit=8, retry_in_s=130)).text
    assert "8 pictures waiting" in text
    assert "in 2 minutes" in text


def test_an_unknown_look_suggests_near_names() -> None:
    text = replies.for_error(errors.NotFound(what="look", name="Zibb", near=("Zib",))).text
    assert "Did you mean Zib?" in text


def test_facts_from_people_are_harmless() -> None:
    text = replies.for_error(errors.NotFound(what="look", name="a\x1b\u202eb” x\nnew line")).text
    assert '“ab" x new line”' in text


def test_what_is_broken_gives_a_reference() -> None:
    shown = replies.for_error(errors.BaseBroken(base="sdxl"), "ab12cd34")
    assert "ab12cd34" in shown.text
    assert shown.private


def failed_job(code: str) -> Job:
    return Job(
        id=JobId("job7"),
        owner=Owner(space=SpaceId("fake:garden"), person=PersonId("fake:ada")),
        plan=Plan(
            base="miniature", family="miniature", prompt="a cat", words="a cat", width=64,
            height=64, steps=20, guidance=4, scheduler="ddim", seed=1,
        ),
        state="failed",
        cost=1,
        asked_at=START,
        failure=Failure(code=code, facts={"device": "cuda:0"}),
    )  # fmt: skip


def test_a_failed_job_apologises_with_its_id_and_its_words() -> None:
    shown = replies.for_failure(failed_job("out_of_memory"))
    assert "smaller size" in shown.text
    assert "job7" in shown.text
    assert "“a cat”" in shown.text


def test_a_failure_of_a_later_version_is_still_an_apology() -> None:
    assert "Sorry" in replies.for_failure(failed_job("from_the_future")).text


def test_a_speed_look_is_refused_by_what_it_does_and_not_by_its_family() -> None:
    told = replies.reply_to(errors.LookDoesNotFit, {**FACTS, "why": "few_steps"})
    assert "draw in few steps, and miniature does so by itself" in told.what
    assert "Neon" in told.cure
