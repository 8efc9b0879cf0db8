"""Celery's tasks of the Django shop, with Sentry's SDK. Reads DSN, REDIS and QUEUE."""

import logging
import os
from typing import Any

import sentry_sdk
from celery import Celery, signals
from sentry_sdk.integrations.celery import CeleryIntegration

app = Celery("shop", broker=os.environ["REDIS"])
app.conf.update(task_default_queue=os.environ["QUEUE"], broker_connection_retry_on_startup=True)
log = logging.getLogger("shop.tasks")


@signals.celeryd_init.connect
def init_sentry(**_: Any) -> None:
    """In the worker alone; who sends tasks has its own."""
    sentry_sdk.init(
        os.environ["DSN"],
        environment="staging",
        release="worker@3",
        traces_sample_rate=1.0,
        send_default_pii=True,
        auto_enabling_integrations=False,
        integrations=[CeleryIntegration()],
    )
    sentry_sdk.get_global_scope().set_tag("service", "shop-worker")


class CardRefused(Exception):
    """The team's own."""


@app.task(name="shop.charge")
def charge(order: int, currency: str) -> None:
    log.info("charging order %d", order)
    raise CardRefused(f"order {order} in {currency}")
