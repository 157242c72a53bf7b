"""What happens to a file on its way in: fetched, checked, named, shown, left for a moderator.

Each step begins with what the last one wrote down and ends in one transaction, so whoever is
killed anywhere goes on there, and whoever comes second changes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from pydantic import JsonValue

from engine.errors import AtelierError, BadLoraFile, NotFound, PersonError
from engine.families import FAMILIES
from engine.families.distilled import as_distilled
from engine.formats.inspect import Inspection, inspect
from engine.messages import (
    ENDED,
    Base,
    Card,
    EntryId,
    IntakeId,
    Job,
    JobId,
    Message,
    Sha256,
    Trigger,
)
from engine.registry import findings
from engine.registry.beside import Beside
from engine.registry.compat import FitsWithWarning, suits
from engine.registry.facts import UNNAMED, CardFacts
from engine.registry.gauging import PROBE_PLACE, Gauge
from engine.registry.naming import name_of, trigger_words
from engine.registry.previews import Cell, Preview, choose_base, previews
from engine.registry.queue import PreviewQueue
from engine.registry.sheet import SIDE, Shown, draw_sheet
from engine.registry.shelf import accepted_family, card_of
from engine.storage.entries import Entry, FileFacts, NewEntry
from engine.storage.intakes import OPEN, Intake, IntakeState, PreviewRow
from engine.storage.stores import Stores
from engine.threads import in_thread

log = structlog.get_logger(__name__)
MOST_TRIES = 6
SHEET_BYTES = 50_000_000
NO_FAMILY = "unknown"


class Fetched(Message):
    """What a link led to: the stored file, and what its page tells of it."""

    sha256: Sha256
    size_bytes: int
    file_name: str
    facts: CardFacts


class Fetcher(Protocol):
    """Fetches files by link; `engine.registry.links.LinkFetcher` is the real one."""

    def check(self, url: str) -> str:
        """The link in its plain form; raises `BadRequest` for one that is never fetched."""
        ...

    async def fetch(self, url: str) -> Fetched:
        """Fetch and store; raises `PersonError` with the cure, `TryAgain` when the site is down."""
        ...


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """Caps of this installation."""

    cap_bytes: int
    chat_cap_bytes: int
    most_open_per_person: int
    preview_timeout_s: float
    rejected_kept_s: float


class IntakeSteps:
    """Takes one file from step to step."""

    def __init__(
        self,
        *,
        stores: Stores,
        queue: PreviewQueue,
        fetcher: Fetcher,
        rules: IntakeRules,
        new_job: Callable[[], JobId],
        clock: Callable[[], datetime],
        at: Callable[[str], None],
    ) -> None:
        self._stores = stores
        self._queue = queue
        self._fetcher = fetcher
        self._rules = rules
        self._new_job = new_job
        self._clock = clock
        self._at = at
        self._gauge = Gauge(stores, queue, new_job, clock)

    async def advance(self, intake: IntakeId) -> Intake:
        """Take every step that can be taken now; returns how far it came."""
        while (found := await self._get(intake)).state in OPEN:
            try:
                await self._step(found)
            except PersonError as error:
                await self._refuse(found, problems_of(error))
            except AtelierError as error:
                log.warning("intake.step_failed", intake=intake, code=error.code)
                await self.again(intake, ("Sorry: it could not be dealt with here.",))
                break
            after = await self._get(intake)
            if after.state == found.state:
                break
        return await self._get(intake)

    async def _step(self, intake: Intake) -> None:
        match intake.state:
            case "fetching":
                await self._fetch(intake)
            case "received":
                await self._check(intake)
            case "checked":
                await self._identify(intake)
            case "identified":
                await self._plan(intake)
            case "previewing":
                await self._collect(intake)
            case _:
                raise ValueError(f"nothing to do for {intake.state}")

    async def _fetch(self, intake: Intake) -> None:
        fetched = await self._fetcher.fetch(intake.source)
        self._at("intake.fetched")
        said = facts_of(intake).model_dump(exclude_defaults=True)
        facts = CardFacts.model_validate({**fetched.facts.model_dump(), **said})
        await self._move(
            intake,
            "received",
            sha256=fetched.sha256,
            size_bytes=fetched.size_bytes,
            file_name=fetched.file_name,
            facts=kept(facts),
        )

    async def _check(self, intake: Intake) -> None:
        path, beside = self._stores.blobs.path(_file(intake)), beside_of(intake)
        if beside.refusal:
            await self._refuse(intake, (beside.refusal,))
            return
        found = await in_thread(inspect, path, intake.file_name, beside.words)
        if found.verdict == "reject" or not found.is_lora:
            await self._refuse(intake, found.problems or ("It is not a LoRA.",))
            return
        await self._move(intake, "checked", inspection=found.model_dump(mode="json"))

    async def _identify(self, intake: Intake) -> None:
        found = Inspection.model_validate(intake.inspection)
        facts = completed(facts_of(intake), found, intake)
        family, chosen = family_of(found, facts)
        file = FileFacts(
            sha256=_file(intake),
            size_bytes=intake.size_bytes or 0,
            format=found.format or "",
            algorithm=found.algorithm or "",
            family=family,
            header=found.model_dump(mode="json", exclude={"file", "sha256"}),
        )
        new = NewEntry(
            card=card_of(facts, family),
            file=file,
            licence=facts.licence,
            consent=facts.consent,
            creator=facts.creator,
            source=facts.source or intake.source,
            family=chosen,
            answers={"real_person": facts.real_person, "brand": facts.brand},
            replaces=await self._replaced(intake, facts.replaces),
        )
        await self._stores.intakes.enter(intake.id, new, self._clock())
        self._at("intake.identified")

    async def _replaced(self, intake: Intake, name: str) -> EntryId | None:
        """The approved look of this space that goes by a name."""
        found = await self._stores.entries.by_name(intake.sender.space, name) if name else None
        return found.id if found is not None and found.state == "approved" else None

    async def _plan(self, intake: Intake) -> None:
        entry = await self._entry(intake)
        base = choose_base(entry.card, await self._stores.bases.all())
        if base is None:
            no_base = f"No base here can draw with a LoRA for {entry.card.family}: no preview."
            await self._wait(intake, (*await self._known(intake), no_base))
            return
        await self._gauge.plan(intake, entry, base)
        self._at("intake.planned")
        await self._move(intake, "previewing")

    async def _collect(self, intake: Intake) -> None:
        """Ask for what was not asked for yet; when all is drawn (or time is up), make the sheet.

        First it is measured: the sheet shows it around the weight that follows from that.
        """
        entry = await self._entry(intake)
        planned = await self._stores.intakes.previews(intake.id)
        rows = [row for row in planned if row.place < PROBE_PLACE]
        late = self._clock() - intake.changed_at
        is_late = late > timedelta(seconds=self._rules.preview_timeout_s)
        if not rows:
            if await self._gauge.is_over(intake, entry, planned, is_late=is_late):
                self._at("intake.measured")
                await self._plan_pictures(intake)
            return
        found = [(row, await self._stores.jobs.get(row.job)) for row in rows]
        if missing := [row for row, job in found if job is None]:
            await self._ask_for(intake, entry.card, missing)
            self._at("intake.admitted")
            return
        jobs = [(row, job) for row, job in found if job is not None]
        unfinished = [job for _, job in jobs if job.state not in ENDED]
        if unfinished and not is_late:
            return
        for job in unfinished:
            await self._queue.cancel(job.id)
        await self._show(intake, entry, jobs)

    async def _plan_pictures(self, intake: Intake) -> None:
        entry = await self._entry(intake)
        base = choose_base(entry.card, await self._stores.bases.all())
        if base is None:
            await self._wait(intake, (*await self._known(intake), "Its base is gone: no preview."))
            return
        wanted = _wanted(entry.card, base)
        await self._stores.intakes.plan_previews(
            intake.id,
            [preview.cell.model_dump() for preview in wanted],
            [self._new_job() for _ in wanted],
            self._clock(),
        )
        await self._collect(await self._get(intake.id))

    async def _ask_for(self, intake: Intake, card: Card, missing: Iterable[PreviewRow]) -> None:
        base = choose_base(card, await self._stores.bases.all())
        if base is None:
            await self._wait(intake, (*await self._known(intake), "Its base is gone: no preview."))
            return
        wanted = _wanted(card, base)
        for row in missing:
            if row.place < len(wanted):
                plan = wanted[row.place].plan
                await self._queue.admit(row.job, intake.sender.space, plan)

    async def _show(self, intake: Intake, entry: Entry, jobs: list[tuple[PreviewRow, Job]]) -> None:
        card, shown, failed = entry.card, [], {}
        for row, job in jobs:
            cell = Cell.model_validate(row.cell)
            pictures = job.result.pictures if job.result else ()
            pngs = tuple([await self._stores.blobs.read(each.sha256) for each in pictures])
            shown.append(Shown(cell.row, cell.title, pngs))
            if job.state != "done":
                failed[f"{cell.title} {cell.row}"] = job
        below = f"{card.kind}, made for {card.family}; the same seeds in every column"
        base = choose_base(card, await self._stores.bases.all())
        verdict = suits(card, base) if base is not None else None
        if isinstance(verdict, FitsWithWarning):
            below += f"; {verdict.warning}"
        if card.triggers:
            below += f"; trigger “{card.triggers[0].word}”"
        sheet = await in_thread(draw_sheet, f"Preview of {card.name}", below, shown)
        blob = await self._stores.blobs.put(sheet.png, SHEET_BYTES)
        self._at("intake.drawn")
        told = (
            *await self._gauge.told(intake, entry),
            *findings.of_preview(card, sheet.differences, failed),
            *findings.of_relative(base, verdict),
        )
        await self._wait(intake, (*await self._known(intake), *told), sheet=blob.sha256)
        for row, job in jobs:
            if max(job.plan.width, job.plan.height) <= SIDE:  # the sheet shows them whole
                await self._stores.pictures.delete_pictures(row.job, self._clock())

    async def _known(self, intake: Intake) -> tuple[str, ...]:
        found = Inspection.model_validate(intake.inspection)
        said = facts_of(intake)
        told = findings.of_file(found, completed(said, found, intake), said.family)
        return (*told, *beside_of(intake).told)

    # --- steps written down -------------------------------------------------------------------

    async def _move(self, intake: Intake, state: IntakeState, **values: Any) -> None:
        await self._stores.intakes.move(intake.id, intake.state, state, self._clock(), **values)
        self._at(f"intake.{state}")

    async def _wait(
        self, intake: Intake, told: tuple[str, ...], *, sheet: Sha256 | None = None
    ) -> None:
        entry = await self._entry(intake)
        notice: dict[str, JsonValue] = {
            "kind": "waiting",
            "name": entry.card.name,
            "findings": list(told[:4]),
        }
        rules = await self._stores.choices.rules(intake.sender.space)
        await self._stores.intakes.move(
            intake.id,
            intake.state,
            "waiting",
            self._clock(),
            notice=notice,
            desk=rules.desk,
            findings=told,
            sheet=sheet,
        )
        self._at("intake.waiting")

    async def _refuse(self, intake: Intake, problems: tuple[str, ...]) -> None:
        """End it with words for its sender; the bytes go at once unless somebody needs them."""
        why = " ".join(problems)
        await self._stores.intakes.move(
            intake.id,
            intake.state,
            "refused",
            self._clock(),
            notice={"kind": "refused", "problems": list(problems)},
            why=why,
        )
        self._at("intake.refused")
        log.info("intake.refused", intake=intake.id, road=intake.road)
        if intake.sha256 and not await self._stores.intakes.is_file_wanted(intake.sha256):
            await self._stores.blobs.delete(intake.sha256)

    async def again(self, intake: IntakeId, words: tuple[str, ...]) -> None:
        """Try later, or give up with these words."""
        if await self._stores.intakes.tried(intake, self._clock()) < MOST_TRIES:
            return
        found = await self._get(intake)
        if found.state in ("fetching", "received", "checked"):
            await self._refuse(found, words)
        elif found.state in OPEN:
            await self._wait(found, (*await self._known(found), *words))

    async def _get(self, intake: IntakeId) -> Intake:
        found = await self._stores.intakes.get(intake)
        if found is None:
            raise NotFound(what="upload", name=intake)
        return found

    async def _entry(self, intake: Intake) -> Entry:
        found = await self._stores.entries.get(intake.entry) if intake.entry else None
        if found is None:
            raise NotFound(what="entry", name=intake.entry or intake.id)
        return found


def facts_of(intake: Intake) -> CardFacts:
    """What was said of a file by who brought it, or by the page it was fetched from."""
    return CardFacts.model_validate({"name": UNNAMED, **intake.facts})


def beside_of(intake: Intake) -> Beside:
    """What files beside it say."""
    return Beside.model_validate(intake.beside)


def completed(said: CardFacts, found: Inspection, intake: Intake) -> CardFacts:
    """What was said, and for the rest what files beside it propose and it says of itself."""
    more: dict[str, object] = {"name": name_of(intake.file_name), **beside_of(intake).facts}
    more = {name: value for name, value in more.items() if name not in intake.facts}
    if not said.triggers:
        roles = dict(zip(found.triggers, found.trigger_roles, strict=False))
        more["triggers"] = tuple(
            Trigger(word=word, role=roles.get(word, "optional"))
            for word in trigger_words(found.triggers)
        )
    if "weight" not in intake.facts and found.recommended_weight:
        more["weight"] = max(-2.0, min(2.0, found.recommended_weight))
    return CardFacts.model_validate({**said.model_dump(), **more})


def family_of(found: Inspection, said: CardFacts) -> tuple[str, str | None]:
    """The family of a file, and what was chosen for this space where it leaves a choice."""
    try:
        return accepted_family(found, None), None
    except BadLoraFile:
        undecided = f"ambiguous:{'|'.join(found.alternatives)}" if found.alternatives else NO_FAMILY
        return undecided[:80], said.family if said.family in found.alternatives else None


def problems_of(error: AtelierError) -> tuple[str, ...]:
    """Why a file is refused, in words, from what was raised."""
    problems = error.facts.get("problems")
    if isinstance(problems, tuple):
        return problems
    valid = error.facts.get("valid")
    if valid:
        return (f"{error.facts.get('name')}: what works is {valid}.",)
    return ("It is not here any more: please send it again.",)


def _wanted(card: Card, base: Base) -> tuple[Preview, ...]:
    return previews(card, base, as_distilled(FAMILIES.get(base.family), base.distilled))


def kept(facts: CardFacts | None) -> dict[str, JsonValue]:
    """What was said of a file, as its row keeps it: only what was said."""
    told = {} if facts is None else facts.model_dump(mode="json", exclude_unset=True)
    return {name: value for name, value in told.items() if (name, value) != ("name", UNNAMED)}


def _file(intake: Intake) -> Sha256:
    if intake.sha256 is None:
        raise ValueError("nothing was stored yet")
    return intake.sha256
