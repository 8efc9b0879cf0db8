"""`rocketchat_configs`: Alertmanager's keys."""

from typing import Any

from pydantic import Field, model_validator

from midwatch.contract.plan.scrape.access import FilePath, Secret
from midwatch.contract.plan.section import Model
from midwatch.server.notify.http_config import ChannelConfig, Short, Template, Url, one_of


class RocketchatField(Model):
    title: Short = ""
    value: Template = ""
    short: bool | None = None


class RocketchatConfig(ChannelConfig):
    send_resolved: bool = False
    api_url: Url = ""
    token_id: Secret = ""
    token_id_file: FilePath = ""
    token: Secret = ""
    token_file: FilePath = ""
    channel: Short = ""
    color: Template = '{{ if eq .Status "firing" }}red{{ else }}green{{ end }}'
    title: Template = '{{ template "rocketchat.default.title" . }}'
    title_link: Template = '{{ template "rocketchat.default.titlelink" . }}'
    text: Template = '{{ template "rocketchat.default.text" . }}'
    fields: tuple[RocketchatField, ...] = Field(default=(), max_length=50)
    short_fields: bool = False
    emoji: Template = '{{ template "rocketchat.default.emoji" . }}'
    icon_url: Template = '{{ template "rocketchat.default.iconurl" . }}'
    image_url: Template = ""
    thumb_url: Template = ""
    link_names: bool = False
    actions: tuple[dict[str, Any], ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _keys(self) -> "RocketchatConfig":
        one_of(self, "token", "token_file")
        one_of(self, "token_id", "token_id_file")
        return self
