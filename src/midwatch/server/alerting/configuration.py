"""The configuration in force, as the dispatcher works with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from midwatch.server.alerting.config.model import GlobalConfig
from midwatch.server.alerting.inhibition import InhibitRule
from midwatch.server.alerting.route import Route, RouteOptions
from midwatch.server.alerting.times import Interval
from midwatch.server.model.notification import Integration

PAGE_RECEIVER = "page"
"""Of the built-in configuration: its alerts are seen on the page, and nobody is sent anything."""


@dataclass(frozen=True, slots=True)
class Receiver:
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    integrations: Mapping[Integration, Any] = field(default_factory=dict)
    """To the model of the entry; only of kinds that can be delivered."""
    unsupported: tuple[str, ...] = ()
    """Kinds that are configured and cannot be delivered."""

    def sends_resolved(self, integration: Integration) -> bool:
        return bool(getattr(self.integrations[integration], "send_resolved", True))


@dataclass(frozen=True, slots=True)
class Configuration:
    root: Route
    receivers: Mapping[str, Receiver]
    inhibitions: tuple[InhibitRule, ...] = ()
    intervals: Mapping[str, tuple[Interval, ...]] = field(default_factory=dict)
    globals: GlobalConfig = field(default_factory=GlobalConfig)
    templates: tuple[str, ...] = ()
    """Paths and patterns of files of the plan."""
    text: str = ""
    """As Alertmanager would show it, without secrets and without what only Midwatch knows."""

    @property
    def resolve_timeout_ns(self) -> int:
        return int(self.globals.resolve_timeout * 10**9)


def built_in() -> Configuration:
    """Where the plan has no `alertmanager.yml`: alerts are grouped by name, and the page shows them."""
    options = RouteOptions(PAGE_RECEIVER, group_by=frozenset({"alertname"}))
    text = f"route:\n  receiver: {PAGE_RECEIVER}\n  group_by: [alertname]\nreceivers:\n  - name: {PAGE_RECEIVER}\n"
    return Configuration(Route(options), {PAGE_RECEIVER: Receiver(PAGE_RECEIVER)}, text=text)
