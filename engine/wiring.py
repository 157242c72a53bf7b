"""Builds the engine: the only place that knows which implementation stands behind which port."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic
from types import MappingProxyType

from pydantic import SecretStr

from engine.api import Board
from engine.bases.hubs import HUBS
from engine.bases.shelf import BaseShelf, HubPort
from engine.director.embedding_process import EmbeddingProcess
from engine.director.language import LanguageReader
from engine.director.language.table import UNDERSTANDERS
from engine.director.likeness import Likeness
from engine.director.reader import Reader
from engine.director.rules import RulesReader
from engine.director.samples import Samples
from engine.dispatch.admission import Limits
from engine.dispatch.background import BackgroundQueue
from engine.dispatch.dispatcher import Dispatcher, QueueRules
from engine.dispatch.eta import EtaBook
from engine.dispatch.events import EventBus
from engine.dispatch.foresight import Foresight
from engine.dispatch.meter import Meter, NoMeter
from engine.dispatch.orders import OrderDesk
from engine.dispatch.outcomes import Milestone, Outcomes, nothing
from engine.dispatch.ownership import QueueLock
from engine.dispatch.pool import WorkerPool
from engine.dispatch.pools.local import LocalPool
from engine.dispatch.workload import Workload
from engine.families import FAMILIES
from engine.formats import FORMATS
from engine.messages import SpaceId
from engine.registry import demo
from engine.registry.bundle import Bundles
from engine.registry.drop_folder import DropFolder
from engine.registry.intake import IntakeLine
from engine.registry.intake_steps import IntakeRules, IntakeSteps
from engine.registry.link_uploads import LinkUploads
from engine.registry.links import LinkFetcher, LinkRules
from engine.registry.quarantine import Quarantine
from engine.registry.queue import PreviewQueue
from engine.registry.registry import Registry
from engine.registry.shelf import Shelf
from engine.registry.vetting import Vetting
from engine.service import AtelierEngine as AtelierEngine
from engine.service import Rules, new_job_id
from engine.settings import DirectorSettings, EngineSettings
from engine.storage import migration as migration  # for `atelier db` and `atelier doctor`
from engine.storage.blobs import FolderBlobs
from engine.storage.fair import FairRules
from engine.storage.queue import Caps
from engine.storage.stores import Stores

EVERYTHING: Mapping[SpaceId, frozenset[str]] = MappingProxyType({})


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
    events, eta, workload = EventBus(), EtaBook(), Workload()
    foresight = Foresight(eta, workload)
    outcomes = Outcomes(
        queue=stores.queue,
        jobs=stores.jobs,
        blobs=stores.blobs,
        events=events,
        foresight=foresight,
        meter=meter,
        clock=clock,
        most_attempts=settings.queue.max_attempts,
        blob_cap_bytes=settings.blobs.max_bytes,
        at=at,
        quarantine=Quarantine(stores, clock),
    )
    desk = OrderDesk(
        stores.bases,
        stores.entries,
        stores.blobs,
        stores.intakes,
        settings.workers.preview_every,
    )
    dispatcher = Dispatcher(
        queue=stores.queue,
        jobs=stores.jobs,
        pool=pool,
        desk=desk,
        outcomes=outcomes,
        events=events,
        meter=meter,
        workload=workload,
        rules=_queue_rules(settings),
        clock=clock,
        at=at,
    )
    behind = BackgroundQueue(stores.queue, clock, dispatcher.wake)
    registry = build_registry(settings, stores, behind, clock, at)
    return AtelierEngine(
        stores=stores,
        registry=registry,
        reader=_reader(settings.director),
        dispatcher=dispatcher,
        pool=pool,
        events=events,
        eta=eta,
        foresight=foresight,
        rules=_rules(settings),
        lock=QueueLock(settings.data_dir / "queue.lock"),
        clock=clock,
        at=at,
        samples=Samples(stores.samples, behind, new_job_id, clock),
        likeness=_likeness(settings.director),
    )


def _reader(settings: DirectorSettings) -> Reader:
    """Rules, or a language model in front of them; pydantic-ai is loaded at its first question."""
    if settings.reader == "rules":
        return RulesReader()
    return LanguageReader(
        settings, lambda: UNDERSTANDERS.get("pydantic-ai").make(settings), monotonic
    )


def _likeness(settings: DirectorSettings) -> Likeness | None:
    """Searches by meaning, in a process that starts at the first of them; off by default."""
    return Likeness(EmbeddingProcess(settings.embedding_model)) if settings.embeddings else None


def build_registry(
    settings: EngineSettings,
    stores: Stores,
    queue: PreviewQueue,
    clock: Callable[[], datetime],
    at: Milestone,
) -> Registry:
    """The registry of these settings; its previews go to `queue`."""
    own = settings.registry
    rules = IntakeRules(
        cap_bytes=min(own.max_bytes, settings.blobs.max_bytes),
        chat_cap_bytes=own.chat_max_bytes,
        most_open_per_person=own.max_open_per_person,
        preview_timeout_s=own.preview_timeout_s,
        rejected_kept_s=own.rejected_kept_days * 86_400,
    )
    fetcher = LinkFetcher(stores.blobs, _link_rules(settings))
    steps = IntakeSteps(
        stores=stores,
        queue=queue,
        fetcher=fetcher,
        rules=rules,
        new_job=new_job_id,
        clock=clock,
        at=at,
    )
    line = IntakeLine(stores=stores, steps=steps, fetcher=fetcher, rules=rules, clock=clock, at=at)
    uploads = LinkUploads(
        stores, line, settings.data_dir / "uploading", lasts_s=own.upload_link_s, clock=clock
    )
    return Registry(
        stores=stores,
        intake=line,
        vetting=Vetting(stores, clock),
        uploads=uploads,
        bundles=Bundles(stores, clock, rules.cap_bytes),
        drop=DropFolder(own.drop_dir, line, stores.spaces) if own.drop_dir else None,
        clock=clock,
    )


def _given(secret: SecretStr) -> SecretStr | None:
    """An empty secret is none."""
    return secret if secret.get_secret_value() else None


def _link_rules(settings: EngineSettings) -> LinkRules:
    own = settings.registry
    return LinkRules(
        hosts=own.link_hosts,
        file_hosts=own.link_file_hosts,
        cap_bytes=min(own.max_bytes, settings.blobs.max_bytes),
        timeout_s=own.link_timeout_s,
        civitai_key=_given(own.civitai_key),
        huggingface_key=_given(own.huggingface_key),
    )


def workers(settings: EngineSettings) -> WorkerPool:
    """Workers without a queue: for `atelier worker` and `atelier doctor`."""
    return LocalPool(settings.workers)


def shelf(engine: AtelierEngine, clock: Callable[[], datetime] = utc_now) -> Shelf:
    """The intake of LoRA files into this engine's registry."""
    stores = engine.stores
    return Shelf(blobs=stores.blobs, entries=stores.entries, clock=clock)


def hub(settings: EngineSettings) -> HubPort:
    """The hub that bases are downloaded from, into the data folder."""
    made: HubPort = HUBS.get("huggingface")(
        settings.data_dir / "bases" / "hub", _given(settings.registry.huggingface_key)
    )
    return made


def base_shelf(engine: AtelierEngine, settings: EngineSettings) -> BaseShelf:
    """The bases of this installation: adding, pinning, removing."""
    return BaseShelf(
        bases=engine.stores.bases, folder=settings.data_dir / "bases", hub=hub(settings)
    )


def board(engine: AtelierEngine) -> Board:
    """What a platform without a memory of its own keeps in this engine's database."""
    stores = engine.stores
    return Board(
        posts=stores.posts,
        uploads=stores.uploads,
        doors=stores.doors,
        gallery=stores.gallery,
        blobs=stores.blobs,
        spaces=stores.spaces,
        marks=stores.marks,
    )


async def furnish_demo(
    engine: AtelierEngine, *spaces: SpaceId, some: Mapping[SpaceId, frozenset[str]] = EVERYTHING
) -> None:
    """Register the miniature base and its LoRAs in these spaces; harmless when repeated.

    A space in `some` gets the looks named there instead of all of them.
    """
    wanted: dict[SpaceId, frozenset[str] | None] = dict.fromkeys(spaces)
    await demo.furnish(shelf(engine), engine.stores.bases, engine.stores.spaces, {**wanted, **some})


async def find_miniature(engine: AtelierEngine) -> None:
    """After a move of the program, its own base is where the program is now."""
    await demo.find_again(engine.stores.bases)


async def furnish_new(engine: AtelierEngine, space: SpaceId) -> None:
    """Give a space that nobody has spoken in yet the miniature's looks, where it is the base."""
    bases = await engine.bases()
    is_ours = bool(bases) and bases[0].family == "miniature"
    if is_ours and not await engine.stores.spaces.members(space):
        await furnish_demo(engine, space)


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
        talk_expires_s=settings.director.talk_expires_s,
    )
