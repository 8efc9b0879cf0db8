"""`pagerduty_configs`: Alertmanager's keys."""

from typing import Any

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.contract.plan.section import Duration, Model
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, Url, one_of

DETAILS = {
    "firing": "{{ .Alerts.Firing | toJson }}",
    "resolved": "{{ .Alerts.Resolved | toJson }}",
    "num_firing": "{{ .Alerts.Firing | len }}",
    "num_resolved": "{{ .Alerts.Resolved | len }}",
}


class Image(Model):
    src: Short = ""
    alt: Short = ""
    href: Short = ""


class Link(Model):
    href: Short = ""
    text: Short = ""


class PagerdutyConfig(ChannelConfig):
    service_key: Secret = ""
    service_key_file: FilePath = ""
    routing_key: Secret = ""
    routing_key_file: FilePath = ""
    url: Url = ""
    client: Template = '{{ template "pagerduty.default.client" . }}'
    client_url: Template = '{{ template "pagerduty.default.clientURL" . }}'
    description: Template = '{{ template "pagerduty.default.description" . }}'
    details: dict[str, Any] = Field(default_factory=dict, max_length=100)
    images: tuple[Image, ...] = Field(default=(), max_length=20)
    links: tuple[Link, ...] = Field(default=(), max_length=20)
    source: Template = ""
    severity: Template = ""
    """Of PagerDuty: critical, error, warning or info. Empty: by the alerts' label `severity`."""
    class_: Template = Field(default="", alias="class")
    component: Template = ""
    group: Template = ""
    timeout: Duration = 0.0

    @model_validator(mode="after")
    def _one_key(self) -> "PagerdutyConfig":
        one_of(self, "routing_key", "routing_key_file", "service_key", "service_key_file", needed=True)
        return self
