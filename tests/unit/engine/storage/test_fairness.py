"""Crowds that try to get more than their share, before the fair queue."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages import Job, Sha256
from engine.storage.fair import FairRules, Holds
from tests.fakes.fair_queue import FairQueue
from tests.fakes.jobs import job, later, owner, plan, sha

PLACES = 4
RULES = FairRules(affinity_places=PLACES)
BOUND = 2 * (PLACES + 1)
"""Times the dearest job: how far apart those may be who always wait."""
WARM, COLD = (sha(1),), (sha(2),)


@dataclass
class Desk:
    """A queue and a worker that holds what it drew last, and counts what it brings."""

    queue: FairQueue = field(default_factory=FairQueue)
    base: str | None = None
    loras: frozenset[Sha256] = frozenset()
    switches: int = 0
    asked: int = 0
    got: Counter[str] = field(default_factory=Counter)
    """Cost that was drawn for each person."""

    def ask(
        self,
        person: str,
        loras: tuple[Sha256, ...] = (),
        *,
        base: str = "small",
        cost: float = 1.0,
        space: str = "s:guild",
    ) -> Job:
        self.asked += 1
        asked = job(
            f"j{self.asked:04}", owner(person, space), asked_at=later(self.asked / 1000),
            cost=cost, what=plan(base, loras),
        )  # fmt: skip
        self.queue.admit(asked)
        return asked

    def draw(self) -> Job:
        taken = self.queue.claim(later(1), Holds(self.base, self.loras), RULES)
        assert taken is not None
        self.switches += taken.plan.base != self.base
        self.base = taken.plan.base
        self.loras = frozenset(lora.sha256 for lora in taken.plan.loras if lora.sha256)
        self.got[taken.owner.person] += taken.cost  # type: ignore[assignment]  # costs
        return taken


# --- many of one against one of many ----------------------------------------------------------


def test_a_hundred_of_one_person_hold_ten_others_up_by_a_few_turns_at_most() -> None:
    desk = Desk()
    for _ in range(100):
        desk.ask("p:hoarder", WARM)
    desk.draw()
    for number in range(10):
        desk.ask(f"p:{number}", (sha(10 + number),))
    order = [desk.draw().owner.person for _ in range(10 + 1 + PLACES)]
    assert {f"p:{number}" for number in range(10)} <= set(order)


def test_a_cold_stack_waits_no_longer_than_the_bound_before_a_warm_crowd() -> None:
    desk = Desk()
    for number in range(20):
        for _ in range(10):
            desk.ask(f"p:{number:02}", WARM)
    for _ in range(20):
        desk.draw()
    desk.ask("p:cold", COLD)
    before = 0
    while desk.draw().owner.person != "p:cold":
        before += 1
        desk.ask(f"p:{before % 20:02}", WARM)
    assert before <= 20 + PLACES


def test_who_cancels_and_asks_again_in_a_loop_gains_nothing() -> None:
    desk = Desk()
    for _ in range(30):
        desk.ask("p:steady")
    for _ in range(10):
        desk.ask("p:other")
    for _ in range(20):
        for _ in range(25):
            desk.queue.cancel(desk.ask("p:hopper"))
        desk.ask("p:hopper")
        desk.draw()
        for left in desk.queue.waiting():
            if left.owner.person == "p:hopper":
                desk.queue.cancel(left)
    assert desk.got["p:hopper"] <= desk.got["p:steady"] + 1


# --- two bases on one device ------------------------------------------------------------------


def test_two_bases_get_the_same_share_and_change_places_seldom() -> None:
    desk = Desk()
    for _ in range(120):
        desk.ask("p:small", base="small")
        desk.ask("p:big", base="big")
    for _ in range(120):
        desk.draw()
    assert abs(desk.got["p:small"] - desk.got["p:big"]) <= BOUND
    assert desk.switches <= 120 / PLACES


def test_a_slow_base_gets_the_same_seconds_and_not_as_many_pictures() -> None:
    desk = Desk()
    for _ in range(200):
        desk.ask("p:fast", base="small", cost=1.0)
        desk.ask("p:slow", base="big", cost=10.0)
    for _ in range(150):
        desk.draw()
    assert abs(desk.got["p:fast"] - desk.got["p:slow"]) <= BOUND * 10
    assert desk.got["p:fast"] >= 100


def test_a_warm_space_does_not_draw_more_than_a_cold_one() -> None:
    desk = Desk()
    for _ in range(100):
        desk.ask("p:ann", WARM, space="s:warm")
        desk.ask("p:bob", COLD, space="s:cold")
    for _ in range(100):
        desk.draw()
    assert abs(desk.got["p:ann"] - desk.got["p:bob"]) <= BOUND


# --- whatever comes ---------------------------------------------------------------------------


@given(
    acts=st.lists(
        st.one_of(
            st.none(),
            st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from([0.5, 1.0, 4.0])),
        ),
        min_size=10,
        max_size=120,
    ),
    spaces=st.sampled_from([("s:one", "s:one", "s:one"), ("s:one", "s:two", "s:three")]),
)
@settings(max_examples=200, deadline=None)
def test_two_who_always_wait_get_the_same_up_to_the_bound(
    acts: list[tuple[int, int, float] | None], spaces: tuple[str, str, str]
) -> None:
    """None is a worker that asks; others come and go. Ann's are always at hand, Bob's never."""
    desk = Desk()
    for number in range(len(acts) + 1):
        desk.ask("p:ann", cost=4.0 if number % 3 else 0.5, space=spaces[0])
        desk.ask("p:bob", (sha(100 + number),), space=spaces[1])
    for act in acts:
        if act is None:
            desk.draw()
            apart = abs(desk.got["p:ann"] - desk.got["p:bob"])
            assert apart <= BOUND * 4.0
        else:
            person_number, look, cost = act
            desk.ask(f"p:{person_number}", (sha(look),), cost=cost, space=spaces[2])


@pytest.mark.parametrize("people", [2, 3, 6])
def test_all_who_always_wait_get_the_same_up_to_the_bound(people: int) -> None:
    desk = Desk()
    for number in range(people):
        for _ in range(200):
            desk.ask(f"p:{number}", (sha(number % 2),), base=("small", "big")[number % 2])
    for _ in range(60 * people):
        desk.draw()
        shares = [desk.got[f"p:{number}"] for number in range(people)]
        assert max(shares) - min(shares) <= BOUND


def test_who_asks_for_something_new_each_time_is_not_left_behind_by_who_never_does() -> None:
    desk = Desk()
    for number in range(100):
        desk.ask("p:plain")
        desk.ask("p:curious", (sha(10 + number),))
    for _ in range(100):
        desk.draw()
    assert abs(desk.got["p:plain"] - desk.got["p:curious"]) <= BOUND


def test_a_space_that_asks_for_something_new_each_time_is_not_left_behind() -> None:
    desk = Desk()
    for number in range(100):
        desk.ask("p:plain", space="s:plain")
        desk.ask("p:curious", (sha(10 + number),), space="s:curious")
    for _ in range(100):
        desk.draw()
    assert abs(desk.got["p:plain"] - desk.got["p:curious"]) <= BOUND
