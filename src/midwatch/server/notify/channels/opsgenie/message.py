"""Opsgenie's Alert API, version 2, which Jira Service Management took over for integrations."""

from typing import Any
from urllib.parse import urljoin

from midwatch.server.notify.channels.opsgenie.config import OpsgenieConfig
from midwatch.server.notify.request import Request, cut
from midwatch.server.notify.told import Told

API_URL = "https://api.opsgenie.com/"
MESSAGE_CHARACTERS_MAX = 130
DESCRIPTION_CHARACTERS_MAX = 15_000
NOTE_CHARACTERS_MAX = 25_000
DETAILS_CHARACTERS_MAX = 8_000


def requests(told: Told, config: OpsgenieConfig, api_url: str, key: str) -> list[Request]:
    """One, or where alerts are updated, the alert and then what changed of it."""
    headers = {"authorization": f"GenieKey {key}"}
    alerts = urljoin(api_url if api_url.endswith("/") else api_url + "/", "v2/alerts")
    own = f"{alerts}/{told.key}"
    source = told.text(config.source, otherwise="Midwatch")
    if told.acknowledged:
        who = told.notification.context.get("by", "somebody")
        note = {"source": source, "user": who, "note": told.notification.context.get("comment", "")}
        return [Request.json(f"{own}/acknowledge?identifierType=alias", _filled(note), headers)]
    if not told.firing:
        note = {"source": source, "note": cut(told.text(config.note, otherwise=""), NOTE_CHARACTERS_MAX)}
        return [Request.json(f"{own}/close?identifierType=alias", _filled(note), headers)]
    message = cut(told.headline(config.message), MESSAGE_CHARACTERS_MAX)
    description = cut(told.text(config.description), DESCRIPTION_CHARACTERS_MAX)
    made = [Request.json(alerts, _alert(told, config, message, description, source), headers)]
    if config.update_alerts:
        changes = (("message", message), ("description", description))
        made += [
            Request.json(f"{own}/{name}?identifierType=alias", {name: value}, headers, method="PUT")
            for name, value in changes
        ]
    return made


def _alert(told: Told, config: OpsgenieConfig, message: str, description: str, source: str) -> dict[str, Any]:
    details = {**told.data["CommonLabels"]}
    details |= {name: told.text(value, otherwise="") for name, value in config.details.items()}
    details |= {f"runbook {name}": url for name, url in told.runbooks().items()}
    return _filled(
        {
            "alias": told.key,
            "message": message,
            "description": description,
            "details": {name: cut(value, DETAILS_CHARACTERS_MAX) for name, value in details.items()},
            "source": source,
            "entity": told.text(config.entity, otherwise=""),
            "responders": _responders(told, config),
            "actions": _list(told.text(config.actions, otherwise="")),
            "tags": _list(told.text(config.tags, otherwise="")),
            "note": cut(told.text(config.note, otherwise=""), NOTE_CHARACTERS_MAX),
            "priority": told.text(config.priority, otherwise=""),
        }
    )


def _responders(told: Told, config: OpsgenieConfig) -> list[dict[str, str]]:
    made: list[dict[str, str]] = []
    for one in config.responders:
        rendered = _filled(told.nested(one.model_dump()))
        if rendered.get("type", "").lower() == "teams":
            made += [{"type": "team", "name": name} for name in _list(rendered.get("name", ""))]
        elif len(rendered) > 1:
            made.append({**rendered, "type": rendered["type"].lower()})
    return made


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _filled(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if value not in ("", [], {}, None)}
