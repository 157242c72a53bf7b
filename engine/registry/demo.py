"""The demo's furniture: the miniature base and its LoRAs, registered in a space; repeatable."""

from collections.abc import Mapping
from pathlib import Path

from engine.errors import BadLoraFile, BaseBroken
from engine.messages import Base, Owner, PersonId, SpaceId
from engine.registry.facts import CardFacts, facts_from_json
from engine.registry.shelf import Shelf
from engine.storage.bases import BaseStore
from engine.storage.spaces import Entrance, SpaceStore
from engine.threads import in_thread

MINIATURE = Path(__file__).resolve().parent.parent / "miniature"
ACTOR = PersonId("atelier:demo")
BASE_NAME = "miniature"


async def furnish(
    shelf: Shelf,
    bases: BaseStore,
    spaces: SpaceStore,
    where: Mapping[SpaceId, frozenset[str] | None],
    *,
    folder: Path = MINIATURE,
) -> tuple[str, ...]:
    """Register the miniature base, and its LoRAs in every named space; returns the looks' names.

    A space may name the looks it wants; None stands for all. Harmless when repeated. Raises
    `BaseBroken` when the base's files are missing, and what `Shelf.add` raises.
    """
    base = await in_thread(_base, folder / "base")
    looks = await in_thread(read_loras, folder / "loras")
    await bases.put(base)
    for space, wanted in where.items():
        await _enter(spaces, space, shelf)
        for path, facts in looks:
            if wanted is None or facts.name in wanted:
                await shelf.add(space, path, facts, ACTOR)
    return tuple(facts.name for _, facts in looks)


async def find_again(bases: BaseStore, *, folder: Path = MINIATURE) -> None:
    """Point the miniature base at the files of this installation when its old folder is gone.

    It comes with the program, so a program that was moved or cloned anew has taken it along.
    """
    known = next((base for base in await bases.all() if base.name == BASE_NAME), None)
    if known is None or known.family != "miniature":
        return
    if not await in_thread((Path(known.folder) / "model_index.json").is_file):
        await bases.put(await in_thread(_base, folder / "base"))


def read_loras(folder: Path) -> list[tuple[Path, CardFacts]]:
    """The LoRA files of a folder with the cards beside them (`neon.safetensors`, `neon.json`)."""
    found = []
    for path in sorted(folder.glob("*.safetensors")):
        card = path.with_suffix(".json")
        if not card.is_file():
            problems = (f"no card {card.name} beside it",)
            raise BadLoraFile(file=path.name, verdict="reject", problems=problems)
        found.append((path, facts_from_json(card.read_text(encoding="utf-8"), card.name)))
    return found


def _base(folder: Path) -> Base:
    if not (folder / "model_index.json").is_file():
        raise BaseBroken(base=BASE_NAME, problem="its files are missing: run `make miniature`")
    return Base(name=BASE_NAME, family="miniature", folder=str(folder))


async def _enter(spaces: SpaceStore, space: SpaceId, shelf: Shelf) -> None:
    """A space that nobody has spoken in yet comes into being, so that it can hold entries."""
    if await spaces.members(space):
        return
    entrance = Entrance(
        owner=Owner(space=space, person=ACTOR),
        platform=space.partition(":")[0],
        space_title=space,
        space_kind="local",
        person_name="Atelier",
    )
    await spaces.enter(entrance, shelf.now())
