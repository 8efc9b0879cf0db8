"""Tasks of Celery: `celery -A` does them, run as a module this sends some."""

import os

from celery import Celery

import midwatch

app = Celery("shop", broker=os.environ["REDIS"])
app.conf.update(
    task_default_queue=os.environ["PREFIX"], task_always_eager=False, broker_connection_retry_on_startup=True
)
midwatch.init()
midwatch.instrument(app)
log = midwatch.get_logger("tasks")


@app.task(name="charge")
def charge(order: int) -> None:
    log.info("charging", order=order)
    ship.delay(order)


@app.task(name="ship")
def ship(order: int) -> None:
    log.info("shipping", order=order)


@app.task(name="fail")
def fail() -> None:
    raise ValueError("the card was refused")


if __name__ == "__main__":
    with midwatch.received({"x-correlation-id": "order-77"}, "take order"):
        charge.delay(7)
        fail.delay()
