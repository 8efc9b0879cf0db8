"""Jobs of RQ: `rq worker` does them, run as a module this sends some."""

import os

import redis
import rq

import midwatch

midwatch.init()
midwatch.instrument(rq)
log = midwatch.get_logger("tasks")
queue = rq.Queue(os.environ["PREFIX"], connection=redis.Redis.from_url(os.environ["REDIS"]))
ME = "tests.integration.sdk.apps.tasks_rq"


def charge(order: int) -> None:
    log.info("charging", order=order)
    queue.enqueue(ship, order)


def ship(order: int) -> None:
    log.info("shipping", order=order)


def fail() -> None:
    raise ValueError("the card was refused")


if __name__ == "__main__":
    with midwatch.received({"x-correlation-id": "order-77"}, "take order"):
        queue.enqueue(f"{ME}.charge", 7)
        queue.enqueue(f"{ME}.fail")
