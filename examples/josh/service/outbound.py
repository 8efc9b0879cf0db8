"""Messages to people: a job in the transaction that wants it, and the run that sends it."""

import os
import time
from datetime import datetime

import httpx
from sqlalchemy import update
from sqlalchemy.orm import Session
from tables import OutboundJob, SmsMessage, User, now, transaction
from telemetry import (
    log,
    milliseconds,
    sms_failed,
    sms_sent,
    time_to_first_reply_minutes,
    twilio_send_latency_ms,
)

import midwatch

ATTEMPTS_MAX = 3
BACKOFF_SECONDS = float(os.environ.get("SMS_BACKOFF_SECONDS", "1"))
TIMEOUT_SECONDS = 3.0
MESSAGES = f"{os.environ['OUTSIDE_URL']}/sms/2010-04-01/Accounts/AC0/Messages.json"
twilio = httpx.Client(timeout=TIMEOUT_SECONDS)


class SmsNotSent(Exception):
    """Twilio did not take it; `reason` is its error's code, or what happened instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Twilio did not take the message: {reason}")
        self.reason = reason


def enqueue(
    session: Session, user: User, purpose: str, text: str, *, key: str, asked_at: datetime | None = None
) -> OutboundJob:
    """One message for one idempotency key, sent once the transaction is committed."""
    job = OutboundJob(
        user_id=user.id,
        purpose=purpose,
        text=text,
        idempotency_key=f"{purpose}:{key}",
        carrier=midwatch.ids(),
        asked_at=asked_at,
    )
    session.add(job)
    session.flush()
    log.info("sms.outbound.job_created", job_id=job.job_id, user_id=user.id, purpose=purpose)
    return job


@midwatch.replayable("sms.outbound", key=lambda job_id: job_id)
def send(job_id: int) -> None:
    """Up to three attempts; raises SmsNotSent. A job that was sent is not sent again."""
    with transaction("outbound_job") as session:
        job = session.get_one(OutboundJob, job_id)
        user = session.get_one(User, job.user_id)
    midwatch.bind(user_id=user.id, purpose=job.purpose)
    with midwatch.retrying():
        for attempt in range(1, ATTEMPTS_MAX + 1):
            log.info("sms.outbound.send_attempt", attempt=attempt, phone_hash=user.phone_hash)
            try:
                sid = _posted(user.phone, job.text)
                break
            except SmsNotSent as error:
                sms_failed.inc(purpose=job.purpose, reason=error.reason)
                log.warning("sms.outbound.failed", attempt=attempt, error_code=error.reason)
                if attempt == ATTEMPTS_MAX:
                    _noted(job_id, "failed", attempt)
                    raise
                time.sleep(BACKOFF_SECONDS * 2 ** (attempt - 1))
    sms_sent.inc(purpose=job.purpose)
    midwatch.cost("sms", user_id=user.id, purpose=job.purpose)
    if job.asked_at:
        time_to_first_reply_minutes.record((now() - job.asked_at).total_seconds() / 60)
    _noted(job_id, "sent", attempt, sid)
    log.info("sms.outbound.sent", twilio_message_sid=sid, attempt=attempt, last2=midwatch.last2(user.phone))


def _posted(to: str, text: str) -> str:
    """The id that Twilio gives the message."""
    form = {"To": to, "From": "+15005550006", "Body": text, "StatusCallback": os.environ["STATUS_CALLBACK"]}
    try:
        with milliseconds(twilio_send_latency_ms):
            answer = twilio.post(MESSAGES, data=form)
    except httpx.TimeoutException:
        raise SmsNotSent("timeout") from None
    except httpx.HTTPError:
        raise SmsNotSent("unreachable") from None
    if answer.is_error:
        told = answer.json() if answer.status_code < 500 else {}
        raise SmsNotSent(str(told.get("code", answer.status_code)))
    return str(answer.json()["sid"])


def _noted(job_id: int, status: str, attempts: int, sid: str | None = None) -> None:
    with transaction("outbound_noted") as session:
        job = session.get_one(OutboundJob, job_id)
        job.status, job.attempts, job.twilio_message_sid = status, attempts, sid
        if sid:
            message = SmsMessage(twilio_message_sid=sid, direction="outbound", user_id=job.user_id, status="sent")
            session.add(message)
        entity = ("outbound_job", job_id)
        midwatch.outbox(
            session, f"sms.{status}", entity=entity, state_to=status, **({"message_id": sid} if sid else {})
        )


def delivered(sid: str, status: str, error_code: str | None) -> None:
    """Twilio's call-back: how a message stands, on the story of who asked for it."""
    with transaction("sms_status") as session:
        session.execute(update(SmsMessage).where(SmsMessage.twilio_message_sid == sid).values(status=status))
        midwatch.outbox(session, f"sms.{status}", message_id=sid, **({"error_code": error_code} if error_code else {}))


def again(job_id: int, actor: str) -> None:
    """The worker takes the job once more; one that was sent is not sent twice, whoever asks."""
    with transaction("outbound_again") as session:
        session.get_one(OutboundJob, job_id).status = "pending"
        entity = ("outbound_job", job_id)
        midwatch.outbox(session, "admin.replay_triggered", entity=entity, actor=("admin", actor))
