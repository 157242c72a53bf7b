"""Estimates come from measurements, as a range."""

from engine.dispatch.eta import EtaBook


def test_nothing_measured_gives_no_estimate() -> None:
    assert EtaBook().estimate("miniature", 1.0, 0, 1) is None


def test_the_range_holds_the_measured_time() -> None:
    book = EtaBook()
    for seconds in (9.0, 11.0, 10.0, 10.5, 9.5):
        book.learn("miniature", 1.0, seconds)
    estimate = book.estimate("miniature", 1.0, ahead=3, workers=1)
    assert estimate is not None
    low, high = estimate
    assert low < 40 < high


def test_more_workers_shorten_the_wait() -> None:
    book = EtaBook()
    book.learn("miniature", 1.0, 10.0)
    alone = book.estimate("miniature", 1.0, ahead=8, workers=1)
    four = book.estimate("miniature", 1.0, ahead=8, workers=4)
    assert alone is not None
    assert four is not None
    assert four[1] < alone[0]


def test_a_base_is_estimated_by_its_own_pace() -> None:
    book = EtaBook()
    book.learn("slow", 1.0, 100.0)
    book.learn("fast", 1.0, 1.0)
    slow = book.estimate("slow", 1.0, ahead=0, workers=1)
    fast = book.estimate("fast", 1.0, ahead=0, workers=1)
    assert slow is not None
    assert fast is not None
    assert fast[1] < slow[0]


def test_steadier_measurements_narrow_the_range() -> None:
    steady, wild = EtaBook(), EtaBook()
    for n in range(30):
        steady.learn("b", 1.0, 10.0)
        wild.learn("b", 1.0, 5.0 if n % 2 else 15.0)
    steady_range = steady.estimate("b", 1.0, 0, 1)
    wild_range = wild.estimate("b", 1.0, 0, 1)
    assert steady_range is not None
    assert wild_range is not None
    assert steady_range[1] / steady_range[0] < wild_range[1] / wild_range[0]
