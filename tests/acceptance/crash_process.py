"""A whole bot over a worker double, that dies when a job passes a named point.

`live(main, FOLDER, POINT, NTH, NONCE)`: posts go to FOLDER/ledger.jsonl as a chat service
would keep them, so that a second process over the same folder sees what people see. The process
ends by itself when every job is over and told; POINT `never` lets it live that long.
"""

import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from bot import wiring as bot_wiring
from bot.messages import Attachment, Author, Inbound, Outbound, Space, Words
from bot.port import CannotPost, Capabilities, Receive
from engine import wiring
from engine.dispatch.pools.local import LocalPool
from engine.messages import Base, PersonId, SpaceId
from engine.settings import BlobSettings, EngineSettings, QueueSettings, WorkerSettings
from engine.storage.stores import Stores
from tests.fakes.platform import LIMITS

SPACE = Space(id=SpaceId("ledger:garden"), title="The garden", kind="guild")
REQUESTS = ("a red circle", "three blue squares", "a star that will crash")


class Ledger:
    """A platform whose chat is a file: append only, synced, read again at the next start."""

    name = "ledger"

    def __init__(self, file: Path, *, has_nonce: bool) -> None:
        self.capabilities: Capabilities = replace(
            LIMITS, has_nonce=has_nonce, progress_every_s=0.01
        )
        self._file = file
        kept = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        self._messages: set[str] = {line["message"] for line in kept}
        self._nonces: dict[str, str] = {line["nonce"]: line["message"] for line in kept}
        self._ids = itertools.count(len(self._messages) + 1)
        self.is_told = asyncio.Event()

    async def run(self, receive: Receive) -> None:
        """Every start redelivers the same acts, as a chat service does after a crash."""
        for number, words in enumerate(REQUESTS):
            await receive(
                Inbound(
                    id=f"act-{number}",
                    platform=self.name,
                    author=Author(id=PersonId(f"ledger:{number % 2}"), name="Somebody"),
                    space=SPACE,
                    conversation=f"garden:{number}",
                    address="garden",
                    act=Words(text=words),
                )
            )
        await self.is_told.wait()

    async def post(self, address: str, outbound: Outbound, *, nonce: str) -> str:
        if self.capabilities.has_nonce and nonce in self._nonces:
            return self._nonces[nonce]
        message = f"m{next(self._ids)}"
        self._messages.add(message)
        self._nonces[nonce] = message
        self._write(message, nonce, outbound)
        return message

    async def edit(self, address: str, message_id: str, outbound: Outbound) -> None:
        if message_id not in self._messages:
            raise CannotPost("that message is gone", final=True)
        self._write(message_id, "", outbound)

    def fetch(self, attachment: Attachment, most_bytes: int) -> AsyncIterator[bytes]:
        raise CannotPost("nothing is attached here", final=True)

    async def direct(self, person: PersonId) -> str | None:
        return None

    def _write(self, message: str, nonce: str, outbound: Outbound) -> None:
        line = {
            "message": message,
            "nonce": nonce or message,
            "job": outbound.job,
            "is_progress": outbound.progress is not None,
            "images": len(outbound.images),
            "text": outbound.text,
        }
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


class DieAt:
    """Ends this process the n-th time that a point is passed."""

    def __init__(self, point: str, nth: int) -> None:
        self._point = point
        self._left = nth

    def __call__(self, name: str) -> None:
        if name == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


async def main(folder: Path, point: str, nth: int, has_nonce: bool) -> None:
    """One life of the bot."""
    settings = EngineSettings(
        data_dir=folder,
        workers=WorkerSettings(
            devices=("cpu",), beat_s=0.2, hang_s=20, backoff_first_s=0.05, stop_grace_s=2
        ),
        queue=QueueSettings(lease_s=2),
        blobs=BlobSettings(orphan_age_s=3600),
    )
    pool = LocalPool(settings.workers, command=(sys.executable, "-m", "tests.fakes.worker"))
    engine = await wiring.build(settings, pool=pool, at=DieAt(point, nth))
    await engine.open()
    await engine.stores.bases.put(Base(name="miniature", family="miniature", folder="unused"))
    ledger = Ledger(folder / "ledger.jsonl", has_nonce=has_nonce)
    bot = bot_wiring.build(engine, {"ledger": ledger})
    await engine.start()
    watching = asyncio.create_task(_until_told(engine.stores, ledger.is_told))
    await bot.run()
    await watching
    await engine.stop()


async def _until_told(stores: Stores, is_told: asyncio.Event) -> None:
    """Every request led to a job, and every job's outcome is posted."""
    while True:
        jobs = await stores.jobs.recent(SPACE.id, 100)
        rows = [await stores.deliveries.get(job.id) for job in jobs]
        posted = [row for row in rows if row and row.state == "posted"]
        if len(posted) == len(REQUESTS):
            is_told.set()
            return
        await asyncio.sleep(0.05)
