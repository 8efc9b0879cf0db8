"""What a payment entitles to."""

from typing import Any

from sqlalchemy import select
from tables import Entitlement, StripeEvent, Subscription, transaction
from telemetry import log

import midwatch

PLANS = {"member": 4, "regular": 12}
FEE_SHARE, FEE_FIXED = 0.029, 0.30


def processed(event: dict[str, Any]) -> bool:
    """Whether it was new; its row, the subscription, the entitlement and their domain event are one transaction."""
    found = event["data"]["object"]
    midwatch.bind(stripe_event_id=event["id"])
    with transaction("stripe_event") as session:
        if session.scalars(select(StripeEvent).where(StripeEvent.stripe_event_id == event["id"])).one_or_none():
            return False
        session.add(StripeEvent(stripe_event_id=event["id"], type=event["type"], payload=event))
        if user_id := int(found.get("metadata", {}).get("user_id", 0)):
            plan = found["metadata"].get("plan", "")
            active = found.get("status") in ("active", "complete", "trialing")
            session.merge(Subscription(user_id=user_id, plan=plan, status=found.get("status", "")))
            session.merge(Entitlement(user_id=user_id, active=active, linkups_per_month=PLANS.get(plan, 0)))
            entity = ("user", user_id)
            midwatch.outbox(session, "entitlement.updated", entity=entity, user_id=user_id, plan=plan, active=active)
            log.info("entitlement.updated", user_id=user_id, plan=plan)
    if amount := found.get("amount_total"):
        fee = amount / 100 * FEE_SHARE + FEE_FIXED
        midwatch.cost("payment.fee", amount=round(fee, 4), currency="USD", user_id=user_id)
    return True
