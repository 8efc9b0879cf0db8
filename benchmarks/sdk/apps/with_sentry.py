"""sentry-sdk with traces and logs on; lines are sent by its own logger, and are JSON on stdout too."""

import os

import sentry_sdk
from sentry_sdk import logger

from benchmarks.sdk.apps.json_lines import configure
from benchmarks.sdk.apps.routes import make

sentry_sdk.init(dsn=os.environ["SENTRY_DSN"], traces_sample_rate=1.0, enable_logs=True)
on_stdout = configure().info


def say(message: str, **fields: object) -> None:
    on_stdout(message, **fields)
    logger.info(message, attributes=fields)


app = make(say)
