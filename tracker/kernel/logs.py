"""What the processes say: one JSON object a line on standard error, never a person's data.

Three rules keep people out of it. Only the fields below are written, and none of them holds what
somebody typed. An error is told by its kind and its places in the code: its message and the values
of variables may repeat a name or a document's number. What a library says is its sentence without
the values that it would put in. Everything is ASCII with what is not printable escaped, so that
nobody who chooses a value can begin a line of their own.
"""

import json
import logging
import logging.config
import sys
import threading
import traceback
import warnings
from collections.abc import MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from tracker.kernel.metrics import metrics

MOST_FRAMES = 24  # of one error, the innermost; a line stays within what a pipe takes at once
MOST_CAUSES = 4
LONGEST = 2_000  # characters of one value

BROKEN_TASK = "Unhandled exception in task %s."  # of huey; our own line of the job says more
Entry = MutableMapping[str, Any]

# Every field that our own code may write: name, and what it holds.
FIELDS = {
    "event": "what happened, always the same words",
    "level": "info, warning, error, critical",
    "timestamp": "UTC",
    "request_id": "of the request, or of the one that gave out the job",
    "method": "of the request",
    "endpoint": "the route's name in our code",
    "rule": "the route's pattern, with the names of its parameters and not their values",
    "status": "of the answer",
    "ms": "milliseconds",
    "waited_ms": "milliseconds from giving a job out to its start",
    "statements": "asked of the database",
    "bytes": "of the answer's body",
    "user": "the account's number",
    "job": "its name",
    "job_id": "number of a record",
    "outcome": "done, failed",
    "statement": "SQL with places for values",
    "error": "kind and places in the code",
    "logger": "which library speaks",
    "place": "file and line that speak",
    "reason": "an error's kind",
    "attempt": "kinds of attempt that were refused, or how somebody signed in; not whose",
    "part": "which part of the installation",
    "replica": "address of a server, without its user",
    "pid": "process",
    "election_id": "number of a record",
    "batch_id": "number of a record",
    "list_id": "number of a record",
    "plan_id": "number of a record",
    "purge_id": "number of a record",
    "message_id": "number of a record",
    "delivery_id": "number of a record",
    "webhook_id": "number of a record",
    "meetings": "how many",
    "recipients": "how many",
    "count": "how many",
    "table": "name of a table",
}
# Libraries whose sentences come ready made and hold process numbers and the like.
READY_MADE = ("_granian", "granian", "huey", "alembic")

_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
_errors: ContextVar[int] = ContextVar("errors", default=0)


def errors_logged() -> int:
    """How many errors this context has logged: one that was caught and told is one still."""
    return _errors.get()


def _count_errors(_logger: Any, method: str, entry: Entry) -> Entry:
    if method in {"error", "exception", "critical"}:
        _errors.set(_errors.get() + 1)
        metrics.errors.inc()
    return entry


def _short(path: str) -> str:
    """A file within our package or a library, without the folders of this machine."""
    parts = path.replace("\\", "/").split("/")
    for start in ("site-packages", "tracker"):
        if start in parts:
            place = len(parts) - 1 - parts[::-1].index(start)
            return "/".join(parts[place + (start == "site-packages") :])
    return parts[-1]


def _frames(trace: TracebackType | None) -> list[str]:
    found = [
        f"{_short(frame.f_code.co_filename)}:{line}:{frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(trace)
    ]
    return found[-MOST_FRAMES:]


def _kind(error: BaseException) -> str:
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


class Told(list[dict[str, Any]]):
    """An error as it is logged."""


def told(error: BaseException) -> Told:
    """An error and what it came from: kinds, the database's own codes, places; no message."""
    found = Told()
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and len(found) < MOST_CAUSES and id(following) not in seen:
        seen.add(id(following))
        entry: dict[str, Any] = {"kind": _kind(following), "at": _frames(following.__traceback__)}
        if isinstance(following, DBAPIError):
            entry |= _of_database(following)
        found.append(entry)
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)
    return found


def _of_database(error: DBAPIError) -> dict[str, Any]:
    """What a database says of a failure that is no value: its code and the constraint's name."""
    origin = error.orig
    codes = {
        "code": getattr(origin, "sqlstate", None) or getattr(origin, "sqlite_errorname", None),
        "constraint": getattr(getattr(origin, "diag", None), "constraint_name", None),
        "statement": (error.statement or "")[:LONGEST] or None,
    }
    return {name: value for name, value in codes.items() if value}


def _tell_error(_logger: Any, method: str, entry: Entry) -> Entry:
    given = entry.pop("exc_info", None)
    if given is True or (given is None and method == "exception"):
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        entry["error"] = told(error)
    return entry


def _keep_fields(_logger: Any, _method: str, entry: Entry) -> Entry:
    return {name: _value(value) for name, value in entry.items() if name in FIELDS}


def _value(value: Any) -> Any:
    """A value as JSON knows it; of anything else only the kind, since its text may say too much."""
    if value is None or isinstance(value, bool | int | float | Told):
        return value
    return value[:LONGEST] if isinstance(value, str) else type(value).__name__


def _line(_logger: Any, _method: str, entry: Entry) -> str:
    return json.dumps(entry)


class Writer:
    """Writes a line in one piece to whatever standard error is now."""

    _lock = threading.Lock()

    def msg(self, line: str) -> None:
        """Write the line; where nobody takes it any more, the work goes on without."""
        with self._lock, suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


def write(event: str, level: str, fields: dict[str, Any]) -> None:
    """Write a line at once, for what is said at every request; `fields` are known and plain."""
    moment = datetime.now(UTC).isoformat()
    Writer().msg(json.dumps({"event": event, "level": level, "timestamp": moment} | fields))


def configure() -> None:
    """Write every log line of our own code as JSON with its moment in UTC."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _stamp,
            _count_errors,
            _tell_error,
            _keep_fields,
            _line,
        ],
        logger_factory=lambda *_arguments: Writer(),
        cache_logger_on_first_use=False,
    )


class LibraryFormatter(logging.Formatter):
    """A record of standard logging as a line like ours: the sentence without its values."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        entry = structlog.contextvars.get_contextvars() | {
            "event": _sentence(record),
            "level": record.levelname.lower(),
            "timestamp": _stamp(None, "", {})["timestamp"],
            "logger": record.name,
            "place": f"{record.module}:{record.lineno}",
        }
        if record.exc_info and record.exc_info[1]:
            entry["error"] = told(record.exc_info[1])
        return _line(None, "", _keep_fields(None, "", entry))


def _sentence(record: logging.LogRecord) -> str:
    if record.name.split(".")[0] in READY_MADE and not record.exc_info:
        with suppress(TypeError, ValueError):  # values that do not fit the sentence
            return record.getMessage()
    # Made ready by a library we do not know, it may hold anything: the place must do.
    return record.msg if record.args and isinstance(record.msg, str) else "said by a library"


def standard_logging() -> dict[str, Any]:
    """How standard logging writes in a process that serves (`logging.config.dictConfig`)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "tracker.kernel.logs.LibraryFormatter"}},
        "handlers": {"stderr": {"class": "tracker.kernel.logs.StandardError", "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            "_granian": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
            # Its lines would say what each of ours says, and the path besides.
            "granian.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
        },
    }


class StandardError(logging.Handler):
    """Writes the records of standard logging as our own lines are written."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        if record.msg == BROKEN_TASK:
            return
        if record.levelno >= logging.ERROR:
            metrics.errors.inc()
        Writer().msg(self.format(record))


def take_over() -> None:
    """Let everything that this process would write to standard error be a line like ours."""
    configure()
    logging.config.dictConfig(standard_logging())
    log = structlog.get_logger()

    def broken(kind: Any, error: BaseException | None, trace: Any, place: str) -> None:
        if error is not None and not issubclass(kind, KeyboardInterrupt | SystemExit):
            log.critical("process failed", exc_info=error, part=place)

    def warned(_message: Any, category: type, file: str, line: int, *_rest: Any) -> None:
        log.warning("warning", reason=category.__name__, place=f"{_short(file)}:{line}")

    sys.excepthook = lambda kind, error, trace: broken(kind, error, trace, "process")
    threading.excepthook = lambda said: broken(said.exc_type, said.exc_value, None, "thread")
    sys.unraisablehook = lambda said: broken(said.exc_type, said.exc_value, None, "finalizer")
    warnings.showwarning = warned  # type: ignore[assignment]
