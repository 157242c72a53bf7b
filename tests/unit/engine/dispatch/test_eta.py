"""Estimates come from measurements, as a range."""

from engine.dispatch.admission import cost
from engine.dispatch.eta import EtaBook, Took
from engine.messages import Plan, PlannedLora


def plan(base: str = "miniature", width: int = 512, **changes: object) -> Plan:
    usual: dict[str, object] = {
        "base": base, "family": "sd1", "prompt": "", "width": width, "height": 512, "steps": 20,
        "guidance": 1.0, "scheduler": "DDIM", "seed": 1,
    }  # fmt: skip
    return Plan.model_validate(usual | changes)


def learned(book: EtaBook, seconds: float, asked: Plan | None = None) -> None:
    book.learn(asked or plan(), Took(seconds))


def known(book: EtaBook, asked: Plan, ahead: int = 0, at_once: int = 1) -> tuple[float, float]:
    estimate = book.estimate(asked, ahead, at_once)
    assert estimate is not None
    return estimate


def test_nothing_measured_gives_no_estimate() -> None:
    assert EtaBook().estimate(plan(), 0, 1) is None


def test_the_range_holds_the_measured_time() -> None:
    book = EtaBook()
    for seconds in (9.0, 11.0, 10.0, 10.5, 9.5):
        learned(book, seconds)
    low, high = known(book, plan(), ahead=3)
    assert low < 40 < high


def test_more_side_by_side_shorten_the_wait() -> None:
    book = EtaBook()
    learned(book, 10.0)
    assert known(book, plan(), 8, at_once=4)[1] < known(book, plan(), 8)[0]


def test_a_base_is_estimated_by_its_own_pace() -> None:
    book = EtaBook()
    learned(book, 100.0, plan("slow"))
    learned(book, 1.0, plan("fast"))
    assert known(book, plan("fast"))[1] < known(book, plan("slow"))[0]


def test_a_size_is_estimated_by_its_own_pace_and_a_new_one_by_its_base() -> None:
    book = EtaBook()
    large, new = plan(width=2048), plan(width=1024)
    learned(book, 10.0)
    learned(book, 400.0, large)
    assert known(book, plan())[1] < 20
    assert known(book, large)[0] > 200
    assert known(book, plan())[1] < known(book, new)[1] < known(book, large)[1]


def test_a_size_slower_than_reckoned_costs_more_of_its_owners_share() -> None:
    book = EtaBook()
    large = plan(width=2048)
    assert book.cost(large) == cost(large)
    for _ in range(5):
        learned(book, 10.0)
        learned(book, 80.0, large)
    assert cost(large) < book.cost(large) <= 4 * cost(large)
    assert book.cost(plan()) < cost(plan())


def test_bringing_a_stack_is_learned_apart() -> None:
    book = EtaBook()
    look = PlannedLora(name="look", weight=1.0, reason="asked for")
    styled = plan(loras=(look,))
    for _ in range(20):
        book.learn(plan(), Took(10.0))
        book.learn(styled, Took(10.0, loading_s=8.0))
    assert known(book, styled)[0] > known(book, plan())[0] + 5


def test_steadier_measurements_narrow_the_range() -> None:
    steady, wild = EtaBook(), EtaBook()
    for n in range(30):
        learned(steady, 10.0)
        learned(wild, 5.0 if n % 2 else 15.0)
    calm, rough = known(steady, plan()), known(wild, plan())
    assert calm[1] / calm[0] < rough[1] / rough[0]
