"""PagerDuty's Events API: version 2 by `routing_key`, version 1 ("generic") by `service_key`."""

import json
from typing import Any

from midwatch.server.notify.channels.pagerduty.config import DETAILS, PagerdutyConfig
from midwatch.server.notify.data import json_value
from midwatch.server.notify.request import cut
from midwatch.server.notify.told import Told

V2_URL = "https://events.pagerduty.com/v2/enqueue"
V1_URL = "https://events.pagerduty.com/generic/2010-04-15/create_event.json"
SUMMARY_CHARACTERS_MAX = 1024
EVENT_BYTES_MAX = 512_000
SEVERITIES = {
    "critical": "critical",
    "page": "critical",
    "p0": "critical",
    "p1": "critical",
    "high": "error",
    "error": "error",
    "p2": "error",
    "warning": "warning",
    "warn": "warning",
    "medium": "warning",
    "p3": "warning",
    "info": "info",
    "low": "info",
    "none": "info",
    "p4": "info",
}
"""From the label that people write to what PagerDuty knows; anything else is an error."""


def action(told: Told) -> str:
    if told.acknowledged:
        return "acknowledge"
    return "trigger" if told.firing else "resolve"


def event(told: Told, config: PagerdutyConfig, routing_key: str) -> dict[str, Any]:
    made: dict[str, Any] = {"routing_key": routing_key, "event_action": action(told), "dedup_key": told.key}
    if made["event_action"] != "trigger":
        return made
    made |= {
        "client": told.text(config.client, otherwise="Midwatch"),
        "client_url": told.text(config.client_url, otherwise=""),
        "payload": _payload(told, config),
        "links": _links(told, config),
        "images": [_without_empty(told.nested(one.model_dump())) for one in config.images],
    }
    return _fitting(_without_empty(made))


def _payload(told: Told, config: PagerdutyConfig) -> dict[str, Any]:
    started = min((alert["StartsAt"] for alert in told.data["Alerts"]), default=None)
    return _without_empty(
        {
            "summary": cut(told.headline(config.description), SUMMARY_CHARACTERS_MAX) or "alert",
            "source": told.text(config.source or config.client, otherwise="Midwatch") or "Midwatch",
            "severity": severity(told, config),
            "timestamp": json_value(started),
            "class": told.text(config.class_, otherwise=""),
            "component": told.text(config.component, otherwise=""),
            "group": told.text(config.group, otherwise=""),
            "custom_details": {name: told.nested(value) for name, value in {**DETAILS, **config.details}.items()},
        }
    )


def severity(told: Told, config: PagerdutyConfig) -> str:
    """The gravest of the alerts that fire, or what the configuration says."""
    if config.severity:
        said = told.text(config.severity, otherwise="").strip().lower()
        return SEVERITIES.get(said, "error")
    order = ("critical", "error", "warning", "info")
    found = [alert["Labels"].get("severity", "").lower() for alert in told.data["Alerts"]]
    return min((SEVERITIES.get(one, "error") for one in found), key=order.index, default="error")


def _links(told: Told, config: PagerdutyConfig) -> list[dict[str, str]]:
    made = [_without_empty(told.nested(one.model_dump())) for one in config.links]
    made += [{"href": url, "text": f"Runbook of {name}"} for name, url in told.runbooks().items()]
    if told.acknowledge_url:
        made.append({"href": told.acknowledge_url, "text": "Acknowledge in Midwatch"})
    return [one for one in made if one.get("href")]


def generic_event(told: Told, config: PagerdutyConfig, service_key: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "service_key": service_key,
        "event_type": action(told),
        "incident_key": told.key,
        "description": cut(told.headline(config.description), SUMMARY_CHARACTERS_MAX) or "alert",
    }
    if made["event_type"] == "trigger":
        made |= {
            "client": told.text(config.client, otherwise="Midwatch"),
            "client_url": told.text(config.client_url, otherwise=""),
            "details": {name: told.nested(value) for name, value in {**DETAILS, **config.details}.items()},
        }
    return _without_empty(made)


def _fitting(made: dict[str, Any]) -> dict[str, Any]:
    """PagerDuty refuses events over 512 kB: a storm's details are left out rather than the page."""
    if len(json.dumps(made, ensure_ascii=False).encode("utf-8", "replace")) > EVENT_BYTES_MAX:
        details = made["payload"]["custom_details"]
        short = {name: value for name, value in details.items() if name.startswith("num_")}
        made["payload"]["custom_details"] = {**short, "error": "the details are over 512 kB and were left out"}
    return made


def _without_empty(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if value not in ("", [], {}, None)}
