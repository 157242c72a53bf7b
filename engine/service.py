"""The engine behind its front door: stores, director, dispatcher and blobs put to work."""

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from engine.api import (
    Announced,
    Check,
    Delivery,
    Destination,
    Kept,
    QueueView,
    Recipe,
    Visit,
)
from engine.choices import HouseRules, quota_of, strongest
from engine.director import planner
from engine.director.catalogue import OwnLooks, WordLook
from engine.director.catalogue.looks import answering
from engine.director.language.pictures import prepared
from engine.director.likeness import Likeness
from engine.director.ratings import allowed, names_barred
from engine.director.reader import Reader, Room, Turn
from engine.director.revision import check_replay, revise
from engine.director.samples import Samples
from engine.director.stock import PlanLimits
from engine.director.tastes import Tastes
from engine.dispatch.admission import Limits, check
from engine.dispatch.dispatcher import Dispatcher
from engine.dispatch.eta import EtaBook
from engine.dispatch.events import EventBus
from engine.dispatch.foresight import Foresight
from engine.dispatch.outcomes import Milestone, nothing
from engine.dispatch.ownership import QueueLock
from engine.dispatch.pool import WorkerPool, WorkerStatus
from engine.errors import (
    AtelierError,
    BadRequest,
    BlobCorrupt,
    NotAllowed,
    NotFound,
    QueueFull,
    TryAgain,
)
from engine.families import FAMILIES
from engine.house import House, check_pause, check_words
from engine.messages import (
    ENDED,
    VETTING,
    Base,
    Card,
    Ended,
    Event,
    Feedback,
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
    Rating,
    Reading,
    Removed,
    Replay,
    Reroll,
    Revise,
    Search,
    Sha256,
    SpaceId,
    Ticket,
    Vary,
)
from engine.recipe import read_recipe
from engine.registry.registry import Registry
from engine.registry.search import Searchable
from engine.registry.sought import MOST, find, is_sought, read_search, widened
from engine.storage.conversations import KeptTurn, Said
from engine.storage.deliveries import elsewhere
from engine.storage.doors import Visitor
from engine.storage.links import Linked
from engine.storage.queue import Admission, Caps
from engine.storage.spaces import Entrance, Spoken
from engine.storage.stores import Stores
from engine.threads import in_thread
from engine.tuning.taste import Nudges

log = structlog.get_logger(__name__)
TURNS_READ = 20
MOST_DUE = 100
MOST_SEARCH_CHARS = 200
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
    talk_expires_s: float = 86400
    """After so long a turn is no context any more."""


class AtelierEngine:
    """The real `engine.api.Engine`."""

    def __init__(
        self,
        *,
        stores: Stores,
        registry: Registry,
        reader: Reader,
        dispatcher: Dispatcher,
        pool: WorkerPool,
        events: EventBus,
        eta: EtaBook,
        foresight: Foresight,
        rules: Rules,
        lock: QueueLock,
        clock: Callable[[], datetime],
        at: Milestone = nothing,
        samples: Samples,
        likeness: Likeness | None = None,
        nudges: Nudges | None = None,
    ) -> None:
        self.stores = stores
        self.own_looks = OwnLooks(stores.own_looks, clock)
        self._tastes = Tastes(stores.opinions, clock)
        self._nudges = nudges or self._tastes
        self._samples = samples
        self._likeness = likeness
        self.registry = registry
        self.house = House(stores, clock)
        self._reader = reader
        self._dispatcher = dispatcher
        self._pool = pool
        self._events = events
        self._eta = eta
        self._foresight = foresight
        self._rules = rules
        self._lock = lock
        self._clock = clock
        self._at = at
        self._chores: list[asyncio.Task[None]] = []

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
        chores = (self._sweep(), self._follow_previews(self._events.listen()))
        self._chores = [asyncio.create_task(chore) for chore in (*chores, self.registry.run())]

    async def stop(self) -> None:
        """Let running pictures finish within the grace period, return the rest to the queue."""
        if self._chores:
            for chore in self._chores:
                chore.cancel()
            await asyncio.gather(*self._chores, return_exceptions=True)
            self._chores = []
            await self._dispatcher.stop()
        self._events.close()
        await self._reader.close()
        if self._likeness is not None:
            await self._likeness.close()
        await self.stores.close()
        self._lock.release()

    async def _sweep(self) -> None:
        """Delete blobs that nothing refers to, now and every hour."""
        while True:
            try:
                await self.expire()
                in_use = await self.stores.pictures.blobs_in_use()
                age = timedelta(seconds=self._rules.orphan_age_s)
                count, size = await self.stores.blobs.sweep(in_use, self._clock() - age)
                log.info("blobs.swept", count=count, size_bytes=size)
            except TryAgain as error:
                log.warning("blobs.not_swept", code=error.code)
            await asyncio.sleep(SWEEP_EVERY_S)

    async def expire(self) -> int:
        """Delete what spaces keep no longer; how many requests went."""
        gone = 0
        for space, rules in await self.stores.choices.with_retention():
            gone += await self._expire(space, rules)
        if gone:
            log.info("requests.expired", count=gone)
        return gone

    async def _expire(self, space: SpaceId, rules: HouseRules) -> int:
        now, gone = self._clock(), 0
        if rules.keep_days:
            before = now - timedelta(days=rules.keep_days)
            while count := await self.stores.retention.expire(space, before):
                gone += count
        if talk_days := rules.talk_days or rules.keep_days:
            before = now - timedelta(days=talk_days)
            turns = await self.stores.retention.expire_talk(space, before)
            log.info("talk.expired", space=space, count=turns)
        return gone

    async def _follow_previews(self, events: AsyncIterator[Event]) -> None:
        """A job that ended may be the last one that a sheet waits for."""
        async for event in events:
            if isinstance(event, Ended):
                self.registry.intake.wake()

    # --- understanding ----------------------------------------------------------------------

    @property
    def sees_pictures(self) -> bool:
        """Whether pictures shown with words are looked at."""
        return self._reader.sees

    async def read(
        self,
        visit: Visit,
        words: str,
        about: Plan | None = None,
        pictures: Sequence[bytes] = (),
    ) -> Reading:
        """Understand words with this conversation's history; see `engine.api.Engine.read`."""
        await self._enter(visit)
        most = self._rules.limits.most_prompt_chars
        if len(words) > most:
            raise BadRequest(name="words", value=len(words), valid=f"at most {most} characters")
        kept_turns = await self.stores.conversations.turns(visit.conversation, TURNS_READ)
        oldest = self._clock() - timedelta(seconds=self._rules.talk_expires_s)
        room = Room(
            cards=await self.stores.entries.cards(visit.owner.space),
            bases=await self.bases(),
            turns=(*(_turn(kept) for kept in kept_turns if kept.at >= oldest), *_shown(about)),
            catalogue=await self.own_looks.looks(visit.owner.space),
            space=visit.owner.space,
            pictures=await in_thread(prepared, pictures) if pictures and self._reader.sees else (),
        )
        reading = await self._read_in(room, words, visit.allowed_ratings)
        if self._likeness is not None and isinstance(reading.intent, Search):
            found = await self._found(reading.intent, room.cards)
            results = tuple(card.name for card in found[:MOST])
            reading = reading.model_copy(update={"results": results})
        return allowed(reading, room.cards, visit.allowed_ratings)

    async def _read_in(self, room: Room, words: str, ratings: frozenset[Rating]) -> Reading:
        """The words read; once more without the looks that an answer here must not tell of."""
        reading = await self._reader.read(words, room)
        left = names_barred(reading, room.cards, ratings)
        if left is None:
            return reading
        return await self._reader.read(words, room.model_copy(update={"cards": left}))

    async def plan(self, visit: Visit, intent: Intent, *, seed: int | None = None) -> Plan:
        """Decide everything for a drawing intent; raises `PersonError` with the cure."""
        chosen = secrets.randbelow(2**32) if seed is None else seed
        cards = await self.stores.entries.cards(visit.owner.space)
        defaults = await self.house.defaults(visit.owner)
        bases = defaults.bases(await self.bases())
        match intent:
            case Generate():
                in_words = await self.own_looks.looks(visit.owner.space)
                names = (card.name for card in cards), (look.name for look in in_words)
                plan = planner.plan(
                    defaults.wish(intent, *names),
                    cards=cards,
                    bases=bases,
                    families=FAMILIES.all(),
                    seed=chosen,
                    limits=self._plan_limits,
                    catalogue=in_words,
                    nudges=await self._nudges.of(
                        visit.owner, tuple(look.name for look in intent.looks)
                    ),
                    ratings=visit.allowed_ratings,
                )
            case Reroll():
                earlier = (await self.show(visit.owner, intent.job)).plan
                plan = planner.reroll(
                    earlier,
                    chosen,
                    count=intent.count,
                    ease=intent.ease,
                    limits=self._plan_limits,
                )
            case Vary():
                earlier = (await self.show(visit.owner, intent.job)).plan
                plan = planner.vary(
                    earlier, intent.image, chosen, count=intent.count, limits=self._plan_limits
                )
            case Replay():
                plan = intent.plan
                check_replay(plan, bases, FAMILIES.all(), self._plan_limits)
            case Revise():
                earlier = (await self.show(visit.owner, intent.job)).plan
                plan = revise(earlier, intent, bases, FAMILIES.all(), self._plan_limits)
            case _:
                raise BadRequest(name="intent", value=intent.kind, valid="a request to draw")
        planner.recheck(plan, cards, bases, visit.allowed_ratings)
        check(plan, self._rules.limits)
        return plan

    @property
    def _plan_limits(self) -> PlanLimits:
        return PlanLimits(most_pictures=self._rules.limits.most_count)

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
            cost=self._eta.cost(plan),
            asked_at=self._clock(),
        )
        rules = await self.house.rules(visit.owner.space)
        check_pause(rules, visit.owner.person, asked.asked_at)
        check_words(rules, plan)
        admission = Admission(
            asked, destination.platform, destination.address, request,
            quota_of(rules.quotas, visit.roles),
        )  # fmt: skip
        try:
            admitted = await self.stores.queue.admit(admission, self._rules.caps, asked.asked_at)
        except QueueFull as error:
            self._say_when(error)
            raise
        self._at("admitted")
        if isinstance(intent, Generate) and intent.kind == "edit" and admitted == asked.id:
            await self._notice(visit, intent, plan)
        self._dispatcher.wake()
        ticket = await self._ticket(asked if admitted == asked.id else await self._job(admitted))
        self._events.publish(Queued(job=admitted, position=ticket.position))
        return ticket

    async def _notice(self, visit: Visit, change: Generate, plan: Plan) -> None:
        """A look made weaker or stronger by an edit was too strong or too weak before."""
        turns = await self.stores.conversations.turns(visit.conversation, TURNS_READ)
        last = next((turn.said.job for turn in reversed(turns) if turn.said.job), None)
        before = None if last is None else await self.stores.jobs.get(last)
        if before is not None and change.settings.seed == before.plan.seed:
            await self._tastes.notice(visit.owner, change, before, plan)

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
        return await self._stop(wanted)

    async def withdraw(self, platform: str, prefix: str) -> tuple[JobId, ...]:
        """Cancel all that is drawn for addresses that begin so: the place is gone."""
        return await self._stop(await self.stores.deliveries.unfinished_at(platform, prefix))

    async def _stop(self, wanted: Iterable[JobId]) -> tuple[JobId, ...]:
        stopped: list[JobId] = []
        for each in wanted:
            outcome = await self.stores.queue.ask_cancel(each, self._clock())
            if outcome == "asked":
                await self._dispatcher.cancel(each)
            elif outcome == "cancelled":
                self._foresight.drop(each)
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
        await self.stores.pictures.delete_pictures(job, self._clock())
        self._events.publish(Removed(job=job))

    async def show(self, owner: Owner, job: JobId) -> Job:
        """A job of this space, or of the person's own; `NotFound` otherwise."""
        found = await self.stores.jobs.get(job)
        seen = (
            found
            and found.owner.person != VETTING
            and (
                found.owner.person == owner.person
                or await self._is_of(found.owner.space, owner.space)
            )
        )
        if found is None or not seen:
            raise NotFound(what="job", name=job)
        return found

    async def _is_of(self, space: SpaceId, here: SpaceId) -> bool:
        """Whether a space is this one, or was one of its own before it was linked to it."""
        if space == here:
            return True
        main = await self.house.main(space)
        return main is not None and main.space == here

    async def keep(self, owner: Owner, job: JobId) -> bool:
        """Keep a picture of one's own for good, or let go again; whether it is kept now."""
        found = await self.show(owner, job)
        if found.owner.person != owner.person:
            raise NotAllowed(what=f"keep {job}", needs="to be the one who asked for it")
        return await self.stores.retention.keep(job, owner.person, self._clock())

    async def rating(self, job: Job) -> Rating:
        """The strongest rating among the looks of its plan, as they are rated now."""
        if not job.plan.loras:
            return "general"
        cards = await self.stores.entries.cards(job.owner.space)
        used = {lora.name for lora in job.plan.loras}
        return strongest(card.rating for card in cards if card.name in used)

    async def queue(self, owner: Owner) -> QueueView:
        """This person's jobs and the length of the queue."""
        mine = await self.stores.jobs.of_person(owner)
        tickets = [(job, await self._ticket(job)) for job in mine]
        counts = await self.stores.jobs.counts()
        waiting = sum(counts.waiting.values())
        return QueueView(mine=tuple(tickets), waiting=waiting, running=counts.running)

    async def ticket(self, job: JobId) -> Ticket | None:
        """Where a waiting job stands now; None when it does not wait."""
        found = await self.stores.jobs.get(job)
        if found is None or found.state != "queued":
            return None
        ticket = await self._ticket(found)
        return ticket if ticket.position else None

    async def waiting(self) -> Mapping[Priority, int]:
        """How many jobs wait, by priority class."""
        return (await self.stores.jobs.counts()).waiting

    async def _ticket(self, job: Job) -> Ticket:
        position = await self.stores.jobs.position(job.id)
        workers = self._pool.workers()
        low, high = self._foresight.tell(job, position, workers, self._clock()) or (None, None)
        return Ticket(job=job.id, position=position, eta_low_s=low, eta_high_s=high)

    async def _job(self, job: JobId) -> Job:
        found = await self.stores.jobs.get(job)
        if found is None:
            raise NotFound(what="job", name=job)
        return found

    # --- looks and bases --------------------------------------------------------------------

    async def looks(self, space: SpaceId, query: str | Search = "") -> tuple[Card, ...]:
        """Approved LoRAs of a space, best match first; all of them for an empty query."""
        cards = await self.stores.entries.cards(space)
        wanted = query if isinstance(query, Search) else await self.search(space, query)
        return await self._found(wanted, cards)

    async def _found(self, wanted: Search, cards: tuple[Card, ...]) -> tuple[Card, ...]:
        """By words, and where there is an embedder by meaning as well."""
        found = find(wanted, Searchable(cards))
        if self._likeness is None or not wanted.query:
            return found
        sought = tuple(card for card in cards if is_sought(card, wanted))
        return await self._likeness.sharpened(wanted.query, found, sought)

    async def word_looks(self, space: SpaceId, query: str | Search = "") -> tuple[WordLook, ...]:
        """Looks that need no LoRA, those that answer the query."""
        shelf = await self.own_looks.looks(space)
        wanted = query if isinstance(query, Search) else await self.search(space, query)
        return answering(wanted, shelf)

    async def samples(
        self, space: SpaceId, looks: Sequence[Card | WordLook]
    ) -> Mapping[str, Sha256]:
        """Name -> sample picture, for looks of this space that have one by now."""
        return await self._samples.drawn(looks, await self.bases())

    async def sample(self, space: SpaceId, look: Card | WordLook) -> bytes | None:
        """The PNG of a look's sample, or of its preview when it was vetted; None without one."""
        try:
            if isinstance(look, Card) and look.entry is not None:
                preview = await self.registry.sample(space, look.entry)
                if preview is not None:
                    return preview
            drawn = await self.samples(space, (look,))
            return await self.stores.blobs.read(drawn[look.name]) if drawn else None
        except (NotFound, BlobCorrupt) as error:
            log.warning("sample.missing", look=look.name, code=error.code)
            return None

    async def ask_samples(self, space: SpaceId, looks: Sequence[Card | WordLook]) -> int:
        """Have missing samples drawn, behind everybody's work; how many were asked for."""
        return await self._samples.ask(space, looks, await self.bases())

    async def search(self, space: SpaceId, words: str) -> Search:
        """What typed words search for: kinds and bases that they name, and the rest."""
        if not words.strip():
            return Search()
        cards = await self.stores.entries.cards(space)
        typed = read_search(words[:MOST_SEARCH_CHARS], bases=await self.bases(), cards=cards)
        return widened(typed, Searchable(cards))

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

    async def recipe(self, owner: Owner, png: bytes) -> Recipe | None:
        """The plan inside a picture; its job when these very bytes are a picture of this space."""
        plan = await in_thread(read_recipe, png)
        sha256 = Sha256(await in_thread(lambda: hashlib.sha256(png).hexdigest()))
        for job in await self.stores.pictures.jobs_of(sha256):
            with contextlib.suppress(NotFound):
                found = await self.show(owner, job)
                return Recipe(plan=plan or found.plan, job=found)
        return None if plan is None else Recipe(plan=plan, job=None)

    async def remember(self, owner: Owner, intent: Intent) -> IntentId:
        """Store an intent for a button: it works after a restart, for ever."""
        return await self.stores.intents.remember(owner, intent)

    async def recall(self, owner: Owner, intent: IntentId) -> Intent:
        """A button's intent, if it was made in this space; `NotFound` otherwise."""
        found = await self.stores.intents.recall(intent)
        if found is None or not await self._is_of(found[0].space, owner.space):
            raise NotFound(what="button", name=intent)
        return found[1]

    async def asked_in(self, person: PersonId, intent: IntentId) -> Linked | None:
        """The space that this person's own button was made in; None when it is not theirs."""
        found = await self.stores.intents.recall(intent)
        if found is None or found[0].person != person:
            return None
        space = found[0].space
        return await self.house.main(space) or await self.stores.spaces.named(space)

    async def talk(self, visit: Visit, words: str, reply: str, job: JobId | None) -> None:
        """Keep one turn of a conversation (bounded)."""
        owner = visit.owner
        said = Said(visit.conversation, owner.person, words, reply, job, owner.space)
        await self.stores.conversations.append(said, self._clock())

    async def spoken(self, person: PersonId, space: SpaceId | None = None) -> Spoken:
        """Which languages were chosen or seen, for what is said to this person there."""
        return Spoken(
            chosen=(await self.house.wishes(person)).language,
            app=await self.stores.spaces.app_locale(person, space),
            space=(await self.house.rules(space)).language if space else "",
        )

    async def kept(self, person: PersonId) -> Kept:
        """A person's jobs and conversations in every space: what an export shows."""
        ended = await self.stores.jobs.ended_of(person)
        jobs = (*ended, *await self.stores.jobs.unfinished_of(person))
        turns = await self.stores.conversations.of_person(person)
        return Kept(
            bookmarks=await self.stores.retention.kept_by(person),
            jobs=tuple(sorted(jobs, key=lambda job: (job.asked_at, job.id))),
            turns=tuple(_turn(kept) for kept in turns),
            opinions=await self.stores.opinions.of_person(person),
            wishes=await self.house.wishes(person),
            records=await self.stores.conversations.records(person),
        )

    async def opine(self, visit: Visit, said: Feedback) -> tuple[str, ...]:
        """Keep what a person thinks of a picture; looks that are drawn otherwise from now on."""
        if said.job is None:
            return ()
        job = await self.show(visit.owner, said.job)
        return await self._tastes.keep(visit.owner, said, job)

    async def unlearn(self, owner: Owner, look: str) -> int:
        """Forget what this person said of a look in this space; how many opinions that were."""
        return await self._tastes.unlearn(owner, look)

    async def forget(self, person: PersonId) -> int:
        """Delete a person's conversations, pictures and jobs; returns how many rows went."""
        for job in await self.stores.jobs.unfinished_of(person):
            await self.cancel(job.owner, job.id)
        gone = await self.stores.conversations.forget(person)
        gone += await self.stores.choices.drop(person)
        self.stores.choices.forget()
        self.stores.entries.changed()
        self.stores.spaces.forget(person)
        return gone

    async def invite(self, visitor: Visitor, lasts_s: float) -> str:
        """A token that signs this person in on the web page, once, for so long."""
        return await self.stores.doors.invite(visitor, self._clock(), timedelta(seconds=lasts_s))

    # --- delivery ---------------------------------------------------------------------------

    def events(self) -> AsyncIterator[Event]:
        """Events from now on, for one subscriber; slow ones lose `Progress`, nothing else."""
        return self._events.listen()

    async def progress_posted(self, job: JobId, message_id: str) -> None:
        """The progress message of a job has this id."""
        await self.stores.deliveries.progress_posted(job, message_id)

    async def announced(self) -> tuple[Announced, ...]:
        """Jobs that wait or run and have a progress message, oldest first."""
        return tuple(
            Announced(row.owner, row.job, Destination(row.platform, row.address, row.message_id))
            for row in await self.stores.deliveries.announced()
        )

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
        is_elsewhere = row.nonce == elsewhere(job)
        found = await self._job(job)
        return Delivery(found, destination, row.state, row.nonce, row.tries, is_elsewhere)

    async def posted(self, job: JobId, message_id: str) -> None:
        """The outcome is posted."""
        self._at("sent")
        await self.stores.deliveries.posted(job, message_id, self._clock())
        self._foresight.posted(job, self._clock())
        self._at("posted")

    async def redirect(self, job: JobId, address: str, why: str) -> bool:
        """Send an outcome that is being posted to another address, once."""
        return await self.stores.deliveries.redirect(job, address, why, self._clock())

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
        locale=visit.locale,
    )


def _shown(about: Plan | None) -> tuple[Turn, ...]:
    """A picture that was shown with the words is what was talked of last."""
    return () if about is None else (Turn(words=about.words, plan=about),)


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
