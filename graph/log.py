"""How the product logs: one line of JSON an event, without the values of variables, which may be personal data."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from domain.personal import without_numbers

DRIVERS = ("sqlalchemy", "asyncpg", "sqlite3", "aiosqlite")
TEXT_LENGTH_MAX = 500
LONG_NUMBER = 10**17


def _without_values(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drivers quote statements and values in their messages; the kind of failure is enough to find the cause."""
    for failure in event.get("exception", ()):
        frames = failure.get("frames", ())
        if any(driver in frame.get("filename", "") for frame in frames[-3:] for driver in DRIVERS):
            failure["exc_value"] = "(withheld)"
        failure["exc_value"] = failure.get("exc_value", "")[:TEXT_LENGTH_MAX]
    return event


_as_json = structlog.processors.JSONRenderer(ensure_ascii=False)


def _without_numbers(logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
    """The line as it is written: no number of an identity card, wherever it came from."""
    line = _as_json(logger, name, {each: _in_quotes(value) for each, value in event.items()})
    return without_numbers(line if isinstance(line, str) else line.decode())


def _in_quotes(value: Any) -> Any:
    """Long whole numbers as text, so that what is withheld of a line leaves it JSON."""
    if isinstance(value, dict):
        return {each: _in_quotes(within) for each, within in value.items()}
    if isinstance(value, list | tuple):
        return [_in_quotes(each) for each in value]
    return str(value) if isinstance(value, int) and abs(value) >= LONG_NUMBER else value


def write_log_as_json() -> None:
    """For whoever serves; tests and the command line keep structlog's own colours."""
    # One malformed body of a stranger is no news.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            _without_values,
            _without_numbers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
