"""What a driver's error means: busy, full or read-only, in the words of our error tree."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_LOCKED, SQLITE_READONLY
from sqlite3 import Error as SqliteError

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.errors import AtelierError, DiskFull, StoreBusy, StoreReadOnly

PRIMARY_CODE = 0xFF
"""SQLite's extended result codes keep the primary one in the lowest byte."""
BUSY_STATES = ("40001", "40P01", "53300", "55P03", "57014", "57P01", "57P02", "57P03")
"""Serialisation, deadlock, too many connections, lock or statement timeout, shutting down."""
CONNECTION_CLASS = "08"
FULL_STATE = "53100"
READ_ONLY_STATE = "25006"


def translate(error: BaseException, what: str, waited_s: float) -> AtelierError | None:
    """The error of our tree that a driver's error stands for, or None when it is a bug of ours.

    `what` names the database without its password. Sources: sqlite.org/rescode.html and
    appendix A of PostgreSQL's manual.
    """
    if isinstance(error, PoolTimeout):
        return StoreBusy(waited_s=waited_s)
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, SqliteError):
        return _of_sqlite(cause, what, waited_s)
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return _of_postgresql(state, what, waited_s)
    is_gone = isinstance(error, DBAPIError) and error.connection_invalidated
    if is_gone or isinstance(cause, OSError):
        return StoreBusy(waited_s=waited_s, why=f"{what} does not answer")
    return None


@contextmanager
def told_plainly(what: str, waited_s: float) -> Iterator[None]:
    """Raise driver errors of the body as `StoreBusy`, `DiskFull` or `StoreReadOnly`, chained.

    An `OSError` is the network: the body does nothing but talk to the database.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout, SqliteError, OSError) as error:
        plain = translate(error, what, waited_s)
        if plain is None:
            raise
        raise plain from error


def _of_sqlite(error: SqliteError, what: str, waited_s: float) -> AtelierError | None:
    code = getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE
    if code in (SQLITE_BUSY, SQLITE_LOCKED):
        return StoreBusy(waited_s=waited_s)
    if code == SQLITE_FULL:
        return DiskFull(folder=what)
    if code in (SQLITE_READONLY, SQLITE_CANTOPEN):
        return StoreReadOnly(what=what)
    return None


def _of_postgresql(state: str, what: str, waited_s: float) -> AtelierError | None:
    if state in BUSY_STATES or state.startswith(CONNECTION_CLASS):
        return StoreBusy(waited_s=waited_s)
    if state == FULL_STATE:
        return DiskFull(folder=what)
    if state == READ_ONLY_STATE:
        return StoreReadOnly(what=what)
    return None
