"""An engine in memory: finishes jobs when it is told to, and survives restarts."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from engine.api import (
    Announced,
    Check,
    Delivery,
    DeliveryState,
    Destination,
    Joined,
    Kept,
    Linked,
    Notice,
    OpenReport,
    OpenReports,
    QueueView,
    Recipe,
    Registry,
    Report,
    Reported,
    Spoken,
    Visit,
    Visitor,
)
from engine.choices import HouseRules, Wishes, strongest
from engine.director.catalogue import OwnLooks, WordLook
from engine.director.catalogue.looks import answering
from engine.director.reader import Turn
from engine.dispatch.pool import WorkerStatus
from engine.errors import AtelierError, BadRequest, NotAllowed, NotFound
from engine.house import House, changed, check_pause, check_words, moderated_as
from engine.linking import Linking
from engine.messages import (
    ENDED,
    Base,
    Cancel,
    Card,
    Chat,
    Ended,
    Event,
    Failure,
    Feedback,
    Generate,
    Help,
    Info,
    Intent,
    IntentId,
    Job,
    JobId,
    LookWish,
    Owner,
    PersonId,
    Picture,
    Plan,
    PlannedLora,
    Priority,
    Progress,
    Queued,
    Rating,
    Reading,
    Reason,
    Removed,
    Replay,
    Reroll,
    Result,
    Search,
    Sha256,
    SpaceId,
    Started,
    Status,
    Ticket,
    Trigger,
    Variation,
    Vary,
    WorkerId,
)
from engine.registry.sought import is_sought, read_search
from engine.storage.audit import AuditLine
from engine.storage.choices import Ruling
from tests.fakes.own_looks import MemoryLooks

START = datetime(2026, 1, 1, tzinfo=UTC)
BASE = Base(name="miniature", family="miniature", folder="/nowhere")
ZIB = Card(
    name="Zib",
    aliases=("the mascot",),
    kind="character",
    family="miniature",
    triggers=(Trigger(word="zib creature"),),
    tags=("mascot", "orange"),
    description="A round creature with a green hat",
    weight=0.9,
)
NEON = Card(
    name="Neon", kind="style", family="miniature", tags=("glow", "night"), weight=0.7,
    description="Glowing outlines in the dark",
)  # fmt: skip
STEPS = 20


def png(colour: str = "orange", size: int = 64) -> bytes:
    """A small picture: a square of the colour on blue."""
    picture = Image.new("RGB", (size, size), "navy")
    picture.paste(colour, (size // 4, size // 4, 3 * size // 4, 3 * size // 4))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@dataclass(slots=True)
class Outcome:
    """One row of deliveries."""

    destination: Destination
    state: DeliveryState = "waiting"
    tries: int = 0
    is_elsewhere: bool = False


@dataclass(slots=True)
class Disk:
    """What outlives the process."""

    jobs: dict[JobId, Job] = field(default_factory=dict)
    outcomes: dict[JobId, Outcome] = field(default_factory=dict)
    intents: dict[IntentId, tuple[Owner, Intent]] = field(default_factory=dict)
    requests: dict[str, JobId] = field(default_factory=dict)
    turns: dict[str, list[tuple[PersonId, Turn]]] = field(default_factory=dict)
    pictures: dict[Sha256, bytes] = field(default_factory=dict)
    cards: dict[SpaceId, tuple[Card, ...]] = field(default_factory=dict)


class FakeRegistry(Registry):
    """Nothing was brought here; tests of the registry use the real one (`open_room`)."""

    def __init__(self) -> None:
        """Without stores."""

    async def notices(self) -> tuple[Notice, ...]:
        """Nobody is to be told anything."""
        return ()


class FakeLinking(Linking):
    """Places stand alone here; tests of links use the real one (`open_room`)."""

    def __init__(self) -> None:
        """Without stores."""

    async def joined(self, main: SpaceId) -> tuple[Joined, ...]:
        """Nobody."""
        return ()


class FakeHouse(House):
    """Choices in dictionaries."""

    def __init__(self) -> None:
        self.chosen: dict[SpaceId, HouseRules] = {}
        self.before: dict[SpaceId, HouseRules] = {}
        self.wished: dict[PersonId, Wishes] = {}
        self.lines: list[AuditLine] = []
        self.reports: list[Report] = []
        self.reported: list[Reported] = []
        self.called: dict[PersonId, str] = {}
        self.linking = FakeLinking()
        self._clock = lambda: START

    async def main(self, space: SpaceId) -> Linked | None:
        """None: every place stands alone."""
        return None

    async def names(self, space: SpaceId, people: Iterable[PersonId]) -> Mapping[PersonId, str]:
        """As a test calls them."""
        return {each: self.called[each] for each in people if each in self.called}

    async def note(
        self, space: SpaceId, actor: PersonId, what: str, subject: str, reason: str = ""
    ) -> None:
        """A line."""
        self.lines.append(self._line(space, actor, what, subject, reason))

    async def report(self, said: Reported, to: Report | None) -> None:
        """A line, and the card as a test looks at it."""
        owner = said.owner
        await self.note(owner.space, owner.person, "picture.reported", said.job, said.reason)
        self.reported.append(said)
        self.reports += [] if to is None else [to]

    async def times_reported(self, person: PersonId, job: JobId) -> int:
        """As often as it is kept."""
        return sum(said.job == job and said.owner.person == person for said in self.reported)

    async def open_reports(self, space: SpaceId, skip: int = 0, most: int = 25) -> OpenReports:
        """Those that are kept: what was decided is not."""
        mine = [said for said in self.reported if said.owner.space == space]
        jobs = list(dict.fromkeys(said.job for said in mine))
        shown = []
        for job in jobs[skip : skip + most]:
            said = tuple(each for each in mine if each.job == job)
            shown.append(OpenReport(job, len(said), said, START))
        return OpenReports(tuple(shown), len(jobs))

    async def close_reports(self, space: SpaceId, job: JobId) -> int:
        """Keep them no longer."""
        left = [each for each in self.reported if (each.owner.space, each.job) != (space, job)]
        closed, self.reported = len(self.reported) - len(left), left
        return closed

    async def rules(self, space: SpaceId) -> HouseRules:
        """As chosen."""
        return self.chosen.get(space, HouseRules())

    async def wishes(self, person: PersonId) -> Wishes:
        """As wished."""
        return self.wished.get(person, Wishes())

    async def wish(self, person: PersonId, changes: Mapping[str, object]) -> Wishes:
        """Change some."""
        self.wished[person] = changed(await self.wishes(person), changes)
        return self.wished[person]

    async def log(self, space: SpaceId, most: int = 50) -> tuple[AuditLine, ...]:
        """Newest first."""
        return tuple(reversed([line for line in self.lines if line.space == space]))[:most]

    async def _change(
        self, space: SpaceId, ruling: Ruling, *, is_undoable: bool = True
    ) -> HouseRules:
        before = await self.rules(space)
        after, line = ruling(before)
        if after != before:
            if is_undoable:
                self.before[space] = before
            self.chosen[space] = after
            self.lines.append(line)
        return after

    async def _undo(self, line: AuditLine) -> HouseRules | None:
        former, now = self.before.get(line.space), await self.rules(line.space)
        if former is None:
            return None
        self.before[line.space] = now
        self.chosen[line.space] = moderated_as(now, former)
        self.lines.append(line)
        return self.chosen[line.space]


class FakeEngine:
    """Implements `engine.api.Engine`. `auto` finishes every job by itself, step by step."""

    def __init__(
        self, disk: Disk | None = None, *, cards: tuple[Card, ...] = (ZIB, NEON), auto: bool = False
    ) -> None:
        self.disk = disk or Disk()
        self.registry: Registry = FakeRegistry()
        self.house: House = FakeHouse()
        self.cards = cards
        self.auto = auto
        self.in_words: tuple[WordLook, ...] = ()
        self.own_looks = OwnLooks(MemoryLooks(), lambda: datetime.now(UTC))
        self.opined: list[Feedback] = []
        self.sees_pictures = False
        self.shown: tuple[bytes, ...] = ()
        self.sample_pngs: dict[str, bytes] = {}
        self.samples_asked: list[str] = []
        self.reading: Reading | None = None
        """Answers the next `read`, whatever the words."""
        self.refusal: Exception | None = None
        """Raised by the next `draw`."""
        self.write_refusals: list[AtelierError] = []
        """Raised by the next calls of `posted`."""
        self.is_started = False
        self._listeners: list[asyncio.Queue[Event | None]] = []
        self.recipes: dict[bytes, Recipe] = {}
        self.bookmarks: set[JobId] = set()
        self.languages: dict[PersonId, Spoken] = {}
        self.read_about: Plan | None = None
        self._drawing: set[asyncio.Task[None]] = set()

    # --- what tests tell it -------------------------------------------------------------------

    def begin(self, job: JobId) -> None:
        """A worker took it."""
        self._update(job, state="running", fence=1)
        self._publish(Started(job=job, worker=WorkerId("fake-0")))

    def step(self, job: JobId, step: int, preview: bytes | None = None) -> None:
        """The worker did a step."""
        self._update(job, state="running", fence=1)
        self._publish(Progress(job=job, step=step, steps=STEPS, preview=preview))

    def finish(self, job: JobId) -> None:
        """The worker is done."""
        plan = self.disk.jobs[job].plan
        made = []
        for index in range(plan.count):
            sha256 = Sha256(f"{job}-{index}")
            self.disk.pictures[sha256] = data = png()
            made.append(
                Picture(
                    sha256=sha256, index=index, seed=plan.seed + index,
                    width=plan.width, height=plan.height, size_bytes=len(data),
                )
            )  # fmt: skip
        self._end(job, "done", result=Result(pictures=tuple(made), seconds=0.4))

    def fail(self, job: JobId, code: str = "worker_lost", **facts: str) -> None:
        """The job is given up."""
        self._end(job, "failed", failure=Failure(code=code, facts=facts))

    def outcome(self, job: JobId) -> Outcome:
        """The row of deliveries, as a test looks at it."""
        return self.disk.outcomes[job]

    def _end(self, job: JobId, state: str, **fields: object) -> None:
        self._update(job, state=state, ended_at=START, **fields)
        self.disk.outcomes[job].state = "due"
        self._publish(Ended.model_validate({"job": job, "state": state}))

    def _update(self, job: JobId, **fields: object) -> None:
        self.disk.jobs[job] = self.disk.jobs[job].model_copy(update=fields)

    def _publish(self, event: Event) -> None:
        for listener in self._listeners:
            listener.put_nowait(event)

    # --- life ---------------------------------------------------------------------------------

    async def start(self) -> None:
        """Outcomes that were being posted when the last process died are due again."""
        self.is_started = True
        for outcome in self.disk.outcomes.values():
            if outcome.state == "posting":
                outcome.state = "due"

    async def stop(self) -> None:
        """End every listener."""
        self.is_started = False
        for task in self._drawing:
            task.cancel()
        await asyncio.gather(*self._drawing, return_exceptions=True)
        for listener in self._listeners:
            listener.put_nowait(None)

    # --- understanding ------------------------------------------------------------------------

    async def read(
        self,
        visit: Visit,
        words: str,
        about: Plan | None = None,
        pictures: Sequence[bytes] = (),
    ) -> Reading:
        """A scripted reading, or a few fixed words, or a picture."""
        self.read_about = about
        self.shown = tuple(pictures)
        if self.reading is not None:
            scripted, self.reading = self.reading, None
            return scripted
        first, _, rest = words.casefold().partition(" ")
        match first:
            case "help":
                return Reading(intent=Help(topic=rest))
            case "hello":
                return Reading(intent=Chat(words=words), reply="Hello! What shall I draw?")
            case "find":
                return Reading(intent=Search(query=rest))
            case "about":
                return Reading(intent=Info(about=rest))
            case "queue":
                return Reading(intent=Status())
            case "stop":
                return Reading(intent=Cancel())
        wanted = tuple(
            LookWish(name=card.name, said=card.name)
            for card in self.cards
            if card.name.casefold() in words.casefold()
        )
        return Reading(intent=Generate(words=words, prompt=words, looks=wanted))

    async def plan(self, visit: Visit, intent: Intent, *, seed: int | None = None) -> Plan:
        """Defaults of the miniature, and the looks that were wished for."""
        match intent:
            case Generate():
                return self._new_plan(intent, seed)
            case Reroll():
                old = (await self.show(visit.owner, intent.job)).plan
                return old.model_copy(update={"seed": old.seed + 1})
            case Vary():
                old = (await self.show(visit.owner, intent.job)).plan
                turned = Variation(seed=old.seed + 100, strength=0.2, keeps_seed=True)
                return old.model_copy(update={"variation": turned, "count": intent.count or 1})
            case Replay():
                return intent.plan
        raise BadRequest(name="intent", value=intent.kind, valid="a request to draw")

    def _new_plan(self, intent: Generate, seed: int | None) -> Plan:
        wish = intent.settings
        cards = {card.name: card for card in self.cards}
        if wish.base not in (None, BASE.name):
            raise NotFound(what="base", name=wish.base, near=(BASE.name,))
        loras = tuple(
            PlannedLora(
                name=look.name,
                weight=look.strength or cards[look.name].weight,
                trigger=next((each.word for each in cards[look.name].triggers), ""),
                reason=f"you said “{look.said}”",
                kind=cards[look.name].kind,
            )
            for look in intent.looks
        )
        reasons = tuple(
            Reason(choice=name, value=str(value), why="you asked for it")
            for name, value in wish.model_dump(exclude_none=True).items()
        )
        return Plan(
            base=BASE.name,
            family=BASE.family,
            prompt=", ".join([lora.trigger for lora in loras if lora.trigger] + [intent.prompt]),
            negative_prompt=intent.negative_prompt,
            loras=loras,
            width=wish.width or 64,
            height=wish.height or 64,
            steps=wish.steps or STEPS,
            guidance=wish.guidance or 4.0,
            scheduler="ddim",
            seed=next(each for each in (wish.seed, seed, len(self.disk.jobs)) if each is not None),
            count=wish.count or 1,
            reasons=reasons,
            words=intent.words,
        )

    # --- jobs ---------------------------------------------------------------------------------

    async def draw(
        self,
        visit: Visit,
        intent: Intent,
        destination: Destination,
        *,
        priority: Priority = Priority.INTERACTIVE,
        request: str | None = None,
    ) -> Ticket:
        """Admit at once; the same request gives the first ticket."""
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        if request is not None and request in self.disk.requests:
            return self._ticket(self.disk.requests[request])
        plan = await self.plan(visit, intent)
        rules = await self.house.rules(visit.owner.space)
        check_pause(rules, visit.owner.person, START)
        check_words(rules, plan)
        job = Job(
            id=JobId(f"job{len(self.disk.jobs) + 1}"),
            owner=visit.owner,
            plan=plan,
            priority=priority,
            cost=1.0,
            asked_at=START + timedelta(seconds=len(self.disk.jobs)),
        )
        self.disk.jobs[job.id] = job
        self.disk.outcomes[job.id] = Outcome(destination)
        if request is not None:
            self.disk.requests[request] = job.id
        ticket = self._ticket(job.id)
        self._publish(Queued(job=job.id, position=ticket.position))
        if self.auto:
            task = asyncio.create_task(self._draw(job.id))
            self._drawing.add(task)
            task.add_done_callback(self._drawing.discard)
        return ticket

    async def _draw(self, job: JobId) -> None:
        self._publish(Started(job=job, worker=WorkerId("fake")))
        for step in range(1, STEPS + 1):
            await asyncio.sleep(0)
            if self.disk.jobs[job].state in ENDED:
                return
            self.step(job, step, png(size=16) if step % 4 == 0 else None)
        self.finish(job)

    def _ticket(self, job: JobId) -> Ticket:
        waiting = [each.id for each in self.disk.jobs.values() if each.state == "queued"]
        position = waiting.index(job) + 1 if job in waiting else 0
        return Ticket(job=job, position=position, eta_low_s=1.0, eta_high_s=2.0)

    async def cancel(self, owner: Owner, job: JobId | None) -> tuple[JobId, ...]:
        """Cancel at once."""
        if job is not None:
            found = await self.show(owner, job)
            if found.owner.person != owner.person:
                raise NotAllowed(what=f"cancel {job}", needs="to be the one who asked for it")
        mine = [
            each.id
            for each in self.disk.jobs.values()
            if each.owner == owner and each.state not in ENDED and job in (None, each.id)
        ]
        for each in mine:
            self._end(each, "cancelled")
        return tuple(mine)

    async def withdraw(self, platform: str, prefix: str) -> tuple[JobId, ...]:
        """Cancel at once."""
        there = [
            job
            for job, told in self.disk.outcomes.items()
            if told.destination.platform == platform
            and told.destination.address.startswith(prefix)
            and self.disk.jobs[job].state not in ENDED
        ]
        for each in there:
            self._end(each, "cancelled")
        return tuple(there)

    async def delete(self, owner: Owner, job: JobId) -> None:
        """Forget the pictures."""
        found = await self.show(owner, job)
        if found.owner.person != owner.person:
            raise NotAllowed(what=f"delete {job}", needs="to be the one who asked for it")
        if found.result:
            self._update(job, result=Result(pictures=(), seconds=found.result.seconds))
        outcome = self.disk.outcomes.get(job)
        if outcome is not None and outcome.state == "posted":
            outcome.state = "due"
        self._publish(Removed(job=job))

    async def show(self, owner: Owner, job: JobId) -> Job:
        """Of this space or of this person."""
        found = self.disk.jobs.get(job)
        if found is None or (
            found.owner.space != owner.space and found.owner.person != owner.person
        ):
            raise NotFound(what="job", name=job)
        return found

    async def queue(self, owner: Owner) -> QueueView:
        """Mine, and all."""
        states = [job.state for job in self.disk.jobs.values()]
        mine = tuple(
            (job, self._ticket(job.id))
            for job in self.disk.jobs.values()
            if job.owner.person == owner.person and job.state not in ENDED
        )
        return QueueView(mine, states.count("queued"), states.count("running"))

    async def ticket(self, job: JobId) -> Ticket | None:
        """Its place, while it waits."""
        found = self.disk.jobs.get(job)
        return self._ticket(job) if found is not None and found.state == "queued" else None

    async def waiting(self) -> Mapping[Priority, int]:
        """Everything is interactive here."""
        states = [job.state for job in self.disk.jobs.values()]
        return {Priority.INTERACTIVE: states.count("queued")}

    async def word_looks(self, space: SpaceId, query: str | Search = "") -> tuple[WordLook, ...]:
        """Looks in words that answer the query; none unless a test puts some there."""
        wanted = query if isinstance(query, Search) else await self.search(space, query)
        own = await self.own_looks.own(space)
        return answering(wanted, (*own, *self.in_words))

    async def looks(self, space: SpaceId, query: str | Search = "") -> tuple[Card, ...]:
        """Cards of the kinds and bases with the query somewhere in them."""
        wanted = query if isinstance(query, Search) else await self.search(space, query)
        said = wanted.query.casefold()
        return tuple(
            card
            for card in self.disk.cards.get(space, self.cards)
            if is_sought(card, wanted)
            and said in " ".join((card.name, *card.aliases, *card.tags, card.kind)).casefold()
        )

    async def samples(
        self, space: SpaceId, looks: Sequence[Card | WordLook]
    ) -> Mapping[str, Sha256]:
        """Those that a test put here."""
        return {look.name: Sha256(look.name) for look in looks if look.name in self.sample_pngs}

    async def sample(self, space: SpaceId, look: Card | WordLook) -> bytes | None:
        """The picture that a test put here."""
        return self.sample_pngs.get(look.name)

    async def ask_samples(self, space: SpaceId, looks: Sequence[Card | WordLook]) -> int:
        """Remembers what was asked for."""
        self.samples_asked += [look.name for look in looks]
        return len(looks)

    async def search(self, space: SpaceId, words: str) -> Search:
        """The real reading of typed words, without widening."""
        return read_search(words, bases=(BASE,), cards=self.cards)

    async def bases(self) -> tuple[Base, ...]:
        """The miniature."""
        return (BASE,)

    async def picture(self, owner: Owner, job: JobId, index: int) -> bytes:
        """The bytes of one picture."""
        found = await self.show(owner, job)
        for picture in found.result.pictures if found.result else ():
            if picture.index == index:
                return self.disk.pictures[picture.sha256]
        raise NotFound(what="picture", name=f"{job} #{index + 1}")

    def picture_path(self, picture: Picture) -> Path:
        """Nothing is on a disk."""
        return Path("/nowhere") / picture.sha256

    # --- buttons and talk ---------------------------------------------------------------------

    async def remember(self, owner: Owner, intent: Intent) -> IntentId:
        """Ids as long as real ones."""
        stored = IntentId(f"intent-{len(self.disk.intents):04d}")
        self.disk.intents[stored] = (owner, intent)
        return stored

    async def recall(self, owner: Owner, intent: IntentId) -> Intent:
        """Of this space only."""
        found = self.disk.intents.get(intent)
        if found is None or found[0].space != owner.space:
            raise NotFound(what="button", name=intent)
        return found[1]

    async def asked_in(self, person: PersonId, intent: IntentId) -> Linked | None:
        """By the space's id: nobody keeps titles here."""
        found = self.disk.intents.get(intent)
        if found is None or found[0].person != person:
            return None
        return Linked(found[0].space, found[0].space, "guild")

    async def talk(self, visit: Visit, words: str, reply: str, job: JobId | None) -> None:
        """Keep a turn."""
        turns = self.disk.turns.setdefault(visit.conversation, [])
        turns.append((visit.owner.person, Turn(words=words, reply=reply, job=job)))

    def talked(self, conversation: str) -> list[Turn]:
        """The turns, as a test looks at them."""
        return [turn for _, turn in self.disk.turns.get(conversation, [])]

    async def spoken(self, person: PersonId, space: SpaceId | None = None) -> Spoken:
        """What a test put there."""
        return self.languages.get(person, Spoken())

    async def kept(self, person: PersonId) -> Kept:
        """Jobs and turns of a person."""
        jobs = tuple(job for job in self.disk.jobs.values() if job.owner.person == person)
        every = (each for talk in self.disk.turns.values() for each in talk)
        turns = tuple(turn for who, turn in every if who == person)
        return Kept(jobs=jobs, turns=turns, bookmarks=frozenset(self.bookmarks))

    async def opine(self, visit: Visit, said: Feedback) -> tuple[str, ...]:
        """Noted; the looks named are drawn otherwise."""
        self.opined.append(said)
        return said.looks

    async def unlearn(self, owner: Owner, look: str) -> int:
        """What was noted of it."""
        gone = [said for said in self.opined if look in said.looks]
        self.opined = [said for said in self.opined if said not in gone]
        return len(gone)

    async def forget(self, person: PersonId) -> int:
        """Everything goes."""
        kept = await self.kept(person)
        for job in kept.jobs:
            del self.disk.jobs[job.id]
        for key, talk in self.disk.turns.items():
            self.disk.turns[key] = [each for each in talk if each[0] != person]
        return len(kept.jobs) + len(kept.turns)

    async def recipe(self, owner: Owner, png: bytes) -> Recipe | None:
        """What a test put under these bytes."""
        return self.recipes.get(png)

    async def invite(self, visitor: Visitor, lasts_s: float) -> str:
        """A token that a test can read."""
        return f"token-for-{visitor.person}"

    # --- delivery -----------------------------------------------------------------------------

    def events(self) -> AsyncIterator[Event]:
        """From this call on."""
        listener: asyncio.Queue[Event | None] = asyncio.Queue()
        self._listeners.append(listener)

        async def read() -> AsyncIterator[Event]:
            while (event := await listener.get()) is not None:
                yield event

        return read()

    async def progress_posted(self, job: JobId, message_id: str) -> None:
        """Keep the id."""
        outcome = self.disk.outcomes[job]
        outcome.destination = replace(outcome.destination, message_id=message_id)

    async def announced(self) -> tuple[Announced, ...]:
        """Oldest first."""
        return tuple(
            Announced(job.owner, job.id, self.disk.outcomes[job.id].destination)
            for job in self.disk.jobs.values()
            if job.state not in ENDED and self.disk.outcomes[job.id].destination.message_id
        )

    async def due(self) -> tuple[JobId, ...]:
        """Oldest first."""
        return tuple(job for job, each in self.disk.outcomes.items() if each.state == "due")

    async def start_posting(self, job: JobId) -> Delivery | None:
        """Take it."""
        outcome = self.disk.outcomes[job]
        if outcome.state != "due":
            return None
        outcome.state, outcome.tries = "posting", outcome.tries + 1
        return Delivery(
            self.disk.jobs[job], outcome.destination, outcome.state,
            f"d-{job}" if outcome.is_elsewhere else f"n-{job}", outcome.tries,
            outcome.is_elsewhere,
        )  # fmt: skip

    async def posted(self, job: JobId, message_id: str) -> None:
        """It is with people."""
        if self.write_refusals:
            raise self.write_refusals.pop(0)
        self.disk.outcomes[job].state = "posted"

    async def redirect(self, job: JobId, address: str, why: str) -> bool:
        """Elsewhere, once."""
        outcome = self.disk.outcomes[job]
        if outcome.is_elsewhere:
            return False
        outcome.is_elsewhere, outcome.state = True, "due"
        outcome.destination = replace(outcome.destination, address=address, message_id=None)
        return True

    async def keep(self, owner: Owner, job: JobId) -> bool:
        """On and off."""
        if self.disk.jobs[job].owner.person != owner.person:
            raise NotAllowed(what=f"keep {job}", needs="to be the one who asked for it")
        self.bookmarks ^= {job}
        return job in self.bookmarks

    async def rating(self, job: Job) -> Rating:
        """As the cards say."""
        used = {lora.name for lora in job.plan.loras}
        return strongest(card.rating for card in self.cards if card.name in used)

    async def not_posted(self, job: JobId, *, final: bool, why: str) -> None:
        """Due again, or never."""
        self.disk.outcomes[job].state = "undeliverable" if final else "due"

    # --- health -------------------------------------------------------------------------------

    async def checks(self) -> tuple[Check, ...]:
        """All well."""
        return (Check("database", True, "in memory"), Check("workers", True, "1 up"))

    def workers(self) -> tuple[WorkerStatus, ...]:
        """One that is idle."""
        return (WorkerStatus(WorkerId("fake"), "idle", device="nothing"),)
