"""Outcomes on their way to people: posted in two phases, once, whatever dies in between."""

import asyncio
from collections.abc import Mapping
from weakref import WeakValueDictionary

import structlog

from bot.live import LiveMessages, Pause
from bot.messages import Inbound, Outbound
from bot.port import CannotPost, Platform
from bot.results import outcome
from engine.api import Delivery as Outcome
from engine.api import Engine
from engine.errors import TryAgain
from engine.messages import ENDED, Ended, Event, JobId, Owner

log = structlog.get_logger(__name__)
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
MOST_TRIES = 30
"""About two hours; after that the outcome waits under `/show ID`."""
SWEEP_EVERY_S = 60.0


class Delivery:
    """Follows the engine's events; the owner of every task that posts.

    Nothing is posted twice: a platform with a nonce gets the same one at each try; on the others
    an outcome is always an *edit* (which may be repeated) of the progress message, or of a
    placeholder whose id is stored first.
    """

    def __init__(
        self,
        engine: Engine,
        platforms: Mapping[str, Platform],
        live: LiveMessages,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._engine = engine
        self._platforms = platforms
        self._live = live
        self._pause = pause
        self._turns: WeakValueDictionary[JobId, asyncio.Lock] = WeakValueDictionary()
        self._posting: dict[JobId, asyncio.Task[None]] = {}
        self._loops: list[asyncio.Task[None]] = []

    # --- life -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen from now on, then post what a former process left."""
        events = self._engine.events()

        async def listen() -> None:
            async for event in events:
                self._take(event)

        self._loops = [asyncio.create_task(listen()), asyncio.create_task(self._sweep())]

    async def stop(self) -> None:
        """Stop listening, and end what is being posted: it is found again at the next start."""
        tasks = [*self._loops, *self._posting.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._live.close_all()

    async def settle(self) -> None:
        """Wait until everything that is due now is posted."""
        for job in await self._engine.due():
            self._post_soon(job)
        while self._posting:
            await asyncio.gather(*tuple(self._posting.values()))

    # --- progress ---------------------------------------------------------------------------

    async def announce(self, inbound: Inbound, outbound: Outbound) -> None:
        """Post a job's progress message and keep it up to date.

        Nothing is posted when the outcome came first: people see that instead.
        """
        job = outbound.job
        if job is None:
            raise ValueError("only a job can be announced")
        platform = self._platforms[inbound.platform]
        async with self._turn(job):
            if job in self._live or await self._is_over(inbound, job):
                return
            nonce = f"ack-{inbound.id}"
            message_id = await platform.post(inbound.address, outbound, nonce=nonce)
            await self._engine.progress_posted(job, message_id)
            self._live.follow(job, platform, inbound.address, message_id, outbound)

    def is_live(self, job: JobId) -> bool:
        """Whether its progress message is being kept up to date."""
        return job in self._live

    async def _is_over(self, inbound: Inbound, job: JobId) -> bool:
        owner = Owner(space=inbound.space.id, person=inbound.author.id)
        return (await self._engine.show(owner, job)).state in ENDED

    # --- outcomes ---------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        self._live.tell(event)
        if isinstance(event, Ended):
            self._post_soon(event.job)

    async def _sweep(self) -> None:
        """Outcomes that nobody is posting: left-overs of a crash, or of a locked database."""
        while True:
            try:
                for job in await self._engine.due():
                    self._post_soon(job)
            except Exception:
                log.exception("delivery.sweep_failed")
            await self._pause(SWEEP_EVERY_S)

    def _post_soon(self, job: JobId) -> None:
        if job not in self._posting:
            task = asyncio.create_task(self._until_posted(job))
            self._posting[job] = task
            task.add_done_callback(lambda _: self._posting.pop(job, None))

    async def _until_posted(self, job: JobId) -> None:
        for tries in range(1, MOST_TRIES + 1):
            try:
                pause_s = await self._try(job, is_last=tries == MOST_TRIES)
            except Exception:
                log.exception("delivery.failed", job=job)
                pause_s = 0.0
            if pause_s is None:
                return
            await self._pause(max(pause_s, min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (tries - 1))))

    async def _try(self, job: JobId, *, is_last: bool) -> float | None:
        """One try; returns the least pause before the next, None when it is settled."""
        async with self._turn(job):
            await self._live.close(job)
            taken = await self._engine.start_posting(job)
            if taken is None:
                return None
            try:
                message_id = await self._send(taken)
            except CannotPost as error:
                final = error.final or is_last
                log.warning("delivery.not_posted", job=job, why=str(error), final=final)
                await self._engine.not_posted(job, final=final, why=str(error))
                return None if final else (error.retry_in_s or 0.0)
            except Exception as error:
                await self._engine.not_posted(job, final=is_last, why=type(error).__name__)
                raise
            await self._write_down(job, message_id)
            log.info("delivery.posted", job=job, state=taken.job.state)
            return None

    async def _write_down(self, job: JobId, message_id: str) -> None:
        """People have it: the row must say so, however busy the database is."""
        for _ in range(MOST_TRIES):
            try:
                await self._engine.posted(job, message_id)
            except TryAgain as error:
                log.warning("delivery.not_written", job=job, code=error.code)
                await self._pause(FIRST_PAUSE_S)
            else:
                return
        log.error("delivery.never_written", job=job)

    async def _send(self, taken: Outcome) -> str:
        """Post or edit; returns the message's id. Raises `CannotPost`."""
        where = taken.destination
        platform = self._platforms.get(where.platform)
        if platform is None:
            raise CannotPost(f"{where.platform} is not running here", final=True)
        capabilities = platform.capabilities
        told = await outcome(self._engine, taken.job, capabilities)
        message_id = where.message_id
        if message_id is not None and capabilities.can_edit:
            try:
                await platform.edit(where.address, message_id, told)
            except CannotPost as error:
                if not error.final:
                    raise
                log.info("delivery.message_gone", job=taken.job.id)
            else:
                return message_id
        if capabilities.has_nonce or not capabilities.can_edit:
            return await platform.post(where.address, told, nonce=taken.nonce)
        placeholder = Outbound(text="Here it comes.", job=taken.job.id, progress=1.0)
        message_id = await platform.post(where.address, placeholder, nonce=taken.nonce)
        await self._engine.progress_posted(taken.job.id, message_id)
        await platform.edit(where.address, message_id, told)
        return message_id

    # --- one thing at a time for each job ----------------------------------------------------

    def _turn(self, job: JobId) -> asyncio.Lock:
        return self._turns.setdefault(job, asyncio.Lock())
