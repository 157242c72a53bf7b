"""Builds the engine: the only place that knows which implementation stands behind which port."""

from collections.abc import Callable
from datetime import UTC, datetime

from engine.director.rules import RulesReader
from engine.dispatch.admission import Limits
from engine.dispatch.dispatcher import Dispatcher, QueueRules
from engine.dispatch.eta import EtaBook
from engine.dispatch.events import EventBus
from engine.dispatch.meter import Meter, NoMeter
from engine.dispatch.orders import OrderDesk
from engine.dispatch.outcomes import Milestone, Outcomes, nothing
from engine.dispatch.ownership import QueueLock
from engine.dispatch.pool import WorkerPool
from engine.dispatch.pools.local import LocalPool
from engine.families import FAMILIES
from engine.formats import FORMATS
from engine.messages import SpaceId
from engine.registry import demo
from engine.registry.shelf import Shelf
from engine.service import AtelierEngine, Rules
from engine.settings import EngineSettings
from engine.storage import migration as migration  # for `atelier db` and `atelier doctor`
from engine.storage.blobs import FolderBlobs
from engine.storage.fair import FairRules
from engine.storage.queue import Caps
from engine.storage.stores import Stores


def utc_now() -> datetime:
    """The clock of real life."""
    return datetime.now(UTC)


async def build(
    settings: EngineSettings,
    *,
    meter: Meter | None = None,
    pool: WorkerPool | None = None,
    clock: Callable[[], datetime] = utc_now,
    at: Milestone = nothing,
) -> AtelierEngine:
    """The engine of these settings; nothing is opened or started yet.

    Raises `Misregistered` when a row of a table is wrong. `at` is called at named points of a
    job's life, so that tests can end the process there.
    """
    FAMILIES.all()
    FORMATS.all()
    meter = meter or NoMeter()
    stores = await Stores.of(
        settings.database_url.get_secret_value(),
        FolderBlobs(settings.blobs_dir),
        busy_timeout_s=settings.database.busy_timeout_s,
        pool_size=settings.database.pool_size,
    )
    pool = pool or LocalPool(settings.workers)
    events, eta = EventBus(), EtaBook()
    outcomes = Outcomes(
        queue=stores.queue,
        jobs=stores.jobs,
        blobs=stores.blobs,
        events=events,
        eta=eta,
        meter=meter,
        clock=clock,
        most_attempts=settings.queue.max_attempts,
        blob_cap_bytes=settings.blobs.max_bytes,
        at=at,
    )
    desk = OrderDesk(stores.bases, stores.entries, stores.blobs, settings.workers.preview_every)
    dispatcher = Dispatcher(
        queue=stores.queue,
        jobs=stores.jobs,
        pool=pool,
        desk=desk,
        outcomes=outcomes,
        events=events,
        meter=meter,
        rules=_queue_rules(settings),
        clock=clock,
        at=at,
    )
    return AtelierEngine(
        stores=stores,
        reader=RulesReader(),
        dispatcher=dispatcher,
        pool=pool,
        events=events,
        eta=eta,
        rules=_rules(settings),
        lock=QueueLock(settings.data_dir / "queue.lock"),
        clock=clock,
        at=at,
    )


def workers(settings: EngineSettings) -> WorkerPool:
    """Workers without a queue: for `atelier worker` and `atelier doctor`."""
    return LocalPool(settings.workers)


def shelf(engine: AtelierEngine, clock: Callable[[], datetime] = utc_now) -> Shelf:
    """The intake of LoRA files into this engine's registry."""
    stores = engine.stores
    return Shelf(blobs=stores.blobs, entries=stores.entries, clock=clock)


async def furnish_demo(engine: AtelierEngine, *spaces: SpaceId) -> None:
    """Register the miniature base and its LoRAs in these spaces; harmless when repeated."""
    await demo.furnish(shelf(engine), engine.stores.bases, engine.stores.spaces, spaces)


def _queue_rules(settings: EngineSettings) -> QueueRules:
    queue = settings.queue
    return QueueRules(
        lease_s=queue.lease_s,
        max_attempts=queue.max_attempts,
        fair=FairRules(affinity_places=queue.affinity_places, ageing_s=queue.ageing_s),
        stop_grace_s=settings.workers.stop_grace_s,
    )


def _rules(settings: EngineSettings) -> Rules:
    limits, queue = settings.limits, settings.queue
    return Rules(
        limits=Limits(
            most_count=limits.max_count,
            most_steps=limits.max_steps,
            most_pixels=limits.max_pixels,
            most_prompt_chars=limits.max_prompt_chars,
        ),
        caps=Caps(
            person=queue.max_waiting_per_person,
            space=queue.max_waiting_per_space,
            everyone=queue.max_waiting,
        ),
        default_base=settings.default_base,
        orphan_age_s=settings.blobs.orphan_age_s,
    )
