"""Entries of receivers that are no channels: `escalation_configs` and `digest_configs`."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from midwatch.contract.plan.section import Model, Name
from midwatch.contract.plan.sections.on_call import DAYS, Weekday, Zone

ESCALATION, DIGEST = "escalation", "digest"


def _time(text: str) -> str:
    hours, colon, minutes = text.partition(":")
    if not (
        colon and hours.isdigit() and minutes.isdigit() and len(text) == 5 and int(hours) < 24 and int(minutes) < 60
    ):
        raise ValueError("expected an hour such as 09:00")
    return text


class EscalationConfig(Model):
    """`policy` is one of the plan's `on_call.escalations`."""

    policy: Name
    send_resolved: bool = True


class DigestConfig(Model):
    """Once a day, what fired since, to another receiver."""

    receiver: Annotated[str, Field(min_length=1, max_length=300)]
    at: Annotated[str, AfterValidator(_time)] = "09:00"
    zone: Zone = "UTC"
    days: tuple[Weekday, ...] = DAYS
    send_resolved: bool = True


ON_CALL_KINDS: Mapping[str, type[BaseModel]] = {ESCALATION: EscalationConfig, DIGEST: DigestConfig}
"""For the reader of `alertmanager.yml`, beside the channels."""
