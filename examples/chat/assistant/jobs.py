"""The job queue: summaries of rooms are refreshed by Celery on Redis."""

import os
from collections.abc import Mapping
from typing import Any

import model
import openai
import psycopg
import telemetry
from celery import Celery, Task

import midwatch

QUEUE = "summaries"
RETRIES_MAX = 2
MESSAGES = 50
app = Celery("chat", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_default_queue=QUEUE,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"socket_timeout": 5, "socket_connect_timeout": 5},
)
midwatch.instrument(app)


@app.task(bind=True, name="summary.refresh", max_retries=RETRIES_MAX)
def refresh(task: "Task[Any, Any]", room_id: str, queued_at: float) -> None:
    """Write the room's summary; a model that fails is asked again later."""
    attempt = task.request.retries + 1
    try:
        with midwatch.job("summary.refresh", room_id=room_id, attempt=attempt, queued_at=queued_at):
            _refresh(room_id)
    except openai.OpenAIError as error:
        raise task.retry(exc=error, countdown=float(os.environ.get("RETRY_SECONDS", "5"))) from error


def _refresh(room_id: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3) as connection:
        rows = connection.execute(
            "SELECT text FROM messages WHERE room_id = %s ORDER BY id DESC LIMIT %s", (room_id, MESSAGES)
        ).fetchall()
        summary = model.answer("Summarise this conversation.", "\n".join(str(row[0]) for row in reversed(rows)))
        connection.execute("UPDATE rooms SET summary = %s WHERE id = %s", (summary, room_id))
    telemetry.log.info("summary.refreshed", room_id=room_id, messages=len(rows))


def later(told: Mapping[str, Any], now: float) -> str:
    """The id of the job that waits."""
    return str(refresh.delay(told["room_id"], now).id)
