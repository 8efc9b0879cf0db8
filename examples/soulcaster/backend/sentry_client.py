"""Exceptions that nobody caught, to Sentry's protocol: where they go is the DSN's matter."""

import os

import sentry_sdk


def init_sentry() -> None:
    sentry_sdk.init(
        dsn=os.environ.get("SENTRY_DSN"),
        environment=os.environ.get("ENVIRONMENT", "development"),
        release=os.environ.get("MIDWATCH_RELEASE"),
        traces_sample_rate=0,
    )
    sentry_sdk.set_tag("service", "backend")
