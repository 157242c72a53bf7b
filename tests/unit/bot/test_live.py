"""What happens to a job while its progress message is on its way to people."""

import pytest

from bot.live import LiveMessages
from bot.messages import Outbound
from engine.messages import JobId, Progress, Started, WorkerId

JOB = JobId("job1")
UP_NEXT = Outbound(text="Up next.", job=JOB, progress=0.0)


def test_what_happens_while_a_message_is_posted_is_shown_in_it() -> None:
    live = LiveMessages()
    live.expect(JOB, UP_NEXT)
    live.tell(Started(job=JOB, worker=WorkerId("w")))
    live.tell(Progress(job=JOB, step=3, steps=12))
    shown = live.expected(JOB)
    assert (shown.text, shown.progress) == ("Drawing: step 3 of 12.", 0.25)


def test_nothing_happened_leaves_the_message_as_it_was() -> None:
    live = LiveMessages()
    live.expect(JOB, UP_NEXT)
    live.tell(Progress(job=JobId("another"), step=3, steps=12))
    assert live.expected(JOB) is UP_NEXT
    with pytest.raises(KeyError):
        live.expected(JOB)
