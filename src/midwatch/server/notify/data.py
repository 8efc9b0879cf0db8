"""What notification templates see: Alertmanager's data (0.33), under its names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from midwatch.server.gotemplate import Time
from midwatch.server.model.alert import Alert, Labels
from midwatch.server.model.notification import Notification
from midwatch.server.workspace.outbox import LEFT_OUT

FIRING, RESOLVED = "firing", "resolved"
SHOWN_MAX = 100
"""Alerts that our own templates show of a storm; they say how many more there are. A plan's show what they want."""


class Fields:
    """A Go struct: fields by name, and methods among them."""

    __slots__ = ("_fields", "go_type")

    def __init__(self, go_type: str, fields: Mapping[str, Any]) -> None:
        self.go_type = go_type
        self._fields = fields

    def go_field(self, name: str) -> Any:
        return self._fields[name]

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def items(self) -> Iterable[tuple[str, Any]]:
        return self._fields.items()


class Pair(Fields):
    __slots__ = ()

    def __init__(self, name: str, value: str) -> None:
        super().__init__("template.Pair", {"Name": name, "Value": value})

    def go_string(self) -> str:
        return f"{{{self['Name']} {self['Value']}}}"


class Pairs(list[Pair]):
    go_type = "template.Pairs"

    def go_field(self, name: str) -> Any:
        if name in ("Names", "Values"):
            return lambda: [pair[name[:-1]] for pair in self]
        raise KeyError(name)


class KV(dict[str, str]):
    """Labels or annotations."""

    go_type = "template.KV"

    def go_field(self, name: str) -> Any:
        found = {
            "SortedPairs": self.sorted_pairs,
            "Remove": self.without,
            "Names": lambda: [pair["Name"] for pair in self.sorted_pairs()],
            "Values": lambda: [pair["Value"] for pair in self.sorted_pairs()],
        }
        return found[name]

    def sorted_pairs(self) -> Pairs:
        """By name, the alert's own name first."""
        names = sorted(self, key=lambda name: (name != "alertname", name))
        return Pairs(Pair(name, self[name]) for name in names)

    def without(self, names: Any) -> "KV":
        gone = set(names) if isinstance(names, Sequence) and not isinstance(names, str) else {names}
        return KV({name: value for name, value in self.items() if name not in gone})


class AlertList(list[Fields]):
    go_type = "template.Alerts"

    def go_field(self, name: str) -> Any:
        if name == "Firing":
            return lambda: AlertList(one for one in self if one["Status"] == FIRING)
        if name == "Resolved":
            return lambda: AlertList(one for one in self if one["Status"] == RESOLVED)
        if name == "Few":
            return lambda: AlertList(self[:SHOWN_MAX])
        raise KeyError(name)


def template_data(
    notification: Notification, external_url: str, route_labels: Mapping[str, str], acknowledge_url: str = ""
) -> Fields:
    """Alertmanager's fields, then ours."""
    alerts = AlertList(
        [_alert(alert, FIRING) for alert in notification.firing]
        + [_alert(alert, RESOLVED) for alert in notification.resolved]
    )
    left_out = int(notification.context.get(LEFT_OUT, "0"))
    return Fields(
        "template.Data",
        {
            "Receiver": notification.integration.receiver,
            "Status": status_of(notification),
            "Alerts": alerts,
            "GroupLabels": KV(notification.group_labels),
            "CommonLabels": KV(common(alert.labels for alert in notification.alerts)),
            "CommonAnnotations": KV(common(alert.annotations for alert in notification.alerts)),
            "RouteLabels": KV(route_labels),
            "ExternalURL": external_url,
            "NotificationReason": str(notification.reason),
            "AcknowledgeURL": acknowledge_url,
            "GroupKey": notification.group_key,
            "Context": KV(notification.context),
            "AlertsLeftOut": left_out,
            "AlertsNotShown": max(0, len(alerts) - SHOWN_MAX) + left_out,
        },
    )


def status_of(notification: Notification) -> str:
    return FIRING if notification.firing else RESOLVED


def common(sets: Iterable[Labels]) -> dict[str, str]:
    """What all have alike."""
    found: dict[str, str] | None = None
    for one in sets:
        found = dict(one) if found is None else {name: value for name, value in found.items() if one.get(name) == value}
        if not found:
            return {}
    return found or {}


def _alert(alert: Alert, status: str) -> Fields:
    return Fields(
        "template.Alert",
        {
            "Status": status,
            "Labels": KV(alert.labels),
            "Annotations": KV(alert.annotations),
            "StartsAt": Time(alert.starts_at_ns),
            "EndsAt": Time(alert.ends_at_ns if status == RESOLVED else None),
            "GeneratorURL": alert.generator_url,
            "Fingerprint": alert.fingerprint,
        },
    )


def json_value(value: Any) -> Any:
    """As Go's `encoding/json` would have it of the same data (`toJson`, the webhook's payload)."""
    if isinstance(value, Time):
        return rfc3339(value)
    if isinstance(value, Fields):
        return {_json_name(value, name): json_value(one) for name, one in value.items()}
    if isinstance(value, Mapping):
        return {str(key): json_value(one) for key, one in value.items()}
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    if isinstance(value, Sequence):
        return [json_value(one) for one in value]
    return str(value)


def rfc3339(value: Time) -> str:
    """With as many digits as there are; Go's zero time for one that is not set."""
    return value.format("2006-01-02T15:04:05.999999999Z07:00")


def _json_name(of: Fields, name: str) -> str:
    if of.go_type == "template.Pair":
        return name
    return {"GeneratorURL": "generatorURL", "ExternalURL": "externalURL"}.get(name, name[0].lower() + name[1:])
