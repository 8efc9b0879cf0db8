"""`pushover_configs`: Alertmanager's keys."""

from pydantic import model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.contract.plan.section import Duration
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, one_of


class PushoverConfig(ChannelConfig):
    user_key: Secret = ""
    user_key_file: FilePath = ""
    token: Secret = ""
    token_file: FilePath = ""
    title: Template = '{{ template "pushover.default.title" . }}'
    message: Template = '{{ template "pushover.default.message" . }}'
    url: Template = '{{ template "pushover.default.url" . }}'
    url_title: Template = ""
    device: Short = ""
    sound: Short = ""
    priority: Template = '{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'
    retry: Duration = 60.0
    expire: Duration = 3600.0
    ttl: Duration = 0.0
    html: bool = False
    monospace: bool = False

    @model_validator(mode="after")
    def _keys(self) -> "PushoverConfig":
        one_of(self, "user_key", "user_key_file", needed=True)
        one_of(self, "token", "token_file", needed=True)
        one_of(self, "html", "monospace")
        return self
