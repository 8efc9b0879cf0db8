"""Tasks of Celery: the worker answers scrapers for all processes of its pool; run as a module this sends some."""

import os
import time

from celery import Celery, signals

import midwatch

app = Celery("shop", broker=os.environ["REDIS"])
app.conf.update(
    task_default_queue=os.environ["PREFIX"], worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True
)
midwatch.init()
midwatch.instrument(app)
done = midwatch.counter("tasks_done_total", "Tasks", labels=("pid",))


@signals.worker_ready.connect
def ready(**_: object) -> None:
    midwatch.worker_health(int(os.environ["PORT"]))


@app.task(name="work")
def work() -> None:
    time.sleep(0.3)
    done.inc(pid=os.getpid())


if __name__ == "__main__":
    for _ in range(8):
        work.delay()
