"""From a telephone number to somebody who can be invited: registered, verified by a code, interviewed."""

import secrets

from outbound import enqueue
from sqlalchemy import select
from sqlalchemy.orm import Session
from tables import ProfileEvent, User, transaction

import midwatch


class WrongCode(Exception):
    """Nobody has this number and this code."""


def by_phone(session: Session, phone: str) -> User | None:
    return session.scalars(select(User).where(User.phone_hash == midwatch.phone_hash(phone))).one_or_none()


def register(phone: str, region: str) -> int:
    with transaction("profile_register") as session:
        user = by_phone(session, phone)
        if user is None:
            user = User(phone=phone, phone_hash=midwatch.phone_hash(phone), region=region)
            session.add(user)
            session.flush()
            noted(session, user, "registration.started")
        user.otp = f"{secrets.randbelow(1_000_000):06}"
        text = f"Your JOSH code is {user.otp}"
        enqueue(session, user, "otp", text, key=f"{user.id}:{secrets.token_hex(4)}")
        return user.id


def verify(phone: str, code: str) -> int:
    with transaction("profile_verify") as session:
        user = by_phone(session, phone)
        if user is None or not secrets.compare_digest(user.otp, code):
            raise WrongCode("no such code")
        user.state, user.otp = "interviewing", ""
        noted(session, user, "registration.otp_verified")
        noted(session, user, "interview.started")
        enqueue(session, user, "interview", "Welcome! What do you like to do?", key=f"{user.id}:first")
        return user.id


def interviewed(session: Session, user: User, interests: list[str]) -> None:
    user.interests = " ".join(interests)
    user.state = "active"
    noted(session, user, "interview.completed")


def noted(session: Session, user: User, type: str) -> None:
    session.add(ProfileEvent(user_id=user.id, type=type))
    midwatch.outbox(session, type, entity=("user", user.id), user_id=user.id, region=user.region)
