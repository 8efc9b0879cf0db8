"""Notifications: what was sent to whom, what was answered; receivers and how they fare."""

from typing import Annotated

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema


class NotificationSummary(Schema):
    id: str
    receiver: str
    integration: str
    """`slack[0]`: the kind and the place in its list."""
    group_key: str
    reason: str
    """`first_notification`, `new_alerts_in_group`, `new_resolved_alerts`, `all_alerts_resolved`,
    `repeat_interval_elapsed`, `escalation`, `digest`, `drill`, `acknowledged`."""
    firing: int
    resolved: int
    state: str
    """`pending`, `delivered`, `failed`, `superseded`, `dropped`."""
    attempts: int
    decided: str
    """When alerting decided it."""
    created: str
    finished: str | None
    next_attempt: str | None
    error: str
    resend_of: str | None


class NotificationList(Schema):
    notifications: list[NotificationSummary]
    """Newest first."""
    more: bool


class NotifiedAlert(Schema):
    status: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: str
    ends_at: str | None
    generator_url: str
    fingerprint: str


class SentRequest(Schema):
    """Secrets are masked."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    body_characters: int | None = None
    """Where the body is longer than what is kept of it."""


class ReceivedAnswer(Schema):
    status: int | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""


class Exchange(Schema):
    request: SentRequest
    answer: ReceivedAnswer | None
    """Null where none came."""


class NotificationAttempt(Schema):
    attempt: int
    at: str
    seconds: float
    verdict: str
    """`delivered`, `again`, `refused`, `nothing`."""
    error: str
    exchanges: list[Exchange]


class NotificationDetail(NotificationSummary):
    group_labels: dict[str, str]
    alerts: list[NotifiedAlert]
    context: dict[str, str]
    history: list[NotificationAttempt]
    """The first attempt and the newest."""


class Resent(Schema):
    id: str
    """Of the new notification."""


class IntegrationStatus(Schema):
    integration: str
    last_delivered: str | None
    last_failed: str | None
    failing_since: str | None
    lost: bool
    """Whether a notification was given up since the last that was delivered."""
    error: str


class ReceiverStatus(Schema):
    name: str
    integrations: list[IntegrationStatus]


class ReceiverList(Schema):
    receivers: list[ReceiverStatus]


class ReceiverTest(Schema):
    model_config = Schema.model_config | AS_SENT

    message: Annotated[str, Field(max_length=1000)] = ""
    """Stands in the test message; without one it says that nothing is wrong."""


class TestedIntegration(Schema):
    integration: str
    notification_id: str
    delivered: bool
    error: str
    seconds: float
    exchanges: list[Exchange]


class ReceiverTested(Schema):
    results: list[TestedIntegration]
