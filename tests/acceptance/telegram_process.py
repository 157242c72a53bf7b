"""A whole bot on an emulated Telegram that dies when a job passes a named point.

`python telegram_process.py FOLDER URL POINT`: POINT `never` lets it live until it is ended.
"""

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from bot.settings import Settings
from bot.telegram.alone import platform_alone
from engine import wiring
from engine.messages import Base
from engine.settings import EngineSettings
from tests.acceptance.crash_process import DieAt
from tests.emulators.telegram.server import TOKEN
from tests.fakes.pool import FakePool


async def main(folder: Path, url: str, point: str) -> None:
    """One life."""
    engine = await wiring.build(
        EngineSettings(data_dir=folder), pool=FakePool(), at=DieAt(point, 1)
    )
    await engine.open()
    await engine.stores.bases.put(Base(name="miniature", family="miniature", folder="unused"))
    await engine.start()
    settings = Settings(telegram_token=SecretStr(TOKEN), telegram_base_url=f"{url}/bot")
    client = platform_alone(settings, engine).client
    await client.initialize()
    await client.start()
    assert client.updater is not None
    await client.updater.start_polling()
    await asyncio.Event().wait()


if __name__ == "__main__":
    where, server, which = sys.argv[1:]
    asyncio.run(main(Path(where), server, which))
