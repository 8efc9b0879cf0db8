"""structlog with JSON lines on stdout, as a service without the SDK would have it."""

import logging
import sys
from typing import Any

import orjson
import structlog


def configure() -> Any:
    """A logger whose lines go to stdout at once."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    return structlog.get_logger()
