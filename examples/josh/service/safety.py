"""What must not wait for anybody: words that tell of danger hold a user and tell the safety lead."""

import os

import httpx
from sqlalchemy.orm import Session
from tables import Incident, User, transaction
from telemetry import log, safety_incidents

import midwatch

KEYWORDS = {"hurt": ("violence", "critical"), "threat": ("violence", "high"), "creepy": ("harassment", "medium")}
LEAD = f"{os.environ['OUTSIDE_URL']}/sms/2010-04-01/Accounts/AC0/Messages.json"


def category_of(text: str) -> tuple[str, str] | None:
    """Category and severity of what somebody writes of."""
    return next((found for word, found in KEYWORDS.items() if word in text.lower()), None)


def incident_in(session: Session, user: User, text: str) -> Incident | None:
    found = category_of(text)
    if found is None:
        return None
    category, severity = found
    log.warning("safety.keyword_hit", user_id=user.id, category=category)
    incident = Incident(user_id=user.id, category=category, severity=severity)
    session.add(incident)
    session.flush()
    entity = ("incident", incident.id)
    told = {"category": category, "severity": severity, "user_id": user.id}
    midwatch.outbox(session, "safety.incident_created", entity=entity, state_to="open", **told)
    safety_incidents.inc(category=category, severity=severity)
    log.warning("safety.incident_created", user_id=user.id, category=category, severity=severity)
    if severity != "medium":
        user.state = "held"
        midwatch.outbox(session, "safety.hold_applied", entity=("user", user.id), user_id=user.id)
        log.warning("safety.hold_applied", user_id=user.id)
    return incident


def escalate(incident: Incident) -> None:
    """The safety lead's telephone, without the queue; that it failed is an error of its own and stops nothing."""
    form = {"To": "+15005550009", "From": "+15005550006", "Body": f"Incident {incident.id}: {incident.category}"}
    try:
        httpx.post(LEAD, data=form, timeout=2).raise_for_status()
    except httpx.HTTPError as error:
        midwatch.capture_exception(error, category="safety_escalation", tags={"incident_id": incident.id})


def resolved(incident_id: int, actor: str) -> None:
    with transaction("incident_resolved") as session:
        incident = session.get_one(Incident, incident_id)
        incident.state = "resolved"
        entity, admin = ("incident", incident_id), ("admin", actor)
        midwatch.outbox(
            session, "safety.incident_resolved", entity=entity, state_from="open", state_to="resolved", actor=admin
        )


def released(user_id: int, actor: str) -> None:
    with transaction("hold_released") as session:
        user = session.get_one(User, user_id)
        user.state = "active"
        midwatch.outbox(session, "safety.hold_released", entity=("user", user_id), actor=("admin", actor))
