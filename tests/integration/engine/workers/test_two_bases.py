"""Two real bases take turns in a worker that has room for one of them."""

import gc

import pytest
import torch

from engine.messages import Base, Finished, Job, WorkOrder
from engine.storage.fair import FairRules, Holds
from engine.workers.failures import free_memory
from engine.workers.miniature.random_bases import build
from engine.workers.pipelines.pipeline import Pipeline
from engine.workers.studio import Studio
from tests.fakes.fair_queue import FairQueue
from tests.fakes.jobs import job, later, owner
from tests.integration.engine.workers.conftest import CPU, MINIATURE, plan
from tests.integration.engine.workers.test_studio import ME, TestDesk, pixels

EACH = 10
PLACES = 4


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Base]:
    folder = tmp_path_factory.mktemp("random")
    build("sd1", 3).save_pretrained(folder)
    return {
        "miniature": MINIATURE,
        "random": Base(name="random", family="sd1", folder=str(folder)),
    }


def ordered(bases: dict[str, Base], asked: Job) -> WorkOrder:
    return WorkOrder(job=asked.id, fence=1, plan=asked.plan, base=bases[asked.plan.base])


def crowd(bases: dict[str, Base]) -> list[Job]:
    """Two people who ask in turns, each for their own base."""
    asked = []
    for number in range(2 * EACH):
        name = ("miniature", "random")[number % 2]
        what = plan(base=name, family=bases[name].family, steps=2, seed=number)
        asked.append(job(f"j{number:02}", owner(f"p:{name}"), asked_at=later(number), what=what))
    return asked


def drawn(studio: Studio, order: WorkOrder) -> bytes:
    desk = TestDesk()
    studio.draw(order, desk)
    (told,) = desk.outcomes
    assert isinstance(told, Finished), told
    return told.images[0]


def drawn_alone(bases: dict[str, Base], name: str) -> dict[str, bytes]:
    """The pictures of one base, by a worker that draws nothing else."""
    studio = Studio(ME, CPU)
    mine = [asked for asked in crowd(bases) if asked.plan.base == name]
    return {asked.id: drawn(studio, ordered(bases, asked)) for asked in mine}


def in_memory() -> int:
    """Bases whose networks nobody has let go yet."""
    return sum(isinstance(each, Pipeline) for each in gc.get_objects())


@pytest.fixture
def before_loading(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bases are in memory whenever another one is about to be loaded."""
    seen: list[int] = []

    def noted(device: torch.device) -> None:
        free_memory(device)
        seen.append(in_memory())

    monkeypatch.setattr("engine.workers.bases.free_memory", noted)
    return seen


def test_bases_that_take_turns_are_grouped_and_leave_nothing_behind(
    bases: dict[str, Base], before_loading: list[int]
) -> None:
    alone = {job: picture for name in bases for job, picture in drawn_alone(bases, name).items()}
    gc.collect()
    others = in_memory()
    before_loading.clear()

    queue, studio = FairQueue(), Studio(ME, CPU)
    for asked in crowd(bases):
        queue.admit(asked)
    switches, got = 0, dict.fromkeys(bases, 0)
    for _ in range(2 * EACH):
        held = studio.beat()
        taken = queue.claim(later(99), Holds(held.base, frozenset(held.loras)), FairRules(PLACES))
        assert taken is not None
        switches += taken.plan.base != held.base
        picture = drawn(studio, ordered(bases, taken))
        assert (pixels(picture) == pixels(alone[taken.id])).all()
        assert in_memory() == others + 1
        got[taken.plan.base] += 1
        if min(got.values()) < EACH and max(got.values()) < EACH:
            assert abs(got["miniature"] - got["random"]) <= PLACES + 1
    assert got == dict.fromkeys(bases, EACH)
    assert before_loading == [others] * switches
    assert switches <= 1 + 2 * EACH // PLACES
