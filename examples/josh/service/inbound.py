"""A message that came in: who wrote it, what is meant, what is done."""

import os
from dataclasses import dataclass

import linkups
import profiles
import safety
from intents import Intent, intent_of, interests_of
from outbound import enqueue
from sqlalchemy import select
from sqlalchemy.orm import Session
from tables import Incident, Invite, SmsMessage, User, transaction
from telemetry import clarifiers, log

import midwatch

STOP, START = {"stop", "unsubscribe"}, {"start"}
YES, NO = {"yes", "y"}, {"no", "n"}
CLARIFIER = "Sorry, I did not get that. What would you like to do, and when?"


@dataclass(frozen=True)
class Routed:
    handler: str
    user_id: int | None = None
    duplicate: bool = False


def received(sid: str, phone: str, text: str) -> Routed:
    """Once for each id of Twilio's. The model is asked between two transactions, and in none."""
    if os.environ.get("JOSH_CARELESS"):
        log.info("sms.inbound.careless", body=text, sender=phone, note=f"{phone} wrote")
    with transaction("sms_inbound") as session:
        message = session.scalars(select(SmsMessage).where(SmsMessage.twilio_message_sid == sid)).one_or_none()
        if message and message.status == "handled":
            return Routed("duplicate", duplicate=True)
        user = profiles.by_phone(session, phone)
        if message is None:
            message = SmsMessage(twilio_message_sid=sid, direction="inbound", user_id=user.id if user else None)
            session.add(message)
        handler = message.handler = _handler(session, user, text) if user else "unknown_user"
    if user is None:
        return Routed(handler)
    midwatch.bind(user_id=user.id, handler=handler)
    meant = intent_of(text) if handler == "intent" else None
    interests = interests_of(text) if handler == "interview" else []
    with transaction("sms_handle") as session:
        message, user = session.merge(message), session.merge(user)
        incident = _handled(session, user, message, text, meant, interests)
        message.status = "handled"
    if incident:
        safety.escalate(incident)
    return Routed(handler, user.id)


def _handler(session: Session, user: User, text: str) -> str:
    word = text.strip().lower()
    if word in STOP | START or user.state == "stopped":
        return "stop"
    if user.state == "held" or safety.category_of(text):
        return "safety"
    if user.state == "interviewing":
        return "interview"
    return "invite_answer" if word in YES | NO and _open_invite(session, user) else "intent"


def _handled(
    session: Session, user: User, message: SmsMessage, text: str, meant: Intent | None, interests: list[str]
) -> Incident | None:
    word = text.strip().lower()
    match message.handler:
        case "stop":
            user.state = "active" if word in START else "stopped"
        case "safety":
            return safety.incident_in(session, user, text)
        case "interview":
            profiles.interviewed(session, user, interests)
        case "invite_answer":
            if invite := _open_invite(session, user):
                linkups.answered(session, invite, accepted=word in YES)
        case _:
            _answer(session, user, message, meant)
    return None


def _answer(session: Session, user: User, message: SmsMessage, meant: Intent | None) -> None:
    if meant is not None and meant.intent == "create_linkup":
        linkups.created(session, user, meant.activity, meant.minutes)
        answer = "Let me see who is free."
    else:
        clarifiers.inc(intent=meant.intent if meant else "none")
        answer = CLARIFIER
    enqueue(session, user, "reply", answer, key=message.twilio_message_sid, asked_at=message.created_at)


def _open_invite(session: Session, user: User) -> Invite | None:
    waiting = select(Invite).where(Invite.user_id == user.id, Invite.state == "sent").order_by(Invite.id.desc())
    return session.scalars(waiting.limit(1)).one_or_none()
