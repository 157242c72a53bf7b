"""The engine behind its front door: stores, director, dispatcher and blobs put to work."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from engine.api import Check, Delivery, Destination, Kept, QueueView, Visit
from engine.director import planner
from engine.director.reader import Reader, Room, Turn
from engine.director.stock import PlanLimits
from engine.dispatch.admission import Limits, check, cost
from engine.dispatch.dispatcher import Dispatcher
from engine.dispatch.eta import EtaBook
from engine.dispatch.events import EventBus
from engine.dispatch.outcomes import Milestone, nothing
from engine.dispatch.ownership import QueueLock
from engine.dispatch.pool import WorkerPool, WorkerStatus
from engine.errors import AtelierError, BadRequest, NotAllowed, NotFound, QueueFull, TryAgain
from engine.families import FAMILIES
from engine.messages import (
    ENDED,
    Base,
    Card,
    Ended,
    Event,
    Generate,
    Intent,
    IntentId,
    Job,
    JobId,
    Owner,
    PersonId,
    Picture,
    Plan,
    Priority,
    Queued,
    Reading,
    Replay,
    Reroll,
    SpaceId,
    Ticket,
    Vary,
)
from engine.registry import search
from engine.storage.conversations import KeptTurn, Said
from engine.storage.queue import Admission, Caps
from engine.storage.spaces import Entrance
from engine.storage.stores import Stores
from engine.threads import in_thread

log = structlog.get_logger(__name__)
TURNS_READ = 20
MOST_DUE = 100
LEAST_PAUSE_S = 5.0
JOB_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters that are mistaken for one another when read aloud."""
SWEEP_EVERY_S = 3600.0


@dataclass(frozen=True, slots=True)
class Rules:
    """Caps and limits of this installation."""

    limits: Limits
    caps: Caps
    default_base: str
    orphan_age_s: float


class AtelierEngine:
    """The real `engine.api.Engine`."""

    def __init__(
        self,
        *,
        stores: Stores,
        reader: Reader,
        dispatcher: Dispatcher,
        pool: WorkerPool,
        events: EventBus,
        eta: EtaBook,
        rules: Rules,
        lock: QueueLock,
        clock: Callable[[], datetime],
        at: Milestone = nothing,
    ) -> None:
        self.stores = stores
        self._reader = reader
        self._dispatcher = dispatcher
        self._pool = pool
        self._events = events
        self._eta = eta
        self._rules = rules
        self._lock = lock
        self._clock = clock
        self._at = at
        self._sweeper: asyncio.Task[None] | None = None

    # --- life -------------------------------------------------------------------------------

    async def open(self) -> None:
        """Check (and when allowed upgrade) the database: enough to read and to furnish."""
        await self.stores.open()

    async def start(self) -> None:
        """Open, recover jobs and posts, start workers and the dispatcher."""
        await in_thread(self._lock.take)
        await self.open()
        for left in await self.stores.deliveries.left_posting():
            await self.not_posted(left.job, final=False, why="Atelier was restarted")
        bases = await self.bases()
        await self._dispatcher.start(bases[0] if bases else None)
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Let running pictures finish within the grace period, return the rest to the queue."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
            self._sweeper = None
            await self._dispatcher.stop()
        self._events.close()
        await self.stores.close()
        self._lock.release()

    async def _sweep(self) -> None:
        """Delete blobs that nothing refers to, now and every hour."""
        while True:
            try:
                in_use = await self.stores.pictures.blobs_in_use()
                age = timedelta(seconds=self._rules.orphan_age_s)
                count, size = await self.stores.blobs.sweep(in_use, self._clock() - age)
                log.info("blobs.swept", count=count, size_bytes=size)
            except TryAgain as error:
                log.warning("blobs.not_swept", code=error.code)
            await asyncio.sleep(SWEEP_EVERY_S)

    # --- understanding ----------------------------------------------------------------------

    async def read(self, visit: Visit, words: str) -> Reading:
        """Understand words with this conversation's history."""
        await self._enter(visit)
        most = self._rules.limits.most_prompt_chars
        if len(words) > most:
            raise BadRequest(name="words", value=len(words), valid=f"at most {most} characters")
        kept_turns = await self.stores.conversations.turns(visit.conversation, TURNS_READ)
        room = Room(
            cards=await self.stores.entries.cards(visit.owner.space),
            bases=await self.bases(),
            turns=tuple(_turn(kept) for kept in kept_turns),
        )
        return await self._reader.read(words, room)

    async def plan(self, visit: Visit, intent: Intent, *, seed: int | None = None) -> Plan:
        """Decide everything for a drawing intent; raises `PersonError` with the cure."""
        chosen = secrets.randbelow(2**32) if seed is None else seed
        cards = await self.stores.entries.cards(visit.owner.space)
        bases = await self.bases()
        match intent:
            case Generate():
                plan = planner.plan(
                    intent,
                    cards=cards,
                    bases=bases,
                    families=FAMILIES.all(),
                    seed=chosen,
                    limits=PlanLimits(most_pictures=self._rules.limits.most_count),
                )
            case Reroll():
                plan = planner.reroll((await self.show(visit.owner, intent.job)).plan, chosen)
            case Vary():
                earlier = (await self.show(visit.owner, intent.job)).plan
                plan = planner.vary(earlier, intent.image, chosen)
            case Replay():
                plan = intent.plan
            case _:
                raise BadRequest(name="intent", value=intent.kind, valid="a request to draw")
        planner.recheck(plan, cards, bases)
        check(plan, self._rules.limits)
        return plan

    async def draw(
        self,
        visit: Visit,
        intent: Intent,
        destination: Destination,
        *,
        priority: Priority = Priority.INTERACTIVE,
        request: str | None = None,
    ) -> Ticket:
        """Plan and admit a job; see `engine.api.Engine.draw`."""
        await self._enter(visit)
        plan = await self.plan(visit, intent)
        asked = Job(
            id=new_job_id(),
            owner=visit.owner,
            plan=plan,
            priority=priority,
            cost=cost(plan),
            asked_at=self._clock(),
        )
        admission = Admission(asked, destination.platform, destination.address, request)
        try:
            admitted = await self.stores.queue.admit(admission, self._rules.caps, asked.asked_at)
        except QueueFull as error:
            self._say_when(error)
            raise
        self._at("admitted")
        self._dispatcher.wake()
        ticket = await self._ticket(asked if admitted == asked.id else await self._job(admitted))
        self._events.publish(Queued(job=admitted, position=ticket.position))
        return ticket

    def _say_when(self, error: QueueFull) -> None:
        """Add the time after which a place is likely free."""
        busy = max(1, len([w for w in self._pool.workers() if w.state != "down"]))
        error.facts["retry_in_s"] = round(max(LEAST_PAUSE_S, self._eta.one_job_s() / busy))

    # --- a person's jobs --------------------------------------------------------------------

    async def cancel(self, owner: Owner, job: JobId | None) -> tuple[JobId, ...]:
        """Cancel one job or all of this person's; returns those that were not over yet."""
        if job is None:
            wanted = [mine.id for mine in await self.stores.jobs.of_person(owner)]
        else:
            found = await self.show(owner, job)
            if found.owner.person != owner.person:
                raise NotAllowed(what=f"cancel {job}", needs="to be the one who asked for it")
            wanted = [job]
        stopped: list[JobId] = []
        for each in wanted:
            outcome = await self.stores.queue.ask_cancel(each, self._clock())
            if outcome == "asked":
                await self._dispatcher.cancel(each)
            elif outcome == "cancelled":
                self._events.publish(Ended(job=each, state="cancelled"))
            if outcome != "over":
                stopped.append(each)
        return tuple(stopped)

    async def delete(self, owner: Owner, job: JobId) -> None:
        """Delete a job's pictures; only its owner may."""
        found = await self.show(owner, job)
        if found.owner.person != owner.person:
            raise NotAllowed(what=f"delete {job}", needs="to be the one who asked for it")
        if found.state not in ENDED:
            await self.cancel(owner, job)
        await self.stores.pictures.delete_pictures(job)

    async def show(self, owner: Owner, job: JobId) -> Job:
        """A job of this space, or of the person's own; `NotFound` otherwise."""
        found = await self.stores.jobs.get(job)
        seen = found and (found.owner.space == owner.space or found.owner.person == owner.person)
        if found is None or not seen:
            raise NotFound(what="job", name=job)
        return found

    async def queue(self, owner: Owner) -> QueueView:
        """This person's jobs and the length of the queue."""
        mine = await self.stores.jobs.of_person(owner)
        tickets = [(job, await self._ticket(job)) for job in mine]
        counts = await self.stores.jobs.counts()
        waiting = sum(counts.waiting.values())
        return QueueView(mine=tuple(tickets), waiting=waiting, running=counts.running)

    async def waiting(self) -> Mapping[Priority, int]:
        """How many jobs wait, by priority class."""
        return (await self.stores.jobs.counts()).waiting

    async def _ticket(self, job: Job) -> Ticket:
        position = await self.stores.jobs.position(job.id)
        ahead = max(0, position - 1)
        estimate = self._eta.estimate(job.plan.base, job.cost, ahead, len(self._pool.workers()))
        low, high = estimate or (None, None)
        return Ticket(job=job.id, position=position, eta_low_s=low, eta_high_s=high)

    async def _job(self, job: JobId) -> Job:
        found = await self.stores.jobs.get(job)
        if found is None:
            raise NotFound(what="job", name=job)
        return found

    # --- looks and bases --------------------------------------------------------------------

    async def looks(self, space: SpaceId, query: str = "") -> tuple[Card, ...]:
        """Approved LoRAs of a space, best match first; all of them for an empty query."""
        return search.rank(query, await self.stores.entries.cards(space))

    async def bases(self) -> tuple[Base, ...]:
        """Bases this installation can draw with, default first."""
        found = await self.stores.bases.all()
        default = self._rules.default_base
        return tuple(sorted(found, key=lambda base: (base.name != default, base.name)))

    # --- pictures, buttons, talk ------------------------------------------------------------

    async def picture(self, owner: Owner, job: JobId, index: int) -> bytes:
        """The PNG of one picture; raises `NotFound` or `BlobCorrupt`."""
        found = await self.show(owner, job)
        pictures = found.result.pictures if found.result else ()
        for picture in pictures:
            if picture.index == index:
                return await self.stores.blobs.read(picture.sha256)
        raise NotFound(what="picture", name=f"{job} #{index + 1}")

    def picture_path(self, picture: Picture) -> Path:
        """Where a picture's bytes are on this machine (embedded blob folder)."""
        return self.stores.blobs.path(picture.sha256)

    async def remember(self, owner: Owner, intent: Intent) -> IntentId:
        """Store an intent for a button: it works after a restart, for ever."""
        return await self.stores.intents.remember(owner, intent)

    async def recall(self, owner: Owner, intent: IntentId) -> Intent:
        """A button's intent, if it was made in this space; `NotFound` otherwise."""
        found = await self.stores.intents.recall(intent)
        if found is None or found[0].space != owner.space:
            raise NotFound(what="button", name=intent)
        return found[1]

    async def talk(self, visit: Visit, words: str, reply: str, job: JobId | None) -> None:
        """Keep one turn of a conversation (bounded)."""
        said = Said(visit.conversation, visit.owner.person, words, reply, job)
        await self.stores.conversations.append(said, self._clock())

    async def kept(self, person: PersonId) -> Kept:
        """A person's jobs and conversations in every space: what an export shows."""
        ended = await self.stores.jobs.ended_of(person)
        jobs = (*ended, *await self.stores.jobs.unfinished_of(person))
        turns = await self.stores.conversations.of_person(person)
        return Kept(
            jobs=tuple(sorted(jobs, key=lambda job: (job.asked_at, job.id))),
            turns=tuple(_turn(kept) for kept in turns),
        )

    async def forget(self, person: PersonId) -> int:
        """Delete a person's conversations, pictures and jobs; returns how many rows went."""
        for job in await self.stores.jobs.unfinished_of(person):
            await self.cancel(job.owner, job.id)
        return await self.stores.conversations.forget(person)

    # --- delivery ---------------------------------------------------------------------------

    def events(self) -> AsyncIterator[Event]:
        """Events from now on, for one subscriber; slow ones lose `Progress`, nothing else."""
        return self._events.listen()

    async def progress_posted(self, job: JobId, message_id: str) -> None:
        """The progress message of a job has this id."""
        await self.stores.deliveries.progress_posted(job, message_id)

    async def due(self) -> tuple[JobId, ...]:
        """Jobs whose outcome is waiting to be posted, oldest first."""
        return await self.stores.deliveries.due(self._clock(), MOST_DUE)

    async def start_posting(self, job: JobId) -> Delivery | None:
        """Take an outcome for posting; None when someone has it already."""
        row = await self.stores.deliveries.start_posting(job, self._clock())
        if row is None:
            return None
        self._at("posting")
        destination = Destination(row.platform, row.address, row.message_id)
        return Delivery(await self._job(job), destination, row.state, row.nonce, row.tries)

    async def posted(self, job: JobId, message_id: str) -> None:
        """The outcome is posted."""
        self._at("sent")
        await self.stores.deliveries.posted(job, message_id, self._clock())
        self._at("posted")

    async def not_posted(self, job: JobId, *, final: bool, why: str) -> None:
        """Posting failed: back to `due`, or `undeliverable` when trying again is of no use."""
        await self.stores.deliveries.not_posted(job, final=final, why=why, retry_at=self._clock())

    # --- health -----------------------------------------------------------------------------

    def workers(self) -> tuple[WorkerStatus, ...]:
        """Workers as they are now."""
        return self._pool.workers()

    async def checks(self) -> tuple[Check, ...]:
        """Readiness: database, blobs, workers."""
        database = await _look(
            "database", self.stores.database.check(), "run `atelier db upgrade`, or see the detail"
        )
        blobs = await _look("blobs", self.stores.blobs.check(), "free space or fix the permissions")
        up = [worker for worker in self.workers() if worker.state in ("idle", "busy")]
        down = [worker.why_down for worker in self.workers() if worker.state == "down"]
        detail = f"{len(up)} up" + (f"; down: {'; '.join(down)}" if down else "")
        cure = "" if up else "wait for the start, or run `atelier doctor`"
        return database, blobs, Check("workers", ok=bool(up), detail=detail, cure=cure)

    async def _enter(self, visit: Visit) -> None:
        await self.stores.spaces.enter(_entrance(visit), self._clock())


def _entrance(visit: Visit) -> Entrance:
    return Entrance(
        owner=visit.owner,
        platform=visit.platform,
        space_title=visit.space_title,
        space_kind=visit.space_kind,
        person_name=visit.person_name,
    )


def _turn(kept: KeptTurn) -> Turn:
    said = kept.said
    return Turn(words=said.words, reply=said.reply, job=said.job, plan=kept.plan)


async def _look(name: str, looking: Awaitable[None], cure: str) -> Check:
    try:
        await looking
    except AtelierError as error:
        return Check(name, ok=False, detail=str(error), cure=cure)
    return Check(name, ok=True, detail="ok")


def new_job_id() -> JobId:
    """Eight letters and digits that can be read aloud: 8e11 values, checked by the table's key.

    One draw of random bytes: each gives the lock of the interpreter away, which a loop would feel.
    """
    letters = len(JOB_ID_LETTERS)
    drawn = secrets.randbits(64)
    return JobId("".join(JOB_ID_LETTERS[drawn // letters**place % letters] for place in range(8)))
