"""News to open pages: for whom they are, newest progress only, a slow page harms nobody."""

import pytest

from bot.web import fanout
from bot.web.fanout import Fanout, Listener, TooSlow
from engine.messages import PersonId, SpaceId

STUDIO, OTHER = SpaceId("web:studio"), SpaceId("web:other")
ANN, BOB = PersonId("web:ann"), PersonId("web:bob")


async def test_a_post_reaches_whom_it_is_for() -> None:
    news = Fanout()
    ann, bob, away = Listener(ANN, {STUDIO}), Listener(BOB, {STUDIO}), Listener(BOB, {OTHER})
    for listener in (ann, bob, away):
        news.join(listener)
    news.post(STUDIO, None, "p1", 1, "for all")
    news.post(STUDIO, ANN, "p2", 2, "for ann")
    assert (await ann.next())[0] == [(1, "for all"), (2, "for ann")]
    assert (await bob.next())[0] == [(1, "for all")]
    assert not away.more.is_set()


async def test_only_the_newest_progress_waits_and_none_after_the_post_changed() -> None:
    news, ann = Fanout(), Listener(ANN, {STUDIO})
    news.join(ann)
    for step in range(3):
        news.move(STUDIO, None, "p1", f"step {step}")
        news.move(STUDIO, None, "p2", f"other {step}")
    assert (await ann.next())[1] == ["step 2", "other 2"]
    news.move(STUDIO, None, "p1", "step 3")
    news.post(STUDIO, None, "p1", 5, "done")
    assert await ann.next() == ([(5, "done")], [], False)


async def test_a_page_that_falls_behind_leaves_and_the_others_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanout, "MOST_WAITING", 3)
    news, slow, quick = Fanout(), Listener(ANN, {STUDIO}), Listener(BOB, {STUDIO})
    news.join(slow)
    news.join(quick)
    for number in range(5):
        news.post(STUDIO, None, f"p{number}", number, "x")
        assert await quick.next()
    with pytest.raises(TooSlow):
        await slow.next()
    assert slow.posts == []


async def test_who_left_hears_nothing() -> None:
    news, ann = Fanout(), Listener(ANN, {STUDIO})
    news.join(ann)
    news.leave(ann)
    news.post(STUDIO, None, "p1", 1, "x")
    assert not ann.more.is_set()
    assert len(news) == 0
