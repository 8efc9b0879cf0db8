"""LinkUps: made, broadcast to who fits, locked once enough have accepted, else expired."""

from datetime import timedelta

from matching import scored
from outbound import enqueue
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from tables import Invite, Linkup, Switch, User, now, transaction
from telemetry import (
    invites_accepted,
    invites_declined,
    invites_expired,
    invites_sent,
    linkups_canceled,
    linkups_created,
    linkups_expired,
    linkups_locked,
    log,
    time_to_lock_minutes,
)

import midwatch
from midwatch.contract.events import Who

WAVE_MAX = 5
STUCK = "stuck_broadcast"


class BroadcastInterrupted(Exception):
    """It broke off after the state had changed, and before anybody was invited."""


class NoSuchState(Exception):
    """What is asked cannot be done in the state that the LinkUp is in."""


def moved(session: Session, linkup: Linkup, state: str, event: str, *, actor: Who = None, **metadata: str) -> None:
    """The change and its domain event, in one transaction."""
    before, linkup.state = linkup.state, state
    entity = ("linkup", linkup.id)
    midwatch.outbox(
        session, event, entity=entity, state_from=before, state_to=state, actor=actor, region=linkup.region, **metadata
    )


def created(session: Session, owner: User, activity: str, minutes: float) -> Linkup:
    linkup = Linkup(
        owner_id=owner.id,
        activity=activity,
        region=owner.region,
        window_ends_at=now() + timedelta(minutes=minutes),
    )
    session.add(linkup)
    session.flush()
    entity, actor = ("linkup", linkup.id), ("user", owner.id)
    midwatch.outbox(session, "linkup.created", entity=entity, state_to="created", actor=actor, region=linkup.region)
    linkups_created.inc(region=linkup.region)
    log.info("linkup.created", linkup_id=linkup.id, user_id=owner.id, region=linkup.region)
    return linkup


@midwatch.replayable("linkup.broadcast", key=lambda linkup_id: linkup_id, replay_unknown=True)
def broadcast(linkup_id: int) -> None:
    """Invite who fits. Who was invited is not invited again, so it may be run as often as it takes."""
    midwatch.bind(linkup_id=linkup_id)
    with transaction("linkup_broadcasting") as session:
        linkup = session.get_one(Linkup, linkup_id)
        if linkup.state == "created":
            moved(session, linkup, "broadcasting", "linkup.broadcasting_started")
            log.info("linkup.broadcasting_started", region=linkup.region)
    with transaction("linkup_wave") as session:
        linkup = session.get_one(Linkup, linkup_id)
        if session.get(Switch, STUCK):
            raise BroadcastInterrupted("the wave was not sent")
        invited = select(Invite.user_id).where(Invite.linkup_id == linkup_id)
        someone = select(User).where(
            User.region == linkup.region, User.state == "active", User.id != linkup.owner_id, User.id.not_in(invited)
        )
        wave = scored(linkup.activity, session.scalars(someone).all())[:WAVE_MAX]
        for user in wave:
            _invite(session, linkup, user)
        log.info("linkup.invite_wave_sent", invites=len(wave), region=linkup.region)
    invites_sent.inc(len(wave), region=linkup.region)


def _invite(session: Session, linkup: Linkup, user: User) -> None:
    invite = Invite(linkup_id=linkup.id, user_id=user.id)
    session.add(invite)
    session.flush()
    entity = ("invite", invite.id)
    midwatch.outbox(session, "invite.sent", entity=entity, state_to="sent", linkup_id=linkup.id, user_id=user.id)
    text = f"Hi! Somebody near you plans: {linkup.activity}. Are you in? YES or NO"
    enqueue(session, user, "invite", text, key=f"{linkup.id}:{user.id}")


def answered(session: Session, invite: Invite, *, accepted: bool) -> None:
    """Yes or no to an invite; the LinkUp is locked with the last one that was needed."""
    linkup = session.get_one(Linkup, invite.linkup_id, with_for_update=True)
    midwatch.bind(linkup_id=linkup.id, invite_id=invite.id)
    invite.state = "accepted" if accepted else "declined"
    entity, actor = ("invite", invite.id), ("user", invite.user_id)
    midwatch.outbox(
        session, f"invite.{invite.state}", entity=entity, actor=actor, state_from="sent", state_to=invite.state
    )
    (invites_accepted if accepted else invites_declined).inc(region=linkup.region)
    if accepted and linkup.state == "broadcasting":
        _lock(session, linkup)


def _lock(session: Session, linkup: Linkup) -> None:
    session.flush()
    accepted = session.scalars(select(Invite).where(Invite.linkup_id == linkup.id, Invite.state == "accepted")).all()
    log.info("linkup.lock_attempt", accepted=len(accepted), needed=linkup.needed)
    if len(accepted) < linkup.needed:
        return
    moved(session, linkup, "locked", "linkup.locked")
    linkups_locked.inc(region=linkup.region)
    time_to_lock_minutes.record((now() - linkup.created_at).total_seconds() / 60, region=linkup.region)
    log.info("linkup.locked", region=linkup.region)
    for user_id in [linkup.owner_id, *(one.user_id for one in accepted)]:
        user = session.get_one(User, user_id)
        enqueue(session, user, "linkup", f"It is on: {linkup.activity}!", key=f"{linkup.id}:{user_id}:locked")


def canceled(linkup_id: int, actor: str, reason: str) -> None:
    with transaction("linkup_canceled") as session:
        linkup = session.get_one(Linkup, linkup_id)
        if linkup.state not in ("created", "broadcasting", "locked"):
            raise NoSuchState(f"a LinkUp that is {linkup.state} cannot be canceled")
        moved(session, linkup, "canceled", "linkup.canceled", actor=("admin", actor), reason=reason)
        linkups_canceled.inc(region=linkup.region, reason=reason)
        log.info("linkup.canceled", linkup_id=linkup_id, reason=reason)


def completed(linkup_id: int, actor: str) -> None:
    with transaction("linkup_completed") as session:
        linkup = session.get_one(Linkup, linkup_id)
        if linkup.state != "locked":
            raise NoSuchState(f"a LinkUp that is {linkup.state} cannot be completed")
        moved(session, linkup, "completed", "linkup.completed", actor=("admin", actor))
        there = select(Invite.user_id).where(Invite.linkup_id == linkup_id, Invite.state == "accepted")
        for user_id in [linkup.owner_id, *session.scalars(there).all()]:
            midwatch.outbox(session, "linkup.attended", entity=("user", user_id), linkup_id=linkup_id)


def expire() -> None:
    """Those whose window is over, and their open invites."""
    with transaction("linkups_expire") as session:
        over = select(Linkup).where(Linkup.state == "broadcasting", Linkup.window_ends_at < now())
        for linkup in session.scalars(over.with_for_update(skip_locked=True)).all():
            moved(session, linkup, "expired", "linkup.expired")
            linkups_expired.inc(region=linkup.region)
            log.info("linkup.expired", linkup_id=linkup.id, region=linkup.region)
            open_invites = select(Invite).where(Invite.linkup_id == linkup.id, Invite.state == "sent")
            for invite in session.scalars(open_invites).all():
                invite.state = "expired"
                entity = ("invite", invite.id)
                midwatch.outbox(session, "invite.expired", entity=entity, state_from="sent", state_to="expired")
                invites_expired.inc(region=linkup.region)


def remind() -> None:
    """Who has not answered when half of the window is over is asked once more."""
    with transaction("linkups_remind") as session:
        half = Linkup.created_at + (Linkup.window_ends_at - Linkup.created_at) / 2
        due = select(Linkup).where(Linkup.state == "broadcasting", ~Linkup.reminded, half < func.now())
        for linkup in session.scalars(due.with_for_update(skip_locked=True)).all():
            linkup.reminded = True
            waiting = select(Invite).where(Invite.linkup_id == linkup.id, Invite.state == "sent")
            for invite in session.scalars(waiting).all():
                user = session.get_one(User, invite.user_id)
                enqueue(session, user, "reminder", f"Still free for {linkup.activity}?", key=f"{invite.id}")
