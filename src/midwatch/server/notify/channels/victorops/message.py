"""Splunk On-Call's REST integration."""

from urllib.parse import quote

from midwatch.server.notify.channels.victorops.config import VictoropsConfig
from midwatch.server.notify.request import Request, cut
from midwatch.server.notify.told import Told

API_URL = "https://alert.victorops.com/integrations/generic/20131114/alert/"
STATE_CHARACTERS_MAX = 20_480
_TYPES = frozenset({"INFO", "WARNING", "CRITICAL"})


def request(told: Told, config: VictoropsConfig, api_url: str, key: str) -> Request:
    route = told.text(config.routing_key, otherwise=config.routing_key)
    made = {name: told.text(value, otherwise="") for name, value in config.custom_fields.items()}
    made |= {
        "message_type": message_type(told, config),
        "entity_id": told.key,
        "entity_display_name": told.headline(config.entity_display_name),
        "state_message": cut(told.text(config.state_message), STATE_CHARACTERS_MAX),
        "monitoring_tool": told.text(config.monitoring_tool, otherwise="Midwatch"),
    }
    return Request.json(f"{api_url.rstrip('/')}/{key}/{quote(route, safe='')}", made)


def message_type(told: Told, config: VictoropsConfig) -> str:
    if told.acknowledged:
        return "ACKNOWLEDGEMENT"
    if not told.firing:
        return "RECOVERY"
    said = told.text(config.message_type, otherwise="CRITICAL").strip()
    return said if said in _TYPES else "CRITICAL"
