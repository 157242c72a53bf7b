"""Logging: one event name per line, always with job, space and person, never with secrets.

Everything ends on standard error, our own events and those of the libraries alike. Write
`log = structlog.get_logger()` and `log.info("job.leased", worker=worker)`; wrap a piece of work in
`about(job=job.id)` and every line within carries the job.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.settings import LogSettings

SECRET = frozenset(
    {"api_key", "authorization", "cookie", "database_url", "passwd", "password", "secret", "token"}
)
"""Never written, nor is a key that ends like one: `bot_token`."""
PRIVATE = frozenset({"negative_prompt", "prompt", "reply", "words"})
"""People's words: written at DEBUG only."""
HIDDEN = "***"

# Libraries that tell every request or heartbeat; the first also writes bot tokens in addresses.
CHATTY = ("httpx", "httpcore", "aiohttp.access", "apscheduler", "discord.gateway", "alembic")

_ADDRESS_WITH_PASSWORD = re.compile(r"(?<=://)([^\s:/@]+):[^\s/@]+(?=@)")
_BOT_TOKEN = re.compile(r"\d{6,12}:[\w-]{30,}|\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}")


def configure(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Set up logging for this process: call it once, first of all."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        drop_private,
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                scrub,
                lead,
                _renderer(settings, stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def about(
    job: str | None = None, space: str | None = None, person: str | None = None
) -> AbstractContextManager[object]:
    """Within it every line says what it is about; it follows awaits and tasks started inside."""
    known = {"job": job, "space": space, "person": person}
    return structlog.contextvars.bound_contextvars(
        **{key: value for key, value in known.items() if value is not None}
    )


def _renderer(settings: LogSettings, stream: TextIO) -> Processor:
    pretty = settings.format == "pretty" or (settings.format == "auto" and stream.isatty())
    if pretty:
        return structlog.dev.ConsoleRenderer(colors=stream.isatty())
    return structlog.processors.JSONRenderer(sort_keys=False)


def lead(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Time, level and event name first: lines are read by eye as well."""
    first = {key: event[key] for key in ("timestamp", "level", "event") if key in event}
    return {**first, **event}


# --- what never leaves ------------------------------------------------------------------------


def drop_private(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Take out keys that hold a secret, and at normal level those that hold people's words."""
    is_debug = method == "debug" or event.get("level") == "debug"
    return _keep(event, frozenset() if is_debug else PRIVATE)


def _keep(values: Mapping[str, object], private: frozenset[str]) -> MutableMapping[str, object]:
    kept: dict[str, object] = {}
    for key, value in values.items():
        name = str(key).lower()
        if name in private or name in SECRET or name.endswith(tuple(f"_{one}" for one in SECRET)):
            continue
        kept[key] = _keep(value, private) if isinstance(value, Mapping) else value
    return kept


def scrub(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide passwords in addresses and tokens of bots in texts we did not write: tracebacks."""
    return {
        key: _scrubbed(value) if isinstance(value, str) else value for key, value in event.items()
    }


def _scrubbed(text: str) -> str:
    return _BOT_TOKEN.sub(HIDDEN, _ADDRESS_WITH_PASSWORD.sub(rf"\1:{HIDDEN}", text))
