"""Outcomes on their way to people: posted in two phases, once, whatever dies in between."""

import asyncio
from collections.abc import Mapping
from functools import partial
from weakref import WeakValueDictionary

import structlog

from bot.acts.drawing import place as standing
from bot.buttons import make
from bot.languages import language
from bot.live import LiveMessages, Pause, again
from bot.messages import Author, Inbound, Outbound, Place
from bot.policy import Showing, showing
from bot.port import CannotPost, KnowsPlaces, Platform
from bot.results import is_deleted, outcome
from bot.rights import Rights
from bot.texts import say, speaking
from engine.api import Announced, Destination, Engine
from engine.api import Delivery as Outcome
from engine.errors import AtelierError, TryAgain
from engine.messages import ENDED, Cancel, Ended, Event, Job, JobId, Owner, Removed, Started

log = structlog.get_logger(__name__)
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
MOST_TRIES = 30
"""About two hours; after that the outcome waits under `/show ID`."""
SWEEP_EVERY_S = 60.0
PLACES_EVERY_S = 1.0
MOST_PLACES = 25
AT_ONCE = -1.0
"""Instead of a pause: what changed is worth another try now."""


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
        self._rights = Rights(engine, platforms)
        self._asked: dict[JobId, tuple[Owner, Destination]] = {}
        """Who asked for what is followed, and where."""
        self._withdrawn: set[JobId] = set()
        """Cancelled because a right was lost: its person is told so."""
        self._checks: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[JobId, asyncio.Lock] = WeakValueDictionary()
        self._posting: dict[JobId, asyncio.Task[None]] = {}
        self._moved = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    # --- life -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen from now on, then post and follow what a former process left."""
        events = self._engine.events()

        async def listen() -> None:
            async for event in events:
                self._take(event)

        loops = (listen(), self._sweep(), self._follow_announced(), self._move_up())
        self._loops = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Stop listening, and end what is being posted: it is found again at the next start."""
        tasks = [*self._loops, *self._posting.values(), *self._checks]
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
        owner = Owner(space=inbound.space.id, person=inbound.author.id)
        async with self._turn(job):
            if job in self._live:
                return
            self._live.expect(job, outbound)
            try:
                found = await self._engine.show(owner, job)
                if found.state in ENDED:
                    return
                nonce = f"ack-{inbound.id}"
                message_id = await platform.post(inbound.address, outbound, nonce=nonce)
                await self._engine.progress_posted(job, message_id)
            finally:
                shown = self._live.expected(job)
            where = Destination(inbound.platform, inbound.address, message_id)
            self._asked[job] = owner, where
            if found.state == "running":
                self._check_soon(job)
            if found.state == "running" and shown is outbound:
                shown = outbound.model_copy(update={"text": say("progress.drawing", "Drawing.")})
            is_stale = shown is not outbound
            shown = await self._covered(shown, found, inbound.place)
            self._live.follow(
                job, platform, where, shown, is_stale=is_stale, is_waiting=not is_stale
            )

    async def _covered(self, shown: Outbound, job: Job, place: Place | None) -> Outbound:
        """Previews are covered as the picture will be."""
        is_covered = await self._showing(job, place) != "open"
        return shown.model_copy(update={"is_covered": True}) if is_covered else shown

    def is_live(self, job: JobId) -> bool:
        """Whether its progress message is being kept up to date."""
        return job in self._live

    async def _follow_announced(self) -> None:
        """Take up the progress messages of a former process, one after the other."""
        try:
            left = await self._engine.announced()
        except TryAgain as error:
            log.warning("progress.not_taken_up", code=error.code)
            return
        for announced in left:
            try:
                await self._follow_again(announced)
            except AtelierError as error:
                # Its outcome is posted all the same.
                log.warning("progress.not_taken_up", job=announced.job, code=error.code)

    async def _follow_again(self, announced: Announced) -> None:
        """Follow one message; it is edited at once only if it no longer tells the truth.

        A job that never left the queue still shows its place, and many edits at the start would
        use up what a platform allows.
        """
        owner, where = announced.owner, announced.destination
        platform = self._platforms.get(where.platform)
        if platform is None or not platform.capabilities.can_edit:
            return
        with speaking(await language(self._engine, owner.person, owner.space)):
            await self._follow_spoken(announced, platform)

    async def _follow_spoken(self, announced: Announced, platform: Platform) -> None:
        owner, job, where = announced.owner, announced.job, announced.destination
        label = say("button.cancel", "cancel")
        stop = await make(self._engine, owner, "cancel", Cancel(job=job), label, style="danger")
        async with self._turn(job):
            found = await self._engine.show(owner, job)
            if job not in self._live and found.state not in ENDED:
                was_begun = found.fence > 0
                self._asked[job] = owner, where
                place = await _place_of(platform, where.address)
                shown = await self._covered(again(found, stop), found, place)
                self._live.follow(job, platform, where, shown, is_stale=was_begun)

    async def _move_up(self) -> None:
        """Whenever the queue moved, tell those who wait where they stand now; not more often than
        it is worth, and only so many at a time: the rest has its turn at the next round.
        """
        while True:
            await self._moved.wait()
            await self._pause(PLACES_EVERY_S)
            self._moved.clear()
            for job in self._live.waiting(PLACES_EVERY_S)[:MOST_PLACES]:
                try:
                    ticket = await self._engine.ticket(job)
                except AtelierError as error:
                    log.info("place.not_told", job=job, code=error.code)
                    break
                if ticket is not None:
                    self._live.move_up(job, partial(standing, ticket))

    # --- outcomes ---------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        self._live.tell(event)
        if isinstance(event, Started | Ended):
            self._moved.set()
        if isinstance(event, Started):
            self._check_soon(event.job)
        if isinstance(event, Ended | Removed):
            self._post_soon(event.job)

    def _check_soon(self, job: JobId) -> None:
        if job in self._asked:
            task = asyncio.create_task(self._check(job))
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)

    async def _check(self, job: JobId) -> None:
        """Stop what was begun for somebody who may not make pictures there any more."""
        owner, where = self._asked[job]
        try:
            if await self._rights.lost(owner, where) is not None:
                self._withdrawn.add(job)
                log.info("job.right_lost", job=job)
                await self._engine.cancel(owner, job)
        except (AtelierError, CannotPost) as error:
            # It is asked again before the picture is posted.
            log.warning("right.not_checked", job=job, why=str(error))

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
            if pause_s == AT_ONCE:
                continue
            await self._pause(max(pause_s, min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (tries - 1))))

    async def _try(self, job: JobId, *, is_last: bool) -> float | None:
        """One try; returns the least pause before the next, None when it is settled."""
        async with self._turn(job):
            await self._live.close(job)
            self._asked.pop(job, None)
            taken = await self._engine.start_posting(job)
            if taken is None:
                return None
            try:
                message_id = await self._send(taken)
            except CannotPost as error:
                if error.final and await self._redirected(taken, str(error)):
                    return AT_ONCE
                final = error.final or is_last
                log.warning("delivery.not_posted", job=job, why=str(error), final=final)
                await self._engine.not_posted(job, final=final, why=str(error))
                return None if final else (error.retry_in_s or 0.0)
            except Exception as error:
                await self._engine.not_posted(job, final=is_last, why=type(error).__name__)
                raise
            await self._write_down(job, message_id)
            self._withdrawn.discard(job)
            log.info("delivery.posted", job=job, state=taken.job.state)
            return None

    async def _redirected(self, taken: Outcome, why: str) -> bool:
        """A place is gone for good: its pictures go to the person, once; True when they do.

        What failed or was cancelled there is no loss to anybody, and is not told elsewhere.
        """
        job, where = taken.job, taken.destination
        platform = self._platforms.get(where.platform)
        is_loss = job.state == "done" and not is_deleted(job)
        if platform is None or taken.is_elsewhere or not is_loss:
            return False
        try:
            address = await platform.direct(job.owner.person)
        except CannotPost as error:
            log.info("delivery.no_direct", job=job.id, why=str(error))
            return False
        if address is None or address == where.address:
            return False
        log.info("delivery.redirected", job=job.id, why=why)
        return await self._engine.redirect(job.id, address, why)

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
        owner = taken.job.owner
        with speaking(await language(self._engine, owner.person, owner.space)):
            return await self._send_spoken(taken)

    async def _send_spoken(self, taken: Outcome) -> str:
        where = taken.destination
        platform = self._platforms.get(where.platform)
        if platform is None:
            raise CannotPost(f"{where.platform} is not running here", final=True)
        capabilities = platform.capabilities
        told = await self._told(taken, platform)
        message_id = where.message_id
        if message_id is not None and capabilities.can_edit:
            try:
                await platform.edit(where.address, message_id, told)
            except CannotPost as error:
                if not error.final:
                    raise
                log.info("delivery.message_gone", job=taken.job.id)
                if is_deleted(taken.job):
                    return message_id
            else:
                return message_id
        if capabilities.has_nonce or not capabilities.can_edit:
            return await platform.post(where.address, told, nonce=taken.nonce)
        here = say("delivery.here", "Here it comes.")
        placeholder = Outbound(text=here, job=taken.job.id, progress=1.0)
        message_id = await platform.post(where.address, placeholder, nonce=taken.nonce)
        await self._engine.progress_posted(taken.job.id, message_id)
        await platform.edit(where.address, message_id, told)
        return message_id

    async def _told(self, taken: Outcome, platform: Platform) -> Outbound:
        """The outcome, unless the rules of its place stand against it by now."""
        job = taken.job
        if job.state == "cancelled" and job.id in self._withdrawn:
            text = say(
                "delivery.right_lost",
                "Not drawn: you may not make pictures here any more. It cost you nothing.",
            )
            return Outbound(text=text, job=job.id, private=True)
        if job.state == "done" and not taken.is_elsewhere:
            lost = await self._rights.lost(job.owner, taken.destination)
            if lost is not None:
                text = say(
                    "delivery.no_right",
                    "Your picture is ready, but you may not make pictures here any more. It waits "
                    "for you in our direct conversation: /show {job}",
                    job=job.id,
                )
                return Outbound(text=text, job=job.id, private=True)
        place = await _place_of(platform, taken.destination.address)
        showing = await self._showing(job, place) if job.state == "done" else "open"
        if showing == "refused":
            return _not_here(job.id, platform)
        told = await outcome(self._engine, job, platform.capabilities)
        told = told.model_copy(update={"is_covered": showing == "covered"})
        if not taken.is_elsewhere:
            return told
        lead = say(
            "delivery.elsewhere",
            "You asked for this in a place that I can't reach any more, so it comes here.",
        )
        return told.model_copy(update={"text": f"{lead}\n{told.text}"})

    async def _showing(self, job: Job, place: Place | None) -> Showing:
        """Asked again, because a channel, the rules or a look's rating may have changed."""
        rating = await self._engine.rating(job)
        if rating == "general" or place is None:
            return "open"
        rules = await self._engine.house.rules(job.owner.space)
        return showing("deliver", Author(id=job.owner.person, name=""), place, rules, rating)

    # --- one thing at a time for each job ----------------------------------------------------

    def _turn(self, job: JobId) -> asyncio.Lock:
        return self._turns.setdefault(job, asyncio.Lock())


async def _place_of(platform: Platform, address: str) -> Place | None:
    return await platform.place(address) if isinstance(platform, KnowsPlaces) else None


def _not_here(job: JobId, platform: Platform) -> Outbound:
    """It is done, and its place does not take it by now."""
    text = (
        say(
            "delivery.not_here",
            "Your picture is ready, but rated stronger than this place takes now. It waits "
            "for you: /show {job} in an age-restricted channel.",
            job=job,
        )
        if platform.capabilities.has_age_flags
        else say(
            "delivery.not_now",
            "Your picture is ready, but rated stronger than this place takes now. It waits for a "
            "place that takes it: /show {job}.",
            job=job,
        )
    )
    return Outbound(text=text, job=job, private=True)
