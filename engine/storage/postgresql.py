"""PostgreSQL by asyncpg: many writers, row locks, one round trip a statement."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

Returned = TypeVar("Returned")


class PostgresqlRunner:
    """Runs transactions on a PostgreSQL database; `busy_timeout_s` bounds waits for locks."""

    def __init__(self, url: URL, *, busy_timeout_s: float, pool_size: int) -> None:
        milliseconds = str(round(busy_timeout_s * 1000))
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=busy_timeout_s,
            pool_pre_ping=True,
            connect_args={
                "timeout": busy_timeout_s,
                "server_settings": {"lock_timeout": milliseconds, "timezone": "UTC"},
            },
        )

    async def run(self, work: Callable[[Connection], Returned], *, writes: bool) -> Returned:
        """Run a transaction; its statements give way to the event loop while they wait."""
        async with self._engine.connect() as connection:
            await connection.execution_options(postgresql_readonly=not writes)
            async with connection.begin():
                return await connection.run_sync(work)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
