"""`opsgenie_configs`: Alertmanager's keys."""

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.contract.plan.section import Model
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, Url, one_of

RESPONDER_TYPES = ("team", "teams", "user", "escalation", "schedule")


class Responder(Model):
    id: Short = ""
    name: Short = ""
    username: Short = ""
    type: Short = ""

    @model_validator(mode="after")
    def _somebody(self) -> "Responder":
        if not (self.id or self.name or self.username):
            raise ValueError("expected id, name or username")
        if "{{" not in self.type and self.type.lower() not in RESPONDER_TYPES:
            raise ValueError(f"type={self.type}: expected one of {', '.join(RESPONDER_TYPES)}")
        return self


class OpsgenieConfig(ChannelConfig):
    api_key: Secret = ""
    api_key_file: FilePath = ""
    api_url: Url = ""
    message: Template = '{{ template "opsgenie.default.message" . }}'
    description: Template = '{{ template "opsgenie.default.description" . }}'
    source: Template = '{{ template "opsgenie.default.source" . }}'
    details: dict[Short, Template] = Field(default_factory=dict, max_length=100)
    entity: Template = ""
    responders: tuple[Responder, ...] = Field(default=(), max_length=50)
    actions: Template = ""
    tags: Template = ""
    note: Template = ""
    priority: Template = ""
    update_alerts: bool = False

    @model_validator(mode="after")
    def _one_key(self) -> "OpsgenieConfig":
        one_of(self, "api_key", "api_key_file")
        return self
