"""What the processes say: one JSON object a line on standard error, never a person's data.

Tracebacks name places in the code; the values of variables stay out of them.
"""

import sys

import structlog


def configure() -> None:
    """Write every log line as JSON with its moment in UTC."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
