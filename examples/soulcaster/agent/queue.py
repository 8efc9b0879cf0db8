"""The queue between backend and agent: Celery on Redis."""

import os

from celery import Celery

FIX = "agent.fix"
app = Celery("soulcaster", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_default_queue="agent",
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"socket_timeout": 5, "socket_connect_timeout": 5},
)
