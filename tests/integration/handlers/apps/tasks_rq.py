"""Jobs of RQ that can be replayed: `working_rq` does them, run as a module this sends one."""

import json
import sys
from typing import Any

import rq

import midwatch
from tests.integration.handlers.apps import bank

midwatch.init()
midwatch.instrument(rq)
bank.keep_runs()
ME = "tests.integration.handlers.apps.tasks_rq"
queue = rq.Queue(bank.PREFIX, connection=bank.CLIENT)


def again(*order: Any, **more: Any) -> None:
    queue.enqueue(f"{ME}.charge", *order, **more)


@midwatch.replayable("charge", key=lambda order, *_, **__: order["id"], via=again)
def charge(order: dict[str, Any], tip: float = 0.0, *, notes: list[str] | None = None) -> None:
    assert rq.get_current_job()
    bank.take(order, tip, notes)


if __name__ == "__main__":
    again(json.loads(sys.argv[1]), 1.5, notes=["window", "2nd floor"])
