"""How the product logs: one line of JSON an event, without the values of variables, which may be personal data."""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer


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
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
