"""Events reach every listener; only progress may be lost."""

import asyncio

from engine.dispatch.events import EventBus
from engine.messages import Ended, Event, JobId, Progress, Queued


def job(name: str) -> JobId:
    return JobId(name)


async def drain(bus: EventBus, publish: list[Event]) -> list[Event]:
    stream = bus.listen()
    for event in publish:
        bus.publish(event)
    bus.close()
    return [event async for event in stream]


async def test_slow_listener_gets_only_the_latest_progress() -> None:
    steps = [Progress(job=job("a"), step=step, steps=9) for step in range(1, 9)]
    seen = await drain(EventBus(), [*steps, Ended(job=job("a"), state="done")])
    assert [getattr(event, "step", "ended") for event in seen] == [8, "ended"]


async def test_a_preview_is_kept_when_a_later_step_has_none() -> None:
    seen = await drain(
        EventBus(),
        [
            Progress(job=job("a"), step=4, steps=9, preview=b"png"),
            Progress(job=job("a"), step=5, steps=9),
        ],
    )
    assert [(event.step, event.preview) for event in seen if isinstance(event, Progress)] == [
        (5, b"png")
    ]


async def test_ends_are_never_lost_and_keep_their_order() -> None:
    ends: list[Event] = [Ended(job=job(str(n)), state="done") for n in range(500)]
    assert await drain(EventBus(), ends) == ends


async def test_every_listener_hears_the_same() -> None:
    bus = EventBus()
    first, second = bus.listen(), bus.listen()
    bus.publish(Queued(job=job("a"), position=1))
    bus.close()
    assert [e async for e in first] == [e async for e in second]


async def test_events_before_listening_are_not_heard() -> None:
    bus = EventBus()
    bus.publish(Queued(job=job("old"), position=1))
    stream = bus.listen()
    bus.publish(Queued(job=job("new"), position=1))
    bus.close()
    assert [event.job async for event in stream] == ["new"]


async def test_listener_wakes_for_a_late_event() -> None:
    bus = EventBus()
    stream = bus.listen()
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    bus.publish(Queued(job=job("a"), position=2))
    assert (await asyncio.wait_for(waiting, 60)).job == "a"
    bus.close()
