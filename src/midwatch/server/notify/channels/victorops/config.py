"""`victorops_configs` (Splunk On-Call): Alertmanager's keys."""

from typing import Annotated

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, Url, one_of

RESERVED = frozenset(
    {
        "routing_key",
        "message_type",
        "state_message",
        "entity_display_name",
        "monitoring_tool",
        "entity_id",
        "entity_state",
    }
)


class VictoropsConfig(ChannelConfig):
    api_key: Secret = ""
    api_key_file: FilePath = ""
    api_url: Url = ""
    routing_key: Annotated[str, Field(min_length=1, max_length=2000)]
    message_type: Template = "CRITICAL"
    state_message: Template = '{{ template "victorops.default.state_message" . }}'
    entity_display_name: Template = '{{ template "victorops.default.entity_display_name" . }}'
    monitoring_tool: Template = '{{ template "victorops.default.monitoring_tool" . }}'
    custom_fields: dict[Short, Template] = Field(default_factory=dict, max_length=100)

    @model_validator(mode="after")
    def _sensible(self) -> "VictoropsConfig":
        one_of(self, "api_key", "api_key_file")
        if taken := sorted(RESERVED & set(self.custom_fields)):
            raise ValueError(f"custom_fields: {taken[0]} is a field of its own")
        return self
