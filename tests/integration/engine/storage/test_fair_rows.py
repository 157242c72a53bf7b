"""The rows of the queue follow the rules: the database and its twin in memory choose alike."""

from random import Random

import pytest

from engine.messages import Job, Priority, Sha256, WorkerId
from engine.storage.database import Database
from engine.storage.fair import FairRules, Holds
from engine.storage.queue import Admission, Caps, QueueStore
from tests.fakes.fair_queue import FairQueue
from tests.fakes.jobs import job, later, owner, plan, sha

CAPS = Caps(person=999, space=999, everyone=999)
RULES = FairRules(affinity_places=3, ageing_s=30)
STEPS = 120


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_database_gives_out_jobs_as_the_rules_say(database: Database, seed: int) -> None:
    chance = Random(seed)  # no secret
    rows, rules = QueueStore(database), FairQueue()
    running: list[Job] = []
    for step in range(STEPS):
        act = chance.choices(["admit", "claim", "give back", "cancel"], [9, 7, 2, 2])[0]
        if act == "admit":
            asked = made_up(chance, step)
            await rows.admit(Admission(asked, "console", "here"), CAPS, later(step))
            rules.admit(asked)
        elif act == "claim":
            running += await claim(rows, rules, chance, step)
        elif act == "give back" and running:
            back = running.pop(chance.randrange(len(running)))
            assert await rows.give_back(back.id, back.fence, later(step), count_attempt=True)
            rules.give_back(back)
        elif act == "cancel" and rules.waiting():
            waiting = sorted(rules.waiting(), key=lambda found: found.id)
            gone = chance.choice(waiting)
            assert await rows.ask_cancel(gone.id, later(step)) == "cancelled"
            rules.cancel(gone)
    while rules.waiting():
        assert await claim(rows, rules, chance, STEPS)
    assert await claim(rows, rules, chance, STEPS) == []


async def claim(rows: QueueStore, rules: FairQueue, chance: Random, step: int) -> list[Job]:
    """Claim from both; they must agree."""
    holds = Holds(chance.choice(["small", "big", None]), some_loras(chance))
    expected = rules.claim(later(step), holds, RULES)
    taken = await rows.claim(WorkerId("w"), later(step), later(step + 60), holds, RULES)
    assert (taken and taken.id) == (expected and expected.id)
    return [taken] if taken is not None else []


def made_up(chance: Random, step: int) -> Job:
    return job(
        f"j{step:03}",
        owner(f"p:{chance.randrange(4)}", f"s:{chance.randrange(3)}"),
        asked_at=later(step),
        priority=chance.choice(list(Priority)),
        cost=chance.choice([0.5, 1.0, 3.0]),
        what=plan(chance.choice(["small", "big"]), tuple(sorted(some_loras(chance)))),
    )


def some_loras(chance: Random) -> frozenset[Sha256]:
    return frozenset(sha(number) for number in range(2) if chance.random() < 0.5)
