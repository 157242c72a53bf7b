"""Nobody gets more than their share of the real queue, however they ask."""

from collections import Counter

from engine.messages import Owner, Sha256, WorkerId
from engine.storage.database import Database
from engine.storage.fair import FairRules, Holds
from engine.storage.queue import Admission, Caps, QueueStore
from tests.fakes.jobs import job, later, owner, plan, sha

CAPS = Caps(person=999, space=999, everyone=999)
RULES = FairRules(affinity_places=4)
WORKER = WorkerId("w")


async def ask(
    queue: QueueStore, name: str, of: Owner, at: float, loras: tuple[Sha256, ...] = ()
) -> None:
    asked = job(name, of, asked_at=later(at), what=plan("small", loras))
    await queue.admit(Admission(asked), CAPS, later(at))


async def drawn(queue: QueueStore, count: int, *held: Sha256) -> list[str]:
    """Who was drawn for, on a worker that holds what it drew last beside what it always does."""
    people, last = [], frozenset[Sha256]()
    for _ in range(count):
        holds = Holds("small", last | frozenset(held))
        taken = await queue.claim(WORKER, later(500), later(560), holds, RULES)
        assert taken is not None
        last = frozenset(lora.sha256 for lora in taken.plan.loras if lora.sha256)
        people.append(str(taken.owner.person))
    return people


async def test_a_hundred_of_one_person_hold_ten_others_up_by_a_few_turns_at_most(
    database: Database,
) -> None:
    queue = QueueStore(database)
    for number in range(100):
        await ask(queue, f"h{number:03}", owner("p:hoarder"), number / 1000, (sha(1),))
    await drawn(queue, 3, sha(1))
    for number in range(10):
        await ask(queue, f"t{number}", owner(f"p:{number}"), 1 + number, (sha(10 + number),))
    assert {f"p:{number}" for number in range(10)} <= set(await drawn(queue, 15, sha(1)))


async def test_who_asks_for_something_new_each_time_is_not_left_behind(database: Database) -> None:
    queue = QueueStore(database)
    for number in range(40):
        await ask(queue, f"p{number:02}", owner("p:plain"), number)
        await ask(queue, f"c{number:02}", owner("p:curious"), number, (sha(10 + number),))
    got = Counter(await drawn(queue, 40))
    assert abs(got["p:plain"] - got["p:curious"]) <= 10


async def test_who_cancels_and_asks_again_in_a_loop_gains_nothing(database: Database) -> None:
    queue = QueueStore(database)
    for number in range(20):
        await ask(queue, f"s{number:02}", owner("p:steady"), number / 100)
    got = Counter[str]()
    for turn in range(15):
        for again in range(3):
            await ask(queue, f"x{turn:02}-{again}", owner("p:hopper"), 1 + turn)
            await queue.ask_cancel(job(f"x{turn:02}-{again}").id, later(1 + turn))
        await ask(queue, f"y{turn:02}", owner("p:hopper"), 1 + turn)
        got.update(await drawn(queue, 1))
        await queue.ask_cancel(job(f"y{turn:02}").id, later(1 + turn))
    assert got["p:hopper"] <= got["p:steady"] + 1
