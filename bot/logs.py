"""Logging: one event name per line, always with job, space and person, never with secrets.

Everything ends on standard error, our own events and those of the libraries alike. Write
`log = structlog.get_logger()` and `log.info("job.leased", worker=worker)`; wrap a piece of work in
`about(job=job.id)` and every line within carries the job.
"""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
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
# In addresses: the Bot API's methods and files, and what answers an interaction of Discord.
_TOKEN_IN_PATH = re.compile(
    r"(/bot)\d+:[^/\s\"'\\]+|(/(?:webhooks|interactions)/\d+/)[^/\s?\"'\\]+"
)
_BOT_TOKEN = re.compile(r"\d{6,12}:[\w-]{30,}|\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}")


def configure(
    settings: LogSettings, stream: TextIO | None = None, secrets: Iterable[str] = ()
) -> None:
    """Set up logging for this process: call it once, first of all.

    `secrets` are hidden wherever they turn up, whatever they look like.
    """
    stream = stream or sys.stderr
    shared = _shared()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                hiding(secrets),
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


def lend() -> None:
    """For whoever runs a client of ours in a program of their own: our lines go to its logging.

    Left alone, structlog would print them, and show the variables of tracebacks, tokens among
    them. Does nothing where structlog is set up already.
    """
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.processors.format_exc_info,
            hiding(()),
            lead,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def hush(*names: str) -> None:
    """Let these loggers of libraries write no token, whoever set them up."""
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(each, _WithoutTokens) for each in logger.filters):
            logger.addFilter(_WithoutTokens())


class _WithoutTokens(logging.Filter):
    """Hides the tokens of a line before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        told = record.getMessage()
        if (kept := scrubbed(told)) != told:
            record.msg, record.args = kept, ()
        return True


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        drop_private,
    ]


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


def hiding(secrets: Iterable[str]) -> Processor:
    """Hide passwords in addresses and tokens of bots in texts we did not write: tracebacks."""
    # The longest first: one may hold another.
    known = sorted((each for each in secrets if each), key=len, reverse=True)

    def hide(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {
            key: scrubbed(value, known) if isinstance(value, str) else value
            for key, value in event.items()
        }

    return hide


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets: those that are known, and whatever looks like one."""
    for each in secrets:
        text = text.replace(each, HIDDEN)
    text = _ADDRESS_WITH_PASSWORD.sub(rf"\1:{HIDDEN}", text)
    text = _TOKEN_IN_PATH.sub(lambda found: f"{found[1] or found[2]}{HIDDEN}", text)
    return _BOT_TOKEN.sub(HIDDEN, text)
