"""A watched folder: what a host puts into it comes into the place that its folder names."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from engine.errors import AtelierError, PersonError
from engine.formats.sidecars import ENDINGS
from engine.messages import PersonId, SpaceId
from engine.registry.beside import ASIDE, is_beside, texts_beside
from engine.registry.intake import IntakeLine
from engine.storage.intakes import Sender
from engine.storage.spaces import SpaceStore
from engine.threads import in_thread

log = structlog.get_logger(__name__)
ACTOR = PersonId("atelier:drop")
LOOK_EVERY_S = 5.0
QUIET_S = 3.0
"""A file that changed less long ago may still be written."""
TAKEN = "taken"
COMPANIONS = (*ASIDE, ".json", ".info", ".part")
"""What programs put beside a LoRA; not LoRAs themselves."""
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that lies still."""

    space: SpaceId
    path: Path
    request: str


class DropFolder:
    """`FOLDER/console:local/neon.safetensors`, with what is known of it beside it.

    That is a card of ours (`neon.json`), or what another
    program keeps there (`engine.registry.beside`).
    """

    def __init__(
        self,
        folder: Path,
        line: IntakeLine,
        spaces: SpaceStore,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._line = line
        self._spaces = spaces
        self._now = now

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except (AtelierError, OSError) as error:
                log.warning("drop.not_looked", why=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> int:
        """Take in every file that lies still; how many there were."""
        found = await in_thread(self._lying)
        taken = 0
        for each in found:
            if not await self._spaces.members(each.space):
                log.warning("drop.unknown_place", place=each.space)
                continue
            await self._take(each)
            taken += 1
        return taken

    async def _take(self, each: Dropped) -> None:
        """In the line first, then aside: after a crash between, the request is the same."""
        sender = Sender(each.space, ACTOR, "the drop folder")
        try:
            beside = await in_thread(texts_beside, each.path)
            await self._line.receive(
                sender, "folder", each.path.name, _chunks(each.path), request=each.request,
                beside=beside, is_trusted=True,
            )  # fmt: skip
        except PersonError as error:
            log.warning("drop.refused", file=each.path.name, why=str(error))
        await in_thread(_aside, each.path)

    def _lying(self) -> list[Dropped]:
        """Plain files only: a link could lead anywhere."""
        found = []
        for place in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            if not place.is_dir() or place.is_symlink():
                continue
            name = place.name if ":" in place.name else place.name.replace("_", ":", 1)
            for path in sorted(place.iterdir()):
                if path.is_symlink() or not path.is_file() or _is_companion(path.name):
                    continue
                stat = path.stat()
                if self._now() - stat.st_mtime >= QUIET_S:
                    act = f"drop:{name}:{path.name[:100]}:{stat.st_mtime_ns}:{stat.st_size}"
                    found.append(Dropped(SpaceId(name), path, act))
        return found


def _is_companion(name: str) -> bool:
    return is_beside(name) or name.casefold().endswith(COMPANIONS)


def _aside(path: Path) -> None:
    """The file and what came with it: what is said of it was read."""
    folder = path.parent / TAKEN
    folder.mkdir(exist_ok=True)
    for each in (path, *(path.with_name(path.stem + ending) for ending in ENDINGS)):
        if each.is_file() and not each.is_symlink():
            each.replace(folder / each.name)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    file = await in_thread(path.open, "rb")
    try:
        while chunk := await in_thread(file.read, CHUNK_BYTES):
            yield chunk
    finally:
        await in_thread(file.close)
