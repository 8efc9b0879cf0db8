"""An invitation in three processes: the web takes it, a worker texts it at its second try, a webhook hears of it."""

import os

from celery import Celery
from fastapi import FastAPI, Request

import midwatch

REDIS, PREFIX = os.environ["REDIS"], os.environ["PREFIX"]

midwatch.init()
log = midwatch.get_logger("texting")

tasks = Celery("texting", broker=REDIS)
tasks.conf.update(task_default_queue=PREFIX, broker_connection_retry_on_startup=True)
midwatch.instrument(tasks)

web = FastAPI()
midwatch.instrument(web)


@web.post("/invites/{invite}")
def invite_to(invite: str, request: Request) -> dict[str, str]:
    midwatch.bind(user_id=request.headers["x-user"])
    log.info("invitation taken", phone="+1 555 010 4477", text="Dinner at eight?")
    midwatch.transition("invite", invite, "new", "sending")
    send_text.delay(invite)
    return {"invite": invite}


class ProviderTimedOut(Exception):
    pass


@tasks.task(name="send_text", bind=True, max_retries=2)  # type: ignore[untyped-decorator]
def send_text(self: object, invite: str) -> None:
    retries: int = self.request.retries  # type: ignore[attr-defined]
    try:
        if retries == 0:
            raise ProviderTimedOut("the provider did not answer in 3 s")
        midwatch.event("sms.sent", entity=("invite", invite), message_id=f"SM-{invite}")
    except ProviderTimedOut as error:
        log.exception("sending failed")
        raise self.retry(exc=error, countdown=0) from error  # type: ignore[attr-defined]


webhook = FastAPI()
midwatch.instrument(webhook)


@webhook.post("/callbacks/{message}")
def called_back(message: str, status: str) -> None:
    midwatch.event(f"sms.{status}", message_id=message)
