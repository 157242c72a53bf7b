"""The registry behind one name: bringing, looking, deciding; all that the bot asks of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.errors import NotFound
from engine.messages import ENDED, Displacement, EntryId, IntakeId, Job, PersonId, Sha256, SpaceId
from engine.registry.bundle import Bundles
from engine.registry.drop_folder import DropFolder
from engine.registry.gauging import PROBE_PLACE
from engine.registry.intake import IntakeLine
from engine.registry.link_uploads import LinkUploads
from engine.registry.previews import Cell
from engine.registry.sheet import cut, shown_size
from engine.registry.vetting import Vetting
from engine.storage.audit import AuditLine
from engine.storage.entry_search import EntryPage, EntryQuery
from engine.storage.intakes import Intake, IntakeState, Sender
from engine.storage.notices import Notice
from engine.storage.stores import Stores
from engine.threads import in_thread


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Files that wait for a decision, oldest first, and how many there are."""

    intakes: tuple[Intake, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture of a preview; without a hash only the sheet still has it."""

    width: int
    height: int
    sha256: Sha256 | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A place of a preview with its pictures; none yet while its job is not over."""

    place: int
    row: str
    title: str
    weight: float | None
    pictures: tuple[ShownPicture, ...]
    is_over: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """How many files wait for a decision and how many for the engine; `stamp` is compared only."""

    waiting: int
    working: int
    stamp: str


class Registry:
    """What a space has and weighs. Who may do what is checked by whoever calls."""

    def __init__(
        self,
        *,
        stores: Stores,
        intake: IntakeLine,
        vetting: Vetting,
        uploads: LinkUploads,
        bundles: Bundles,
        drop: DropFolder | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._stores = stores
        self._clock = clock
        self.uploads = uploads
        self.bundles = bundles
        self._drop = drop
        self.intake = intake
        self.vetting = vetting

    @property
    def cap_bytes(self) -> int:
        """The largest file taken in."""
        return self.intake.rules.cap_bytes

    @property
    def chat_cap_bytes(self) -> int:
        """The largest file taken from a chat message."""
        return self.intake.rules.chat_cap_bytes

    @property
    def link_lasts_s(self) -> float:
        """How long an upload link works."""
        return self.uploads.lasts_s

    async def upload_link(self, sender: Sender) -> str:
        """A token that takes one file of this person, once."""
        return await self.uploads.link(sender)

    async def members_may_add(self, space: SpaceId) -> bool:
        """Whether members may bring LoRAs here, or moderators only."""
        return await self._stores.entries.members_may_add(space)

    async def let_members_add(self, space: SpaceId, may: bool, actor: PersonId) -> None:
        """An admin's choice of who may."""
        await self._stores.entries.let_members_add(space, may, actor, self._clock())

    async def of_entry(self, space: SpaceId, entry: EntryId) -> Intake | None:
        """The intake that an entry of this space came by.

        One that came along with a place that joined this space has that of the entry there.
        """
        origin = await self._stores.links.origin(space, entry)
        found = await self._stores.intakes.of_entry(origin or entry)
        if found is None or origin is not None:
            return None if found is None else _seen_from(found, space, entry)
        return found if found.sender.space == space else None

    async def run(self) -> None:
        """Its life beside the dispatcher, until cancelled."""
        await self._stores.notices.recover(self._clock())
        async with asyncio.TaskGroup() as living:
            living.create_task(self.intake.run())
            if self._drop is not None:
                living.create_task(self._drop.run())

    # --- looking ------------------------------------------------------------------------------

    async def page(self, query: EntryQuery) -> EntryPage:
        """Entries of a space by words, a page of them."""
        return await self._stores.entry_search.page(query)

    async def waiting(
        self,
        space: SpaceId,
        limit: int = 25,
        skip: int = 0,
        states: tuple[IntakeState, ...] = ("waiting",),
    ) -> WaitingPage:
        """What waits for a moderator of this space, oldest first."""
        found = await self._stores.intakes.of_space(space, states, limit, skip)
        return WaitingPage(found, await self._stores.intakes.count(space, states))

    async def find(self, space: SpaceId, intake: IntakeId) -> Intake:
        """An intake of this space; `NotFound` for any other."""
        found = await self._stores.intakes.get(intake)
        if found is not None and found.sender.space == space:
            return found
        if found is not None and found.entry is not None:
            copy = await self._stores.links.copy(space, found.entry)
            if copy is not None:
                return _seen_from(found, space, copy)
        raise NotFound(what="upload", name=intake)

    async def sheet(self, intake: Intake) -> bytes | None:
        """The contact sheet of a file; None when there is none."""
        return None if intake.sheet is None else await self._stores.blobs.read(intake.sheet)

    async def history(self, space: SpaceId, subject: str, limit: int = 50) -> tuple[AuditLine, ...]:
        """Who did what to an entry, newest first."""
        return await self._stores.audit.of_subject(space, subject, limit)

    async def cells(self, intake: Intake) -> tuple[Shown, ...]:
        """The pictures of a file's preview, in the sheet's order, as far as they are drawn."""
        shown = []
        for row in await self._stores.intakes.previews(intake.id):
            if row.place >= PROBE_PLACE:
                continue
            job = await self._stores.jobs.get(row.job)
            cell = Cell.model_validate(row.cell)
            is_over = job is not None and job.state in ENDED
            pictures = () if job is None else _pictures(job, has_sheet=intake.sheet is not None)
            shown.append(Shown(row.place, cell.row, cell.title, cell.weight, pictures, is_over))
        return tuple(shown)

    async def measured(self, sha256: Sha256) -> tuple[tuple[str, Displacement], ...]:
        """How far a file moves each base that it was measured on."""
        return await self._stores.displacements.of_file(sha256)

    async def sample(self, space: SpaceId, entry: EntryId) -> bytes | None:
        """The picture that stands for a vetted file: woken, at its own weight; None without one."""
        intake = await self.of_entry(space, entry)
        if intake is None or intake.sheet is None:
            return None
        best = best_cell([each for each in await self.cells(intake) if each.pictures])
        return None if best is None else await self.cell_picture(intake, best.place, 0)

    async def cell_picture(
        self, intake: Intake, place: int, index: int, *, is_small: bool = False
    ) -> bytes:
        """One of those pictures; raises `NotFound`.

        It is cut out of the sheet where a small one will do, or nothing else is left of it.
        """
        cells = await self.cells(intake)
        found = next((each for each in cells if each.place == place), None)
        if found is None or index >= len(found.pictures):
            raise NotFound(what="preview", name=f"{intake.id} {place}")
        picture = found.pictures[index]
        if picture.sha256 is not None and not (is_small and intake.sheet):
            return await self._stores.blobs.read(picture.sha256)
        rows = list(dict.fromkeys(each.row for each in cells))
        columns = list(dict.fromkeys(each.title for each in cells))
        at = rows.index(found.row), columns.index(found.title)
        across = max(len(each.pictures) for each in cells)
        sheet = await self.sheet(intake) or b""
        return await in_thread(cut, sheet, *at, index, across, (picture.width, picture.height))

    async def pulse(self, space: SpaceId) -> Pulse:
        """What waits in a space, and a stamp that changes with everything that happens there."""
        waiting, working, changed_at = await self._stores.intakes.pulse(space)
        last = await self._stores.audit.newest(space)
        return Pulse(waiting, working, f"{changed_at}:{last}")

    # --- words for people ---------------------------------------------------------------------

    async def notices(self) -> tuple[Notice, ...]:
        """Words that are to be posted now."""
        return await self._stores.notices.due(self._clock())

    async def take_notice(self, notice: str) -> bool:
        """Take one for posting; False when somebody has it."""
        return await self._stores.notices.take(notice)

    async def notice_posted(self, notice: str) -> None:
        """It was posted, or never will be."""
        await self._stores.notices.posted(notice)

    async def notice_later(self, notice: str, pause_s: float) -> None:
        """It could not be posted: again after a pause."""
        await self._stores.notices.later(notice, self._clock() + timedelta(seconds=pause_s))


def _seen_from(intake: Intake, space: SpaceId, entry: EntryId) -> Intake:
    """The intake of an entry that came along, as the space that it came to sees it."""
    return replace(intake, sender=replace(intake.sender, space=space), entry=entry)


def best_cell(drawn: list[Shown]) -> Shown | None:
    """Of the last row (the one with the trigger) the middle weight."""
    acting = [each for each in drawn if each.weight is not None] or drawn
    row = [each for each in acting if each.row == acting[-1].row] if acting else []
    return row[len(row) // 2] if row else None


def _pictures(job: Job, *, has_sheet: bool) -> tuple[ShownPicture, ...]:
    """A preview job's pictures; they go once the sheet shows them, and are cut out of it then."""
    kept = job.result.pictures if job.result is not None else ()
    if kept or not has_sheet or job.state != "done":
        return tuple(ShownPicture(each.width, each.height, each.sha256) for each in kept)
    width, height = shown_size((job.plan.width, job.plan.height))
    return (ShownPicture(width, height, None),) * job.plan.count
