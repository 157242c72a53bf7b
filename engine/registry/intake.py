"""The line of files on their way in: every road leads into it, `run` carries each file on."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from engine.errors import BadRequest, TryAgain
from engine.messages import IntakeId
from engine.registry.beside import read_beside
from engine.registry.facts import CardFacts
from engine.registry.intake_steps import Fetcher, IntakeRules, IntakeSteps, kept
from engine.storage.blobs import Chunks
from engine.storage.intakes import UNDECIDED, Intake, NewIntake, Road, Sender
from engine.storage.stores import Stores

log = structlog.get_logger(__name__)
PULSE_S = 5.0
LONGEST_PAUSE_S = 300.0
MOST_AT_ONCE = 3
TIDY_EVERY_S = 3600.0


class IntakeLine:
    """Takes files in and carries them on; `run` is its life, `advance` one file's next steps."""

    def __init__(
        self,
        *,
        stores: Stores,
        steps: IntakeSteps,
        fetcher: Fetcher,
        rules: IntakeRules,
        clock: Callable[[], datetime],
        at: Callable[[str], None],
    ) -> None:
        self._stores = stores
        self._steps = steps
        self._fetcher = fetcher
        self.rules = rules
        self._clock = clock
        self._at = at
        self._woken = asyncio.Event()
        self._busy: dict[IntakeId, asyncio.Task[None]] = {}
        self._missed: set[IntakeId] = set()
        """Whose turn came while somebody was at them: again when that is over."""
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._tidied: datetime | None = None

    # --- bringing -----------------------------------------------------------------------------

    async def receive(
        self,
        sender: Sender,
        road: Road,
        file_name: str,
        chunks: Chunks,
        *,
        request: str | None = None,
        facts: CardFacts | None = None,
        beside: Mapping[str, str] | None = None,
        is_trusted: bool = False,
    ) -> Intake:
        """Store a file's bytes while they come, hashed on the way, and put it in line.

        `beside` holds the texts of files that came along with it, by name: what `facts` say goes
        before them. The same `request` again gives the intake of the first. Raises `BadRequest`
        for one that is too large or one too many of this person and for a card that is wrong,
        and what the blob store raises.
        """
        card, told = read_beside(beside or {})
        if not is_trusted:
            await self.check_room(sender, request)
        cap = self.rules.chat_cap_bytes if road == "chat" else self.rules.cap_bytes
        blob = await self._stores.blobs.put(chunks, cap)
        self._at("intake.stored")
        new = NewIntake(
            sender,
            road,
            "received",
            file_name,
            request,
            sha256=blob.sha256,
            size_bytes=blob.size_bytes,
            facts={**kept(card), **kept(facts)},
            beside=told.model_dump(mode="json", exclude_defaults=True),
        )
        return await self._begin(new)

    async def link(
        self,
        sender: Sender,
        url: str,
        *,
        request: str | None = None,
        facts: CardFacts | None = None,
    ) -> Intake:
        """Put a link in line; it is fetched beside the conversation. Raises `BadRequest`."""
        source = self._fetcher.check(url)
        await self.check_room(sender, request)
        new = NewIntake(
            sender, "link", "fetching", source, request, source=source, facts=kept(facts)
        )
        return await self._begin(new)

    async def _begin(self, new: NewIntake) -> Intake:
        intake = await self._stores.intakes.add(new, self._clock())
        self._at("intake.received")
        log.info("intake.received", intake=intake.id, road=intake.road, space=intake.sender.space)
        self.wake()
        return intake

    async def check_room(self, sender: Sender, request: str | None = None) -> None:
        """One person may not fill the disk while nobody looks; a repeated act is let through."""
        most = self.rules.most_open_per_person
        mine = await self._stores.intakes.count(sender.space, UNDECIDED, sender.person)
        if mine >= most and not await self._stores.intakes.is_known(request):
            raise BadRequest(
                name="files waiting", value=mine, valid=f"at most {most} of yours until decided"
            )

    async def advance(self, intake: IntakeId) -> Intake:
        """Take every step of one file that can be taken now, whoever else is at it."""
        return await self._steps.advance(intake)

    # --- life ---------------------------------------------------------------------------------

    def wake(self) -> None:
        """There may be something to do: a file came, a preview ended."""
        self._woken.set()

    async def run(self) -> None:
        """Carry files on until cancelled."""
        try:
            while True:
                self._woken.clear()
                await self._pulse()
                # Not wait_for: before Python 3.12 it may lose a cancel that comes with the wake.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PULSE_S):
                        await self._woken.wait()
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _pulse(self) -> None:
        try:
            await self._tidy()
            for intake in await self._due():
                task = asyncio.create_task(self._carry(intake), name=intake.id)
                self._busy[intake.id] = task
                task.add_done_callback(self._done)
        except TryAgain as error:
            log.warning("intake.not_looked", code=error.code)
        except Exception:  # the loop of every file: one look that fails must not be the last
            log.exception("intake.not_looked")

    async def _due(self) -> list[Intake]:
        """Whose turn it is: one preview at a time in a space, failed ones after a pause."""
        now = self._clock()
        found = await self._stores.intakes.open()
        previewing = {each.sender.space for each in found if each.state == "previewing"}
        due = []
        for intake in found:
            pause_s = min(LONGEST_PAUSE_S, 2.0**intake.tries) if intake.tries else 0.0
            is_resting = now < intake.changed_at + timedelta(seconds=pause_s)
            if intake.id in self._busy:
                self._missed.add(intake.id)
                continue
            if intake.tries and is_resting:
                continue
            if intake.state == "identified":
                if intake.sender.space in previewing:
                    continue
                previewing.add(intake.sender.space)
            due.append(intake)
        return due

    async def _carry(self, intake: Intake) -> None:
        async with self._room:
            try:
                after = await self._steps.advance(intake.id)
                if after.state != intake.state:
                    self.wake()
            except Exception:
                log.exception("intake.failed", intake=intake.id)
                await self._steps.again(intake.id, ("Sorry: something went wrong on our side.",))

    def _done(self, task: asyncio.Task[None]) -> None:
        intake = IntakeId(task.get_name())
        self._busy.pop(intake, None)
        if intake in self._missed:
            self._missed.discard(intake)
            self.wake()

    async def _tidy(self) -> None:
        """Once an hour, delete what was rejected long enough ago, and full-size preview pictures of
        what was decided as long ago: its sheet stays.
        """
        now = self._clock()
        if self._tidied and now < self._tidied + timedelta(seconds=TIDY_EVERY_S):
            return
        self._tidied = now
        before = now - timedelta(seconds=self.rules.rejected_kept_s)
        for job in await self._stores.intakes.shown_enough(before):
            await self._stores.pictures.delete_pictures(job, now)
        gone = await self._stores.intakes.drop_rejected(before, now)
        if gone:
            log.info("registry.rejected_dropped", count=gone)
