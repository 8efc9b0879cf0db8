"""incident.io takes Alertmanager's payload; over 512 kB it refuses it, so that alerts are left out."""

import json
from typing import Any

from midwatch.server.notify.channels.incidentio.config import IncidentioConfig
from midwatch.server.notify.channels.webhook.message import payload
from midwatch.server.notify.told import Told

BODY_BYTES_MAX = 512 * 1024


def body(told: Told, config: IncidentioConfig) -> dict[str, Any]:
    made = payload(told, config.max_alerts)
    while (
        len(made["alerts"]) > 1
        and len(json.dumps(made, ensure_ascii=False).encode("utf-8", "replace")) > BODY_BYTES_MAX
    ):
        half = len(made["alerts"]) // 2
        made |= {
            "alerts": made["alerts"][:half],
            "truncatedAlerts": made["truncatedAlerts"] + len(made["alerts"]) - half,
        }
    return made
