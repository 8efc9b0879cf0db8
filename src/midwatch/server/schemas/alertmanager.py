"""Alertmanager's API v2, as its openapi.yaml has it."""

from typing import Literal

from pydantic import BaseModel

from midwatch.server.schemas.base import Schema

LabelSet = dict[str, str]


class Named(Schema):
    name: str


class GettableStatus(Schema):
    state: Literal["unprocessed", "active", "suppressed"]
    silencedBy: list[str]
    inhibitedBy: list[str]
    mutedBy: list[str]


class GettableAlert(Schema):
    labels: LabelSet
    annotations: LabelSet
    generatorURL: str
    startsAt: str
    endsAt: str
    updatedAt: str
    fingerprint: str
    receivers: list[Named]
    status: GettableStatus


class PostableAlert(BaseModel):
    """Times are RFC 3339; without an end it lasts for `resolve_timeout` after its last telling."""

    labels: LabelSet
    annotations: LabelSet = {}
    generatorURL: str = ""
    startsAt: str = ""
    endsAt: str = ""


class AlertGroup(Schema):
    labels: LabelSet
    routeLabels: LabelSet
    receiver: Named
    alerts: list[GettableAlert]


class AlertmanagerReceiver(Named):
    labels: LabelSet


class SilenceMatcher(Schema):
    name: str
    value: str
    isRegex: bool
    isEqual: bool = True


class SilenceStatus(Schema):
    state: Literal["expired", "active", "pending"]


class PostableSilence(BaseModel):
    id: str = ""
    matchers: list[SilenceMatcher]
    startsAt: str
    endsAt: str
    createdBy: str
    comment: str
    annotations: LabelSet = {}


class GettableSilence(Schema):
    id: str
    matchers: list[SilenceMatcher]
    startsAt: str
    endsAt: str
    updatedAt: str
    createdBy: str
    comment: str
    annotations: LabelSet
    status: SilenceStatus


class SilenceKept(Schema):
    silenceID: str


class ClusterStatus(Schema):
    status: Literal["ready", "settling", "disabled"]
    peers: list[dict[str, str]]


class AlertmanagerConfig(Schema):
    original: str


class AlertmanagerStatus(Schema):
    cluster: ClusterStatus
    config: AlertmanagerConfig
    uptime: str
    versionInfo: dict[str, str]
