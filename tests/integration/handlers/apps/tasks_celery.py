"""Tasks of Celery that can be replayed: `celery -A` does them, run as a module this sends one."""

import json
import os
import sys
from typing import Any

from celery import Celery, Task

import midwatch
from tests.integration.handlers.apps import bank

app = Celery("shop", broker=os.environ["REDIS"])
app.conf.update(task_default_queue=bank.PREFIX, broker_connection_retry_on_startup=True)
midwatch.init()
midwatch.instrument(app)
bank.keep_runs()


@midwatch.replayable("charge", key=lambda order, *_, **__: order["id"])
@app.task(name="charge", bind=True)  # type: ignore[untyped-decorator]
def charge(self: Task, order: dict[str, Any], tip: float = 0.0, *, notes: list[str] | None = None) -> None:
    assert self.request.id
    bank.take(order, tip, notes)


if __name__ == "__main__":
    charge.delay(json.loads(sys.argv[1]), 1.5, notes=["window", "2nd floor"])
